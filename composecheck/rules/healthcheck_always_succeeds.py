r"""A healthcheck's test succeeds whether the service works or not.

## What it does
Reports a test that cannot fail: it ends in `|| true`, `|| exit 0`, `; exit 0` or `|| echo ...`, hands
its result to a command that always succeeds (`curl ... | cat`), is nothing but such a command
(`true`, `echo ok`), or looks for a process and finds itself (`ps aux | grep nginx`). And `mysqladmin
ping` without a user: it also succeeds when it is refused. As a note it says where `curl` without
`-f` takes an error page for an answer.

## Why is this bad?
The container is healthy from the first test on. Who waits for it with `service_healthy` does not
wait, and nobody hears of it when the service stops answering.

## Example
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: curl -f http://localhost || true  # healthcheck-always-succeeds
  worker:
    image: worker:1
    healthcheck:
      test: ["CMD-SHELL", "ps aux | grep worker"]  # healthcheck-always-succeeds
```

## Use instead
```yaml
services:
  web:
    image: web:1
    healthcheck:
      test: curl -f http://localhost || exit 1
  worker:
    image: worker:1
    healthcheck:
      test: ["CMD-SHELL", "ps aux | grep '[w]orker'"]
```

## Example
```yaml
services:
  db:
    image: mysql:8
    environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}
    healthcheck:
      test: ["CMD", "mysqladmin", "ping"]  # healthcheck-always-succeeds
```

## Use instead
```yaml
services:
  db:
    image: mysql:8
    environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}
    healthcheck:
      test: ["CMD-SHELL", "mysql -h 127.0.0.1 -u root -p\"$$(cat /run/secrets/root)\" -e 'SELECT 1'"]
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.diagnostic import Severity
    from composecheck.guards.shell import Command
    from composecheck.healthtest import Run, Test
    from composecheck.node import Node
    from composecheck.rules import Context

SEVERITY: Severity = "warning"
REFUSED = False

_BOTH = frozenset((0, 1))
_FINE = frozenset((0,))
# Whatever their arguments.
_SUCCEED = frozenset(("true", ":", "echo", "printf", "sleep"))
# As long as they read what is given to them, and no file.
_FILTERS = frozenset(("cat", "tee", "head", "tail", "sort", "uniq", "wc", "tr", "cut"))
_LISTS_ALL = r"-?[a-z]*(?:aux|axu|auxw+|ax|ef|fe|eaf)[a-z]*|-f"
_LET_IT_FAIL = "let its exit status say whether the service answers"
_PLAIN = r"[\w./: -]+"


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each test that succeeds in any case, or when it should not."""
    told = set()
    for test in context.tests:
        fault = _fault(test)
        if fault is None or fault[1].span in told:
            continue
        severity, node, message, remedy = fault
        told.add(node.span)
        yield Diagnostic(
            "healthcheck-always-succeeds",
            severity,
            f"the healthcheck of service '{test.service.name}' {message}",
            node.span,
            remedy=remedy,
            service=test.service.name,
        )


def _fault(test: Test) -> tuple[Severity, Node, str, str] | None:
    outcomes, why = _of_argv(test.argv) if test.words[0].value == "CMD" else _of_script(test.argv[0], 0)
    if outcomes == _FINE:
        return (
            SEVERITY,
            _node(test),
            f"always succeeds{why}",
            _LET_IT_FAIL,
        )
    direct = [run for run in test.runs if not run.nested]
    for run in direct:
        if _pings_without_user(run, test):
            name = run.name
            return (
                SEVERITY,
                run.node,
                f"succeeds although '{name} ping' is refused: it answers that the server runs, and no more",
                f"give it '-h 127.0.0.1' and a user with a password, or ask the server: {_asking(name)}",
            )
    itself = _pgrep(test)
    if itself is not None:
        return (
            "note",
            _node(test),
            "finds itself by 'pgrep -f': the pattern stands in the command of the shell that runs the test",
            f"write '[{itself[:1]}]{itself[1:]}', which does not match itself",
        )
    if len(direct) == 1 or _ends_with_curl(test):
        for run in direct[-1:] if len(direct) == 1 else direct[:1]:
            if _takes_any_answer(run):
                return (
                    "note",
                    run.node,
                    "succeeds whatever 'curl' is answered, an error page too",
                    "add '-f' to 'curl', which then fails from status 400 on",
                )
    return None


def _asking(name: str) -> str:
    client = "mariadb" if name.startswith("mariadb") else "mysql"
    return f"{client} -h 127.0.0.1 -u ... -p... -e 'SELECT 1'"


def _node(test: Test) -> Node:
    return test.script_node if test.script is not None else test.words[1]


def _pings_without_user(run: Run, test: Test) -> bool:
    from composecheck.healthtest import mysql_host, mysql_options

    if run.name not in ("mysqladmin", "mariadb-admin"):
        return False
    options = mysql_options(run)
    if "ping" not in options.others or "MYSQL_PWD" in {**test.service.environment, **run.assigned}:
        return False
    if options.any("u", "user", "p", "password", "defaults-file", "defaults-extra-file", "login-path"):
        return False
    # By TCP it is answered by the server alone that others reach, which is as much as most need.
    return mysql_host(run) is None


def _ends_with_curl(test: Test) -> bool:
    """Whether a test is `curl ... || exit 1`, whose result is curl's."""
    if test.script is None:
        return False
    from composecheck.guards.shell import read

    commands = read(test.script).commands
    return len(commands) == 2 and commands[0].after == "||" and commands[1].words[0] in ("exit", "false")


