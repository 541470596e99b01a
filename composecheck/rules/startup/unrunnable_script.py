"""The script that a service starts with cannot run.

## What it does
Follows the command of a service, or of its Dockerfile, to the scripts of the project that are mounted or
copied where it points. Reports one whose lines end in carriage returns, one that needs a shell which the
image does not have, and one that nobody may execute.

## Why is this bad?
The container ends before it has begun. Of `#!/bin/sh` with a carriage return behind it the kernel looks for
a shell of that name and says "no such file or directory", as if the script were missing; a shell that is
told to read such a file says "not found" of every command, or stops at the first loop. Images on Alpine have
no bash, which `wait-for-it.sh` needs. A file without the permission to be executed is "permission denied".

## Example
The image of Python on Alpine has no bash.
```yaml
services:
  app:
    image: python:3.12-alpine
    command: bash -c "python migrate.py && python app.py"  # unrunnable-script
```

## Use instead
```yaml
services:
  app:
    image: python:3.12-alpine
    command: sh -c "python migrate.py && python app.py"
```
"""

from __future__ import annotations

import os

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.facts.commands.files import File
    from composecheck.facts.commands.obstacles import Obstacle
    from composecheck.findings.diagnostic import Confidence
    from composecheck.model.project import Service

RULE = Rule(("error", "warning", "note"), needs=("command", "entrypoint", "build"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield what keeps the script of a service from running."""
    from composecheck.facts.commands import may_run_script

    services = [each for each in facts.project.services.values() if may_run_script(facts, each)]
    if not services:
        return
    from composecheck.facts.commands.obstacles import obstacles

    reported: dict[object, list[Service]] = {}
    found: list[tuple[Service, Obstacle]] = []
    for service in services:
        for obstacle in obstacles(facts, service):
            # What several services take from one place, by an anchor, is told once.
            file = obstacle.file
            key = obstacle.place, obstacle.kind, obstacle.shell, file.path if file is not None else ""
            others = reported.setdefault((*key, _message(facts, service, obstacle)[0]), [])
            if not others:
                found.append((service, obstacle))
            if service not in others:
                others.append(service)
    alike = iter(reported.values())
    for service, obstacle in found:
        message, remedy = _message(facts, service, obstacle)
        also = (Related(one.key_place(), f"'{one.name}' too") for one in next(alike)[1:])
        yield Finding(
            obstacle.place,
            f"service '{service.name}' {message}",
            remedy=remedy,
            service=service.name,
            related=(*_related(obstacle), *also),
            severity="error" if obstacle.sure else "warning",
            confidence=_confidence(obstacle),
        )


def _message(facts: Facts, service: Service, obstacle: Obstacle) -> tuple[str, str]:
    """Return what keeps a script from running, and the remedy."""
    return _WORDS[obstacle.kind](facts, service, obstacle)


def _confidence(obstacle: Obstacle) -> Confidence:
    """Return how sure it is: of what is copied this disk may have kept no modes, a mount has its own."""
    file = obstacle.file
    if obstacle.kind == "permission" and not obstacle.sure and file is not None and not file.copied:
        return "likely"
    return _CONFIDENCE.get((obstacle.kind, obstacle.sure), "likely")


def _related(obstacle: Obstacle) -> Iterator[Related]:
    file = obstacle.file
    if file is not None and file.source is not None:
        from composecheck.text.source import within

        end = file.text.find("\n")
        what = {
            "line ends": "ends in a carriage return",
            "shell": "needs this shell",
            "permission": "the script",
        }
        yield Related(within(file.source, 0, max(end, 1)), what[obstacle.kind])


def _name(facts: Facts, file: File | None) -> str:
    """Return a script's name as a person has it: its path from the project's folder."""
    if file is None or file.source is None:
        return file.path.rpartition("/")[2] if file is not None else ""
    path = file.source.path
    inside = os.path.join(facts.project.folder, "")
    return path.removeprefix(inside) if path.startswith(inside) else os.path.basename(path)


def _line_ends(facts: Facts, _service: Service, obstacle: Obstacle) -> tuple[str, str]:
    file = obstacle.file
    remedy = (
        "save it with line ends of '\\n' alone, and let git keep them: '*.sh text eol=lf' in .gitattributes"
    )
    if obstacle.by is not None or file is None:
        return (
            f"has '{obstacle.by}' read '{_name(facts, file)}', whose lines end in carriage returns, "
            "which a shell takes for a part of each command",
            remedy,
        )
    shell = " ".join(file.interpreter)
    return (
        f"runs '{_name(facts, file)}', whose lines end in carriage returns: the kernel looks for "
        f"'{shell}\\r', and says 'no such file or directory'",
        remedy,
    )


def _shell(facts: Facts, service: Service, obstacle: Obstacle) -> tuple[str, str]:
    built = facts.images.built(service)
    image = f"image '{service.image}'" if built is None else f"image, made from '{built.base}',"
    has = "does not have" if obstacle.sure else "does not seem to have"
    install = (
        f"install '{obstacle.shell}' in a Dockerfile"
        if built is None
        else f"install '{obstacle.shell}' there"
    )
    if obstacle.file is None:
        return f"starts with '{obstacle.shell}', which its {image} {has}", f"run it with 'sh', or {install}"
    other = ", or take a script for 'sh'" if obstacle.shell != "sh" else ""
    return (
        f"runs '{_name(facts, obstacle.file)}', which needs '{obstacle.shell}', which its {image} {has}",
        install + other,
    )


def _permission(facts: Facts, service: Service, obstacle: Obstacle) -> tuple[str, str]:
    file, name = obstacle.file, _name(facts, obstacle.file)
    shell = (file.shell if file is not None else None) or "sh"
    how = "copied" if file is not None and file.copied else "mounted"
    family = facts.images.known(service)
    has_shell = family is None or shell not in family.absent
    start = f", or start it with its shell: '{shell} {file.path}'" if file is not None and has_shell else ""
    return (
        f"runs '{name}', which is not executable: it is {how} with the mode that it has here, and starting "
        "it ends in 'permission denied'",
        f"'chmod +x {name}' ('git update-index --chmod=+x {name}' keeps it in git){start}",
    )


_CONFIDENCE: Mapping[tuple[str, bool], Confidence] = {
    ("line ends", True): "certain",
    ("shell", True): "certain",
    ("permission", True): "certain",
    ("permission", False): "possible",
}
_WORDS = {"line ends": _line_ends, "shell": _shell, "permission": _permission}
