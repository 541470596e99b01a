"""A healthcheck's test is written for a shell, and no shell reads it.

## What it does
Reports what only a shell understands in a test of the form `["CMD", ...]`: a whole command line in
one word, `&&`, `||`, pipes and redirections, variables, `exit`. And a test of the form
`["CMD-SHELL", ...]` with more than one word behind it, and one in which `CMD` or the list itself
has become part of the text. A variable that nobody fills in is a note where the test succeeds all the
same, as `mysqladmin ping` and `pg_isready` do whoever asks.

## Why is this bad?
The engine starts the words behind `CMD` as they are: the first is the program, the others are its
arguments, and `||` is one of those. Behind `CMD-SHELL` only the first word is the script. Such a
test fails each time, or tests something else, and the container never becomes healthy.

## Example
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: ["CMD", "curl -f http://localhost || exit 1"]  # healthcheck-shell-syntax
```

## Use instead
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost || exit 1"]
```

## Example
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost", "||", "exit", "1"]  # healthcheck-shell-syntax
  api:
    image: api:1
    environment: {PORT: "8000"}
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:$$PORT"]  # healthcheck-shell-syntax
  worker:
    image: worker:1
    healthcheck:
      test: ["CMD-SHELL", "curl", "-f", "http://localhost"]  # healthcheck-shell-syntax
```

## Use instead
A test that fails at all fails with 1: `|| exit 1` adds nothing.
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost"]
  api:
    image: api:1
    environment: {PORT: "8000"}
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost:$$PORT"]
  worker:
    image: worker:1
    healthcheck:
      test: ["CMD", "sh", "-c", "curl -f http://localhost"]
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands.shells import OPERATOR, TAKE_OPERATORS, is_shell
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.model.project import Service
    from composecheck.remedies.edits import Making
    from composecheck.text.source import Span

RULE = Rule(("error", "note"), needs=("healthcheck", "build"), since="0.1")

# Without any of these no argument holds what a shell would read.
_MARKS = frozenset("&|;<>$")
_TAIL = r"(?:\|\||&&|;)\s*(?:exit|true|false|echo|return)\b"
_PIPE = r"\S\s+(?:\|\|?|&&|2?>)\s*\S"
# One that stands for itself, or behind a letter's option; not the dollar within a password.
_VARIABLE = r"(?:(?<![A-Za-z0-9])|(?<=^-[A-Za-z]))\$(?:[A-Z_][A-Z0-9_]*\b|\{[A-Z_][A-Z0-9_]*[}:-]|\()"
# A list as text, and not the command `[`.
_LIST = r"\[\s*([\"'])(?:CMD|CMD-SHELL|NONE|[^\"']*(?=\1\s*,))\1"
_ASSIGNMENT = r"[A-Za-z_]\w*=.*"
# No programs, but words of the shell; others, such as `test` and `cd`, are programs as well in some images.
_SHELL_WORDS = frozenset(("exit", "export", "source", "set", "if", "while", "until", "for", "case", "!", "{"))
_INTERPRETERS = (
    r"(?i)(?:.*/)?(?:python|pypy|perl|ruby|node|nodejs|deno|bun|php|lua|awk|gawk|mawk|sed|jq|yq|tclsh|expect|pwsh"
    r"|powershell|mongo|mongosh|envsubst|erl|elixir|java|groovy|Rscript|julia|R|nu|fish|clickhouse\S*|cmd)"
    r"[\d.]*(?:\.exe)?"
)
_SUCCEEDING = r"\w+-cli|echo|printf|true|:|date|hostname|env|printenv|id|whoami"  # whatever follows
# Options behind which a program of whatever language stands.
_PROGRAM = r"(?a)-\w*[ceErQqx]|--(?:command|eval|execute|exec|query|run|filter|expression)"
# Who to be is no matter to these, by their manuals: a server that refuses them is ready to.
_IDLE = (
    ("(?:mysqladmin|mariadb-admin)", "(?:-u|-p|--user|--password)"),
    ("pg_isready", "(?:-U|-d|--username|--dbname)"),
)
_NAMED = r"\$\$\{?([A-Za-z_]\w*)"
_EVERYWHERE = ("HOME", "HOSTNAME", "PATH", "PWD")
_BY_SHELL = 'begin the list with "CMD-SHELL" and write the rest as one text'


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test in which something waits for a shell that is not there."""
    reported = set()
    for test in facts.tests:
        fault = _written_as_text(test) if test.by_shell else _in_words(test)
        if fault is None:
            continue
        if fault.place in reported:
            continue
        reported.add(fault.place)
        absent, known = ("", False) if test.by_shell else _absent(facts, test, fault.place.text)
        yield Finding(
            fault.place,
            f"the healthcheck of service '{test.service.name}' {fault.message}",
            remedy=fault.remedy + absent,
            service=test.service.name,
            fix=None if test.in_dockerfile or known else _fix(fault, test),
            severity="note" if fault.harmless else None,
        )


class _Fault(NamedTuple):
    """A place, what is wrong there, what mends it, and whether it makes no difference."""

    place: Span
    message: str
    remedy: str
    mend: Callable[[Service], Making] | None = None
    harmless: bool = False


