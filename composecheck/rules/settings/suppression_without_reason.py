"""A comment suppresses findings and does not say why.

## What it does
Notes a `# composecheck: ignore[rule-id]` with nothing behind the bracket.

## Why is this bad?
Whoever reads it later cannot know whether it still holds. A team that wants a reason everywhere gives
this rule the severity `warning` in its configuration; exceptions there have one in any case.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      - db  # composecheck: ignore[unguarded-dependency] # suppression-without-reason
  db:
    image: postgres:16
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      - db  # composecheck: ignore[unguarded-dependency] it tries again until the database answers
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("note",), found_by="settings", since="0.1")
