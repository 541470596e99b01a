"""A project name is not one that Compose takes.

## What it does
Reports a project whose `name`, or whose folder's name where it has none, is empty once all but
lowercase letters, digits, `-` and `_` is dropped. A name given with `-p` or `COMPOSE_PROJECT_NAME` must
be a valid one as it stands, and is refused before any file is read.

## Why is this bad?
The name stands at the front of every container's, network's and volume's name, where the engine
takes no other characters.

## Example
```yaml
name: "--"  # invalid-project-name
services:
  web:
    image: nginx:1
```

## Use instead
```yaml
name: shop
services:
  web:
    image: nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
