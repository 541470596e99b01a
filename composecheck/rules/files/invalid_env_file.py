"""A line of an env file cannot be read.

## What it does
Reports a line of `.env`, or of a file that `env_file` or `--env-file` names, that is no
`NAME=value`: a name with a space in it, a quote that is never closed.

## Why is this bad?
Compose refuses the project, with all its services.

## Example
```yaml
services:
  web:
    image: nginx:1
    env_file: web.env
```

```env web.env
LOG LEVEL=debug  # invalid-env-file
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    env_file: web.env
```

```env web.env
LOG_LEVEL=debug
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    on_values=True,
    remedy="write 'NAME=value' in each line of a file that can be read",
    since="0.1",
)
