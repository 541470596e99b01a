"""A service extends another one that is not defined.

## What it does
Reports an `extends` whose service is neither in this file nor, where `file` names one, in that.

## Why is this bad?
Compose refuses the project.

## Example
```yaml
services:
  web:
    extends:
      file: common.yml
      service: wbe  # undefined-extends
```
```yaml common.yml
services:
  web:
    image: nginx:1
```

## Use instead
```yaml
services:
  web:
    extends:
      file: common.yml
      service: web
```
```yaml common.yml
services:
  web:
    image: nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, partial=True, mended=True, since="0.1")
