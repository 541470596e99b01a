"""A variable is called almost like one that the image reads, and the image does not read it.

## What it does
Reports a variable in a service's `environment` whose name is that of one which the image is known to read,
but for a slip or another word for the same (`DATABASE` for `DB`, `PASS` for `PASSWORD`, `USERNAME` for
`USER`), where that one is not set and nothing else in the service speaks of the other. Where scripts
for the first start are mounted, which may read it, it is a note.

## Why is this bad?
The image passes over the variable without a word: the database is called otherwise, the user is another, the
password is not set. Whoever connects with what was meant is refused.

## Example
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: ${PASSWORD:-example}
      POSTGRES_DATABASE: events  # misnamed-image-variable
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: ${PASSWORD:-example}
      POSTGRES_DB: events
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("odd variable of a store",), confidence="likely", since="0.1")

# Words that people take for one another.
_SAME = {
    "DATABASE": "DB",
    "DBNAME": "DB",
    "PASS": "PASSWORD",
    "PASSWD": "PASSWORD",
    "PWD": "PASSWORD",
    "PW": "PASSWORD",
    "USERNAME": "USER",
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each variable that the image does not read."""
    for service in facts.services.values():
        family = facts.images.family(service) if service.environment else None
        known = _known(family) if family is not None else ()
        if not known:
            continue
        for name in service.environment:
            meant = _meant(service, name, known)
            if meant is not None:
                yield Finding(
                    service.key_place("environment", name),
                    f"service '{service.name}' sets '{name}', which '{service.image}' does not read: "
                    f"it reads '{meant}'",
                    remedy=f"call it '{meant}'",
                    service=service.name,
                    confidence="possible" if _has_scripts(service) else "likely",
                )


def _known(family: Family) -> tuple[str, ...]:
    """Return the variables that an image is known to read."""
    names = (*family.secrets, *family.variables, *(name for group in family.required for name in group))
    return tuple(dict.fromkeys(name for name in names if not name.endswith("_FILE")))


def _meant(service: Service, name: str, known: Sequence[str]) -> str | None:
    """Return the variable that one stands for, None where it may be read, or does no harm."""
    if name in known or name.removesuffix("_FILE") in known or not _is_its_own(service, name):
        return None
    same = [each for each in known if _plain(each) == _plain(name)]
    if not same:
        from composecheck.text.slips import slip_of

        slip = slip_of(name, known)
        same = [slip] if slip is not None else []
    given = {_what(each.removesuffix("_FILE")) for each in service.environment if each != name}
    if not same or _what(same[0]) in given or _is_mentioned(service, name):
        return None
    value = service.environment[name]
    if _plain(same[0]).endswith("_DB") and value == service.environment.get("POSTGRES_USER", "postgres"):
        return None  # which is what it is called anyway
    return same[0]


def _is_its_own(service: Service, name: str) -> bool:
    """Whether a variable is written in the service itself: what several share is for whoever reads it."""
    origin = service.origin("environment", name)
    while origin is not None:
        if origin.kind != "variable":
            return False
        origin = origin.before
    return service.origin("environment") is None


def _plain(name: str) -> str:
    """Return a name with one word for each thing."""
    words = [_SAME.get(word, word) for word in name.upper().split("_")]
    text = "_".join(words)
    return text.replace("DB_NAME", "DB").replace("USER_NAME", "USER")


def _what(name: str) -> str:
    """Return what a variable is about, whatever software it is called after: MYSQL_USER, MARIADB_USER."""
    return _plain(name).partition("_")[2]


def _is_mentioned(service: Service, name: str) -> bool:
    """Whether anything else in a service speaks of a variable."""
    test = service.healthcheck.test if service.healthcheck is not None else None
    texts = (*(service.entrypoint or ()), *(service.command or ()), *(test or ()))
    return any(name in text for text in texts)


def _has_scripts(service: Service) -> bool:
    return bool(service.configs) or any("entrypoint" in mount.target for mount in service.mounts)
