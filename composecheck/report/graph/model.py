"""What a picture of a project shows, whatever it is drawn with."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from composecheck.errors import UsageError
from composecheck.facts import Facts
from composecheck.facts.graph import cycles
from composecheck.named import TYPE_CHECKING
from composecheck.report.shown import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Literal

    from composecheck.facts.guards import Line
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report
    from composecheck.model.project import Dependency, Port, Project, Service

    Kind = Line | Literal["implicit", "absent"]


class Vertex(NamedTuple):
    """A service, or the name of one that is depended on and is not there.

    `level` is 0 for one that depends on nothing, else one more than that of the last one before
    it. `absent` says why there is no such service: "not defined", "left out". `findings` are the ids
    of its errors and warnings without those of its edges, errors first.
    """

    name: str
    level: int
    detail: str = ""  # the image, or what it is built from
    ports: tuple[str, ...] = ()  # as Compose writes them
    networks: tuple[str, ...] = ()
    replicas: int = 1
    findings: tuple[str, ...] = ()
    error: bool = False
    absent: str = ""


class Arc(NamedTuple):
    """A dependency: `dependent` starts after `dependency`, if `kind` is no other.

    healthy    waits until it is healthy
    completed  waits until it has ended
    guarded    does not wait, and need not: it retries, restarts, or its command waits
    unknown    waits for health, if the image has a healthcheck
    none       does not wait
    broken     waits for what never comes
    implicit   starts later for another reason, such as `links`
    absent     waits for a service that is not there
    """

    dependent: str
    dependency: str
    kind: Kind
    label: str
    reason: str
    findings: tuple[str, ...] = ()
    error: bool = False
    cyclic: bool = False
    back: bool = False  # it closes a circle: the levels leave it out


class Picture(NamedTuple):
    """A project as it is drawn: vertices by level and name, arcs by their two names.

    `networks` are those in use, by name. `hidden` are the services that the profiles leave out, with
    the profiles that would enable them. `findings` are ids of errors and warnings that are about no
    service, and `counts` how often each id occurs in what is drawn.
    """

    project: str
    vertices: tuple[Vertex, ...]
    arcs: tuple[Arc, ...]
    networks: tuple[str, ...]
    hidden: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]

    @property
    def grouped(self) -> bool:
        """Whether the networks tell anything: not where all are in the default one."""
        return self.networks not in {(), ("default",)} or len({v.networks for v in self._services}) > 1

    @property
    def _services(self) -> Iterator[Vertex]:
        return (vertex for vertex in self.vertices if not vertex.absent)


def picture(report: Report, names: Sequence[str] = ()) -> Picture:
    """Return the picture of a report's project, of the named services and their dependencies or of all.

    Raises UsageError for a name that is none of its services.
    """
    project = report.project
    if project is None:
        raise ValueError("there is no project to draw")
    facts = report.facts or Facts(project)
    drawn = _drawn(project, names)
    of_services, of_edges = _assigned(project, drawn, report.diagnostics)
    edges = {
        name: [d for d in project.services[name].depends_on.values() if _shown(project, d)] for name in drawn
    }
    following = {name: [d.service for d in edges[name]] for name in drawn}
    circles = {name: at for at, group in enumerate(cycles(following)) for name in group}
    levels, back = _levels(following)
    arcs = tuple(
        _arc(
            facts, project.services[name], dependency, of_edges.get((name, dependency.service), ())
        )._replace(
            cyclic=name in circles and circles[name] == circles.get(dependency.service),
            back=(name, dependency.service) in back,
        )
        for name in sorted(drawn)
        for dependency in sorted(edges[name], key=lambda one: one.service)
    )
    vertices = [
        _vertex(facts, name, level, of_services.get(name, ()))
        for name, level in sorted(levels.items(), key=lambda one: (one[1], one[0]))
    ]
    general = [d for d in report.diagnostics if d.service is None and d.severity != "note"]
    shapes: list[Vertex | Arc] = [*vertices, *arcs]
    ids = [rule for shape in shapes for rule in shape.findings]
    ids += [d.rule for d in general]
    hidden = () if names else tuple((name, one.profiles) for name, one in sorted(project.disabled.items()))
    drawing = Picture(
        project.name,
        tuple(vertices),
        arcs,
        tuple(sorted({network for vertex in vertices for network in vertex.networks})),
        hidden,
        _ids(general),
        tuple(sorted(Counter(ids).items())),
    )
    return _as_shown(drawing, shown(report))


def _as_shown(picture: Picture, text: Callable[[str], str]) -> Picture:
    """Return a picture in which every text is as it may be shown."""
    return picture._replace(
        project=text(picture.project),
        vertices=tuple(
            one._replace(
                name=text(one.name), detail=text(one.detail), networks=tuple(map(text, one.networks))
            )
            for one in picture.vertices
        ),
        arcs=tuple(
            one._replace(
                dependent=text(one.dependent), dependency=text(one.dependency), reason=text(one.reason)
            )
            for one in picture.arcs
        ),
        networks=tuple(map(text, picture.networks)),
        hidden=tuple((text(name), tuple(map(text, profiles))) for name, profiles in picture.hidden),
    )


def _drawn(project: Project, names: Sequence[str]) -> dict[str, None]:
    """Return the services that are drawn, in the order of the file."""
    wanted, open_ends = set[str](), list(names) or list(project.services)
    for name in names:
        if name not in project.services:
            raise UsageError(f"no such service: '{name}'")
    while open_ends:
        name = open_ends.pop()
        if name in project.services and name not in wanted:
            wanted.add(name)
            open_ends += project.services[name].depends_on
    return dict.fromkeys(name for name in project.services if name in wanted)


def _shown(project: Project, dependency: Dependency) -> bool:
    """Return whether a dependency is drawn: not one on what profiles leave out, if it can do without."""
    return dependency.required or dependency.service not in project.disabled


def _assigned(
    project: Project, drawn: Collection[str], diagnostics: Iterable[Diagnostic]
) -> tuple[dict[str, list[Diagnostic]], dict[tuple[str, str], list[Diagnostic]]]:
    """Return the errors and warnings of each service, and those of each dependency."""
    of_services: dict[str, list[Diagnostic]] = {}
    of_edges: dict[tuple[str, str], list[Diagnostic]] = {}
    entries: dict[str, list[tuple[str, int, int, Dependency]]] = {}
    for diagnostic in diagnostics:
        name = diagnostic.service
        if name is None or name not in drawn or diagnostic.severity == "note":
            continue
        if name not in entries:
            entries[name] = sorted(
                (
                    (place.source.path, place.line, place.column, dependency)
                    for dependency in project.services[name].depends_on.values()
                    for place in (dependency.key_place(),)
                ),
                key=lambda entry: entry[:3],
            )
        dependency = _entry_at(entries[name], diagnostic)
        if dependency is None:
            of_services.setdefault(name, []).append(diagnostic)
        else:
            of_edges.setdefault((name, dependency.service), []).append(diagnostic)
    return of_services, of_edges


def _entry_at(
    entries: Sequence[tuple[str, int, int, Dependency]], diagnostic: Diagnostic
) -> Dependency | None:
    """Return the dependency whose entry a finding lies in."""
    span = diagnostic.span
    at = bisect_right(entries, (span.source.path, span.line, span.column), key=lambda entry: entry[:3])
    if not at or entries[at - 1][0] != span.source.path:
        return None
    dependency = entries[at - 1][3]
    key, value = dependency.key_place(), dependency.place()
    # Of an entry that stands elsewhere (an alias), or that is a key alone, the place is all there is.
    ends = [(key.end_line, key.end_column)]
    if value.source.path == span.source.path and value[1:3] >= key[1:3]:
        ends.append((value.end_line, value.end_column))
    return dependency if (span.line, span.column) < max(ends) else None


def _levels(following: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Return the level of each name, and the edges that close a circle; depth first, without recursion."""
    levels: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for start in following:
        # None for one that is under way: who leads there closes a circle.
        path = [(start, iter(following[start]))] if start not in levels else []
        under_way = {start: 0}
        while path:
            name, rest = path[-1]
            for other in rest:
                if other in under_way:
                    back.add((name, other))
                elif other in levels:
                    under_way[name] = max(under_way[name], levels[other] + 1)
                else:
                    under_way[other] = 0
                    path.append((other, iter(following.get(other, ()))))
                    break
            else:
                path.pop()
                levels[name] = under_way.pop(name)
                if path:
                    before = path[-1][0]
                    under_way[before] = max(under_way[before], levels[name] + 1)
    return levels, back


