"""An image is not there, and may not be pulled.

## What it does
Reports, with `check --live` and before an `up`, an image that the engine does not have, or only for
another `platform`, where `pull_policy` forbids to pull it and no service builds it. One that is going to
be pulled is a note: that takes its time, and needs a registry that can be reached.

## Why is this bad?
There is nothing to make the container from.

## Example
```yaml
services:
  api:
    image: shop/api:1  # image-not-available
    pull_policy: never
  worker:
    image: shop/worker:1  # image-not-available
    platform: linux/arm64
    pull_policy: never
  db:
    image: postgres:16  # image-not-available
```

```yaml engine.yml
images: {"shop/worker:1": linux/amd64}
```

## Use instead
```yaml
services:
  api:
    image: shop/api:1
    build: api
    pull_policy: never
  worker:
    image: shop/worker:1
    platform: linux/amd64
    pull_policy: never
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error", "note"), found_by="engine", since="0.1")
