"""A variable that is not set leaves the host's port to chance.

## What it does
Reports a published port that is a variable and nothing else (`"${PORT}:80"`, `published: ${PORT}`),
where the variable is not set or empty: one finding for all such ports of a service. Where its default is
written to be empty (`${PORT:-}`), or the project comes with an example of an env file and has none yet,
it is a note. A port without a host's port (`"80"`) is meant.

## Why is this bad?
`":80"` publishes on any port that is free, another one at each start. Nothing fails, and nobody finds
the service.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "${WEB_PORT}:80"  # random-host-port
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "${WEB_PORT:-8080}:80"
```
"""

from __future__ import annotations

import os
import re

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Port, Service
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("port of no number",), since="0.1")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# A variable, without another one inside; `$$` is none.
_VARIABLE = rf"\$(?:(?P<bare>{_NAME})|\{{(?P<braced>{_NAME})(?P<rest>[^{{}}$]*)\}})"
_EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env")

# How many variables are named.
_NAMED = 3


class _Lost(NamedTuple):
    """A port of the container, and the variable that should give the host's."""

    name: str
    port: Port


def check(facts: Facts) -> Iterator[Finding]:
    """Yield for each service the ports whose variables stand for nothing."""
    for service in facts.services.values():
        found: dict[bool, dict[Span, _Lost]] = {}
        for port in service.ports:
            variable = _variable(port) if port.published is None else None
            if variable is not None:
                place, (name, meant) = port.place("published"), variable
                found.setdefault(meant, {}).setdefault(place, _Lost(name, port))
        for meant, lost in found.items():
            yield _finding(facts, service, lost, meant=meant)


def _finding(facts: Facts, service: Service, lost: dict[Span, _Lost], *, meant: bool) -> Finding:
    """Return one finding for all ports of a service, whose variables are most likely set in one place."""
    from composecheck.text.spelling import listed

    place, (name, port) = next(iter(lost.items()))
    names = list(dict.fromkeys(each.name for each in lost.values()))
    some = listed(names) if len(names) <= _NAMED else f"'{name}' and {len(names) - 1} more"
    empty = all(each in facts.project.environment for each in names)
    one = len(names) == 1
    are = f"{'is' if one else 'are'} {'empty' if empty else 'not set'}"
    if len(lost) == 1:
        ports = f"port {port.target} of service '{service.name}' is published on a random port"
    else:
        ports = f"{len(lost)} ports of service '{service.name}' are published on random ports"
    default = f"'${{{name}:-{port.target}}}'"
    return Finding(
        place,
        f"the variable{'' if one else 's'} {some} {are}: {ports}",
        remedy=f"set {'it' if one else 'them'}, or give {'a default:' if one else 'each a default, as'} "
        f"{default}; write only '{port.target}' where a random port is meant",
        service=service.name,
        related=tuple(
            Related(other, f"'{each.name}' for port {each.port.target}")
            for other, each in lost.items()
            if other != place
        ),
        confidence="possible" if meant or _awaits_env_file(facts) else "certain",
    )


def _variable(port: Port) -> tuple[str, bool] | None:
    """Return the variable that should give the host's port, and whether its default is empty on purpose."""
    text = port.text("published").strip("\"'")
    if "$" not in text or "\n" in text or text.startswith("{"):
        return None
    names: list[tuple[str, bool]] = []

    def mark(match: re.Match[str]) -> str:
        names.append((match["bare"] or match["braced"], match["rest"] in (":-", "-")))
        return f"\0{len(names) - 1}\0"

    parts = re.sub(_VARIABLE, mark, text).split(":")
    host = parts[0] if port.says("published") else parts[-2] if len(parts) > 1 else ""
    only = re.fullmatch(r"\0(\d+)\0", host)
    return names[int(only[1])] if only is not None else None


def _awaits_env_file(facts: Facts) -> bool:
    """Whether a project's variables are to be set in a file that its user still has to make."""
    path, exists = facts.project.folder + os.sep, facts.project.disk.exists
    return not exists(f"{path}.env") and any(exists(path + name) for name in _EXAMPLES)
