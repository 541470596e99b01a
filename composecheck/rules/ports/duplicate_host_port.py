"""Two services publish the same port of this machine.

## What it does
Reports a port of the host that is published twice: by two services, by one twice, or by one that
runs several times. Ports are the same if their protocol is and their addresses overlap: no address
means all, `0.0.0.0` all of IPv4, `::` all of IPv6. Of a range the engine takes any port that is
free: it is an error where too few are left, for its replicas or for several ranges that overlap,
and a warning where it may take one that another service needs. A program in the host's network
(`network_mode: host`) takes the ports that it listens on: those that its service says (`ports`,
`expose`), else the one that its image is known for, unless its command or environment may change
that. This is a warning. Services whose profiles exclude each other do not count, and for one that
the active profiles leave out it is a warning.

## Why is this bad?
The second one to start fails: "port is already allocated". Which one that is changes from run to
run, and the stack is left half started. docker compose does not see it beforehand.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
  admin:
    image: nginx:1
    ports:
      - target: 80
        published: "8080"  # duplicate-host-port
        host_ip: 127.0.0.1
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
  admin:
    image: nginx:1
    ports:
      - target: 80
        published: "8081"
        host_ip: 127.0.0.1
```

## Example
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000:9000"  # duplicate-host-port
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000-9002:9000"
```

## Example
The engine gives `worker` the first free port of its range, and that is the one that `api` needs.
```yaml
services:
  worker:
    image: worker:1
    ports:
      - "8000-8010:9000"  # duplicate-host-port
  api:
    image: api:1
    ports:
      - "8000:8000"
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    ports:
      - "8001-8010:9000"
  api:
    image: api:1
    ports:
      - "8000:8000"
```
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.project import Port
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(
    ("error", "warning"),
    needs=(
        "ports",
        "network_mode",
    ),
    since="0.1",
)
# In these modes a container has no ports of its own to publish.
_NO_PORTS = ("none", "service:", "container:")
_ALL, _ALL_4, _ALL_6 = "", "0.0.0.0", "::"  # noqa: S104 - what a file says, and not what we bind


Written = tuple[object, ...]


class Claim(NamedTuple):
    """A service that wants one of the host's ports `first` to `last` for each of its containers.

    One is `hosted` that publishes nothing, but listens in the host's network.
    """

    service: Service
    port: Port
    address: str
    first: int
    last: int
    hosted: bool = False

    @property
    def place(self) -> Span:
        """Where it is written: the published port, else the whole entry."""
        published = self.port.node.get("published")
        return (published or self.port.node).span

    @property
    def written(self) -> Written:
        """What all ports of one entry have in common; services may share an anchor."""
        return self.service.name, *self.place

    @property
    def number(self) -> str:
        """The port as reports show it: "8080", "127.0.0.1:8080/udp"."""
        host = f"[{self.address}]:" if ":" in self.address else f"{self.address}:" if self.address else ""
        protocol = "" if self.port.protocol == "tcp" else f"/{self.port.protocol}"
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{host}{ports}{protocol}"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each claim to a port of the host that another claim leaves no room for."""
    by_protocol: defaultdict[str, list[Claim]] = defaultdict(list)
    for service in facts.services.values():
        for claim in _claims(facts, service) if service.replicas > 0 else ():
            by_protocol[claim.port.protocol].append(claim)
    for claims in by_protocol.values():
        # Stable: of two that collide, the one that is defined first takes the port.
        fixed = sorted((c for c in claims if c.first == c.last), key=lambda c: c.first)
        yield from _fixed(facts, fixed)
        ranges = [claim for claim in claims if claim.first < claim.last]
        if ranges:
            taken = Taken(facts, [claim for claim in fixed if not claim.hosted])
            for claim in ranges:
                yield from _range(facts, claim, taken)
            yield from _crowds(facts, ranges, taken)


def _claims(facts: Facts, service: Service) -> Iterator[Claim]:
    mode = service.network_mode or ""
    if mode == "host":
        yield from _hosted(facts, service)
    elif not mode.startswith(_NO_PORTS):
        for port in service.ports:
            # 0 is any port that is free, as if none were given.
            if port.published is not None and port.published[0]:
                yield Claim(service, port, _address(port.host_ip), *port.published)


