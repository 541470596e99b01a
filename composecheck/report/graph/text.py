"""A picture in words, for a terminal of 80 columns."""

from __future__ import annotations

from textwrap import wrap

from composecheck.named import TYPE_CHECKING
from composecheck.report.summary import count
from composecheck.text import width
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from composecheck.report.graph.model import Arc, Picture, Vertex

_COLUMNS = 80
# A name that is longer only moves what stands behind it.
_LONGEST = 24


def render(picture: Picture) -> str:
    """Return the services by level, first those that start at once, with what each waits for."""
    return visible("\n".join(line.rstrip() for line in _lines(picture)))


def _lines(picture: Picture) -> Iterator[str]:
    services = sum(not vertex.absent for vertex in picture.vertices)
    parts = [count(services, "service")]
    if picture.arcs:
        parts.append(f"{len(picture.arcs)} {'dependency' if len(picture.arcs) == 1 else 'dependencies'}")
    if picture.networks:
        parts.append(count(len(picture.networks), "network"))
    yield from wrap(f"project '{picture.project}': {', '.join(parts)}", _COLUMNS, break_on_hyphens=False)
    waits: dict[str, list[Arc]] = {}
    for arc in picture.arcs:
        waits.setdefault(arc.dependent, []).append(arc)
    column = max((min(width.columns(vertex.name), _LONGEST) for vertex in picture.vertices), default=0)
    level = -1
    for vertex in picture.vertices:
        if vertex.level != level:
            level = vertex.level
            yield ""
            yield f"level {level + 1}" if level else "level 1: at once"
        yield from _vertex(vertex, column)
        for arc in waits.get(vertex.name, ()):
            yield from _arc(arc, column)
    if picture.grouped:
        yield ""
        yield "networks"
        yield from _networks(picture, column)
    yield from _remarks(picture)


def _vertex(vertex: Vertex, column: int) -> Iterator[str]:
    name = vertex.name if vertex.replicas == 1 else f"{vertex.name} x{vertex.replicas}"
    if vertex.absent:
        yield from _row(f"  {name}", column + 4, [f"({vertex.absent})"])
        return
    ports = [f"ports {', '.join(vertex.ports)}"] if vertex.ports else []
    yield from _row(f"  {name}", column + 4, [*filter(None, [vertex.detail]), *ports], ", ")
    if vertex.findings:
        yield from _row("", 4, [f"! {', '.join(vertex.findings)}"])


def _arc(arc: Arc, column: int) -> Iterator[str]:
    label = f"{arc.label}, in a circle" if arc.cyclic else arc.label
    said = f"{label}: {arc.reason}" if arc.kind in {"broken", "unknown"} else label
    found = [f"! {', '.join(arc.findings)}"] if arc.findings else []
    yield from _row(f"    <- {arc.dependency}", column + 9, [said, *found], "  ")


def _networks(picture: Picture, column: int) -> Iterator[str]:
    members: dict[str, list[str]] = {network: [] for network in picture.networks}
    for vertex in sorted(picture.vertices):
        for network in vertex.networks:
            members[network].append(vertex.name)
    for network, names in members.items():
        yield from _row(f"  {network}", column + 4, [", ".join(names)])


def _remarks(picture: Picture) -> Iterator[str]:
    if picture.hidden:
        profiles = sorted({profile for _, each in picture.hidden for profile in each})
        names = ", ".join(name for name, _ in picture.hidden)
        said = (
            f"{count(len(picture.hidden), 'service')} left out by profiles ({', '.join(profiles)}): {names}"
        )
        yield ""
        yield from wrap(said, _COLUMNS, subsequent_indent="  ", break_on_hyphens=False)
    if picture.counts:
        each = (f"{rule} x{number}" if number > 1 else rule for rule, number in picture.counts)
        yield ""
        yield from wrap(f"! {', '.join(each)}", _COLUMNS, subsequent_indent="  ", break_on_hyphens=False)


def _row(head: str, column: int, parts: Sequence[str], between: str = " ") -> Iterator[str]:
    """Yield a head and what is said of it, in lines that leave the head's column free."""
    lines = list(_filled(parts, between, max(_COLUMNS - column, 20))) or [""]
    if width.columns(head) > column - 2:
        # What is said would not stand in its column: below it, then, if not beside it.
        if width.columns(head) + 2 + width.columns(lines[0]) > _COLUMNS:
            yield from (head, " " * column + lines[0])
        else:
            yield f"{head}  {lines[0]}"
    else:
        yield f"{head}{' ' * (column - width.columns(head))}{lines[0]}"
    yield from (" " * column + line for line in lines[1:])


def _filled(parts: Iterable[str], between: str, columns: int) -> Iterator[str]:
    """Yield lines that hold as many whole parts as fit, and parts that are too long in several."""
    line = ""
    for part in parts:
        if line and width.columns(line + between + part) > columns:
            yield line.rstrip()
            line = ""
        line += (between if line else "") + part
        if width.columns(line) > columns:
            *full, line = wrap(line, columns, break_on_hyphens=False)
            yield from full
    if line:
        yield line
