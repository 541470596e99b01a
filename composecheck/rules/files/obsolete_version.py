"""The key `version` is obsolete.

## What it does
Notes a top-level `version`. It must be text where it stands, and has no other effect.

## Why is this bad?
Compose reads every file by the current specification, whatever `version` says, and warns at each
command. Keys of a newer version work all the same.

## Example
```yaml
version: "3.8"  # obsolete-version
services:
  web:
    image: nginx:1
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("note",), found_by="loading", mended=True, since="0.1")
