"""A key is part of the Compose Specification, but composecheck cannot follow it yet.

## What it does
Reports a key that changes what the project is, and that this version of composecheck does not carry
out.

## Why is this bad?
Nothing is silently ignored: what depends on the key is not checked, and `up` refuses to start.
Compose itself takes the file.

## Example
```yaml
services:
  web:
    extends: base  # not-yet-supported
  base:
    image: nginx:1
```

## Use instead
An anchor and a merge key, which do the same within a file.

```yaml
services:
  web:
    <<: &base
      image: nginx:1
  base: *base
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.diagnostic import Severity

SEVERITY: Severity = "error"
REFUSED = False
