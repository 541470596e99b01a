"""A `$` starts a variable that cannot be read.

## What it does
Reports `${` without its end, without a name, with a name that is none, or with an operator that does
not exist. `$$` stands for a dollar sign.

## Why is this bad?
Compose refuses the file. Where a dollar sign was meant for a shell or a template, it must be
doubled.

## Example
```yaml
services:
  web:
    image: nginx:${TAG  # invalid-interpolation
```

## Use instead
```yaml
services:
  web:
    image: nginx:${TAG:-1}
```

## Example
```yaml
services:
  web:
    image: nginx:1
    ports: ["${PORT:8000}:80"]  # invalid-interpolation
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports: ["${PORT:-8000}:80"]
```

## Example
```yaml
services:
  web:
    image: nginx:1
    command: sh -c "echo ${#PATH}"  # invalid-interpolation
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    command: sh -c "echo $${#PATH}"
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, mended=True, since="0.1")
