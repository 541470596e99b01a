"""A volume is mounted at a path in the container that does not begin with a slash.

## What it does
Reports the target of a volume that is no absolute path. `./data` alone, without a colon, is a target
and no source; and `v:/data` is the drive V of Windows, so that a volume cannot have a name of one letter.
It is a note where the target is a placeholder that is yet to be replaced, such as `DATA_PLACE_HOLDER` or
`__DATA__`: one in each file.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to create the container: a mount path must be
absolute.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - ./data  # relative-mount-target
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - ./data:/var/lib/postgresql/data
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error", "note"), needs=("relative target",), on_values=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each target that is no absolute path."""
    templates: set[str] = set()
    for service in facts.services.values():
        for mount in service.mounts:
            target = mount.target
            # A container of Windows has paths like c:/data.
            drive = target[1:2] == ":" or "\\" in target
            letter = drive and mount.source is None and target[0] in facts.project.volumes
            if not target or target[0] in "/$" or (drive and not letter):
                continue
            place = mount.place("target")
            if is_placeholder(target):
                if place.source.real not in templates:
                    templates.add(place.source.real)
                    yield Finding(
                        place,
                        f"service '{service.name}' mounts at '{target}', which seems to be a placeholder",
                        remedy="check the file in which it is replaced",
                        service=service.name,
                        severity="note",
                    )
                continue
            source = mount.source is None and mount.type == "volume"
            yield Finding(
                place,
                f"service '{service.name}' mounts at '{target}', which is no absolute path",
                remedy=f"give the volume '{target[0]}' a longer name: one letter is a drive of Windows"
                if letter
                else "write 'source:/path': what stands alone is the path in the container"
                if source
                else "begin it with '/'",
                service=service.name,
            )
