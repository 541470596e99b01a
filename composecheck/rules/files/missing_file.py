"""A file that `include` or `extends` names does not exist.

## What it does
Reports a path of `include` and a `file` of `extends` where there is no file. They start from the
project's folder, which is that of its first file.

## Why is this bad?
Compose refuses the project.

## Example
```yaml
include:
  - databse.yml  # missing-file
services:
  web:
    image: nginx:1
```
```yaml database.yml
services:
  db:
    image: postgres:16
```

## Use instead
```yaml
include:
  - database.yml
services:
  web:
    image: nginx:1
```
```yaml database.yml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, partial=True, lacks="file", since="0.1")
