"""The words by which a service names others: links, `volumes_from`, and the namespaces that it shares."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.model.service import Service
    from composecheck.text.source import Span

# The keys that may say that a service shares a namespace with another one or with a container.
NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")
_SERVICE, _CONTAINER = "service:", "container:"


class Link(NamedTuple):
    """An entry of `links` or `external_links`: whom it names, and by which name that is found."""

    place: Span
    target: str
    alias: str


class VolumesFrom(NamedTuple):
    """An entry of `volumes_from`: a service, or a container, and how they are mounted ("ro", or "")."""

    place: Span
    service: str | None
    container: str | None
    access: str


class Namespace(NamedTuple):
    """A key by which a service shares a namespace, and the service whose it is."""

    key: str
    place: Span
    service: str


class BuildContext(NamedTuple):
    """An entry of `build.additional_contexts` that takes the files of a service, and where that is named."""

    place: Span
    service: str


def links(service: Service) -> Iterator[Link]:
    """Yield the links of a service."""
    return _links(service, "links")


def external_links(service: Service) -> Iterator[Link]:
    """Yield the links of a service to containers that its project does not define."""
    return _links(service, "external_links")


def volumes_from(service: Service) -> Iterator[VolumesFrom]:
    """Yield whose volumes a service mounts too."""
    for text, place in service.entries("volumes_from"):
        yield source_of(place, text)


def namespaces(service: Service) -> Iterator[Namespace]:
    """Yield the services with which a service shares a namespace."""
    for key in NAMESPACES:
        name = service_in(getattr(service, key))
        if name is not None:
            yield Namespace(key, service.place(key), name)


def build_contexts(service: Service) -> Iterator[BuildContext]:
    """Yield the services of whose files the build of a service takes some."""
    if service.build is None:
        return
    for key, context in service.build.additional_contexts.items():
        name = service_in(context)
        if name is not None:
            yield BuildContext(service.build.place("additional_contexts", key), name)


def link_of(text: str) -> tuple[str, str]:
    """Return whom a link names, and its alias; with more than one colon the whole is a name to Compose."""
    target, colon, alias = text.partition(":")
    return (target, alias or target) if colon and ":" not in alias else (text, text)


def source_of(place: Span, text: str) -> VolumesFrom:
    """Return an entry of `volumes_from` taken apart."""
    if text.startswith(_CONTAINER):
        container, _, access = text.removeprefix(_CONTAINER).partition(":")
        return VolumesFrom(place, None, container, access)
    name, _, access = text.partition(":")
    return VolumesFrom(place, name, None, access)


def service_in(mode: object) -> str | None:
    """Return the service that a mode such as "service:db" names, None where it names none."""
    return mode.removeprefix(_SERVICE) if isinstance(mode, str) and mode.startswith(_SERVICE) else None


def shares_network(service: Service) -> bool:
    """Return whether a service lives in the network namespace of another one, or of a container."""
    return (service.network_mode or "").startswith((_SERVICE, _CONTAINER))


def publishes(service: Service) -> bool:
    """Return whether the `ports` of a service are published on the host: not without a network of its own."""
    return service.network_mode not in ("host", "none") and not shares_network(service)


def _links(service: Service, key: str) -> Iterator[Link]:
    for text, place in service.entries(key):
        yield Link(place, *link_of(text))
