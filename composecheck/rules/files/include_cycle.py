"""A file includes itself, or one that includes it.

## What it does
Reports an `include` that leads back to a file that it is reached from.

## Why is this bad?
The project has no end. Compose refuses it.

## Example
```yaml
include:
  - base.yml
services:
  web:
    image: nginx:1
```
```yaml base.yml
include:
  - compose.yml  # include-cycle
services:
  db:
    image: postgres:16
```

## Use instead
```yaml
include:
  - base.yml
services:
  web:
    image: nginx:1
```
```yaml base.yml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, partial=True, since="0.1")
