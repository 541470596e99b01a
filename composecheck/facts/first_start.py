"""What an image demands of its variables at its first start, and whether that may be over already."""

from __future__ import annotations

import re

from composecheck.facts.storage import directories, holding, may_serve, shares_more
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.knowledge import Family
    from composecheck.model.project import Mount, Service
    from composecheck.text.source import Span


class Demand(NamedTuple):
    """What a service's image does not start without: one of `names`, or, with a `value`, another one.

    `store` is the key of the named volume that decides whether the first start is over; `over` says what
    makes it likely that it is, "" where nothing does. `certain` is False where the last part of
    the image's name is all that says what it is. `empty` is the one of `names` that comes out empty by a
    variable of the file's, and that variable. `more` are further groups of which it lacks one each.
    """

    service: Service
    names: tuple[str, ...]
    place: Span
    value: str | None = None
    store: str | None = None
    over: str = ""
    certain: bool = True
    empty: tuple[str, str] | None = None
    more: tuple[tuple[str, ...], ...] = ()

    @property
    def refused(self) -> bool:
        """Whether a value is there that the image does not take."""
        return self.value is not None

    @property
    def rule(self) -> str:
        """The rule that tells of it."""
        return "refused-image-environment" if self.refused else "missing-image-environment"


def demands(facts: Facts) -> Iterator[Demand]:
    """Yield what the images of a project demand and do not get."""
    for service in facts.services.values():
        family = facts.images.store(service)
        if family is None or not (family.required or family.refused):
            continue
        if not _is_first_run(facts, service, family):
            continue
        store, over = _store(facts, service, family)
        given = _given(facts, service)
        absent: list[tuple[str, ...]] = []
        for group in family.required if _is_read(facts, service) else ():
            if any(given.get(name, "") != "" for name in group):
                continue
            empty = next(_emptied(service, group), None)
            if empty is None and given.keys().isdisjoint(group):
                absent.append(group)
                continue
            place = _place(service) if empty is None else service.place("environment", empty[0])
            yield Demand(service, group, place, None, store, over, family.certain, empty)
        if absent:
            first, *more = absent
            place = _place(service)
            yield Demand(service, first, place, None, store, over, family.certain, more=tuple(more))
        for name, values in family.refused:
            value = service.environment.get(name)
            if value in values:
                stated = service.says("environment", name)
                place = service.place(*(("environment", name) if stated else ("env_file",)))
                yield Demand(service, (name,), place, value, store, over, family.certain)


def _is_first_run(facts: Facts, service: Service, family: Family) -> bool:
    """Whether a service runs its image's own entrypoint for its own server."""
    if facts.images.has_entrypoint(service):
        return False
    first = (service.command or ("-",))[0]
    server = first.rpartition("/")[2] in (family.name, *_SERVERS)
    return (first.startswith("-") or server) and may_serve(facts, service, family)


_SERVERS = ("postgres", "mysqld", "mariadbd", "mongod", "docker-entrypoint.sh")


def _place(service: Service) -> Span:
    return service.place("image" if service.says("image") else "build")


def _is_read(facts: Facts, service: Service) -> bool:
    """Whether all that sets a service's variables has been read."""
    if not service.env_file:
        return True
    if service.name in facts.project.disabled:
        return False
    disk = facts.project.disk
    return all(each.path is not None and disk.exists(each.path) for each in service.env_file)


def _given(facts: Facts, service: Service) -> dict[str, str]:
    """Return a service's variables, and those of its Dockerfile; what only running shows is "?"."""
    built = facts.images.built(service)
    given = dict.fromkeys(built.environment if built is not None else (), "?")
    for name, value in service.environment.items():
        given[name] = "?" if value is None else value
    return given


def _emptied(service: Service, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the names to which a service gives the value of a variable, and that variable."""
    for name in names:
        if service.says("environment", name):
            match = re.search(r"\$\{?([A-Za-z_]\w*)", service.place("environment", name).text)
            if match is not None:
                yield name, match[1]


def _store(facts: Facts, service: Service, family: Family) -> tuple[str | None, str]:
    """Return the key of the volume that holds the data, and what says that data may be there already."""
    if shares_more(service):
        return None, "what 'volumes_from' mounts may hold the data of an earlier start"
    places = directories(service, family)
    if family.data and not places:
        return None, "its data may be of an earlier start"
    mounts = [mount for place in places if (mount := holding(service, place)) is not None]
    for mount in mounts:
        over = filled(facts, mount)
        if over:
            return None, over
    return next((mount.source for mount in mounts if mount.type == "volume" and mount.source), None), ""


def earlier(facts: Facts, service: Service, family: Family) -> bool:
    """Return whether a service's data is of an earlier start, as far as the files show."""
    return bool(_store(facts, service, family)[1])


def filled(facts: Facts, mount: Mount) -> str:
    """Return what says that a mount may hold the data of an earlier start, "" where nothing does."""
    source = mount.source or ""
    if mount.type == "bind":
        disk = facts.project.disk
        return f"there are files in '{mount.target}' already" if disk.names(source) else ""
    volume = facts.project.volumes.get(source) if mount.type == "volume" else None
    if volume is not None and (volume.external or (volume.driver_opts or {}).get("device")):
        return f"the volume '{source}' may hold the data of an earlier start"
    return ""
