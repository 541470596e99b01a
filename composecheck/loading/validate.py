"""Holds a merged, interpolated document against the schema of the Compose Specification."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic, ordered
from composecheck.loading.schema_fast import compiled
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from composecheck.loading.schema_explain import Fault, Path
    from composecheck.text.node import Node

_SCHEMA = "compose.schema.json"


def validate(document: Node) -> list[Diagnostic]:
    """Return everything in a document that the schema refuses, in the order of its places.

    The document may hold numbers and booleans as text where Compose reads them so.
    """
    found = list(_obsolete(document))
    if not compiled(_SCHEMA)(document):
        found += _faults(document)
    return list(ordered(found))


def _faults(document: Node) -> Iterator[Diagnostic]:
    from composecheck.loading.schema_explain import faults  # it imports jsonschema
    from composecheck.loading.strays import strays, without_services

    outside = strays(document)
    together = without_services(document, outside)
    if together is not None:
        yield together
    for fault in faults(_SCHEMA, _refused(document)):
        if together is None or not (
            _is_outside(fault, outside) or (fault.path == ("services",) and fault.value is None)
        ):
            yield _diagnostic(document, fault, outside)


def _obsolete(document: Node) -> Iterator[Diagnostic]:
    version = document.get("version")
    if version is not None:
        message = "the key 'version' is obsolete and has no effect"
        yield Diagnostic("obsolete-version", "note", message, version.place, "remove it")


def _refused(document: Node) -> Any:
    """Return the plain document without its valid parts, so that explaining costs what is wrong."""
    if not isinstance(document.value, dict):
        return document.plain()
    valid = compiled(_SCHEMA)
    plain: dict[str, Any] = {}
    for section, node in document.value.items():
        if valid(document.replace({section: node})):
            continue
        if isinstance(node.value, dict):
            plain[section] = {
                key: entry.plain()
                for key, entry in node.value.items()
                if not valid(document.replace({section: node.replace({key: entry})}))
            }
        else:
            plain[section] = node.plain()
    return plain


def _diagnostic(document: Node, fault: Fault, outside: Mapping[str, Node]) -> Diagnostic:
    from composecheck.findings.provenance import origins
    from composecheck.loading.schema_words import say

    nodes = _along(document, fault.path)
    span = nodes[-1].span
    if fault.keyword in ("additionalProperties", "propertyNames"):
        nodes.append(nodes[-1].mapping[fault.value])
        span = nodes[-1].place
    elif fault.keyword in ("required", "oneOf") or fault.value is None:
        span = nodes[-1].place  # nothing has no place of its own
    rule, message, remedy, meant = say(fault)
    if _is_outside(fault, outside):
        remedy = f"put '{fault.value}' under 'services:'"
    service = str(fault.path[1]) if fault.path[0:1] == ("services",) and fault.path[1:] else None
    return Diagnostic(rule, "error", message, span, remedy, service, origins(nodes), meant=meant)


def _is_outside(fault: Fault, outside: Mapping[str, Node]) -> bool:
    """Whether a fault is a top-level key that belongs under another one; its value may be anything."""
    return not fault.path and isinstance(fault.value, str) and fault.value in outside


def _along(document: Node, path: Path) -> list[Node]:
    """Return the Nodes on the way down a path, the document first."""
    nodes = [document]
    for step in path:
        node = nodes[-1]
        nodes.append(node.items[step] if isinstance(step, int) else node.mapping[step])
    return nodes