def _arc(facts: Facts, service: Service, dependency: Dependency, findings: Sequence[Diagnostic]) -> Arc:
    kind, label, reason = _said(facts, service, dependency)
    if not dependency.required and dependency.implicit is None:
        label += ", optional"
    error = any(one.severity == "error" for one in findings)
    return Arc(service.name, dependency.service, kind, label, reason, _ids(findings), error)


def _said(facts: Facts, service: Service, dependency: Dependency) -> tuple[Kind, str, str]:
    """Return an arc's kind and its label, and a reason where the label does not say all."""
    if dependency.service not in facts.project.services:
        return "absent", _absent(facts.project, dependency.service), ""
    guard = facts.guard(service, dependency)
    if dependency.implicit is not None and guard.line in ("guarded", "none"):
        return "implicit", dependency.implicit, ""
    return guard.line, guard.label, guard.reason if guard.line in ("broken", "unknown", "guarded") else ""


def _absent(project: Project, name: str) -> str:
    return "left out" if name in project.disabled else "not defined"


def _vertex(facts: Facts, name: str, level: int, findings: Sequence[Diagnostic]) -> Vertex:
    project = facts.project
    service = project.services.get(name)
    if service is None:
        return Vertex(name, level, absent=_absent(project, name))
    return Vertex(
        name,
        level,
        _detail(project, service),
        tuple(dict.fromkeys(_port(port) for port in service.ports)),
        _networks(facts, service),
        service.replicas,
        _ids(findings),
        any(one.severity == "error" for one in findings),
    )


