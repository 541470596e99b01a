"""The ports of this machine that services want, and those that there are too few of.

Ports are the same if their protocol is and their addresses overlap: no address means all, `0.0.0.0` all of
IPv4, `::` all of IPv6. Of a range the engine takes any port that is free.
"""

from __future__ import annotations

from collections import defaultdict

from composecheck.facts.ports import exposed
from composecheck.model.links import publishes
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import ALL, ALL_IPV4, ALL_IPV6, EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

Written = tuple[object, ...]


class Claim(NamedTuple):
    """A service that wants one of the host's ports `first` to `last` for each of its containers.

    A `hosted` one publishes nothing: its program listens in the host's network.
    """

    service: Service
    target: int  # the port in the container
    protocol: str
    place: Span  # the published port, else the whole entry
    address: str
    first: int
    last: int
    hosted: bool = False

    @property
    def written(self) -> Written:
        """What all ports of one entry have in common; services may share an anchor."""
        return self.service.name, *self.place

    @property
    def number(self) -> str:
        """The port as reports show it: "8080", "127.0.0.1:8080/udp"."""
        host = f"[{self.address}]:" if ":" in self.address else f"{self.address}:" if self.address else ""
        protocol = "" if self.protocol == "tcp" else f"/{self.protocol}"
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{host}{ports}{protocol}"


class Pair(NamedTuple):
    """Two entries that want the same ports: the first of them, and how many more are the same."""

    first: Claim
    second: Claim
    more: int


class Short(NamedTuple):
    """An entry that finds too few ports for its service's containers: it has `room` for so many.

    `others` are the claims that leave it none, where it is ranges that overlap.
    """

    claim: Claim
    room: int
    others: tuple[Claim, ...] | None = None


class HostPorts:
    """The ports of the host that are wanted more often than they exist."""

    __slots__ = ("_facts", "at_risk", "crowded_host", "listened", "published", "short")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.published: list[Pair] = []  # both publish them
        self.listened: list[Pair] = []  # one at least listens in the host's network
        self.short: list[Short] = []
        self.crowded_host: list[Claim] = []  # runs several times in the host's network
        self.at_risk: list[Pair] = []  # the first is a range, of which the engine may take the second's port
        by_protocol: defaultdict[str, list[Claim]] = defaultdict(list)
        for service in facts.services.values():
            for claim in _claims(facts, service) if service.replicas > 0 else ():
                by_protocol[claim.protocol].append(claim)
        for claims in by_protocol.values():
            # Stable: of two that collide, the one that is defined first takes the port.
            single = sorted((c for c in claims if c.first == c.last), key=lambda c: c.first)
            self._look_at_single(single)
            ranges = [claim for claim in claims if claim.first < claim.last]
            if ranges:
                taken = Taken(facts, [claim for claim in single if not claim.hosted])
                for claim in ranges:
                    self._look_at_range(claim, taken)
                self._look_at_overlaps(ranges, taken)

    def _look_at_single(self, claims: Sequence[Claim]) -> None:
        """Find the conflicts of single ports; the claims are sorted, each port's stand together.

        "8000-8010:8000-8010" is eleven of them, of which one finding tells.
        """
        taken = self._facts.claims()
        crowded: set[Written] = set()
        conflicts: defaultdict[tuple[Written, Written], list[tuple[Claim, Claim]]] = defaultdict(list)
        number = None
        for claim in claims:
            if claim.first != number:
                taken, number = self._facts.claims(), claim.first
            if claim.service.replicas > 1 and claim.written not in crowded:
                crowded.add(claim.written)
                if claim.hosted:
                    self.crowded_host.append(claim)
                else:
                    self.short.append(Short(claim, 1))
            holders = (taken.first(key, claim.service) for key in _excluding(claim.address))
            first: Claim | None = next((holder for holder in holders if holder is not None), None)
            if first is not None and not _one_binding(first, claim):
                conflicts[first.written, claim.written].append((first, claim))
            for key in _taking(claim.address):
                taken.add(key, claim.service, claim)
        for pairs in conflicts.values():
            first, second = pairs[0]
            if first.hosted or second.hosted:
                if second.hosted and not first.hosted:
                    first, second = second, first
                self.listened.append(Pair(first, second, 0))
            else:
                self.published.append(_pair(pairs))

    def _look_at_range(self, claim: Claim, taken: Taken) -> None:
        """Find too few ports in a range, or one that another service needs."""
        room = claim.last - claim.first + 1 - taken.count(claim)
        needed = taken.first(claim)
        if room < claim.service.replicas:
            self.short.append(Short(claim, room))
        elif needed is not None:
            self.at_risk.append(Pair(claim, needed, 0))

    def _look_at_overlaps(self, ranges: Sequence[Claim], taken: Taken) -> None:
        """Find the ranges of one address that together have fewer ports than containers want of them.

        Those of active services alone: others may exclude each other. Who has the least choice comes
        first; whoever is then left without a port would be so in any other order too.
        """
        by_address: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in ranges:
            room = claim.last - claim.first + 1 - taken.count(claim)
            if not self._facts.profile_note(claim.service) and room >= claim.service.replicas:
                by_address[ALL if claim.address == ALL_IPV4 else claim.address].append(claim)
        for claims in by_address.values():
            if len(claims) > 1:
                self.short += _without_port(claims, taken)


