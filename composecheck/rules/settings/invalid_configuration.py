"""The configuration has something that composecheck does not understand.

## What it does
Reports everything in `.composecheck.yaml`, or in `[tool.composecheck]` of pyproject.toml, that is
wrong: unknown options and rules, values of the wrong type, an exception without a reason, two
configurations in one folder, an image family that is like no other or takes another's image. The
project itself is not looked at, and the exit code is 2.

The configuration is that of the project's folder, else of the nearest folder above it up to the root
of the repository (where `.git` is); `--config FILE` names another, `--no-config` takes none. It may say:

- `select`: these rules and no others; `extend-select`: these as well; `ignore`: not these
- `severity`: for each of some rules `error`, `warning`, `note` or `off`
- `exceptions`: a list of `rules` that do not apply to some `services`, with the `reason`, and
  perhaps only in a `file` or folder
- `fail-on`: `error`, `warning` (the default), `note` or `never`: what gives exit code 1
- `compose`: `"2.40"` or `"5"` (the default), the generation of Docker Compose that reads the files
- `budget`: a duration such as `120s`, see the rule `wait-exceeds-budget`
- `projects`: a list of projects that have other files than `docker compose` finds by itself, each a
  file or a list of files of which later ones override: `[[compose.yml, compose.prod.yml]]`. Paths start
  from the configuration's folder. `composecheck check` checks each as one project, from that folder,
  in a folder that it searches, and for a path that is a file of one
- `images`: families of images that your services use, by any name: their `images`, the `kind` or a
  known family that they are `like`, and facts in the form of `schemas/knowledge.schema.json`. They beat
  what comes with composecheck (`composecheck images` lists it) for the images that they name

The command line beats it. `schemas/configuration.schema.json` describes it for editors.

## Why is this bad?
With an option that is not understood, what is wrong in the project may not be told, or too much is.

## Example
```yaml .composecheck.yaml
ignore: [obsolete-versions]  # invalid-configuration
fail-on: warnings  # invalid-configuration
exceptions:
  - rules: unguarded-dependency  # invalid-configuration
    services: api
```

```yaml
services:
  web:
    image: nginx:1
```

## Use instead
```yaml .composecheck.yaml
ignore: [obsolete-version]
fail-on: warning
exceptions:
  - rules: unguarded-dependency
    services: api
    reason: it tries again until its database answers
```

```yaml
services:
  api:
    image: api:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="settings", remedy="mend the file, or name another one", since="0.1")
