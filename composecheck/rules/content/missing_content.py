"""Nothing says what is in a secret or config.

## What it does
Reports a top-level secret without a `file` or an `environment`, and a config without either and
without `content`, unless it is `external`.

## Why is this bad?
There is nothing to give to a service. docker compose refuses the project.

## Example
```yaml
services:
  db:
    image: postgres:16
secrets:
  db_password: {}  # missing-content
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
secrets:
  db_password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
