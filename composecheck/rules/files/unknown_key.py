"""A key is not one that the Compose Specification knows at its place.

## What it does
Reports a key that is known neither to the specification nor as an extension (`x-...`), with the
known key that is closest to it, or with the place where it belongs. Services at the top of a file, as
format version 1 had them, are one finding.

## Why is this bad?
Compose refuses the file. Most often a letter is wrong, or the key is indented too far or not far
enough.

## Example
```yaml
services:
  web:
    image: nginx:1
    prots: ["8080:80"]  # unknown-key
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports: ["8080:80"]
```

## Example
```yaml
services:
  web:
    build:
      context: .
      environment:  # unknown-key
        TZ: UTC
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
    environment:
      TZ: UTC
```

## Example
```yaml
web:  # unknown-key
  image: nginx:1
cache:
  image: redis:7
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
  cache:
    image: redis:7
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, mended=True, template=True, since="0.1")
