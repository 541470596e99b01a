"""How a value came to stand where it counts: by an alias, `<<`, extends, include, override, env file."""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.text.node import Node
    from composecheck.text.source import Span

    Place = tuple[int, int, int]

_WORDS = {
    "anchor": "the anchored value",
    "merge": "merged in here",
    "extends": "inherited here",
    "include": "included here",
    "override": "the value that it overrides",
    "variable": "the value comes from here",
    "env_file": "the env file is named here",
}


def origins(nodes: Sequence[Node]) -> tuple[Related, ...]:
    """Return where a value came from, nearest first; `nodes` lead down to it from the document."""
    found: dict[Span, Related] = {}
    value = nodes[-1]
    for node in reversed(nodes):
        origin = node.origin
        while origin is not None:
            if origin.kind == "anchor" and node is not value:
                # What is wrong stands at the anchor itself.
                found.setdefault(node.span, Related(node.span, "the alias that stands for it"))
            elif origin.kind == "override" and node is not value:
                pass  # only a value as a whole overrides another
            elif origin.kind in _WORDS:
                found.setdefault(origin.span, Related(origin.span, _WORDS[origin.kind]))
            origin = origin.before
    found.pop(value.span, None)
    return tuple(found.values())


def traced(document: Node, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings that also say how the value came to where they stand."""
    diagnostics = list(diagnostics)
    services = document.get("services")
    names = {id(node): name for name, node in services.mapping.items()} if services is not None else {}
    wanted = {_place(d.span) for d in diagnostics}
    found: dict[tuple[Place, str | None], tuple[Related, ...]] = {}
    for nodes in _leading_to(document, wanted, []):
        related = origins(nodes)
        if related:
            service = names.get(id(nodes[2])) if len(nodes) > 2 and nodes[1] is services else None
            for place in (_place(nodes[-1].span), _place(nodes[-1].place)):
                found.setdefault((place, service), related)
                found.setdefault((place, None), related)
    return (
        [_with(d, found.get((_place(d.span), d.service), ())) for d in diagnostics] if found else diagnostics
    )


def _leading_to(node: Node, wanted: set[Place], above: list[Node]) -> Iterator[list[Node]]:
    nodes = [*above, node]
    if _place(node.span) in wanted or (node.key_span is not None and _place(node.key_span) in wanted):
        yield nodes
    value = node.value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _leading_to(inner, wanted, nodes)


def _with(diagnostic: Diagnostic, related: tuple[Related, ...]) -> Diagnostic:
    known = {other.span for other in diagnostic.related}
    new = [other for other in related if other.span not in known and other.span != diagnostic.span]
    return diagnostic._replace(related=(*diagnostic.related, *new)) if new else diagnostic


def _place(span: Span) -> Place:
    return (id(span.source), span.line, span.column)
