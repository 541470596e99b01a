"""Services that stand at the top level of a file: format version 1, or `services:` without an indentation.

Imported only where something is wrong.
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.loading.schema_fast import read_schema
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from composecheck.text.node import Node

# What hardly anything but a service has.
_OF_SERVICES = frozenset(("image", "build", "extends", "container_name", "depends_on", "entrypoint"))
# How many are named.
_NAMED = 3
_SECTIONS = frozenset(("networks", "volumes", "secrets", "configs"))


def among_services(name: str) -> str:
    """Return where it belongs what stands by a name under `services` and is none, "" for a service."""
    if name.startswith("x-"):
        return f"put '{name}:' at the top level, before 'services:': under 'services' it is a service as well"
    if name in _SECTIONS:
        return f"take the indentation from '{name}:': it belongs at the top level, beside 'services:'"
    return ""


def strays(document: Node) -> dict[str, Node]:
    """Return what stands at the top level of a document and is a service."""
    known = read_schema("compose.schema.json")["properties"]
    return {
        key: node
        for key, node in document.mapping.items()
        if key not in known and not key.startswith("x-") and not _OF_SERVICES.isdisjoint(node.mapping)
    }


def without_services(document: Node, found: dict[str, Node]) -> Diagnostic | None:
    """Return one finding for all of them where the document has no services: they are meant to be these."""
    services = document.get("services")
    if not found or (services is not None and services.value is not None):
        return None
    names = list(found)
    some = listed(names) if len(names) <= _NAMED else f"{listed(names[:_NAMED]).replace(' and ', ', ')}"
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    one = len(names) == 1
    place = f"stand{'s' if one else ''} at the top level"
    why = (
        ", as in format version 1, which Compose no longer reads"
        if services is None
        else ", and nothing under 'services'"
    )
    mend = f"put {'it' if one else 'all of them'} under 'services:'"
    if services is not None:
        mend = f"indent {'it' if one else 'all of them'}, so that 'services' holds {'it' if one else 'them'}"
    first = next(iter(found.values()))
    return Diagnostic("unknown-key", "error", f"{some}{rest} {place}{why}", first.place, mend)
