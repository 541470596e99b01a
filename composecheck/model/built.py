"""What a Dockerfile says of the image that it makes."""

from __future__ import annotations

from composecheck.dockerfile import carried_out, chain
from composecheck.model.service import Healthcheck
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.node import Node
from composecheck.text.units import parse_duration, ports_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.dockerfile import Dockerfile
    from composecheck.dockerfile.instructions import Instruction

_TIMES = ("interval", "timeout", "start_period", "start_interval")


class Built(NamedTuple):
    """What a Dockerfile says of the image that it makes.

    `base` is the image that everything begins with: "scratch" brings nothing, of any other (None:
    one that cannot be named) only an engine knows what it brings. Commands are None where no
    instruction gives them, and in shell form `/bin/sh -c`. `instructions` are those that are carried out;
    where one of them `copies`, there are files in it that are no base's.
    """

    base: str | None
    healthcheck: Healthcheck | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    instructions: tuple[Instruction, ...] = ()
    copies: bool = False

    @property
    def environment(self) -> dict[str, str | None]:
        """The variables that it sets, with their values as they are written."""
        return {
            str(name.value): str(value.value) if value is not None else None
            for instruction in self.instructions
            if instruction.keyword == "ENV"
            for name, value in instruction.pairs
        }

    @property
    def ports(self) -> Iterator[range]:
        """The ports that it exposes, as far as they can be read."""
        for instruction in self.instructions:
            for word in instruction.words if instruction.keyword == "EXPOSE" else ():
                ports = ports_in(str(word.value).partition("/")[0])
                if ports is not None:
                    yield ports


def built_of(dockerfile: Dockerfile, target: str | None, arguments: Mapping[str, str]) -> Built | None:
    """Return what a target (None: the last stage) hands to its image; None if there is no such."""
    made = chain(dockerfile.stages(arguments), target)
    if not made:
        return None
    built = Built(made[0].base)
    for instructions in carried_out(made):
        built = _apply(built, instructions)
    return built


def _apply(built: Built, instructions: Sequence[Instruction]) -> Built:
    with_command = any(instruction.keyword == "CMD" for instruction in instructions)
    for instruction in instructions:
        if instruction.keyword == "HEALTHCHECK":
            built = built._replace(healthcheck=_healthcheck(instruction))
        elif instruction.keyword == "CMD":
            built = built._replace(command=_command(instruction))
        elif instruction.keyword == "ENTRYPOINT":
            # A new ENTRYPOINT drops the CMD that was meant for the old one.
            inherited = built.command if with_command else None
            built = built._replace(entrypoint=_command(instruction), command=inherited)
    copies = built.copies or any(each.keyword in ("COPY", "ADD") for each in instructions)
    return built._replace(instructions=(*built.instructions, *instructions), copies=copies)


def _command(instruction: Instruction) -> tuple[str, ...]:
    words = instruction.command
    return words if words is not None else ("/bin/sh", "-c", instruction.text)


def _healthcheck(instruction: Instruction) -> Healthcheck:
    node = Node(instruction.text, instruction.span)
    kind, *words = [str(word.value) for word in instruction.words] or [""]
    if kind.upper() == "NONE":
        return Healthcheck(node, ("NONE",))
    test = ("CMD", *words) if instruction.exec_form is not None else ("CMD-SHELL", *(words or [""]))
    times = {name: _seconds(instruction.flag(name.replace("_", "-"))) for name in _TIMES}
    retries = instruction.flag("retries") or ""
    return Healthcheck(node, test, **times, retries=int(retries) if retries.isdigit() else None)


def _seconds(text: str | None) -> float | None:
    """Return a flag's seconds; None for none, for 0 (the engine's default) and for what is bad."""
    try:
        return (parse_duration(text) or None) if text else None
    except ValueError:
        return None
