"""A variable without a default is not set, and stands for nothing.

## What it does
Notes `$NAME` and `${NAME}` whose variable has no value in the environment, in `.env`, or in a file
given with `--env-file`.

## Why is this bad?
Compose puts nothing in its place and only warns. An image may lose its tag, or a password become
empty.

## Example
```yaml
services:
  web:
    image: nginx:1
    environment:
      API_TOKEN: ${API_TOKEN}  # unset-variable
```

## Use instead
A default, or `${API_TOKEN:?}` where there can be none.

```yaml
services:
  web:
    image: nginx:1
    environment:
      API_TOKEN: ${API_TOKEN:-none}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("note",), found_by="loading", since="0.1")
