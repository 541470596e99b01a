"""A later file gives a key a value that cannot be merged with the earlier one.

## What it does
Reports a value of an override file that is a list, a mapping or text where the value that it is
merged with is another of them, with the place of both.

## Why is this bad?
Neither value can be kept in part, and Compose refuses to choose.

## Example
```yaml
services:
  web:
    image: nginx:1
    deploy:
      replicas: 2
```

```yaml compose.override.yml
services:
  web:
    deploy: [3]  # merge-conflict
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    deploy:
      replicas: 2
```

```yaml compose.override.yml
services:
  web:
    deploy:
      replicas: 3
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
