"""A value has the right type, and is not one that its key takes.

## What it does
Reports a duration, size, port, mount or name that cannot be read, a word that is not among those
that a key takes, a number out of range, and a list that repeats an entry where it may not.

## Why is this bad?
Compose refuses the file.

## Example
```yaml
services:
  web:
    image: nginx:1
    stop_grace_period: 10 seconds  # invalid-value
    mem_limit: 64 megabytes  # invalid-value
    cgroup: none  # invalid-value
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    stop_grace_period: 10s
    mem_limit: 64m
    cgroup: private
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    on_values=True,
    template=True,
    mended=True,
    remedy="write another value",
    since="0.1",
)
