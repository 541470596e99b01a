"""A key is a number, true, false, nothing, a list or a mapping.

## What it does
Reports a key of a mapping that YAML does not read as text.

## Why is this bad?
Every key of the Compose Specification is text, and so is every name that a file gives. Compose
refuses other keys, even where a number is meant as a name.

## Example
```yaml
services:
  web:
    image: nginx:1
    labels:
      8080: http  # non-string-key
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    labels:
      "8080": http
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, template=True, since="0.1")