def _pair(pairs: Sequence[tuple[Claim, Claim]]) -> Pair:
    """Return two entries as one: as ranges where all their ports are the same."""
    first, second = pairs[0]
    last = pairs[-1][0].last
    if last - first.first + 1 == len(pairs):
        return Pair(first._replace(last=last), second._replace(last=last), 0)
    return Pair(first, second, len(pairs) - 1)


def _claims(facts: Facts, service: Service) -> Iterator[Claim]:
    if service.network_mode == "host":
        yield from _hosted(facts, service)
    elif publishes(service):
        for port in service.ports:
            # 0 is any port that is free, as if none were given.
            if port.published is not None and port.published[0]:
                place, address = port.place("published"), _address(port.host_ip)
                yield Claim(service, port.target, port.protocol, place, address, *port.published)


def _hosted(facts: Facts, service: Service) -> Iterator[Claim]:
    """Yield the ports that a program listens on in the host's network, each once."""
    places: dict[tuple[int, str], Span] = {}
    for port in service.ports:
        places.setdefault((port.target, port.protocol), port.place("published"))
    for entry in exposed(service):
        # A range says what may be used, and not that all of it is.
        if entry.ports is not None and len(entry.ports) == 1:
            places.setdefault((entry.ports[0], entry.protocol), entry.place)
    if not places and not _may_listen_elsewhere(service):
        family = facts.images.family(service)
        for main in family.ports[:1] if family is not None else ():
            places[main, "tcp"] = service.place("network_mode")
    for (number, protocol), place in places.items():
        yield Claim(service, number, protocol, place, ALL, number, number, hosted=True)


def _may_listen_elsewhere(service: Service) -> bool:
    """Whether anything may tell a service's program of another port than its usual one."""
    if any(service.says(key) for key in ("entrypoint", "env_file", "configs")):
        return True
    words = " ".join((*(service.command or ()), *service.environment)).lower()
    return any(word in words for word in ("port", "listen", "addr", "bind", "conf", "-p", ":")) or any(
        mount.target.startswith("/etc/") or "conf" in mount.target for mount in service.mounts
    )


def _address(host_ip: str | None) -> str:
    """Return an address in its one form, "" for all."""
    text = (host_ip or "").strip("[]")
    if ":" not in text:
        return text
    from ipaddress import ip_address

    try:
        return str(ip_address(text))
    except ValueError:
        return text  # the loader says so


def _excluding(address: str) -> Iterator[str]:
    """Yield the keys of those claims that a claim to an address overlaps with."""
    family = "6" if ":" in address else "4"
    if address == ALL:
        yield "any"
    elif address in (ALL_IPV4, ALL_IPV6):
        yield from (ALL, f"any {family}")
    else:
        yield from (ALL, ALL_IPV6 if family == "6" else ALL_IPV4, address)


def _taking(address: str) -> Iterator[str]:
    """Yield the keys under which a claim to an address stands."""
    yield from ("any", address)
    if address != ALL:
        yield "any 6" if ":" in address else "any 4"


def _one_binding(first: Claim, second: Claim) -> bool:
    """Whether the engine takes both for the same: all addresses, written in two ways."""
    return (
        first.service is second.service
        and first.target == second.target
        and first.address in EVERY
        and second.address in EVERY
    )


