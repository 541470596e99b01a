"""A `develop.watch` entry does not say what to watch.

## What it does
Reports an entry whose `path` is empty.

## Why is this bad?
docker compose refuses the project, also if the service is in a profile that is not active. `.` is the
project's own folder.

## Example
```yaml
services:
  web:
    build: .
    develop:
      watch:
        - action: rebuild
          path: ""  # missing-watch-path
```

## Use instead
```yaml
services:
  web:
    build: .
    develop:
      watch:
        - action: rebuild
          path: ./src
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
