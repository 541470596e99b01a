"""How a program that is built here asks for a service as it starts, by its libraries and its text."""

from __future__ import annotations

import os
import re
from itertools import islice

from composecheck.facts.programs.reading import Programs
from composecheck.knowledge.libraries import protocols
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.facts.programs.places import Place, Places
    from composecheck.facts.programs.reading import Program, Text
    from composecheck.knowledge.libraries import Call, Client, Protocol, Way
    from composecheck.model.project import Service


# Of one kind in one file.
_MOST_CALLS = 20


class Asked(NamedTuple):
    """How a program asks for a server: its way, a clause that says why, and the line that shows it."""

    asks: Way | Literal["never"]
    because: str
    place: Span | None = None

    @property
    def is_tried_again(self) -> bool:
        """Whether the program's own text tries again, and no library by itself."""
        return self.asks == "retries" and self.place is not None


class Asking:
    """How the programs of a project ask, each pair of program and protocol looked at once."""

    __slots__ = ("_facts", "_found", "_places", "_programs")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._programs = Programs(facts)
        self._found: dict[tuple[int, str], Asked | None] = {}
        self._places: dict[int, Places] = {}

    def asked(self, service: Service, target: Service) -> Asked | None:
        """Return how a service's program asks for another one; None where nothing tells."""
        images = self._facts.images
        family = images.resembled(target) or images.knowledge.resembled(target.name)
        protocol = protocols().get(family.name) if family is not None else None
        if protocol is None:
            return None
        program = self._programs.program(service)
        if program is None:
            return None
        found = self._by_program(program, protocol)
        from composecheck.facts.programs.starting import by_command

        started = by_command(self._facts, service, program, protocol)
        if started is not None and (found is None or not found.is_tried_again):
            return started
        if found is not None and found.asks == "demand" and self._facts.ends(service):
            return None  # a job does its work at once
        return found

    def _by_program(self, program: Program, protocol: Protocol) -> Asked | None:
        key = (id(program), protocol.name)
        if key not in self._found:
            self._found[key] = self._looked(program, protocol)
        return self._found[key]

    def _looked(self, program: Program, protocol: Protocol) -> Asked | None:
        clients = _clients(program, protocol)
        if not clients:
            return _never(program, protocol)
        called: list[Asked] = []
        alone: list[Asked] = []
        for client in clients:
            ways = [way for call in client.calls for way in self._by_call(program, client, call)]
            called += ways
            if not ways and client.asks is not None:
                alone += self._alone(program, protocol, client, client.asks)
        order = (("retries", called), ("once", called), ("once", alone), ("demand", called))
        found = (next((each for each in ways if each.asks == asks), None) for asks, ways in order)
        return next((each for each in found if each is not None), alone[0] if alone else None)

    def _alone(self, program: Program, protocol: Protocol, client: Client, asks: Way) -> Iterator[Asked]:
        """Yield how a client asks by itself; on demand may be at once, of who serves nobody."""
        if asks != "demand" or _serves(program, protocol):
            limit = f" for {client.limit:g} seconds" if client.limit is not None else ""
            yield Asked(asks, _BECAUSE[asks].format(client.name) + limit)
            return
        from composecheck.facts.programs.places import tries_again

        text = next((each for each in program.sources if client.packages & each.packages), None)
        if text is not None and tries_again(text.text):
            yield Asked("retries", f"'{self._shown(text)}' seems to try again until it answers")

    def _by_call(self, program: Program, client: Client, call: Call) -> Iterator[Asked]:
        from composecheck.facts.programs.places import Places

        if call.unless and any(re.search(call.unless, each.text) for each in program.sources):
            return
        places = self._places.setdefault(id(program), Places(program.sources))
        for text in program.sources:
            if not call.may_be_in(text.text) or (call.has and re.search(call.has, text.text) is None):
                continue
            for match in islice(re.finditer(call.text, text.text), _MOST_CALLS):
                place = places.at(text, match.start())
                if places.line(place).lstrip().startswith(("#", "//", "*", "import ", "from ")):
                    continue
                yield self._way(places, place, client, call, program)

    def _way(self, places: Places, place: Place, client: Client, call: Call, program: Program) -> Asked:
        shown = self._shown(place.text)
        if call.asks == "once" and places.is_tried_again(place):
            return Asked("retries", f"'{shown}' seems to try again until it answers", self._span(place))
        if call.asks != "once":
            return Asked(call.asks, _BECAUSE[call.asks].format(client.name))
        at_start = places.is_at_start(place)
        if at_start is None:
            at_start = not _serves(program, None)
        if not at_start or (call.tries and places.goes_on(place)):
            return Asked("demand", f"perhaps '{shown}' asks for it only on request", self._span(place))
        return Asked("once", f"'{client.name}' asks for it once as it starts", self._span(place))

    def _shown(self, text: Text) -> str:
        return os.path.relpath(text.path, self._facts.project.folder).replace(os.sep, "/")

    def _span(self, place: Place) -> Span:
        """Return the place in its file, whose text no report shows: a password may stand there."""
        path, text = place.text.path, place.text.text
        source = Source(path, text, shown=self._facts.project.disk.shown(path), withheld=True)
        line = source.line(place.line + 1)
        column = len(line) - len(line.lstrip()) + 1
        return Span(source, place.line + 1, column, place.line + 1, max(len(line.rstrip()) + 1, column))


_BECAUSE = {
    "retries": "'{}', by which its program asks, tries again by itself",
    "demand": "'{}', by which its program asks, connects only when it is used",
    "once": "'{}' asks for it once as it starts",
}


def _clients(program: Program, protocol: Protocol) -> list[Client]:
    """Return the libraries of a program that speak a protocol, without those that others stand for."""
    found = [
        client
        for ecosystem in program.ecosystems
        for client in ecosystem.clients
        if protocol.name in client.on and not client.packages.isdisjoint(program.packages)
    ]
    instead = {name for client in found for name in client.instead}
    return [client for client in found if client.name not in instead]


def _never(program: Program, protocol: Protocol) -> Asked | None:
    """Return that a program asks for no such server, None where some of it tells of one or is missing."""
    texts = (*program.sources, *(each for each in program.manifests if not each.ecosystem.imported))
    if not (program.whole and program.declares) or any(
        re.search(protocol.words, each.text, re.IGNORECASE) for each in texts
    ):
        return None
    return Asked("never", "nothing in its program seems to ask for it")


def _serves(program: Program, protocol: Protocol | None) -> bool:
    """Return whether a program works on requests, or on messages that it gets by another protocol."""
    packages = program.packages
    for ecosystem in program.ecosystems:
        if "*" in ecosystem.serves or not ecosystem.serves.isdisjoint(packages):
            return True
        others = [each for each in ecosystem.clients if protocol and protocol.name not in each.on]
        if any(not each.on.isdisjoint(_MESSAGES) and each.packages & packages for each in others):
            return True
    return any(re.search(_SERVING, each.text) for each in program.sources)


_MESSAGES = frozenset(("amqp", "kafka", "mqtt", "nats"))
_SERVING = r"ListenAndServe|\.listen\(|createServer\(|http\.server|HttpServer|grpc\.server\(|NewServer\("
