"""A request for devices says both how many and which.

## What it does
Reports an entry of `gpus`, or of `deploy.resources.reservations.devices`, with both `count` and
`device_ids`.

## Why is this bad?
Only one of them can count. docker compose refuses the project, also if the service is in a profile
that is not active.

## Example
```yaml
services:
  model:
    image: model:1
    gpus:
      - count: 1  # conflicting-device-count
        device_ids: ["0"]
```

## Use instead
```yaml
services:
  model:
    image: model:1
    gpus:
      - device_ids: ["0"]
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, since="0.1")
