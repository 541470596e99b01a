"""A file that is included or extended lies on another machine.

## What it does
Reports a path of `include` and a `file` of `extends` that is an address of a git repository or a
registry. Compose fetches it; composecheck, which opens no connection to read a project, does not.

## Why is this bad?
What the file says stays unchecked, and so does whatever refers to it. `up` refuses to start a part of
a project.

## Example
```yaml
include:
  - https://git.example.org/team/database.git  # remote-file
services:
  web:
    image: nginx:1
```

## Use instead
A copy beside the project, such as a git submodule.

```yaml
include:
  - database/compose.yml
services:
  web:
    image: nginx:1
```
```yaml database/compose.yml
services:
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", partial=True, since="0.1")
