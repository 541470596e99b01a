"""A service reads a secret at a path where it has none.

## What it does
Reports a variable or a word of a command with a path below `/run/secrets/`, or `/run/secret/`, where none of
the service's `secrets` lands, and nothing is mounted. It is a warning where the variable's name ends in
`_FILE`, or where the service has secrets by other names, and a note elsewhere.

## Why is this bad?
A secret lands where its entry's `target` says, else at its own name, and only in the services that list it.
An image that is given the path of a file which is not there ends at its start: "No such file or directory".

## Example
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db_password  # missing-secret-path
    secrets:
      - db-password
    volumes: ["data:/var/lib/postgresql/data"]
secrets:
  db-password:
    environment: DB_PASSWORD
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db-password
    secrets:
      - db-password
    volumes: ["data:/var/lib/postgresql/data"]
secrets:
  db-password:
    environment: DB_PASSWORD
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.uses import uses
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("path of a secret",), confidence="likely", since="0.1")

_PATH = r"(?:/var)?/run/secrets?/[\w.-]+(?:/[\w.-]+)*"
_FOLDER = "/run/secrets/"
_MARK = "/run/secret"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each path of a secret that is not there."""
    for service in facts.services.values():
        places = [*_places(service)]
        if not places:
            continue
        held = {use.target for use in uses(facts.whole, service) if use.section == "secrets"}
        for key, written in places:
            path = written.removeprefix("/var")  # which is a link to /run
            if path in held or _is_mounted(facts, service, path):
                continue
            sure = key[0] == "environment" and (bool(held) or str(key[1]).endswith("_FILE"))
            yield Finding(
                service.place(*key),
                f"service '{service.name}' reads '{path}', and has no such secret",
                remedy=_remedy(facts, path, held),
                service=service.name,
                confidence="likely" if sure and service.build is None else "possible",
            )


def _places(service: Service) -> Iterator[tuple[tuple[str, str | int], str]]:
    """Yield the paths of secrets that a service names, each with the key where."""
    for name, value in service.environment.items():
        if value and _MARK in value and re.fullmatch(_PATH, value):
            yield ("environment", name), value
    for key in ("entrypoint", "command"):
        for at, (word, _) in enumerate(service.entries(key)):
            for path in dict.fromkeys(re.findall(_PATH, word)) if _MARK in word else ():
                yield (key, at), path.rstrip(".")


def _is_mounted(facts: Facts, service: Service, path: str) -> bool:
    """Whether a mount, or a config, may bring a file at a path."""
    if service.says("volumes_from"):
        return True
    targets = [mount.target.rstrip("/") for mount in service.mounts]
    targets += [use.target for use in uses(facts.whole, service)]
    return any(path == target or path.startswith(f"{target}/") for target in targets)


def _remedy(facts: Facts, path: str, held: set[str]) -> str:
    name = path.removeprefix(_FOLDER)
    if not path.startswith(_FOLDER):
        return f"secrets land below '{_FOLDER}'"
    if name in facts.project.secrets:
        return f"add '{name}' to the 'secrets' of the service"
    from composecheck.text.spelling import did_you_mean

    names = {target.removeprefix(_FOLDER) for target in held}
    meant = did_you_mean(name, names, fold=lambda text: re.sub(r"[\W_]+", "", text.lower()))
    if meant:
        return meant
    return "list the secret under 'secrets' of the service, and define it at the top level"
