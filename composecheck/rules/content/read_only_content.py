"""A secret or config that is no file is given to a service whose file system is read-only.

## What it does
Reports an entry of `secrets` or `configs` in a service with `read_only: true`, whose definition has
`environment` or `content` instead of `file`.

## Why is this bad?
A file is mounted, but these are copied into the container, for which it has to be writable.
`docker compose config` takes it; `up` makes the container and fails: "cannot create secret ... in
read-only service: `file` is the sole supported option". A tmpfs at the place does not help.

## Example
```yaml
services:
  web:
    image: nginx:1
    read_only: true
    configs:
      - page  # read-only-content
configs:
  page:
    content: hello
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    read_only: true
    configs:
      - page
configs:
  page:
    file: ./compose.yml
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("read_only",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each use of what cannot be copied into a container."""
    for service in facts.services.values():
        read_only = service.node.get("read_only")
        if read_only is None or read_only.value is not True:
            continue
        for section in ("secrets", "configs"):
            used = service.node.get(section)
            for use in used.items if used is not None else ():
                source = use.get("source")
                node = facts.project.node.get(section, str(source.value)) if source is not None else None
                for key in ("content", "environment") if node is not None else ():
                    value = node.get(key) if node is not None else None
                    # What is empty is not copied (pkg/compose/secrets.go, injectFileReferences).
                    if value is None or not value.value or _is_empty(facts, key, value.value):
                        continue
                    yield Finding(
                        use.span,
                        f"{section[:-1]} '{source.value if source else ''}' comes from '{key}' and cannot "
                        f"be copied into service '{service.name}', which is read-only",
                        remedy="put it in a file and name that with 'file'",
                        service=service.name,
                        related=(
                            Related(value.place, f"its '{key}'"),
                            Related(read_only.place, "read-only"),
                        ),
                    )
                    break


def _is_empty(facts: Facts, key: str, value: object) -> bool:
    return key == "environment" and facts.project.environment.get(str(value)) == ""
