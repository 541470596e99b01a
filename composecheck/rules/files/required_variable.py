"""A variable that a file requires is not set.

## What it does
Reports `${NAME:?text}` and `${NAME?text}` whose variable has no value in the environment, in `.env`,
or in a file given with `--env-file`. The message has the file's own text.

## Why is this bad?
The author of the file has said that it cannot work without the variable, and Compose refuses it.

## Example
```yaml
services:
  web:
    image: nginx:${WEB_TAG:?set the version of nginx}  # required-variable
```

## Use instead
```yaml
services:
  web:
    image: nginx:${WEB_TAG:?set the version of nginx}
```

```env .env
WEB_TAG=1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
