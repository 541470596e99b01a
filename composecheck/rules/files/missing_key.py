"""A mapping lacks a key that it must have.

## What it does
Reports a mapping of the long syntax without one of its required keys, at the place of the mapping.

## Why is this bad?
Compose refuses the file: without the key the mapping says nothing.

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      db:  # missing-key
        restart: true
  db:
    image: postgres:16
    healthcheck:
      test: pg_isready
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      db:
        condition: service_healthy
        restart: true
  db:
    image: postgres:16
    healthcheck:
      test: pg_isready
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
