"""The file of a secret or config does not exist.

## What it does
Reports a `file` of a top-level secret or config that does not exist, where an active service or its
build uses it. What git ignores, a command in a README, a makefile or a script makes, or is a key or a
certificate by its name, is made by some step before the start: a note, which names the step.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to start the container: "bind source path
does not exist". A secret that is not in the repository has to be created before the first `up`.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    file: ./db_password.txt  # missing-content-file
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

import os

from composecheck.facts.uses import uses, uses_of_build
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.uses import Use
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error", "note"), needs=("top-level secrets", "top-level configs"), since="0.1")
_QUOTES = "'\""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each missing file, once, with who needs it first."""
    seen, disk = set(), facts.project.disk
    for service in facts.project.services.values():
        for use in (*uses(facts.project, service), *uses_of_build(facts.project, service)):
            resource = use.resource
            path = resource.file if resource is not None else None
            if resource is None or path is None or (use.section, use.source) in seen:
                continue
            seen.add((use.section, use.source))
            # Relative paths are absolute by now: what is not is no path of this machine.
            if not os.path.isabs(path) or disk.exists(path):
                continue
            yield _finding(facts, service, use, path, resource.place("file"))


def _finding(facts: Facts, service: Service, use: Use, path: str, place: Span) -> Finding:
    from composecheck.facts.absent import how_to_make, why_absent

    made = why_absent(facts, path)
    return Finding(
        place,
        f"the file '{place.text.strip(_QUOTES) or path}' of {use.kind} '{use.source}' does not exist"
        + (f"; {made}" if made else ""),
        remedy=how_to_make(facts, path)
        if made
        else "create it, or take the content from a variable with 'environment'",
        service=service.name,
        severity="note" if made else None,
        related=(Related(use.grant.key_place(), f"'{service.name}' needs it"),),
    )
