"""Whether a command waits for a host before it does its work, how long, and what it does then.

Known are the usual wrappers (wait-for-it, wait-for, dockerize, wait4x, wait-on, docker-compose-wait
and scripts named after them), commands that try again by themselves if told to (curl --retry) and
loops of the shell that repeat a probe until it succeeds: in the command itself, in its functions, and in
the scripts of the project that it runs. What goes on in the background, and what comes after the work, is no
wait.
"""

from __future__ import annotations

from composecheck.facts.commands.asked import Asked, Outcomes
from composecheck.facts.commands.calls import called, inner, packaged
from composecheck.facts.commands.decided import decided
from composecheck.facts.commands.limits import limit_of
from composecheck.facts.commands.loops import TESTS, loop_waits
from composecheck.facts.commands.scope import ASSIGNMENT, Scope, Values
from composecheck.facts.commands.shells import NO_PROBES, is_shell, is_wrapper, script_at
from composecheck.facts.commands.syntax import (
    Background,
    Branch,
    Chain,
    Command,
    Function,
    Loop,
    Negated,
    parts,
    walk,
)
from composecheck.facts.commands.turns import LONG, Turns, ends_of, is_plain, is_told_by_words
from composecheck.facts.commands.wrapped import Found, is_named_after, is_patient, sooner, waits_among
from composecheck.facts.commands.wrappers import is_usual
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Literal

    from composecheck.facts.commands.calls import Call
    from composecheck.facts.commands.files import Files
    from composecheck.facts.commands.hosts import Hosts
    from composecheck.facts.commands.syntax import Block, Statement
    from composecheck.facts.commands.wrapped import Ends
    from composecheck.text.source import Span

    # By the statements of a long script and the kind of a host.
    _Scripts = dict[tuple[int, str], tuple[Block, Turns]]

# Those and what else only prepares: none of them runs its arguments, or is a service's work.
_NO_WORK = NO_PROBES | frozenset(
    """(( . apk apt apt-get chmod chown command cp declare envsubst exec grep hash ln mkdir mv rm sed
    set shift shopt source tail tee touch trap type typeset ulimit umask which yum""".split()  # noqa: SIM905 - words
)
# What says nothing of waiting, and sets nothing.
_SILENT = frozenset(
    """[ [[ break cat cd chgrp chmod chown continue cp date echo exit false grep ln ls mkdir mv printf
    return rm sed sleep test touch trap true ulimit umask unset""".split()  # noqa: SIM905 - words
)
_DEPTH = 6
# A script whose functions call each other is followed for so many calls.
_MOST_CALLS = 200


class Wait(NamedTuple):
    """A wait for one host: how long at most, and what becomes of the command when that is over.

    `seconds` None is without an end. After them the command "goes on" all the same, or "fails". `place` is
    where a script of the project waits, None where the command itself does. With `lacks` it is none: it asks
    by a command that is not there.
    """

    seconds: float | None = None
    then: Literal["goes on", "fails"] = "fails"
    place: Span | None = None
    lacks: str = ""


class Process:
    """A process that is asked how it waits for one host after the other.

    It is followed anew only for a host that answers otherwise what those before it were asked, and then
    only where that host may be named.
    """

    __slots__ = ("_argv", "_files", "_lacking", "_outcomes", "_turns", "_values")

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str | None],
        files: Files | None = None,
        lacking: Collection[str] = (),
    ) -> None:
        """Take its words and variables; `files` are those of the project in the container where it runs.

        That has none of the commands in `lacking`.
        """
        self._argv = argv
        self._values = {key: (value,) for key, value in environment.items() if value is not None}
        self._files = files
        self._lacking = lacking
        self._outcomes = Outcomes()
        self._turns: _Scripts = {}

    def waits_for(self, hosts: Hosts) -> Wait | None:
        """Return how it waits for a host, None where it does not."""
        known = self._outcomes.of(hosts)
        if known is not None:
            return known.wait
        asked = Asked(hosts)
        reading = Reading(asked, self._files, self._lacking, self._turns)
        wait = _decisive(reading.process(self._argv, self._values, 0))
        if wait is None and reading.missed:
            wait = _decisive(Reading(asked, self._files).process(self._argv, self._values, 0))
            wait = wait._replace(lacks=reading.missed[0]) if wait is not None else None
        if not reading.is_first:
            self._outcomes.add(asked.answers, wait)
        return wait


