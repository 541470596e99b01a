"""Services extend each other in a circle.

## What it does
Reports services of which each extends the next and the last the first, in one file or across several.

## Why is this bad?
None of them can be worked out. Compose refuses the project.

## Example
```yaml
services:
  web:
    image: nginx:1
    extends: api  # extends-cycle
  api:
    image: api:1
    extends: web
```

## Use instead
What they have in common, as a service that both extend.

```yaml
services:
  web:
    image: nginx:1
    extends: base
  api:
    image: api:1
    extends: base
  base:
    image: scratch
    restart: unless-stopped
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, partial=True, since="0.1")
