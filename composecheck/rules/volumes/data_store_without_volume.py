"""A database keeps its data in the container.

## What it does
Reports a service whose image is a database, a search engine or an object store, where nothing is
mounted at the directory in which the image keeps its data. A tmpfs there says that the data may go.

## Why is this bad?
The data is in the container, or in an anonymous volume that belongs to nobody: `docker compose down`
and `up` begin with an empty store.

## Example
```yaml
services:
  db:
    image: postgres:16  # data-store-without-volume
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```

## Use instead
Where the data is only for a test.
```yaml
services:
  db:
    image: postgres:16
    tmpfs:
      - /var/lib/postgresql/data
```
"""

from __future__ import annotations

from composecheck.facts.storage import covers, directories, holding, may_serve, shares_more
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

# A stack that is made for tests does well without: whether the data matters no file says.
RULE = Rule(("note",), needs=("image", "build"), confidence="likely", since="0.1")
_STORES = ("database", "search", "object-store")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each store whose data directory nothing is mounted at."""
    for service in facts.services.values():
        family = facts.images.store(service)
        if family is None or family.kind not in _STORES or shares_more(service):
            continue
        if not may_serve(facts, service, family):
            continue
        places = directories(service, family)
        # A mount above or below is for the rule on missed directories.
        near = any(covers(m.target, p) or covers(p, m.target) for m in service.mounts for p in places)
        if places and not near and not any(holding(service, place) for place in places):
            yield Finding(
                service.place("image" if service.says("image") else "build"),
                f"service '{service.name}' keeps its data in its container: nothing is mounted at "
                f"'{places[0]}'",
                remedy=f"mount a named volume there ('{service.name}-data:{places[0]}'), or a tmpfs if the "
                "data may go",
                service=service.name,
                confidence="likely" if family.certain else "possible",
            )
