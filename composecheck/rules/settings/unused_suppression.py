"""A comment or an exception suppresses nothing.

## What it does
Notes each id in a `# composecheck: ignore[rule-id]` comment for which there is no finding, each
exception of the project's configuration that suppresses nothing, and each service in one that is not
defined. Only rules that have run count, and only where nothing that is wrong in the files can have
hidden a finding; a service that no profile enables is left in peace. An exception in a folder above the
project's may be for another project, and counts only where it names a `file` of this one.

## Why is this bad?
It says of the file what is no longer true, and it will hide the next such finding, which may be another.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:  # composecheck: ignore[unguarded-dependency] it tries again # unused-suppression
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
```

## Example
```yaml .composecheck.yaml
exceptions:
  - rules: unguarded-dependency
    services: [api, worker]  # unused-suppression
    reason: they try again until the database answers
```

```yaml
services:
  api:
    image: api:1
    depends_on: [db]
  db:
    image: postgres:16
```

## Use instead
```yaml .composecheck.yaml
exceptions:
  - rules: unguarded-dependency
    services: [api]
    reason: it tries again until the database answers
```

```yaml
services:
  api:
    image: api:1
    depends_on: [db]
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("note",), found_by="settings", since="0.1")
