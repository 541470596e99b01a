"""A file is not well-formed YAML.

## What it does
Reports the place where the YAML parser cannot go on: a tab in the indentation, a bracket that is
never closed, a second colon on a line, an alias without an anchor, a plain timestamp, which Compose
has no type for.

## Why is this bad?
What follows the error cannot be read, so the services below it are neither checked nor started.

## Example
The second `: ` starts a mapping where none may stand.

```yaml
services:
  web:
    image: nginx:1
    command: echo ready: yes  # invalid-yaml
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    command: "echo ready: yes"
```

## Example
The alias names an anchor that does not exist.

```yaml
services:
  web:
    image: nginx:1
    environment: *defaults  # invalid-yaml
```

## Use instead
```yaml
x-defaults: &defaults
  TZ: UTC
services:
  web:
    image: nginx:1
    environment: *defaults
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    partial=True,
    unread=True,
    remedy="look for a quote, a bracket or an indentation that is wrong, here or in the line above",
    template=True,
    since="0.1",
)
