"""The ports of services: those that they publish, those that they say they listen on."""

from __future__ import annotations

import re

from composecheck.loading.volumes import colon_parts
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.units import ports_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Port, Service
    from composecheck.text.source import Span


class Exposed(NamedTuple):
    """An entry of `expose`: "80", "80/udp", "3000-3005"; of one that cannot be read `ports` is None."""

    place: Span
    ports: range | None
    protocol: str

    def holds(self, port: int) -> bool:
        """Return whether a port is among them; who knows, of one that cannot be read."""
        return self.ports is None or port in self.ports


def exposed(service: Service) -> Iterator[Exposed]:
    """Yield what a service's `expose` says."""
    for entry, place in service.entries("expose"):
        ports, _, protocol = entry.partition("/")
        yield Exposed(place, ports_in(ports), protocol.lower() or "tcp")


def open_ports(service: Service) -> tuple[int, ...]:
    """Return the TCP ports of its containers that a service publishes."""
    return tuple(dict.fromkeys(port.target for port in service.ports if port.protocol == "tcp"))


def fixed(port: Port) -> int | None:
    """Return the one port of the host that a port is published as; None for none, any, or a range."""
    first, last = port.published or (None, None)
    return first if first == last else None


def published(service: Service) -> set[int]:
    """Return the ports of the host that a service's ports are published as, but ranges of them."""
    return {number for port in service.ports if (number := fixed(port)) is not None}


# What everybody listens on: by it one does not know a service again.
COMMON = frozenset((80, 443, 3000, 4000, 5000, 8000, 8080, 8081, 8443, 8888, 9000, 9090))
_VARIABLE = r"\$\{?([A-Za-z_][A-Za-z0-9_]*)"


def publishing_variables(services: Iterable[Service]) -> frozenset[str]:
    """Return the variables by which files say as what port of the host one is published, and nothing else."""
    host: set[str] = set()
    inside: set[str] = set()
    for service in services:
        for port in service.ports:
            text = port.text("published")
            if "$" not in text:
                continue
            # In the long form the container's port stands for itself.
            *before, last = (
                colon_parts(text) if port.place("target") == port.place("published") else (text, "")
            )
            host.update(name for part in before for name in re.findall(_VARIABLE, part))
            inside.update(re.findall(_VARIABLE, last))
    return frozenset(host - inside)


def listens(facts: Facts, service: Service, port: int) -> bool:
    """Return whether a service listens on a port, as far as that is known.

    Its `ports` and `expose` may say so, and its image: by its name, or by EXPOSE in its Dockerfile.
    """
    return (
        any(each.target == port for each in service.ports)
        or any(entry.holds(port) for entry in exposed(service))
        or facts.images.listens(service, port)
    )


def mentions(values: Iterable[str | None], port: int) -> bool:
    """Return whether one of some texts holds a port's number."""
    number = str(port)
    wanted = None
    for value in values:
        if value and number in value:
            wanted = wanted or re.compile(rf"(?<!\d){number}(?!\d)")
            if wanted.search(value):
                return True
    return False
