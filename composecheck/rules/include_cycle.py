"""A file includes itself, or one that includes it.

## What it does
Reports an `include` that leads back to a file that it is reached from.

## Why is this bad?
The project has no end. Compose refuses it.

## Example
```yaml
include:
  - base.yml
services:
  web:
    image: nginx:1
```
```yaml base.yml
include:
  - compose.yml  # include-cycle
services:
  db:
    image: postgres:16
```

## Use instead
```yaml
include:
  - base.yml
services:
  web:
    image: nginx:1
```
```yaml base.yml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.findings.diagnostic import Severity

SEVERITY: Severity = "error"
REFUSED = True