class Taken:
    """The single ports that are published, to be found by a range without looking at each.

    They stand by whom they exclude, the address and the group of services, each port once, sorted.
    """

    def __init__(self, facts: Facts, fixed: Sequence[Claim]) -> None:
        self._disabled = facts.project.disabled
        self._groups = facts.claims()
        self._by_key: defaultdict[tuple[str, str], dict[int, Claim]] = defaultdict(dict)
        active: defaultdict[str, dict[int, None]] = defaultdict(dict)
        always: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for claim in fixed:
            for key in _taking(claim.address):
                for group in self._groups.standing(claim.service):
                    self._by_key[key, group].setdefault(claim.first, claim)
                # Of those that the active profiles leave out, some may exclude each other.
                if claim.service.name not in self._disabled:
                    active[key][claim.first] = None
                    if not claim.service.profiles:
                        always[key][claim.first] = None
        self._ports = active
        self._numbers = {key: list(claims) for key, claims in self._by_key.items()}
        self._active, self._always = (
            {key: _beside(key, numbers) for key in numbers} for numbers in (active, always)
        )

    def count(self, claim: Claim) -> int:
        """Return how many ports of a range are taken for certain."""
        from bisect import bisect_left, bisect_right

        counted = self._always if claim.service.name in self._disabled else self._active
        return sum(
            bisect_right(numbers, claim.last) - bisect_left(numbers, claim.first)
            for key in _excluding(claim.address)
            if (numbers := counted.get(key))
        )

    def holds(self, address: str, port: int) -> bool:
        """Return whether a port is taken at an address by an active service."""
        return any(port in self._ports.get(key, ()) for key in _excluding(address))

    def first(self, claim: Claim) -> Claim | None:
        """Return the first port of a range that another claim needs, or may need."""
        from bisect import bisect_left

        claims: list[Claim] = []
        for address in _excluding(claim.address):
            for group in self._groups.sought(claim.service):
                numbers = self._numbers.get((address, group), ())
                at = bisect_left(numbers, claim.first)
                if at < len(numbers) and numbers[at] <= claim.last:
                    claims.append(self._by_key[address, group][numbers[at]])
        return min(
            claims, key=lambda claim: (claim.service.name in self._disabled, claim.first), default=None
        )


def _beside(key: str, numbers: Mapping[str, dict[int, None]]) -> list[int]:
    """Return the ports under a key, without those under a key that is looked up beside it."""
    wide: tuple[str, ...] = (ALL, ALL_IPV4 if ":" not in key else ALL_IPV6)
    if key in (ALL, "any"):
        wide = ()
    elif key in (ALL_IPV4, ALL_IPV6) or key.startswith("any "):
        wide = (ALL,)
    wider = [numbers[other] for other in wide if other in numbers]
    return [number for number in numbers[key] if not any(number in ports for ports in wider)]


def _without_port(claims: Sequence[Claim], taken: Taken) -> Iterator[Short]:
    from heapq import heappop, heappush

    starts = sorted(enumerate(claims), key=lambda each: (each[1].first, each[0]), reverse=True)
    waiting: list[tuple[int, int, int]] = []  # the last port that will do, the claim, containers
    given: dict[int, Claim] = {}
    port = 0
    while starts or waiting:
        if not waiting:
            port = max(port, starts[-1][1].first)
        while starts and starts[-1][1].first <= port:
            number, claim = starts.pop()
            heappush(waiting, (claim.last, number, claim.service.replicas))
        last, number, wanted = heappop(waiting)
        if last < port:
            yield Short(claims[number], 0, tuple(_near(claims[number], given)))
            continue
        if not taken.holds(claims[number].address, port):
            given[port] = claims[number]
            wanted -= 1
        if wanted:
            heappush(waiting, (last, number, wanted))
        port += 1


def _near(claim: Claim, given: Mapping[int, Claim]) -> Iterator[Claim]:
    """Yield the claims that got the last ports of a range, one for each entry."""
    near = range(claim.last, max(claim.first, claim.last - 3) - 1, -1)
    yield from {
        each.written: each for port in near if (each := given.get(port)) and each is not claim
    }.values()
