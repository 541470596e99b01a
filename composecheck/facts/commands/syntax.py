"""What a shell's text consists of: commands, and what holds them together, each at its place in the text.

Places are offsets, in code points. Words stand as the shell sees them before it expands anything: quotes
are off, and a `$` that they keep from being expanded is DOLLAR.
"""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# No argument of a process can hold a NUL.
DOLLAR = "\0"


class Command(NamedTuple):
    """A simple command: its words, assignments before it too, and the files that it is redirected to.

    `text` is what a here-document or a here-string gives it to read.
    """

    words: tuple[str, ...]
    start: int
    end: int
    redirects: tuple[str, ...] = ()
    text: str = ""


class Pipeline(NamedTuple):
    """Commands of which each reads what the one before it prints."""

    parts: tuple[Statement, ...]


class Negated(NamedTuple):
    """What succeeds when its body fails: `! body`."""

    body: Statement


class Chain(NamedTuple):
    """Statements with `&&` or `||` between them: an operator fewer than parts."""

    parts: tuple[Statement, ...]
    operators: tuple[str, ...]


class Loop(NamedTuple):
    """A loop: `word` is until, while, for or select.

    `over` is the variable of the latter two and the words that it takes, None where they are not given; of
    `for ((...))` it is the text in the brackets.
    """

    word: str
    condition: Block
    body: Block
    start: int
    end: int
    over: tuple[str, ...] = ()


class Arm(NamedTuple):
    """One way of a branch; `else` and the patterns of `case` have no condition."""

    condition: Block
    body: Block


class Branch(NamedTuple):
    """An `if` or a `case`."""

    word: str
    arms: tuple[Arm, ...]


class Group(NamedTuple):
    """Statements in brackets or braces, and the files that they are redirected to."""

    body: Block
    redirects: tuple[str, ...] = ()


class Function(NamedTuple):
    """The definition of a function."""

    name: str
    body: Block
    start: int
    end: int


class Background(NamedTuple):
    """What the shell does not wait for: `body &`."""

    body: Statement


Statement = Command | Pipeline | Negated | Chain | Loop | Branch | Group | Function | Background
Block = tuple[Statement, ...]


class Script(NamedTuple):
    """A text for a shell; `whole` says that nothing of it is left out, and that all of it could be read."""

    text: str
    body: Block
    whole: bool = True

    @property
    def commands(self) -> tuple[Command, ...]:
        """All its commands as they are written, those of loops and functions too."""
        return tuple(part for part in walk(self.body) if isinstance(part, Command))


def parts(statement: Statement) -> Block:
    """Return the statements that one consists of, as they are written."""
    if isinstance(statement, Command):
        return ()
    if isinstance(statement, Pipeline | Chain):
        return statement.parts
    if isinstance(statement, Negated | Background):
        return (statement.body,)
    if isinstance(statement, Loop):
        return (*statement.condition, *statement.body)
    if isinstance(statement, Branch):
        return tuple(part for arm in statement.arms for part in (*arm.condition, *arm.body))
    return statement.body


def walk(block: Block) -> Iterator[Statement]:
    """Yield statements with all that they consist of, each before its parts."""
    waiting = [*reversed(block)]
    while waiting:
        statement = waiting.pop()
        yield statement
        waiting.extend(reversed(parts(statement)))


class Step(NamedTuple):
    """A command of a list, and the operator behind it: "&&", "||", "|", ";" or "&"."""

    words: tuple[str, ...]
    after: str


def steps(block: Block, after: str = ";") -> tuple[Step, ...] | None:
    """Return the commands of what is nothing but lists and pipelines, None where there is more to it."""
    found: list[Step] = []
    for statement in block:
        if isinstance(statement, Command):
            if statement.words[0] == "[[":
                return None
            inner: tuple[Step, ...] | None = (Step((*statement.words, *statement.redirects), after),)
        elif isinstance(statement, Background):
            inner = steps((statement.body,), "&")
        elif isinstance(statement, Pipeline | Chain):
            operators = statement.operators if isinstance(statement, Chain) else ()
            inner = ()
            for number, part in enumerate(statement.parts):
                last = number == len(statement.parts) - 1
                behind = after if last else operators[number] if operators else "|"
                more = steps((part,), behind)
                if more is None:
                    return None
                inner = (*inner, *more)
        else:
            return None
        if inner is None:
            return None
        found.extend(inner)
    return tuple(found)
