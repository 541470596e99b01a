"""A file that `env_file` names does not exist.

## What it does
Reports an entry of `env_file` without a file, unless it says `required: false`: once for all the services
that name it. `required: false` is for a service that starts without it; where neither an example is there to
copy nor a README, a makefile or a script of the project makes it, create it.

## Why is this bad?
Compose refuses the project. Env files often hold what is not for the repository, so that a fresh
clone lacks them.

## Example
```yaml
services:
  web:
    image: nginx:1
    env_file: web.env  # missing-env-file
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    env_file:
      - path: web.env
        required: false
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, lacks="file", since="0.1")
