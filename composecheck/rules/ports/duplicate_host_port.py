"""Two services publish the same port of this machine.

## What it does
Reports a port of the host that is published twice: by two services, or by one twice. Ports are the
same if their protocol is and their addresses overlap: no address means all, `0.0.0.0` all of IPv4,
`::` all of IPv6. Services whose profiles exclude each other do not count, and for one that the active
profiles leave out it is a warning.

The lists of two files, or of a service and the one that it extends, are joined: where the later one was
meant to stand in place of the other, `ports: !override` is what mends it.

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
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.host_ports import Claim, Pair
    from composecheck.text.node import Origin

RULE = Rule(("error",), needs=("ports",), since="0.1")


# So many services are named.
_NAMED = 3


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each port that several entries of `ports` publish, once, with all who publish it."""
    groups: dict[tuple[object, ...], list[Pair]] = {}
    for pair in facts.host_ports.published:
        first, ports = pair.first, (pair.first.first, pair.first.last, pair.more)
        groups.setdefault((first.written, *ports, facts.profile_note(pair.second.service)), []).append(pair)
    for pairs in groups.values():
        yield _finding(facts, pairs)


def _finding(facts: Facts, pairs: Sequence[Pair]) -> Finding:
    first, second, more = pairs[0]
    holder, service = first.service.name, second.service.name
    names = list(dict.fromkeys((holder, *(pair.second.service.name for pair in pairs))))
    ports = "port" if first.first == first.last else "ports"
    others = f" and {more} more" if more else ""
    if len(names) == 1:
        message = f"service '{holder}' publishes {ports} {second.number}{others} twice"
    elif len(names) == 2:
        message = f"services '{holder}' and '{service}' both publish {ports} {second.number}{others}"
    else:
        from composecheck.text.spelling import listed

        some = listed(names) if len(names) <= _NAMED else f"'{holder}' and {len(names) - 1} more"
        message = f"services {some} all publish {ports} {second.number}{others}"
    if first.number != second.number:
        message += f" ('{holder}' as {first.number})"
    return Finding(
        second.place,
        message,
        remedy=_appended(facts, first, second)
        or f"publish another port, or only '{second.target}' and let the engine choose one",
        service=service,
        related=(
            Related(first.place, f"'{holder}' takes it here"),
            *(Related(pair.second.place, f"and '{pair.second.service.name}' here") for pair in pairs[1:]),
        ),
    )


def _appended(facts: Facts, first: Claim, second: Claim) -> str:
    """Return what mends ports that were meant to stand in place of others; "" where none were.

    Two entries of one list are meant; those of two files, or of a service and the one that it extends, are
    joined.
    """
    if first.service is not second.service:
        heir = next((each for each in (second, first) if _is_inherited(each)), None)
        if heir is None or first.place != second.place:
            return ""
        return (
            f"write 'ports: !override' with its own in '{heir.service.name}': "
            "else those of the service that it extends are published as well"
        )
    if _is_inherited(first) or _is_inherited(second):
        return "write 'ports: !override' in the service that extends the other: else the two lists are joined"
    if first.place.source is second.place.source:
        return ""
    files = [source.real for source in facts.project.files]
    later = max((first, second), key=lambda each: _number(files, each.place.source.real))
    return f"write 'ports: !override' in '{later.place.source.shown}': else the lists of two files are joined"


def _number(files: Sequence[str], path: str) -> int:
    return files.index(path) if path in files else -1


def _is_inherited(claim: Claim) -> bool:
    """Whether an entry comes from the service that its own one extends."""
    for port in claim.service.ports:
        if port.place("published") == claim.place:
            origins = (claim.service.origin("ports"), port.node.origin, port.origin("published"))
            return any(map(_is_of_extends, origins))
    return False


def _is_of_extends(origin: Origin | None) -> bool:
    while origin is not None and origin.kind != "extends":
        origin = origin.before
    return origin is not None
