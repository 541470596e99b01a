"""The engine has hardly any disk space left.

## What it does
Reports, with `check --live` and before an `up`, less than 1 GiB of free space where this machine's own
engine keeps images, containers and volumes; less than 100 MiB is an error. It is told at `services`.

## Why is this bad?
Pulls and builds fail, databases stop or lose what they write, and what they say of it is seldom "the
disk is full".

## Example
```yaml
services:  # low-disk-space
  db:
    image: postgres:16
```

```yaml engine.yml
free: 512 MiB
```

## Use instead
`docker system prune` removes what nothing uses.
```yaml
services:
  db:
    image: postgres:16
```

```yaml engine.yml
free: 20 GiB
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("warning", "error"), found_by="engine", since="0.1")
