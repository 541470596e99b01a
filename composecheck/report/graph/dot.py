"""A picture in DOT, the language of Graphviz."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.report.graph.model import Arc, Picture, Vertex

_COLORS = {
    "healthy": "#1a7f37",
    "completed": "#0969da",
    "guarded": "#8250df",
    "unknown": "#1a7f37",
    "none": "#8c959f",
    "broken": "#cf222e",
    "implicit": "#afb8c1",
    "absent": "#cf222e",
}
_MARKED = "#cf222e"
_STYLES = {"none": "dashed", "unknown": "dotted", "absent": "dashed"}
_FRAMES = ("#0969da", "#8250df", "#bf8700", "#1b7c83", "#bf3989", "#4d7c0f", "#57606a", "#953800")


def render(picture: Picture) -> str:
    """Return the graph, the same for the same picture."""
    return visible("\n".join(_lines(picture)))


def _lines(picture: Picture) -> Iterator[str]:
    yield f"digraph {quoted(picture.project)} {{"
    yield "  rankdir=LR; ranksep=0.9; nodesep=0.3; bgcolor=white"
    yield '  graph [fontname="Helvetica,Arial,sans-serif", fontsize=11]'
    yield (
        '  node [shape=box, style="rounded,filled", fillcolor=white, color="#afb8c1", fontsize=11, '
        'fontname="Helvetica,Arial,sans-serif", margin="0.16,0.09"]'
    )
    yield '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, arrowsize=0.7]'
    grouped: dict[str, list[Vertex]] = {}
    for vertex in picture.vertices:
        if picture.grouped and len(vertex.networks) == 1:
            grouped.setdefault(vertex.networks[0], []).append(vertex)
        else:
            yield f"  {_node(vertex, picture)}"
    for at, network in enumerate(sorted(grouped)):
        color = _FRAMES[at % len(_FRAMES)]
        yield f"  subgraph {quoted(f'cluster_{network}')} {{"
        yield (
            f'    label={quoted(network)}; labeljust=l; style="rounded,filled"; '
            f'color="{color}66"; fillcolor="{color}11"; fontcolor="{color}"'
        )
        yield from (f"    {_node(vertex, picture)}" for vertex in grouped[network])
        yield "  }"
    yield from (f"  {_edge(arc)}" for arc in picture.arcs)
    yield "}"


def _node(vertex: Vertex, picture: Picture) -> str:
    name = vertex.name if vertex.replicas == 1 else f"{vertex.name} x{vertex.replicas}"
    lines = [name, vertex.detail or vertex.absent, ", ".join(vertex.ports)]
    if picture.grouped and len(vertex.networks) > 1:
        lines.append(f"[{', '.join(vertex.networks)}]")
    if vertex.findings:
        lines.append(f"! {', '.join(vertex.findings)}")
    more = ""
    if vertex.absent:
        more = ', style="rounded,dashed"'
    elif vertex.findings:
        more = f', color="{_MARKED if vertex.error else "#bc4c00"}", penwidth=2'
    return f"{quoted(vertex.name)} [label={quoted(*filter(None, lines))}{more}]"


def _edge(arc: Arc) -> str:
    marked = bool(arc.findings) or arc.cyclic
    color = _MARKED if marked else _COLORS[arc.kind]
    style = f", style={_STYLES[arc.kind]}" if arc.kind in _STYLES else ""
    tip = f", tooltip={quoted(arc.reason)}" if arc.reason else ""
    label = quoted(f"{arc.label} !" if arc.findings else arc.label)
    return (
        f"{quoted(arc.dependent)} -> {quoted(arc.dependency)} "
        f'[label={label}, color="{color}", fontcolor="{color}"{style}{tip}]'
    )


def quoted(*lines: str) -> str:
    r"""Return lines as one string of DOT, where `\n` stands between them and a backslash for itself."""
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'
