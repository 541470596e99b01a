"""A file and one that it includes both define the same thing.

## What it does
With `--compose 2.40`: reports a service, network, volume, secret, config or model that an included file
defines too, and otherwise. Compose 5 merges the two; there it is only said to be not portable.

## Why is this bad?
Compose 2.40 refuses the project.

## Example
```yaml
include:
  - base.yml
services:
  db:  # include-conflict
    image: postgres:17
```
```yaml base.yml
services:
  db:
    image: postgres:16
```

## Use instead
The change as a second path of the `include`, which goes over the first one.

```yaml
include:
  - path: [base.yml, db.override.yml]
services:
  web:
    image: nginx:1
```
```yaml base.yml
services:
  db:
    image: postgres:16
```
```yaml db.override.yml
services:
  db:
    image: postgres:17
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1", compose="2.40")
