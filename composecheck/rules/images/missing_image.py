"""A service has neither an image nor a build.

## What it does
Reports a service with no `image`, no `build` and no `provider`; also one whose `image` is a variable that
is not set: then the finding names the variable.

## Why is this bad?
There is nothing to make a container from. docker compose refuses the project. Often the file is
meant to be an override, and is given without the file that it overrides. Where that is plain (half of
the services have no image, or a file beside it has the rest) one finding says so for all of them, and
for networks, volumes, services and others that are not defined; what else would follow is not told.
An `x-` key that holds an anchor is a service as well where it stands under `services`, and so are
`networks` and `volumes` that are indented as far as services are: the remedy says where they belong.
`composecheck check PATH` checks such a file with the one beside it; `projects` in the configuration
says which files belong together.

## Example
```yaml
services:
  web:  # missing-image
    ports: ["8080:80"]
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports: ["8080:80"]
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("no image or build",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)
_OTHER_SOURCES = ("build", "provider")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that nothing says the image of."""
    from composecheck.loading.strays import among_services

    for service in facts.services.values():
        if any(service.says(key) for key in _OTHER_SOURCES):
            continue
        if service.has_value("image"):
            continue  # if it could not be read, the loader says so
        if service.says("image") and facts.project.blank(service.place("image")):
            yield Finding(
                service.place("image"), f"service '{service.name}' has no image", service=service.name
            )
            continue
        yield Finding(
            service.key_place(),
            f"service '{service.name}' has neither an image nor a build",
            remedy=among_services(service.name)
            or "write 'image:' or 'build:'; if this file is meant to override another, "
            f"give that one before it: -f ... -f {service.key_place().source.shown}",
            service=service.name,
        )
