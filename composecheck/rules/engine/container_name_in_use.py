"""A container's name is taken already.

## What it does
Reports, with `check --live` and before an `up`, a service whose container is to have the name of one
that the engine has, running or not, and that is not the service's own in this project.

## Why is this bad?
Names are unique on an engine, and it refuses the second container. With `container_name` that happens
as soon as the project is started a second time, under another name or from another folder.

## Example
```yaml
services:
  db:
    image: postgres:16
    container_name: postgres  # container-name-in-use
```

```yaml engine.yml
containers:
  - {name: postgres, project: shop, service: db}
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="engine", since="0.1")
