"""An image has no tag, or the tag `latest`.

## What it does
Reports an image without a tag or with `latest`, of a service that is not built here. A digest says
more than a tag. A short name that is no known image's may be an image of this machine, made by hand or
by another project, and is not reported.

## Why is this bad?
It is whatever was newest at the last pull: two machines run two versions, and a new one comes without
anybody having asked for it. A database may then not start with the data of the old one.

## Example
```yaml
services:
  db:
    image: postgres  # untagged-image
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.facts.sources import pull_policy
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("open version",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each image whose version is left open."""
    for service in facts.services.values():
        image = service.image
        if not image or service.build is not None or "@" in image:
            continue
        _, colon, tag = image.rpartition("/")[2].partition(":")
        if (colon and tag != "latest") or pull_policy(service) == "never":
            continue
        if "/" not in image and facts.images.family(service) is None:
            continue
        yield Finding(
            service.place("image"),
            f"service '{service.name}' runs '{image}', whatever version that is",
            remedy="name a version, as in 'postgres:16'",
            service=service.name,
        )
