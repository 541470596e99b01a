"""A variable in a healthcheck's test is replaced before the container sees it.

## What it does
Reports `$VAR` or `${VAR}` in a test where VAR is a variable of the container: one from the service's
`environment` or `env_file`, from its Dockerfile, or one that the test itself sets. It is an error where
Compose does not know the variable and replaces it by nothing, a warning where it knows another
value. Where both come to the same, by a default such as `${VAR:-web}` too, nothing is wrong; nor where the
sample of a `.env` that is yet to be copied gives both their value, or the project gives the container
what it requires of Compose, `VAR: ${VAR:?}`: without it nothing starts.

## Why is this bad?
Compose fills in `$VAR` from its own environment and from `.env` when it reads the file; `environment`
and `env_file` are not part of that. The test then runs with an empty name, or with that of another
database, and fails or tests the wrong thing. `$$VAR` reaches the container as `$VAR`.

## Example
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD_FILE: /run/secrets/db
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $POSTGRES_USER"]  # healthcheck-interpolated-variable
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD_FILE: /run/secrets/db
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $$POSTGRES_USER"]
```
"""

from __future__ import annotations

import re

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.model.project import Service

RULE = Rule(("error", "warning"), needs=("variable in a test",), since="0.1")

_VARIABLE = r"\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)((?::?[-?+])[^}]*)?\})"
_SET = r"(?:^|[\"';&|({\s])(?:for\s+)?([A-Za-z_]\w*)(?==|\s+in\s)|\bread\s+(?:-\w+\s+)*([A-Za-z_]\w*)"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each variable of a container that Compose fills in."""
    reported: set[Span] = set()
    for test in facts.tests:
        if test.in_dockerfile:
            continue
        for number, place in enumerate(test.places):
            text = place.text
            for finding in _replaced(facts, test, number, text) if "$" in text else ():
                if finding.place not in reported:
                    reported.add(finding.place)
                    yield finding


def _replaced(facts: Facts, test: Test, number: int, text: str) -> Iterator[Finding]:
    """Yield what Compose makes of a word that the container should have seen."""
    environment = facts.project.environment
    matches = [match for match in re.finditer(_VARIABLE, text) if match[1] or match[2]]
    held = _held(facts, test, text) if matches else {}
    wrong = [(match, given) for match in matches for given in _given(match, held, environment)]
    wrong = [(match, given) for match, given in wrong if given or not _is_required(test.service, match)]
    if not wrong or not _is_given(text, test.words[number], environment):
        return
    from composecheck.remedies import risky
    from composecheck.remedies.edits import escape_dollars, unsafely
    from composecheck.text.samples import settings
    from composecheck.text.spelling import listed

    # What becomes nothing is told before what becomes another value.
    match, given = min(wrong, key=lambda pair: pair[1] is not None)
    name = str(match[1] or match[2])
    default = _own_default(test.service, name) if not given else ""
    if default and settings(facts.project.folder, facts.project.disk).sets((name,)):
        return  # once the sample of the '.env' is copied, both have its value
    shown = listed(dict.fromkeys(match[0] for match, _ in wrong))
    names = dict.fromkeys(str(match[1] or match[2]) for match, _ in wrong)
    escaped = listed(dict.fromkeys(f"${match[0]}" for match, _ in wrong))
    by_shell = test.by_shell or test.script is not None
    yield Finding(
        _within(test.places[number], match),
        f"in the healthcheck of service '{test.service.name}' Compose replaces {shown} by "
        + (
            "another value than the container has"
            if given
            else f"nothing, and only the container has a variable {listed(names)}"
        ),
        remedy=f"write {escaped}, which Compose leaves to the container's shell"
        if by_shell
        else f"write '{default}' here too"
        if default
        else f"write {escaped}, and the test as one string: without a shell nobody fills it in",
        service=test.service.name,
        fix=unsafely(
            escape_dollars(test.service, ("healthcheck", "test", str(number + 1)), environment, names),
            risky.PASSING if given else "",
        )
        if by_shell
        else None,
        severity="warning" if given else "error",
        confidence="likely" if given else "certain",
    )


def _is_required(service: Service, match: re.Match[str]) -> bool:
    """Return whether a container gets a variable that the file requires of Compose by the same name."""
    name = str(match[1] or match[2])
    if name not in service.environment:
        return False
    return re.search(rf"\$\{{{re.escape(name)}:?\?", service.text("environment", name)) is not None


def _own_default(service: Service, name: str) -> str:
    """Return how the file gives a container a variable of Compose's own name, "" where it does not."""
    if name not in service.environment:
        return ""
    found = re.search(rf"\$\{{{re.escape(name)}:?-[^${{}}]+\}}", service.text("environment", name))
    return found[0] if found is not None else ""


def _given(
    match: re.Match[str], held: Mapping[str, str | None], environment: Mapping[str, str]
) -> Iterator[str | None]:
    """Yield what Compose puts for a variable of the container, None for nothing, unless that is right."""
    name, operation = match[1] or match[2], match[3] or ""
    if name not in held:
        return
    value, given = held[name], _filled(operation, environment.get(name))
    # Where nobody knows what it is in the container, it is at least there.
    unknown = value is None and (bool(given) or "+" in operation[:2])
    if not unknown and given != _filled(operation, "\0" if value is None else value):
        yield given or None


def _filled(operation: str, value: str | None) -> str:
    """Return what stands for a variable with a value, by an operator and its text, as `:-web`."""
    operator = operation.lstrip(":")[:1]
    is_there = bool(value) if operation.startswith(":") else value is not None
    if (operator == "-" and not is_there) or (operator == "+" and is_there):
        return operation.lstrip(":")[1:]
    return "" if operator == "+" else value or ""


def _held(facts: Facts, test: Test, text: str) -> dict[str, str | None]:
    """Return the variables that a container has, None for a value that cannot be told."""
    service = test.service
    # The engine sets it to a name that no host has, where the file gives none.
    held: dict[str, str | None] = {"HOSTNAME": "\0" if service.hostname is None else service.hostname}
    built = facts.images.built(service)
    held.update(dict.fromkeys(built.environment if built is not None else ()))
    held.update({name: value for name, value in service.environment.items() if value is not None})
    if test.script is not None:
        held.update(dict.fromkeys(match[1] or match[2] for match in re.finditer(_SET, text)))
    return held


def _is_given(text: str, value: str, environment: Mapping[str, str]) -> bool:
    """Return whether a value is what the project's own variables make of it, not those of an `include`."""
    import yaml

    from composecheck.loading.interpolate import substitute

    try:
        written = yaml.load("- " + text, yaml.BaseLoader)[0]  # noqa: S506 - makes nothing but texts
        return substitute(written, environment.get) == value
    except (yaml.YAMLError, ValueError, TypeError, IndexError):
        return False


def _within(place: Span, match: re.Match[str]) -> Span:
    """Return the place of a match in the text of a place."""
    before = match.string[: match.start()]
    line = place.line + before.count("\n")
    column = len(before) - before.rfind("\n") if "\n" in before else place.column + len(before)
    return Span(place.source, line, column, line, column + len(match[0]))
