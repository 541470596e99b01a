"""A variable in a healthcheck's test is replaced before the container sees it.

## What it does
Reports `$VAR` or `${VAR}` in a test where VAR is a variable of the container: one from the service's
`environment` or `env_file`, from its Dockerfile, or one that the test itself sets. It is an error where
Compose does not know the variable and replaces it by nothing, a warning where it knows another
value. Where both have the same value nothing is wrong.

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
from typing import TYPE_CHECKING

from composecheck.diagnostic import Diagnostic
from composecheck.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.diagnostic import Severity
    from composecheck.healthtest import Test
    from composecheck.node import Node
    from composecheck.project import Service
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = False

_VARIABLE = re.compile(r"\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)((?::?[-?+])[^}]*)?\})")
_SET = re.compile(
    r"(?:^|[;&|({\s])(?:for\s+)?([A-Za-z_]\w*)(?==|\s+in\s)|\bread\s+(?:-\w+\s+)*([A-Za-z_]\w*)"
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each variable of a container that Compose fills in."""
    told: set[Span] = set()
    for test in context.tests:
        if not test.own:
            continue
        for word in test.words[1:]:
            text = word.span.text
            if "$" not in text or not isinstance(word.value, str):
                continue
            for found in _replaced(context, test, word, text):
                if found.span not in told:
                    told.add(found.span)
                    yield found


def _replaced(context: Context, test: Test, word: Node, text: str) -> Iterator[Diagnostic]:
    service, known = test.service, context.project.environment
    held: dict[str, str | None] | None = None
    for match in _VARIABLE.finditer(text):
        name, default = match[1] or match[2], match[3]
        if name is None or (default is not None and "+" in default[:2]):
            continue
        held = held if held is not None else _held(test, text)
        if name not in held or not _as_given(text, str(word.value), known):
            continue
        value = held[name]
        given = known.get(name)
        if given is None or (not given and default is not None and default[0] == ":"):
            given = default.lstrip(":-") if default is not None and "-" in default[:2] else given
        if given == value or (not given and value == ""):
            continue
        if value is None and given:
            continue  # what it is in the container nobody knows
        yield Diagnostic(
            "healthcheck-interpolated-variable",
            "warning" if given else "error",
            f"'{match[0]}' in the healthcheck of service '{service.name}' is replaced by Compose, "
            + ("which has another value than the container" if given else "by nothing")
            + ("" if given else f", and '{name}' is a variable of the container"),
            _place(word.span, text, match),
            remedy=f"write '${match[0]}', which the container's shell fills in",
            service=service.name,
        )
        return


def _held(test: Test, text: str) -> dict[str, str | None]:
    """Return the variables that a container has, None for a value that cannot be told."""
    held: dict[str, str | None] = {"HOSTNAME": None}
    service = test.service
    held.update(dict.fromkeys(_of_dockerfile(service)))
    held.update({name: value for name, value in service.environment.items() if value is not None})
    if test.script is not None:
        held.update(dict.fromkeys(match[1] or match[2] for match in _SET.finditer(text)))
    return held


def _of_dockerfile(service: Service) -> Iterator[str]:
    if service.build is None:
        return
    from composecheck.dockerfile import built

    found = built(service.build)
    for each in found.instructions if found is not None else ():
        if each.word == "ENV":
            first, equals, _ = each.text.partition("=")
            pairs = equals and " " not in first
            yield from re.findall(r"([A-Za-z_]\w*)=", each.text) if pairs else each.text.split()[:1]


def _as_given(text: str, value: str, known: Mapping[str, str]) -> bool:
    """Whether a value is what the project's own variables make of it, not those of an `include`."""
    import yaml

    from composecheck.loading.interpolate import substitute

    try:
        written = yaml.load("- " + text, yaml.BaseLoader)[0]  # noqa: S506 - makes nothing but texts
        return substitute(written, known.get) == value
    except (yaml.YAMLError, ValueError, TypeError, IndexError):
        return False


def _place(span: Span, text: str, match: re.Match[str]) -> Span:
    before = text[: match.start()]
    line = span.line + before.count("\n")
    column = len(before) - before.rfind("\n") if "\n" in before else span.column + len(before)
    return Span(span.source, line, column, line, column + len(match[0]))