def _hosted(facts: Facts, service: Service) -> Iterator[Claim]:
    """Yield the ports that a program listens on in the host's network, each once."""
    found: dict[tuple[int, str], Port] = {}
    for port in service.ports:
        found.setdefault((port.target, port.protocol), port)
    expose = service.node.get("expose")
    for node in expose.items if expose is not None else ():
        number, _, protocol = str(node.value).partition("/")
        if number.isascii() and number.isdecimal() and len(number) < 6:
            key = (int(number), protocol or "tcp")
            found.setdefault(key, Port(node, target=key[0], protocol=key[1]))
    if not found and not _may_listen_elsewhere(service):
        family = facts.family(service)
        for main in family.ports[:1] if family is not None else ():
            found[main, "tcp"] = Port(service.place_of("network_mode"), target=main)
    for port in found.values():
        yield Claim(service, port, _ALL, port.target, port.target, hosted=True)


def _may_listen_elsewhere(service: Service) -> bool:
    """Whether anything may tell a service's program of another port than its usual one."""
    values = service.node.mapping
    if any(key in values for key in ("entrypoint", "env_file", "configs")):
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


def _fixed(facts: Facts, claims: Sequence[Claim]) -> Iterator[Finding]:
    """Yield the conflicts of single ports; the claims are sorted, each port's stand together.

    "8000-8010:8000-8010" is eleven of them, of which one finding tells.
    """
    taken = facts.claims()
    crowded: set[Written] = set()
    conflicts: defaultdict[tuple[Written, Written], list[tuple[Claim, Claim]]] = defaultdict(list)
    number = None
    for claim in claims:
        if claim.first != number:
            taken, number = facts.claims(), claim.first
        if claim.service.replicas > 1 and claim.written not in crowded:
            crowded.add(claim.written)
            yield _several(claim) if claim.hosted else _replicas(claim, 1)
        others = (taken.first(key, claim.service) for key in _excluding(claim.address))
        first: Claim | None = next((other for other in others if other is not None), None)
        if first is not None and not _one_binding(first, claim):
            conflicts[first.written, claim.written].append((first, claim))
        for key in _taking(claim.address):
            taken.add(key, claim.service, claim)
    for pairs in conflicts.values():
        first, second = pairs[0]
        yield _listening(first, second) if first.hosted or second.hosted else _conflict(pairs)


def _excluding(address: str) -> Iterator[str]:
    """Yield under what a claim to an address finds those that it overlaps with."""
    family = "6" if ":" in address else "4"
    if address == _ALL:
        yield "any"
    elif address in (_ALL_4, _ALL_6):
        yield from (_ALL, f"any {family}")
    else:
        yield from (_ALL, _ALL_6 if family == "6" else _ALL_4, address)


def _taking(address: str) -> Iterator[str]:
    """Yield under what a claim to an address is found."""
    yield from ("any", address)
    if address != _ALL:
        yield "any 6" if ":" in address else "any 4"


def _one_binding(first: Claim, second: Claim) -> bool:
    """Whether the engine takes both for the same: all addresses, written in two ways."""
    wild = (_ALL, _ALL_4, _ALL_6)
    return (
        first.service is second.service
        and first.port.target == second.port.target
        and first.address in wild
        and second.address in wild
    )


def _conflict(pairs: Sequence[tuple[Claim, Claim]]) -> Finding:
    """Return the finding for two entries, of which one or more ports are the same."""
    last = pairs[-1][0].last
    whole = last - pairs[0][0].first + 1 == len(pairs)
    first, second = (claim._replace(last=last) if whole else claim for claim in pairs[0])
    one, other = first.service.name, second.service.name
    ports = "port" if first.first == first.last else "ports"
    more = "" if whole else f" and {len(pairs) - 1} more"
    message = (
        f"service '{one}' publishes {ports} {second.number}{more} twice"
        if one == other
        else f"services '{one}' and '{other}' both publish {ports} {second.number}{more}"
    )
    if first.number != second.number:
        message += f" ('{one}' as {first.number})"
    return Finding(
        second.place,
        message,
        remedy=f"publish another port, or only '{second.port.target}' and let the engine choose one",
        service=other,
        related=(Related(first.place, f"'{one}' takes it here"),),
    )


def _replicas(claim: Claim, room: int) -> Finding:
    service = claim.service
    scale = service.node.get("scale") or service.place_of("deploy", "replicas")
    last = claim.first + service.replicas - 1
    return Finding(
        claim.place,
        f"service '{service.name}' runs {service.replicas} times, but port {claim.number} "
        f"has room for {room}",
        remedy=f"publish a range, '{claim.first}-{last}:{claim.port.target}', "
        f"or only '{claim.port.target}' and let the engine choose",
        service=service.name,
        related=(Related(scale.span, f"{service.replicas} containers"),),
    )


