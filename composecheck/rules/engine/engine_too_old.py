"""The engine is too old for a key.

## What it does
Reports, with `check --live` and before an `up`, keys that the engine at hand does not know yet: an error
where it or docker compose refuses them (`interface_name`, a volume of type `image`, `enable_ipv6` without
a subnet, with `--compose 2.40` also `start_interval`), a warning where they do nothing (`subpath`,
`gw_priority`, `annotations`, a `mac_address` on a second network, `enable_ipv4: false`, ...).

## Why is this bad?
What is ignored is another stack than the file's: a volume's `subpath` becomes the whole volume.

## Example
```yaml
services:
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      start_period: 30s
      start_interval: 1s  # engine-too-old
    volumes:
      - type: volume
        source: data
        target: /var/lib/postgresql/data
        volume:
          subpath: db  # engine-too-old
volumes:
  data: {}
```

```yaml engine.yml
api_version: "1.41"
version: 20.10.24
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      start_period: 30s
      interval: 2s
    volumes:
      - db:/var/lib/postgresql/data
volumes:
  db: {}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("warning", "error"), found_by="engine", since="0.1")
