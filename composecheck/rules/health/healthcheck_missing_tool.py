"""A healthcheck's test calls a command that the image does not have.

## What it does
Reports a test whose command, or whose shell, is known to be absent from the image: by what is known
of the image's family, or by the Dockerfile, where neither its base has the command nor any
instruction brings it. It is a note where an instruction may bring it. What is mounted over a folder of
commands, or is named in the service's own command, is taken to be there. Reports too a test that opens
`/dev/tcp`, which only bash can, by a shell that is known to be another.

## Why is this bad?
The engine finds no such executable, and the test fails each time: the container becomes unhealthy,
whatever the service in it does. Slim images have no `curl` and no `wget`; distroless ones, and those
from scratch, have no shell, which `CMD-SHELL` and a test that is one string need.

## Example
```yaml
services:
  cache:
    image: redis:7
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:6379"]  # healthcheck-missing-tool
```

## Use instead
```yaml
services:
  cache:
    image: redis:7
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
```

## Example
```yaml
services:
  api:
    build: .
    healthcheck:
      test: curl -f http://localhost:8080/health  # healthcheck-missing-tool
```
```dockerfile Dockerfile
FROM scratch
COPY server /server
ENTRYPOINT ["/server"]
```

## Use instead
```yaml
services:
  api:
    build: .
    healthcheck:
      test: ["CMD", "/server", "--health"]
```
```dockerfile Dockerfile
FROM scratch
COPY server /server
ENTRYPOINT ["/server"]
```
"""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

from composecheck.facts.commands import written
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.findings.diagnostic import Fix
    from composecheck.knowledge import Family
    from composecheck.model.built import Built
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error", "note"), needs=("healthcheck", "build"), since="0.1")

# What may follow a command that fails and is no other way to the same answer.
_NO_WAY = frozenset(("exit", "false", "true", "echo", "printf", "kill", "return"))


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that calls what is not there."""
    for test in facts.tests:
        service = test.service
        image, family = _image(facts, service)
        if image is None and family is None:
            continue
        missing = _missing(test, family, scratch=image is not None and image.base == "scratch")
        if missing is None:
            yield from _other_shell(test, image, family)
            continue
        from composecheck.facts.tools import brings, mounted

        tool, place = missing
        if mounted(facts, service, tool) or _mentioned(service, tool):
            continue
        brought = brings(image, tool) if image is not None else "no"
        if brought == "yes":
            continue
        what = "a shell" if tool == "sh" else f"'{tool}'"
        where = f"image '{service.image}'" if image is None else f"image, made from '{image.base}',"
        yield Finding(
            test.place_holding(tool, place),
            f"the healthcheck of service '{service.name}' needs {what}, which its {where} "
            + ("does not have" if brought == "no" else "may not have"),
            remedy=_remedy(tool, facts, test, image, family),
            service=service.name,
            fix=None if image is not None or test.in_dockerfile else partial(_fix, facts, test),
            confidence="certain" if brought == "no" else "possible",
        )


def _other_shell(test: Test, image: Built | None, family: Family | None) -> Iterator[Finding]:
    """Yield a test that opens /dev/tcp, which only bash knows, by a shell that is another."""
    if family is None or test.script is None or "/dev/tcp/" not in test.script:
        return
    from composecheck.facts.commands.shell import read
    from composecheck.facts.commands.shells import script_at
    from composecheck.facts.commands.syntax import Command, Group, walk

    name = "sh" if test.by_shell else test.words[script_at(test.words)[0]].rpartition("/")[2]
    shell = ("ash" if "bash" in family.absent else family.sh) if name == "sh" else name
    if shell not in ("ash", "dash") or (image is not None and _changes_shell(image)):
        return
    opened = [
        target
        for part in walk(read(test.script).body)
        if isinstance(part, Command | Group)
        for target in part.redirects
        if target.startswith("/dev/tcp/")
    ]
    if opened:
        bash = 'run it with bash: ["CMD", "bash", "-c", "..."]'
        yield Finding(
            test.script_place,
            f"the healthcheck of service '{test.service.name}' opens '{opened[0]}', which only bash knows, "
            f"by '{name}', which is {shell} in its image",
            remedy=bash if "bash" in family.tools else "ask by what the image has",
            service=test.service.name,
        )


def _changes_shell(image: Built) -> bool:
    """Return whether a Dockerfile may make another shell of /bin/sh, or of that for tests."""
    return any(
        instruction.keyword == "SHELL" or (instruction.keyword == "RUN" and "/sh" in instruction.text)
        for instruction in image.instructions
    )


def _image(facts: Facts, service: Service) -> tuple[Built | None, Family | None]:
    """Return what a service's Dockerfile says, and what is known of the image that it has or begins with."""
    return facts.images.built(service), facts.images.known(service)


def _missing(test: Test, family: Family | None, *, scratch: bool) -> tuple[str, Span] | None:
    """Return the command that is not in the image, and where it stands."""
    if not scratch and family is None:
        return None
    no_shell = scratch or (family is not None and not family.shell)
    if test.by_shell:
        if no_shell:
            return "sh", test.places[0]
        calls = []
    else:
        calls = [(test.words[0], test.places[0])]
    if family is not None and not no_shell and not any(name in test.text for name in family.absent):
        return None
    if test.script is None or _is_only_way(test.script):
        calls += [(run.words[0], run.place) for run in test.runs]
    for word, place in calls:
        folder, _, name = word.rpartition("/")
        if not re.search(r"\w", name):
            continue  # a placeholder
        if scratch or (name == "sh" and no_shell):
            return word, place
        if family is not None and name in family.absent and folder in ("", "/bin", "/usr/bin"):
            return name, place
    return None


def _is_only_way(script: str) -> bool:
    """Return whether a script fails where one of its commands does: it knows no other way."""
    from composecheck.facts.commands.shell import read
    from composecheck.facts.commands.syntax import steps

    commands = steps(read(script).body)
    return commands is not None and all(
        after.words[0] in _NO_WAY for command, after in pairwise(commands) if command.after == "||"
    )


def _mentioned(service: Service, tool: str) -> bool:
    """Return whether a service's own command may install what its test calls."""
    words = written(service)
    return tool != "sh" and any(re.search(rf"(?<![\w-]){re.escape(tool)}(?!\w)", word) for word in words)


def _fix(facts: Facts, test: Test) -> Fix | None:
    """Return the fix that asks by what the image has, where it is certain how that answers here."""
    from composecheck.remedies import certain, risky
    from composecheck.remedies.edits import unsafely
    from composecheck.remedies.edits.probes import set_test

    probing = certain(facts, test.service)
    fix = set_test(test.service, probing.test) if probing is not None else None
    made = unsafely(fix, risky.passing(test.script))
    return made() if made is not None else None


def _remedy(tool: str, facts: Facts, test: Test, image: Built | None, family: Family | None) -> str:
    import json

    from composecheck.remedies import offer

    service = test.service
    own = image is None and family is not None and family.healthcheck is not None
    probing = offer(facts, service).probing or (family.healthcheck if own and family is not None else None)
    if probing is not None and probing.test[1:2] != (tool,) and list(probing.test[1:]) != [*test.words]:
        return f"use what it has: {json.dumps(probing.test, ensure_ascii=False)}"
    bare = (image is not None and image.base == "scratch") or (family is not None and not family.shell)
    if bare:
        return (
            "let the program itself ask, by an option of its own, and call it without a shell: "
            '["CMD", "/path/to/program", "--health"]; or disable the healthcheck, and say with '
            f"'x-readiness' when '{service.name}' is ready"
        )
    return f"install '{tool}' in the image, or ask by what it has"
