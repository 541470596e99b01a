"""An override file publishes a port again, and both are published.

## What it does
Reports an entry of `ports` for a container's port that another file, which this one goes over or
extends, publishes already on another port of the host. Two entries in one file are meant. Since an
override may add a port on purpose, it is a note.

## Why is this bad?
Lists of several files are appended: the first port stays published. Who meant to replace it still
has the old one open, and runs into whatever else uses it.

## Example
```yaml compose.yml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
```
```yaml compose.override.yml
services:
  web:
    ports:
      - "8081:80"  # appended-port
```

## Use instead
```yaml compose.yml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
```
```yaml compose.override.yml
services:
  web:
    ports: !override
      - "8081:80"
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Port

RULE = Rule(("note",), needs=("several files",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each port that a later file publishes beside an earlier one's."""
    for service in facts.services.values():
        first: dict[tuple[int, str], Port] = {}
        reported = set()
        for port in service.ports:
            if port.published is None or not port.published[0]:
                continue
            key = (port.target, port.protocol)
            earlier = first.setdefault(key, port)
            place = port.place()
            if (
                earlier.place().source is not place.source
                and earlier.published != port.published
                and place not in reported
            ):
                reported.add(place)
                yield Finding(
                    place,
                    f"port {port.target} of service '{service.name}' is published as {_number(port)} here "
                    f"and still as {_number(earlier)}: lists of two files are appended",
                    remedy="write 'ports: !override' to replace the other file's list",
                    service=service.name,
                    related=(Related(earlier.place(), "published here as well"),),
                )


def _number(port: Port) -> str:
    first, last = port.published or (0, 0)
    return str(first) if first == last else f"{first}-{last}"
