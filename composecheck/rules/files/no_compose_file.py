"""A file is of another kind: a CI's workflow, a manifest, a template of a Compose file.

## What it does
Reports a file that Compose refuses and that is another tool's by the keys of its top level, or a template
whose marks (`{% if %}`, `{{ name }}`, `<%= name %>`) keep it from being YAML: in one finding, whatever else
is wrong with it as a Compose file. Where a folder is searched such a file is left out, and a line says so.

## Why is this bad?
There is nothing to check in it. Most often a pattern of names, such as a hook's, has caught one too many.

## Example
```yaml
name: Build
on: push  # no-compose-file
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker compose up --wait
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

RULE = Rule(("error",), found_by="loading", refused=True, unread=True, since="0.1")