def _detail(project: Project, service: Service) -> str:
    """Return what a service's image is, in a few words."""
    if service.build is None:
        return (service.image or "").partition("@")[0]
    context = service.build.context
    if Path(context).is_absolute():
        context = os.path.relpath(context, project.folder)
        if service.build.dockerfile_inline is None:
            context = os.path.normpath(f"{context}/{service.build.dockerfile}")
            context = context.removesuffix("Dockerfile").rstrip("/") or "."
        if context != "." and not context.startswith((".", "/")):
            context = f"./{context}"
    return f"build {context}"


def _port(port: Port) -> str:
    """Return a published port as Compose writes it; without a host's port where the engine chooses."""
    text = str(port.target)
    if port.published is not None:
        first, last = port.published
        text = f"{first if first == last else f'{first}-{last}'}:{text}"
    if port.host_ip:
        host = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip
        text = f"{host}:{text}" if port.published is not None else f"{host}::{text}"
    return text if port.protocol == "tcp" else f"{text}/{port.protocol}"


def _networks(facts: Facts, service: Service) -> tuple[str, ...]:
    """Return the names of the networks that a service is in, its neighbour's where it shares that one's."""
    service = facts.networks.owner(service) or service
    if service.network_mode in {"host", "none", "bridge"}:
        return (f"{service.network_mode} network",) if service.network_mode != "none" else ()
    return tuple(sorted(service.networks))


def _ids(findings: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Return the ids of findings, each once, errors first."""
    return tuple(
        dict.fromkeys(d.rule for d in sorted(findings, key=lambda d: (d.severity != "error", d.rule)))
    )
