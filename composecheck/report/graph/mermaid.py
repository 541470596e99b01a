"""A picture as a Mermaid flowchart, as GitHub and others draw it in a README."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.report.graph.model import Arc, Picture, Vertex

# Words that Mermaid does not take as a name, or not everywhere (mermaid.js.org/syntax/flowchart.html).
_RESERVED = frozenset(
    "end graph flowchart subgraph style linkstyle class classdef click call href default direction "  # noqa: SIM905 - words
    "interpolate accdescr acctitle o x v td tb lr rl bt constructor prototype".split()
)
_COLORS = {
    "healthy": "#2da44e",
    "completed": "#218bff",
    "guarded": "#a475f9",
    "unknown": "#2da44e",
    "none": "#8c959f",
    "broken": "#e5534b",
    "implicit": "#8c959f",
    "absent": "#e5534b",
}
_MARKED = "#e5534b"
# An underscore within a word is one to Markdown, too.
_SPECIAL = r"""[#"<>&`\\*~{}\[\]|;]|(?<![^\W_])_|_(?![^\W_])"""
_DOTTED = ("none", "unknown", "implicit", "absent")
_FRAMES = ("#0969da", "#8250df", "#bf8700", "#1b7c83", "#bf3989", "#4d7c0f", "#57606a", "#953800")
_CLASSES = (
    ("error", "stroke:#e5534b,stroke-width:2px"),
    ("warning", "stroke:#d9730d,stroke-width:2px"),
    ("absent", "stroke-dasharray:5 4,fill:none"),
)


def render(picture: Picture) -> str:
    """Return the flowchart, the same for the same picture."""
    return visible("\n".join(_lines(picture)))


class _Names:
    """Identifiers: the names themselves, as far as Mermaid takes them."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, name: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]", "_", name)
        if not plain[:1].isalpha() or plain.lower() in _RESERVED:
            plain = f"s_{plain}"
        made, number = plain, 2
        while made in self._taken:
            made, number = f"{plain}_{number}", number + 1
        self._taken.add(made)
        return made


def _lines(picture: Picture) -> Iterator[str]:
    names = _Names()
    ids = {vertex.name: names.make(vertex.name) for vertex in sorted(picture.vertices)}
    grouped: dict[str, list[Vertex]] = {}
    yield "flowchart LR"
    for vertex in picture.vertices:
        if picture.grouped and len(vertex.networks) == 1:
            grouped.setdefault(vertex.networks[0], []).append(vertex)
        else:
            yield f"  {_node(vertex, ids, picture)}"
    frames = []
    for network in sorted(grouped):
        frames.append(names.make(f"net_{network}"))
        yield f'  subgraph {frames[-1]}["{escape(network)}"]'
        yield from (f"    {_node(vertex, ids, picture)}" for vertex in grouped[network])
        yield "  end"
    for arc in picture.arcs:
        yield f"  {ids[arc.dependent]} {_arrow(arc)} {ids[arc.dependency]}"
    yield from _styles(picture, ids, frames)


def _node(vertex: Vertex, ids: dict[str, str], picture: Picture) -> str:
    name = vertex.name if vertex.replicas == 1 else f"{vertex.name} \N{MULTIPLICATION SIGN}{vertex.replicas}"
    lines = [
        f"<b>{escape(name)}</b>",
        escape(vertex.detail or vertex.absent),
        escape(", ".join(vertex.ports)),
    ]
    if picture.grouped and len(vertex.networks) > 1:
        lines.append(f"<i>{escape(', '.join(vertex.networks))}</i>")
    if vertex.findings:
        lines.append(f"\N{WARNING SIGN} {escape(', '.join(vertex.findings))}")
    return f'{ids[vertex.name]}["{"<br/>".join(filter(None, lines))}"]'


def _arrow(arc: Arc) -> str:
    label = f"{arc.label} \N{WARNING SIGN}" if arc.findings else arc.label
    return f'{"-.->" if arc.kind in _DOTTED else "-->"}|"{escape(label)}"|'


def _styles(picture: Picture, ids: dict[str, str], frames: Iterable[str]) -> Iterator[str]:
    """Yield colours that are readable on light and dark: lines and edges alone."""
    members: dict[str, list[str]] = {}
    for vertex in picture.vertices:
        kind = (
            "absent" if vertex.absent else "error" if vertex.error else "warning" if vertex.findings else ""
        )
        members.setdefault(kind, []).append(ids[vertex.name])
    for kind, style in _CLASSES:
        if kind in members:
            yield f"  classDef {kind} {style}"
            yield f"  class {','.join(members[kind])} {kind}"
    strokes: dict[str, list[str]] = {}
    for at, arc in enumerate(picture.arcs):
        color = _MARKED if arc.findings or arc.cyclic else _COLORS[arc.kind]
        strokes.setdefault(color, []).append(str(at))
    for color, numbers in strokes.items():
        yield f"  linkStyle {','.join(numbers)} stroke:{color}"
    for at, frame in enumerate(frames):
        color = _FRAMES[at % len(_FRAMES)]
        yield f"  style {frame} fill:{color}11,stroke:{color}66"


def escape(text: str) -> str:
    """Return a text as it is written between quotes, with codes for what Mermaid or HTML would read."""
    return re.sub(_SPECIAL, lambda found: f"#{ord(found[0])};", text)
