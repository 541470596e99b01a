"""A project name is not one that Compose takes.

## What it does
Reports a name given with `-p` or `COMPOSE_PROJECT_NAME` that holds other than lowercase letters,
digits, `-` and `_`, or does not start with a letter or a digit; and a `name` of which nothing is left
once everything else is dropped.

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

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.diagnostic import Severity

SEVERITY: Severity = "error"
REFUSED = True
