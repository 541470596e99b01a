"""A comment is meant to suppress findings, and suppresses nothing.

## What it does
Reports a `# composecheck:` comment that is not understood, and ids in it that are no rule's.

A suppression is `# composecheck: ignore[rule-id, other-id] reason`, a real YAML comment:

- in a line, for the findings in that line
- alone in a line, for those in the next one
- in or above the line of a service's key, for the whole service
- before anything else in a file, for the whole file

It is for findings that are in its file and line, not for those that only point there. What cannot be
loaded (text that is no YAML, a file that cannot be read) is told all the same. And it only keeps
findings from being told by `check`: what Docker Compose itself refuses, `plan`, `up` and `load` refuse too.

## Why is this bad?
The finding that it is about is told, or will be when the comment is relied on.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      - db  # composecheck: ignore[unguarded-dependancy] it tries again # invalid-suppression
  # composecheck: ignore unguarded-dependency # invalid-suppression
  db:
    image: postgres:16
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      - db  # composecheck: ignore[unguarded-dependency] it tries again
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("warning",), found_by="settings", since="0.1")
