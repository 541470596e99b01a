"""A file is included twice, and a list in it is appended to itself.

## What it does
Reports the second `include` that brings the same service, where that has a list which docker compose
5.0 to 5.5.0 then double: `security_opt`, `group_add`, `volumes_from`, `external_links` and
`device_cgroup_rules`, which they refuse, and `pre_start`, `post_start` and `pre_stop`, whose steps
they run twice. Generation 2.40 and releases from 5.5.1 take what is there already as it is.

## Why is this bad?
Two parts of a project that include a third one are nothing unusual. Who runs one of these releases
sees "array items[0,1] must be unique", or a migration that runs twice.

## Example
```yaml compose.yml
include:
  - api.yml
  - web.yml  # doubled-list
```
```yaml api.yml
include: [db.yml]
services:
  api:
    image: api:1
```
```yaml web.yml
include: [db.yml]
services:
  web:
    image: web:1
```
```yaml db.yml
services:
  db:
    image: mariadb:11
    security_opt:
      - no-new-privileges:true
```

## Use instead
```yaml compose.yml
include:
  - db.yml
  - api.yml
  - web.yml
```
```yaml api.yml
services:
  api:
    image: api:1
```
```yaml web.yml
services:
  web:
    image: web:1
```
```yaml db.yml
services:
  db:
    image: mariadb:11
    security_opt:
      - no-new-privileges:true
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("warning",), found_by="loading", since="0.1")
