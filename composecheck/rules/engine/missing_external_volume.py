"""An external volume does not exist.

## What it does
Reports, with `check --live` and before an `up`, an external volume that a service mounts and the engine
does not have.

## Why is this bad?
Compose does not make what is external: nothing is started.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
    external: true
    name: shop-data  # missing-external-volume
```

```yaml engine.yml
volumes: [shop_data]
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
    external: true
    name: shop_data
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="engine", since="0.1")
