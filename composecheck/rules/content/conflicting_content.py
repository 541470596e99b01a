"""A secret or config has more than one content.

## What it does
Reports a top-level secret with both a `file` and an `environment`, and a config with more than one of
`file`, `environment` and `content`.

## Why is this bad?
Only one of them can count. docker compose refuses the project.

## Example
```yaml
services:
  web:
    image: nginx:1
configs:
  site:
    file: ./site.conf
    content: server {}  # conflicting-content
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
configs:
  site:
    file: ./site.conf
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
