"""A mapping has the same key twice.

## What it does
Reports a key that stands in one mapping more than once, with the place of the first.

## Why is this bad?
Only one of the two values can count, and which one is not visible. Compose refuses such a file.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports: ["8080:80"]
    image: nginx:2  # duplicate-key
```

## Use instead
```yaml
services:
  web:
    image: nginx:2
    ports: ["8080:80"]
```

## Example
A merge key is a key as well; it takes a list.
```yaml
x-logs: &logs
  logging: {driver: local}
x-again: &again
  restart: always
services:
  web:
    <<: *logs
    <<: *again  # duplicate-key
    image: nginx:1
```

## Use instead
```yaml
x-logs: &logs
  logging: {driver: local}
x-again: &again
  restart: always
services:
  web:
    <<: [*logs, *again]
    image: nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, mended=True, template=True, since="0.1")
