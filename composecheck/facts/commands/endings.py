"""Whether a script ends: by the commands that it runs, and by its loops."""

from __future__ import annotations

from composecheck.facts.commands.loops import is_endless
from composecheck.facts.commands.syntax import Chain, Command, Function, Group, Loop, walk
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from composecheck.facts.commands.syntax import Block, Script, Statement


def script_ends(
    script: Script, arguments: Sequence[str], ends: Callable[[Sequence[str]], bool | None]
) -> bool | None:
    """Return whether a script ends by itself, None where that is not sure; `ends` tells it of a command."""
    functions = {part.name for part in walk(script.body) if isinstance(part, Function)}
    for statement in sure(script.body):
        if isinstance(statement, Loop) and is_endless(statement):
            return False
        if (
            isinstance(statement, Command)
            and statement.words[0] not in functions
            and ends(_given(statement, arguments)) is False
        ):
            return False
    answers = [
        ends(_given(statement, arguments))
        for statement in walk(script.body)
        if isinstance(statement, Command) and statement.words[0] not in functions
    ]
    return True if script.whole and answers and all(answers) else None


def _given(command: Command, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command, those that its script was given in place of "$@"."""
    return tuple(
        given for word in command.words for given in (arguments[1:] if word in ("$@", "${@}") else (word,))
    )


def sure(block: Block) -> Iterator[Statement]:
    """Yield the statements that are reached in any case, and waited for."""
    for statement in block:
        yield statement
        if isinstance(statement, Group):
            yield from sure(statement.body)
        elif isinstance(statement, Chain):
            # What follows `||` is only reached when something fails.
            end = next((at for at, each in enumerate(statement.operators) if each == "||"), None)
            yield from sure(statement.parts[: end + 1 if end is not None else None])