def _listening(first: Claim, second: Claim) -> Finding:
    """Return the finding for a port that a program in the host's network listens on."""
    if second.hosted and not first.hosted:
        first, second = second, first
    one, other = first.service.name, second.service.name
    listens = f"'{one}' listens on it in the host's network"
    message = (
        f"services '{one}' and '{other}' both listen on port {second.number} of the host"
        if second.hosted
        else f"service '{other}' publishes port {second.number}, and {listens}"
    )
    return Finding(
        second.place,
        message,
        remedy="let one of them use another port, or take it out of the host's network",
        service=other,
        related=(Related(first.place, listens),),
        severity="warning",
    )


def _several(claim: Claim) -> Finding:
    service = claim.service
    scale = service.node.get("scale") or service.place_of("deploy", "replicas")
    return Finding(
        claim.place,
        f"service '{service.name}' runs {service.replicas} times in the host's network, "
        f"where one can listen on port {claim.number}",
        remedy="take it out of the host's network, or run it once",
        service=service.name,
        related=(Related(scale.span, f"{service.replicas} containers"),),
        severity="warning",
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
        found: list[Claim] = []
        for address in _excluding(claim.address):
            for group in self._groups.sought(claim.service):
                numbers = self._numbers.get((address, group), ())
                at = bisect_left(numbers, claim.first)
                if at < len(numbers) and numbers[at] <= claim.last:
                    found.append(self._by_key[address, group][numbers[at]])
        return min(found, key=lambda other: (other.service.name in self._disabled, other.first), default=None)


def _beside(key: str, numbers: Mapping[str, dict[int, None]]) -> list[int]:
    """Return the ports under a key, but those under another one that is looked up with it."""
    wide: tuple[str, ...] = (_ALL, _ALL_4 if ":" not in key else _ALL_6)
    if key in (_ALL, "any"):
        wide = ()
    elif key in (_ALL_4, _ALL_6) or key.startswith("any "):
        wide = (_ALL,)
    others = [numbers[other] for other in wide if other in numbers]
    return [number for number in numbers[key] if not any(number in each for each in others)]


def _range(facts: Facts, claim: Claim, taken: Taken) -> Iterator[Finding]:
    """Yield what is wrong with a range: too few ports, or one that another service needs."""
    room = claim.last - claim.first + 1 - taken.count(claim)
    other = taken.first(claim)
    if room < claim.service.replicas:
        yield _replicas(claim, room)
    elif other is not None:
        yield Finding(
            claim.place,
            f"service '{claim.service.name}' may get port {other.number} of its range {claim.number}, "
            f"which '{other.service.name}' needs{facts.when(other.service)}",
            remedy="publish a range without that port: the engine gives the first that is free",
            service=claim.service.name,
            related=(Related(other.place, f"'{other.service.name}' publishes it here"),),
            severity="warning",
        )


def _crowds(facts: Facts, ranges: Sequence[Claim], taken: Taken) -> Iterator[Finding]:
    """Yield the ranges of one address that together have fewer ports than containers want of them.

    Those of active services alone: others may exclude each other. Who has the least choice comes
    first; whoever is then left without a port would be so in any other order too.
    """
    by_address: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in ranges:
        room = claim.last - claim.first + 1 - taken.count(claim)
        if not facts.when(claim.service) and room >= claim.service.replicas:
            by_address[_ALL if claim.address == _ALL_4 else claim.address].append(claim)
    for claims in by_address.values():
        if len(claims) > 1:
            yield from _without_port(claims, taken)


def _without_port(claims: Sequence[Claim], taken: Taken) -> Iterator[Finding]:
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
            yield _left_out(claims[number], given)
            continue
        if not taken.holds(claims[number].address, port):
            given[port] = claims[number]
            wanted -= 1
        if wanted:
            heappush(waiting, (last, number, wanted))
        port += 1


def _left_out(claim: Claim, given: Mapping[int, Claim]) -> Finding:
    near = range(claim.last, max(claim.first, claim.last - 3) - 1, -1)
    others = {each.written: each for port in near if (each := given.get(port)) and each is not claim}
    names = "', '".join(dict.fromkeys(each.service.name for each in others.values()))
    return Finding(
        claim.place,
        f"service '{claim.service.name}' finds too few ports free in {claim.number}, "
        + (f"which overlaps with ranges of '{names}'" if names else "of which others have ranges"),
        remedy="publish a wider range, or one of its own",
        service=claim.service.name,
        related=tuple(
            Related(each.place, f"'{each.service.name}' has ports of it") for each in others.values()
        ),
    )