def _decisive(found: Sequence[Found]) -> Wait | None:
    """Return the wait that counts for most: what has no end, or the latest."""
    if not found:
        return None
    best = max(found, key=lambda each: (each.seconds is None, each.seconds or 0.0, each.ends != "goes on"))
    goes_on = best.seconds is not None and best.ends == "goes on"
    return Wait(best.seconds, "goes on" if goes_on else "fails", best.place)


def waits_for(hosts: Hosts, argv: Sequence[str], environment: Mapping[str, str | None]) -> Wait | None:
    """Return how a process with this environment waits for a host, None where it does not."""
    return Process(argv, environment).waits_for(hosts)


class Reading:
    """One look for waits for one host."""

    def __init__(
        self,
        hosts: Asked,
        files: Files | None,
        lacking: Collection[str] = (),
        turns: _Scripts | None = None,
    ) -> None:
        self.hosts = hosts
        self.is_first = False  # for which a long script was followed from end to end
        self._turns: _Scripts = {} if turns is None else turns
        self.missed: list[str] = []  # commands that are not there and would have asked
        self._lacking = lacking
        self.files = files
        self._calls = 0
        self._called: dict[str, int] = {}
        self._quiet: dict[str, bool] = {}
        self._worked: dict[int, tuple[Statement, bool]] = {}

    def process(self, argv: Sequence[str], values: Mapping[str, tuple[str, ...]], depth: int) -> list[Found]:
        """Return the waits of a process; only a shell expands variables, and in what it reads itself."""
        if not argv or argv[0] in _NO_WORK - {"exec", "command"}:
            return []
        named = [*waits_among(argv, self.hosts, values, self.files)]
        if not depth:
            named = [each for each in named if not each.own]  # it is all that runs
        inside: list[Found] = []
        # A wrapper may stand before the shell: wait-for-it db:5432 -- sh -c "exec api".
        shell = script_at(argv)[0]
        starts = {0, shell, *(number + 1 for number, word in enumerate(argv) if word == "--")}
        for start in sorted(start for start in starts if start < len(argv))[-3:]:
            ran = inner(argv[start:])
            call = called(ran.words, self.files) or packaged(ran.words, self.files)
            wraps = named and call is not None and call.file is not None and is_wrapper(ran.words[0])
            if call is None or (wraps and call.file is not None and is_usual(call.file.text)):
                continue
            if self._is_deep(depth):
                break
            read = self._script(call, values, depth, ran.assigned)
            inside = [each._replace(seconds=sooner(each.seconds, ran.limit)) for each in read]
            if wraps and inside:
                # What a script does counts for more than what its name says.
                return [each._replace(hands_on=each.hands_on or named[0].hands_on) for each in inside]
            if wraps and self.missed:
                return []
            if not wraps:
                break
        return [*named, *inside]

    def _is_deep(self, depth: int) -> bool:
        """Whether to go no deeper, having gone far enough."""
        self._calls += 1
        return depth >= _DEPTH or self._calls > _MOST_CALLS

    def _script(
        self, call: Call, values: Mapping[str, tuple[str, ...]], depth: int, assigned: Sequence[str]
    ) -> Iterator[Found]:
        own = Values(values)
        for word in assigned:
            name, _, value = word.partition("=")
            own[name] = (value,)
        scope = Scope(own, call.arguments, {}, call.file, depth + 1)
        scope.sure = depth == 0
        if call.file is not None:
            scope.set(call.file.interpreter)
        if depth == 0 and len(call.script.body) >= LONG:
            yield from self._in_turn(call.script.body, scope)
            return
        works = any(self._works(statement, scope, 0) for statement in call.script.body)
        for each in self._block(call.script.body, scope, earlier=False, later=False):
            yield each._replace(hands_on=each.hands_on or works)

    def _in_turn(self, block: Block, scope: Scope) -> Iterator[Found]:
        """Yield the waits of a long script, of which most statements may be for other hosts."""
        key = (id(block), self.hosts.kind)
        _, turns = self._turns.get(key, (block, None))
        if turns is None:
            found = self._first(block, scope, key)
            turns = self._turns[key][1]
        else:
            for function in turns.functions:
                scope.functions.setdefault(function.name, function)
            found = []
            for number in self.hosts.concerned(turns):
                scope.sure = scope.sure and number <= turns.unsure
                found += self._at(block, number, scope, turns.ends)
        yield from (each._replace(hands_on=each.hands_on or turns.works) for each in found)

    def _first(self, block: Block, scope: Scope, key: tuple[int, str]) -> list[Found]:
        """Return the waits of a long script, and see which of its statements concern all hosts."""
        self.is_first = True
        turns = Turns(block, self._looked_at(block, scope))
        found: list[Found] = []
        for number, statement in enumerate(block):
            before, sure, asked = self._known(scope), scope.sure, len(self.hosts.asked)
            here = self._at(block, number, scope, turns.ends)
            found += here
            questions = self.hosts.asked[asked:]
            if (
                not here
                and self._known(scope) == before
                and is_plain(statement, scope.functions)
                and is_told_by_words(questions)
                and not any(self.hosts.answers[each] is True for each in questions)
            ):
                turns.only(number, questions)
                if sure and not scope.sure:
                    turns.unsure = min(turns.unsure, number)
            else:
                turns.always(number)
        self._turns[key] = (block, turns)
        return found

    def _known(self, scope: Scope) -> tuple[object, ...]:
        """Return what a statement that says nothing of a host leaves as it is."""
        return scope.values.mark(), scope.arguments, scope.strict, len(scope.functions), len(self.missed)

    def _looked_at(self, block: Block, scope: Scope) -> list[bool]:
        """Return which statements of a block have work in them, its functions being known."""
        for statement in block:
            if isinstance(statement, Function):
                scope.functions.setdefault(statement.name, statement)
        return [self._works(statement, scope, 0) for statement in block]

    def _block(self, block: Block, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        """Return the waits of statements that come before some work, or with none before them.

        `earlier` and `later` say whether there is work before these statements, and behind them.
        """
        ends = ends_of(self._looked_at(block, scope))
        found: list[Found] = []
        for number in range(len(block)):
            found += self._at(block, number, scope, ends, earlier=earlier, later=later)
        return found

    def _at(
        self,
        block: Block,
        number: int,
        scope: Scope,
        ends: tuple[int, int],
        *,
        earlier: bool = False,
        later: bool = False,
    ) -> list[Found]:
        """Return the waits of one statement of a block whose first and last work is at `ends`."""
        statement, arguments, (first, last) = block[number], scope.arguments, ends
        inside = self._statement(
            statement, scope, earlier=earlier or first < number, later=later or last > number
        )
        scope.sure = scope.sure and (isinstance(statement, Command) or arguments == scope.arguments)
        behind = (block[at] for at in range(number + 1, len(block)))
        after = next((each for each in behind if not _only_tells(each)), None)
        return [each._replace(ends=_ends(each, statement, after, scope)) for each in inside]

    def _statement(  # noqa: PLR0911 - one a kind of statement
        self, statement: Statement, scope: Scope, *, earlier: bool, later: bool
    ) -> list[Found]:
        """Return the waits of a statement that help."""
        if isinstance(statement, Command):
            found = self._command(statement, scope, earlier=earlier, later=later)
            return [each for each in found if each.hands_on or later or not (earlier or each.own)]
        if isinstance(statement, Loop):
            return self._loop(statement, scope, earlier=earlier, later=later)
        if isinstance(statement, Branch):
            return self._branch(statement, scope, earlier=earlier, later=later)
        if isinstance(statement, Chain):
            return self._chain(statement, scope, earlier=earlier, later=later)
        if isinstance(statement, Background):
            # It holds up only what is behind it there.
            inside = self._statement(statement.body, scope, earlier=True, later=False)
            return [each._replace(hands_on=True, ends="left") for each in inside]
        body = () if isinstance(statement, Function) else parts(statement)
        found = self._block(body, scope, earlier=earlier, later=later)
        if isinstance(statement, Negated):
            return [each._replace(ends="goes on") if each.ends == "status" else each for each in found]
        return found

    def _command(self, command: Command, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        if command.words[0] in _SILENT and command.words[0] not in scope.functions:
            return []
        argv = scope.expand(command)
        if not argv:
            return []
        function = scope.functions.get(argv[0])
        if function is not None:
            found = self._function(function, argv, scope, earlier=earlier, later=later)
        elif argv[0] in (".", "source"):
            found = self._sourced("".join(argv[1:2]), scope, earlier=earlier, later=later)
        elif argv[0] in ("set", "shift"):
            given = command.words[1:]
            scope.sure = scope.sure and (argv[0] == "set" or not given) and not any(map(_is_unsure, given))
            if argv[0] == "set":
                scope.set(argv)
            else:
                scope.call((*scope.arguments[:1], *scope.arguments[2:]))
            return []
        else:
            if argv[0] == "eval":
                argv = ("sh", "-c", " ".join(argv[1:]))
            found = self.process(argv, scope.values, scope.depth)
            if not inner(argv).replaces:
                # What leaves a process is its status to the one that has started it.
                found = [each._replace(ends="status") if each.ends == "left" else each for each in found]
        return [each._replace(place=each.place or scope.place(command.start, command.end)) for each in found]

    def _function(
        self, function: Function, argv: Sequence[str], scope: Scope, *, earlier: bool, later: bool
    ) -> list[Found]:
        times = self._called[function.name] = self._called.get(function.name, 0) + 1
        # What it sets it has set twice; with other arguments it waits as little.
        if (times > 2 and self._never_waits(function, scope)) or self._is_deep(scope.depth):
            return []
        outer = scope.arguments
        inside = scope.inside(argv)
        found = self._block(function.body, inside, earlier=earlier, later=later)
        if not found and not self.missed and is_named_after(argv[0], self.hosts):
            loop = next((part for part in walk(function.body) if isinstance(part, Loop)), None)
            if loop is not None:
                seconds, ends = limit_of(loop, scope.values)
                found = [Found(seconds, ends, scope.place(loop.start, loop.end))]
        scope.call(outer)
        return found

    def _never_waits(self, function: Function, scope: Scope) -> bool:
        """Whether a function has nothing in it that could wait, whatever it is called with."""
        known = self._quiet.get(function.name)
        if known is None:
            self._quiet[function.name] = True  # what calls itself waits no more for that
            own = frozenset(_locals(function))
            known = all(self._is_quiet(part, scope, own) for part in walk(function.body))
            self._quiet[function.name] = known
        return known

    def _is_quiet(self, part: Statement, scope: Scope, own: Collection[str]) -> bool:
        if not isinstance(part, Command):
            return not isinstance(part, Loop)
        name = part.words[0]
        if name.partition("=")[0] in own and all(map(ASSIGNMENT.fullmatch, part.words)):
            return len(part.words) == 1  # nobody else sees it
        if name in scope.functions:
            return self._never_waits(scope.functions[name], scope)
        return set("$/.").isdisjoint(name) and not any(map(_may_wait, part.words))

    def _sourced(self, path: str, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        if self.files is None or self._is_deep(scope.depth):
            return []
        file = self.files.at(path) or self.files.at(path, scope.folder)
        if file is None:
            return []
        from composecheck.facts.commands.shell import read

        inside = scope.inside(scope.arguments, file)
        found = self._block(read(file.text).body, inside, earlier=earlier, later=later)
        scope.strict = inside.strict
        return found

    def _loop(self, loop: Loop, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        if loop.word == "for" and len(loop.over) > 1:
            # Its body runs for each of them: what it does for one it does for all.
            words = tuple(value for word in loop.over[1:] for value in scope.fill(word).split())
            scope.values[loop.over[0]] = words
        mark = scope.values.mark()
        scope.sure = False  # another time around they may be others
        if loop_waits(loop, self, scope):
            seconds, ends = limit_of(loop, scope.values.before(mark))
            return [] if earlier and not later else [Found(seconds, ends, scope.place(loop.start, loop.end))]
        found = self._block(loop.condition, scope, earlier=earlier, later=later)
        return [*found, *self._block(loop.body, scope, earlier=earlier, later=later)]

    def _branch(self, branch: Branch, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        found: list[Found] = []
        mark = scope.values.mark()
        ways: list[dict[str, tuple[str, ...]]] = []
        if branch.word == "case" or all(arm.condition for arm in branch.arms):
            ways.append({})  # none of them may be taken
        for arm in branch.arms:
            taken = decided(arm.condition, scope) if branch.word == "if" else None
            if taken is False:
                continue
            arguments = scope.arguments
            inside = any(self._works(part, scope, 0) for part in arm.body)
            left: Ends = "left" if exits(arm.body) or (inside and not later) else "goes on"
            asked = self._block(arm.condition, scope, earlier=earlier, later=later or inside)
            found.extend(each if each.ends == "left" else each._replace(ends=left) for each in asked)
            earlier = earlier or any(self._works(part, scope, 0) for part in arm.condition)
            found.extend(self._block(arm.body, scope, earlier=earlier, later=later))
            ways.append(scope.values.undo(mark))
            if taken:
                break
            scope.sure = scope.sure and arguments == scope.arguments
        scope.values.join(ways)
        return found

    def _chain(self, chain: Chain, scope: Scope, *, earlier: bool, later: bool) -> list[Found]:
        works = [self._works(part, scope, 0) for part in chain.parts]
        first, last = ends_of(works)
        found: list[Found] = []
        for number, part in enumerate(chain.parts):
            inside = self._statement(
                part, scope, earlier=earlier or first < number, later=later or last > number
            )
            found.extend(each._replace(ends=_ends_in_chain(each, chain, number, works)) for each in inside)
        return found

    def _works(self, statement: Statement, scope: Scope, depth: int) -> bool:
        """Whether a statement may be, or have in it, the work that a script is there for."""
        known = self._worked.get(id(statement))
        if known is None or known[0] is not statement:
            self._worked[id(statement)] = known = (statement, self._has_work(statement, scope, depth))
        return known[1]

    def _has_work(self, statement: Statement, scope: Scope, depth: int) -> bool:
        if isinstance(statement, Command):
            function = scope.functions.get(statement.words[0])
            if function is None:
                return is_work(statement)
            return depth < _DEPTH and any(self._works(part, scope, depth + 1) for part in function.body)
        if isinstance(statement, Function) or (isinstance(statement, Loop) and statement.word != "for"):
            return False
        return any(self._works(part, scope, depth) for part in parts(statement))

    def within(
        self,
        function: Function,
        argv: Sequence[str],
        scope: Scope,
        look: Callable[[Block, Reading, Scope], bool],
    ) -> bool:
        """Whether a look at the body of a function, called with these words, finds what it is for."""
        if self._is_deep(scope.depth):
            return False
        outer, mark = scope.arguments, scope.values.mark()
        found = look(function.body, self, scope.inside(argv))
        scope.values.undo(mark)
        scope.call(outer)
        return found

    def probes(self, argv: Sequence[str], scope: Scope) -> bool:
        """Whether a command asks the host."""
        base = argv[0].rpartition("/")[2]
        if self._lacking:
            program = "".join(inner(argv).words[:1]).rpartition("/")[2]
            if program in self._lacking:
                if self.hosts.among(argv):
                    self.missed.append(program)
                return False
        if base in NO_PROBES:
            # The shell's own connection needs no command that talks: echo > /dev/tcp/db/5432.
            return self.hosts.among(word for word in argv if "/dev/tcp/" in word)
        if base in ("pg_isready", "psql") and not any(word.startswith(("-h", "--host")) for word in argv):
            return self.hosts.among((*argv, *scope.values.get("PGHOST", ())))
        return self.hosts.among(argv)


def is_work(command: Command) -> bool:
    """Whether a command may be the work that a script is there for."""
    words = [*command.words]
    while words and (ASSIGNMENT.match(words[0]) or (words[0] == "exec" and len(words) > 1)):
        del words[0]
    return bool(words) and words[0] not in _NO_WORK and not any(map(is_wrapper, words))


def _locals(function: Function) -> Iterator[str]:
    """Yield the variables that are a function's own."""
    for part in walk(function.body):
        if isinstance(part, Command) and part.words[0] == "local":
            yield from (word.partition("=")[0] for word in part.words[1:])


def _is_unsure(word: str) -> bool:
    """Whether only running shows what a word that `set` is given comes to."""
    return "$" in word and word not in ("$@", "${@}")


def _may_wait(word: str) -> bool:
    return is_wrapper(word) or is_patient(word) or is_shell(word) or word in ("eval", "source")


def _ends(found: Found, statement: Statement, after: Statement | None, scope: Scope) -> Ends:
    """Return what follows a wait that is over, by the statement behind that which waits."""
    ends = found.ends
    if ends == "goes on" and isinstance(statement, Loop):
        ends = _after_loop(after)
    if ends == "status" and scope.strict and not isinstance(statement, Chain | Negated | Branch):
        return "left"
    if ends == "status" and after is not None and not isinstance(statement, Loop):
        return "left" if _leaves_by_status(after) else "goes on"
    return ends


def _only_tells(statement: Statement) -> bool:
    return isinstance(statement, Command) and statement.words[0] in ("echo", "printf")


def _ends_in_chain(found: Found, chain: Chain, number: int, works: Sequence[bool]) -> Ends:
    """Return what follows a wait that is over, by the statements that `&&` and `||` put behind it."""
    operators = chain.operators[number:]
    if found.ends != "status" or not operators:
        return found.ends
    held = next((at for at, operator in enumerate(operators) if operator == "||"), len(operators))
    if any(works[number + 1 : number + 1 + held]):
        return "left"  # the work is not done
    if held == len(operators):
        return found.ends
    return "left" if exits((chain.parts[number + 1 + held],)) else "goes on"


def _after_loop(statement: Statement | None) -> Ends:
    """Return how a script goes on whose loop has given up, by the statement behind the loop."""
    if isinstance(statement, Command) and exits((statement,)):
        return "left" if statement.words[0] == "exit" else "status"
    if isinstance(statement, Branch | Chain) and exits((statement,)):
        tests = statement.arms[0].condition if isinstance(statement, Branch) else statement.parts[:1]
        if any(isinstance(part, Command) and part.words[0] in TESTS for part in walk(tests)):
            return "left"
    return "goes on"


def _leaves_by_status(statement: Statement) -> bool:
    """Whether a statement leaves the script where the one before it has failed: `[ $? = 0 ] || exit`."""
    if not isinstance(statement, Branch | Chain):
        return False
    tests = statement.arms[0].condition if isinstance(statement, Branch) else statement.parts[:1]
    asks = any(isinstance(part, Command) and "$?" in part.words for part in walk(tests))
    return asks and exits((statement,))


def exits(block: Block) -> bool:
    """Whether statements leave the script with a failure."""
    return any(
        isinstance(part, Command)
        and part.words[0] in ("exit", "return", "false", "kill")
        and part.words != (part.words[0], "0")
        for part in walk(block)
    )
