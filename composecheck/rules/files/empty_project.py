"""A project has nothing in it.

## What it does
Reports a project whose files hold nothing, or something that is not a mapping.

## Why is this bad?
There is nothing to check and nothing to start: most often the wrong file is named.

## Example
```yaml
- web  # empty-project
- db
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error", "warning"),
    found_by="loading",
    refused=True,
    lacks="definition",
    remedy="give it 'services'",
    since="0.1",
)