def _absent(facts: Facts, test: Test, text: str) -> tuple[str, bool]:
    """Return what is to be said of a variable that the container may not have, and whether it has none."""
    service = test.service
    built = facts.images.built(service)
    held = {*service.environment, *(built.environment if built is not None else ()), *_EVERYWHERE}
    names = (match[1] for match in re.finditer(_NAMED, text))
    name = next((name for name in names if name not in held), None)
    if name is None or test.in_dockerfile:
        return "", False
    given = re.compile(rf"\$\{{?{re.escape(name)}\b")
    same = next((key for key in service.environment if given.search(service.text("environment", key))), None)
    if same is not None:
        return f"; there '{name}' is not known: what it stands for is '{same}'", True
    return f"; and set '{name}' in its 'environment', unless its image does", False


def _fix(fault: _Fault, test: Test) -> Making | None:
    """Return the fix of a fault: unsafe where the program succeeds whatever it is called with."""
    from composecheck.remedies import risky
    from composecheck.remedies.edits import unsafely

    succeeds = not test.by_shell and re.fullmatch(_SUCCEEDING, test.words[0].rpartition("/")[2]) is not None
    return unsafely(fault.mend(test.service) if fault.mend else None, risky.PASSING if succeeds else "")


def _by_shell(service: Service) -> Making:
    from composecheck.remedies.edits.probes import by_shell

    return by_shell(service)


def _without_first_word(service: Service) -> Making:
    from composecheck.remedies.edits.probes import without_first_word

    return without_first_word(service)


def _without_quotes(service: Service) -> Making:
    from composecheck.remedies.edits.probes import without_quotes

    return without_quotes(service)


def _written_as_text(test: Test) -> _Fault | None:
    """Return what is wrong with a test that a shell reads."""
    script = test.words[0].strip()
    first = script.partition(" ")[0]
    if first in ("CMD", "CMD-SHELL", "NONE"):
        return _Fault(
            test.places[0],
            f"has a shell run '{first}', which is no command: only in a list does it come first",
            f'write the command alone, or a list: ["{first}", ...]',
            _without_first_word,
        )
    if script.endswith("]") and re.match(_LIST, script):
        return _Fault(
            test.places[0],
            "is a list that is written as a text, which a shell is to run",
            "take off the quotes around the list",
            _without_quotes,
        )
    if len(test.words) > 1 and not re.search(r"\$[@*\d{]", script):
        return _Fault(
            test.places[1],
            f"gives 'CMD-SHELL' more than one word: the shell runs '{test.words[0]}' without "
            f"'{test.words[1]}'",
            'write the whole command as one text, or begin the list with "CMD"',
        )
    return None


def _in_words(test: Test) -> _Fault | None:
    """Return what is wrong with a test that the engine starts without a shell."""
    program = test.words[0]
    if len(program.split(None, 1)) > 1:
        message = f"starts '{program}' as one program, for no shell takes it apart"
        return _Fault(test.places[0], message, f"{_BY_SHELL}, or each word on its own", _by_shell)
    if program in _SHELL_WORDS or ("=" in program and re.fullmatch(_ASSIGNMENT, program)):
        message = f"starts '{program}', which is no program: only a shell knows it"
        return _Fault(test.places[0], message, _BY_SHELL, _by_shell)
    name = program.rpartition("/")[2]
    if name in TAKE_OPERATORS:
        return None
    end = test.words.index(test.script) if test.script is not None else len(test.words)
    for number in range(1, end):
        message = _in_argument(program, test.words[number - 1], test.words[number])
        if message and _is_idle(test.words, number):
            idle = f"{message}; '{name}' asks for none, and succeeds all the same"
            return _Fault(test.places[number], idle, _BY_SHELL, harmless=True)
        if message:
            return _Fault(test.places[number], message, _BY_SHELL, _by_shell)
    return None


def _is_idle(words: tuple[str, ...], number: int) -> bool:
    """Return whether an argument is one by which the program's success does not change."""
    name = words[0].rpartition("/")[2]
    options = next((idle for test, idle in _IDLE if re.fullmatch(test, name)), None)
    if options is None or (name != "pg_isready" and "ping" not in words):
        return False
    own = re.fullmatch(options + r"(?:=?\S+)", words[number])
    return own is not None or re.fullmatch(options, words[number - 1]) is not None


def _in_argument(program: str, before: str, word: str) -> str:
    """Return what is wrong with an argument, given the one before it; "" where nothing is."""
    if _MARKS.isdisjoint(word):
        return ""
    name = program.rpartition("/")[2]
    if re.fullmatch(OPERATOR, word):
        return f"gives '{word}' to '{name}' as an argument, for no shell reads it"
    if re.fullmatch(_PROGRAM, before) or re.fullmatch(_INTERPRETERS, program) or is_shell(program):
        return ""
    if re.search(_TAIL, word) or ("://" in word and re.search(_PIPE, word)):
        return f"gives '{word}' to '{name}' as one argument, for no shell takes it apart"
    match = re.search(_VARIABLE, word)
    if match:
        return f"gives '{word}' to '{name}' as it stands, for no shell fills in '{_shown(word, match)}'"
    return ""


def _shown(word: str, match: re.Match[str]) -> str:
    """Return the variable that a match begins."""
    if match[0].endswith("("):
        return word[match.start() :]
    end = word.find("}", match.start()) + 1 if match[0].startswith("${") else match.end()
    return word[match.start() : end or None]
