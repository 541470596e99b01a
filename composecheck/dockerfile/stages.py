"""A Dockerfile's stages, and the chain of those that an image is made of."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.dockerfile.instructions import Instruction

_VARIABLE = re.compile(r"\\.|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})")


class Stage(NamedTuple):
    """One `FROM` and what follows it.

    `base` is the image or earlier stage as FROM names it, its arguments filled in; None where an
    argument has no value. `parent` is the number of the earlier stage that it is, if it is one.
    """

    start: Instruction
    name: str | None
    base: str | None
    parent: int | None
    instructions: Sequence[Instruction]


def stages_of(instructions: Sequence[Instruction], arguments: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the stages; `arguments` are the build's, which ARG before the first FROM takes."""
    values: dict[str, str] = {}
    names: dict[str, int] = {}
    stages: list[Stage] = []
    body: list[Instruction] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            words = instruction.text.split()
            base = expand(words[0], values) if words else None
            name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else None
            body = []
            stages.append(Stage(instruction, name, base, names.get(base or ""), body))
            if name:
                names[name] = len(stages) - 1
        elif stages:
            body.append(instruction)
        elif instruction.keyword == "ARG":
            values.update(_defaults(instruction, values, arguments))
    return tuple(stages)


def _defaults(
    instruction: Instruction, values: Mapping[str, str], arguments: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for name, default in instruction.pairs:
        variable, text = str(name.value), None
        if default is not None:
            text = expand(str(default.value).strip("\"'"), values)
        value = arguments.get(variable, text)
        if value is not None:
            yield variable, value


def expand(text: str, values: Mapping[str, str]) -> str | None:
    """Return a text with its variables filled in, None where one of them has no value."""
    complete = True

    def fill(match: re.Match[str]) -> str:
        nonlocal complete
        if match[0].startswith("\\"):
            return match[0][1]
        value = values.get(match[1] or match[2])
        operator, word = match[3], match[4]
        counts = value is not None and (operator is None or ":" not in operator or value != "")
        if operator and operator.endswith("+"):
            return word if counts else ""
        if not counts and operator is None:
            complete = False
        return (value if counts else word) or ""

    filled = _VARIABLE.sub(fill, text)
    return filled if complete and "${" not in filled and filled else None


def chain(stages: Sequence[Stage], target: str | None) -> tuple[Stage, ...]:
    """Return the stages that a target (None: the last one) is made of, the first before those built on it.

    There are none where there is no such target.
    """
    if target:
        matching = [number for number, stage in enumerate(stages) if stage.name == target.lower()]
    else:
        matching = [len(stages) - 1] if stages else []
    if not matching:
        return ()
    stage = stages[matching[-1]]
    made = [stage]
    while stage.parent is not None:
        stage = stages[stage.parent]
        made.append(stage)
    return tuple(reversed(made))


def carried_out(made: Sequence[Stage]) -> Iterator[tuple[Instruction, ...]]:
    """Yield what is carried out in each stage of a chain: what ONBUILD left to it first."""
    left: tuple[Instruction, ...] = ()
    for stage in made:
        yield (*left, *stage.instructions)
        inner = [instruction.inner for instruction in stage.instructions]
        left = tuple([instruction for instruction in inner if instruction is not None])