def _pgrep(test: Test) -> str | None:
    """Return the pattern of a `pgrep -f` that its own shell matches.

    Whether the shell is still there when it is the last command hangs on which shell it is.
    """
    if test.script is None or "pgrep" not in test.script:
        return None
    from composecheck.guards.shell import read
    from composecheck.healthtest import is_plain

    commands = read(test.script).commands
    first = commands[0].words if commands else ()
    if (
        len(commands) != 2
        or commands[0].after != "||"
        or first[:1] != ("pgrep",)
        or not is_plain(test.script)
    ):
        return None
    flags = "".join(word.lstrip("-") for word in first[1:] if word.startswith("-"))
    patterns = [word for word in first[1:] if not word.startswith("-")]
    if (
        "f" not in flags
        or set(flags) - set("falcin")
        or len(patterns) != 1
        or not re.fullmatch(_PLAIN, patterns[0])
    ):
        return None
    return patterns[0]


def _takes_any_answer(run: Run) -> bool:
    if run.name != "curl":
        return False
    from composecheck.healthtest import addresses, options

    found = options(
        run.words[1:], "oHXduAemwbcxETFKyYCrztQPU", ("output", "write-out", "max-time", "connect-timeout")
    )
    if found.any("f", "fail", "fail-with-body", "w", "write-out", "fail-early", "K", "config"):
        return False
    others = any("://" in word and not word.startswith("http") for word in found.others)
    return not others and any(True for _ in addresses(run))


def _of_argv(argv: Sequence[str]) -> tuple[frozenset[int], str]:
    """Return with what a process can end, and why always with 0."""
    from composecheck.healthtest import script_in

    script = script_in(tuple(argv))
    if script is not None:
        return _of_script(script, 1) if argv[0].endswith("sh") else (_BOTH, "")
    status = _status(tuple(argv))
    return status, f": '{argv[0].rpartition('/')[2]}' does" if status == _FINE else ""


def _of_script(script: str, depth: int) -> tuple[frozenset[int], str]:
    """Return with what a script can end, and why always with 0."""
    from composecheck.guards.shell import read
    from composecheck.healthtest import is_plain

    if depth > 3 or "pipefail" in script or re.search(r"\bset\s+-\w*e", script) or not is_plain(script):
        return _BOTH, ""
    if not script.strip():
        return _BOTH, ""  # what a variable was to give, which is told elsewhere
    live: frozenset[int] = _FINE
    ended: frozenset[int] = frozenset()
    operator, why = ";", ""
    for pipeline in _pipelines(read(script).commands):
        words = pipeline[-1].words
        runs = operator == ";" or (0 if operator == "&&" else 1) in live
        kept = frozenset() if operator == ";" else live & frozenset((1 if operator == "&&" else 0,))
        if runs:
            entered = live if operator == ";" else live - kept
            if words[0] == "exit" and len(pipeline) == 1:
                code = words[1] if len(words) > 1 else "$?"
                ended |= entered if code == "$?" else _code(code)
                live = kept
            else:
                live = kept | _pipeline_status(pipeline, depth)
            shown = " ".join(words[:2] if words[0] == "exit" else words[:1])
            ends = operator == "||" and len(pipeline) == 1
            why = f": it ends in '|| {shown}'" if ends else f": '{shown}' decides, and does not fail"
        if not live:
            break
        after = pipeline[-1].after
        if after == "&":
            live = _FINE
            why = ": it is left to run in the background"
        operator = after if after in ("&&", "||") else ";"
    return live | ended, why


def _code(text: str) -> frozenset[int]:
    return frozenset((min(int(text), 1),)) if text.isdecimal() else _BOTH


def _pipelines(commands: Sequence[Command]) -> Iterator[list[Command]]:
    pipeline: list[Command] = []
    for command in commands:
        pipeline.append(command)
        if command.after != "|":
            yield pipeline
            pipeline = []
    if pipeline:
        yield pipeline


def _pipeline_status(pipeline: Sequence[Command], depth: int) -> frozenset[int]:
    words = pipeline[-1].words
    if len(pipeline) > 1 and _finds_itself(pipeline):
        return _FINE
    from composecheck.healthtest import script_in

    script = script_in(words)
    if script is not None:
        inner = script.replace("\0", "$")
        return _of_script(inner, depth + 1)[0] if words[0].endswith("sh") else _BOTH
    return _status(words, piped=len(pipeline) > 1)


def _status(words: Sequence[str], *, piped: bool = False) -> frozenset[int]:
    """Return with what a command can end: 0, 1 for any failure, or either."""
    name, arguments = words[0].rpartition("/")[2], words[1:]
    if name == "false":
        return frozenset((1,))
    if name in _SUCCEED:
        # A redirection can fail, as that to /dev/tcp does on purpose.
        opens = any(word.startswith("/") and word != "/dev/null" for word in arguments)
        return _BOTH if opens and name != "true" else _FINE
    if piped and name in _FILTERS and all(word.startswith("-") or len(word) < 2 for word in arguments):
        return _FINE
    return _BOTH


def _finds_itself(pipeline: Sequence[Command]) -> bool:
    """Whether `ps` lists the very shell and `grep` that look for a word among its lines."""
    first, *filters = (command.words for command in pipeline)
    if first[0].rpartition("/")[2] != "ps" or not any(map(re.compile(_LISTS_ALL).fullmatch, first[1:])):
        return False
    for words in filters:
        if words[0] not in ("grep", "egrep", "fgrep"):
            return False
        patterns = [word for word in words[1:] if not word.startswith("-")]
        given = "".join(word.lstrip("-") for word in words[1:] if word.startswith("-"))
        if "v" in given or "x" in given or "f" in given or len(patterns) != 1:
            return False
        if not re.fullmatch(_PLAIN, patterns[0]):
            return False
    return True
