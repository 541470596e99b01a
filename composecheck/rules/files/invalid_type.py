"""A value is not of the type that its key takes.

## What it does
Reports text, a number, true or false, a list, a mapping or nothing where the specification asks for
another of them. Numbers and booleans may be written as text where Compose reads them so.

## Why is this bad?
Compose refuses the file.

## Example
```yaml
services:
  web:
    image: nginx:1
    user: 1000  # invalid-type
    ports: "8080:80"  # invalid-type
    healthcheck:
      test: curl -f http://localhost
      retries: three  # invalid-type
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    user: "1000"
    ports: ["8080:80"]
    healthcheck:
      test: curl -f http://localhost
      retries: 3
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    on_values=True,
    mended=True,
    remedy="write what is asked for",
    template=True,
    since="0.1",
)
