"""A Dockerfile's stages, and what the built one hands to its image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.dockerfile.parse import instruction
from composecheck.model.project import Healthcheck
from composecheck.named import NamedTuple
from composecheck.text.node import Node
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.dockerfile.parse import Instruction

_VARIABLE = re.compile(r"\\.|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})")


class Stage(NamedTuple):
    """One `FROM` and what follows it.

    `base` is the image or earlier stage as FROM names it, its arguments filled in; None where an
    argument has no value. `parent` is the number of the earlier stage that it is, if it is one.
    """

    name: str | None
    base: str | None
    parent: int | None
    instructions: Sequence[Instruction]


class Built(NamedTuple):
    """What a Dockerfile says of the image that it makes.

    `base` is the image that everything begins with: "scratch" brings nothing, of any other (None:
    one that cannot be named) only an engine knows what it brings. Commands are None where no
    instruction gives them, and in shell form `/bin/sh -c`.
    """

    base: str | None
    healthcheck: Healthcheck | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    instructions: tuple[Instruction, ...] = ()


def stages(instructions: Sequence[Instruction], arguments: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the stages; `arguments` are the build's, which ARG before the first FROM takes."""
    known: dict[str, str] = {}
    names: dict[str, int] = {}
    found: list[Stage] = []
    body: list[Instruction] = []
    for each in instructions:
        if each.word == "FROM":
            words = each.text.split()
            base = expand(words[0], known) if words else None
            name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else None
            body = []
            found.append(Stage(name, base, names.get(base or ""), body))
            if name:
                names[name] = len(found) - 1
        elif found:
            body.append(each)
        elif each.word == "ARG":
            known.update(_defaults(each.text, known, arguments))
    return tuple(found)


def _defaults(text: str, known: Mapping[str, str], arguments: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word in text.split():
        name, given, default = word.partition("=")
        value = arguments.get(name, expand(default.strip("\"'"), known) if given else None)
        if value is not None:
            yield name, value


def expand(text: str, values: Mapping[str, str]) -> str | None:
    """Return a text with its variables filled in, None where one of them has no value."""
    complete = True

    def fill(match: re.Match[str]) -> str:
        nonlocal complete
        if match[0].startswith("\\"):
            return match[0][1]
        value = values.get(match[1] or match[2])
        operator, word = match[3], match[4]
        there = value is not None and (operator is None or ":" not in operator or value != "")
        if operator and operator.endswith("+"):
            return word if there else ""
        if not there and operator is None:
            complete = False
        return (value if there else word) or ""

    filled = _VARIABLE.sub(fill, text)
    return filled if complete and "${" not in filled and filled else None


def follow(found: Sequence[Stage], target: str | None) -> Built | None:
    """Return what a target (None: the last stage) hands to its image; None if there is no such."""
    if target:
        matching = [number for number, stage in enumerate(found) if stage.name == target.lower()]
    else:
        matching = [len(found) - 1] if found else []
    if not matching:
        return None
    chain = [found[matching[-1]]]
    while (parent := chain[-1].parent) is not None:
        chain.append(found[parent])
    built = Built(chain[-1].base)
    triggers: tuple[Instruction, ...] = ()
    for stage in reversed(chain):
        built = _apply(built, (*triggers, *stage.instructions))
        triggers = tuple(_triggers(stage))
    return built


def _triggers(stage: Stage) -> Iterator[Instruction]:
    """Yield what ONBUILD leaves to the stage that is built on this one."""
    for each in stage.instructions:
        if each.word == "ONBUILD":
            yield instruction(each.text, each.span)


def _apply(built: Built, instructions: Sequence[Instruction]) -> Built:
    own_command = any(each.word == "CMD" for each in instructions)
    for each in instructions:
        if each.word == "HEALTHCHECK":
            built = built._replace(healthcheck=_healthcheck(each))
        elif each.word == "CMD":
            built = built._replace(command=_command(each))
        elif each.word == "ENTRYPOINT":
            # A new ENTRYPOINT drops the CMD that was meant for the old one.
            inherited = built.command if own_command else None
            built = built._replace(entrypoint=_command(each), command=inherited)
    return built._replace(instructions=(*built.instructions, *instructions))


def _command(each: Instruction) -> tuple[str, ...]:
    words = each.command
    return words if words is not None else ("/bin/sh", "-c", each.text)


def _healthcheck(each: Instruction) -> Healthcheck:
    node = Node(each.text, each.span)
    kind, _, text = each.text.partition(" ")
    if kind.upper() == "NONE":
        return Healthcheck(node, ("NONE",))
    words = each._replace(text=text.strip()).command
    test = ("CMD", *words) if words is not None else ("CMD-SHELL", text.strip())
    times = {name: _seconds(each.flags.get(name.replace("_", "-"))) for name in _TIMES}
    retries = each.flags.get("retries", "")
    return Healthcheck(node, test, **times, retries=int(retries) if retries.isdigit() else None)


_TIMES = ("interval", "timeout", "start_period", "start_interval")


def _seconds(text: str | None) -> float | None:
    """Return a flag's seconds; None for none, for 0 (the engine's default) and for what is bad."""
    try:
        return (parse_duration(text) or None) if text else None
    except ValueError:
        return None
