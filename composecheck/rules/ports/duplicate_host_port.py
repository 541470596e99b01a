"""Two services publish the same port of this machine.

## What it does
Reports a port of the host that is published twice: by two services, or by one twice. Ports are the
same if their protocol is and their addresses overlap: no address means all, `0.0.0.0` all of IPv4,
`::` all of IPv6. Services whose profiles exclude each other do not count, and for one that the active
profiles leave out it is a warning.

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
    from composecheck.facts.host_ports import Pair

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
        yield _finding(pairs)


def _finding(pairs: Sequence[Pair]) -> Finding:
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
        remedy=f"publish another port, or only '{second.target}' and let the engine choose one",
        service=service,
        related=(
            Related(first.place, f"'{holder}' takes it here"),
            *(Related(pair.second.place, f"and '{pair.second.service.name}' here") for pair in pairs[1:]),
        ),
    )
