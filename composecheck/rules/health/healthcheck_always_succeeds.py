r"""A healthcheck's test may succeed although the service does not work.

## What it does
Reports a test that cannot fail: it ends in `|| true`, `|| exit 0`, `; exit 0` or `|| echo ...`, hands
its result to a command that always succeeds (`curl ... | cat`), is nothing but such a command
(`true`, `echo ok`), or looks for a process and finds itself (`ps aux | grep nginx`). And `mysqladmin
ping` without a user: it also succeeds when it is refused. As a note it says so of `redis-cli ping`
without the password that its server asks for, of `curl` without `-f`, which takes an error page for
an answer, and, where nobody waits for a service's health, of a test that asks for nothing (`true`, `exit 0`:
somebody wanted there to be one) and of a container that only sits there (`sleep infinity`).

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

import json
import re

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run
    from composecheck.facts.healthtest import Test
    from composecheck.findings.diagnostic import Severity
    from composecheck.text.source import Span

    _Fault = tuple[Severity, Span, str, str]

RULE = Rule(("warning", "note"), needs=("healthcheck", "build"), succeeds=True, since="0.1")

_PLAIN = r"[\w./: -]+"
_LOOKED_AT = ("curl", "mysqladmin", "mariadb-admin", "pgrep", "redis-cli", "valkey-cli", "keydb-cli")
_ASKS_NOTHING = ("true", ":", "echo", "printf", "sleep", "exit")
_LET_IT_FAIL = "let its exit status say whether the service answers"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that succeeds in any case, or when it should not."""
    reported = set()
    for test in facts.tests:
        fault = _fault(facts, test)
        if fault is None or fault[1] in reported:
            continue
        severity, place, message, remedy = fault
        reported.add(place)
        yield Finding(
            place,
            f"the healthcheck of service '{test.service.name}' {message}",
            remedy=remedy,
            service=test.service.name,
            severity=severity,
        )


def _fault(facts: Facts, test: Test) -> _Fault | None:
    from composecheck.facts.commands.outcomes import FINE, of_argv, of_script

    outcomes, why = of_script(test.words[0]) if test.by_shell else of_argv(test.words)
    if outcomes == FINE:
        severity: Severity = "note" if _matters_to_nobody(facts, test) else "warning"
        return severity, test.script_place, f"always succeeds{why}", _LET_IT_FAIL
    if not any(word in test.text for word in _LOOKED_AT):
        return None
    direct = [run for run in test.runs if not run.nested]
    if "admin" in test.text:
        from composecheck.facts.early import pings_without_user

        ping = next((run for run in direct if pings_without_user(run, test)), None)
        if ping is not None:
            return _refused(facts, test, ping)
    return _without_password(facts, test, direct) or _finds_itself(test) or _any_answer(test, direct)


def _matters_to_nobody(facts: Facts, test: Test) -> bool:
    """Whether nobody waits for a service's health, and its test is there only for there to be one.

    So is one that asks for nothing, and any of a service that does nothing whose health there could be.
    """
    if test.service.name in facts.awaited:
        return False
    return all(run.name in _ASKS_NOTHING for run in test.runs) or facts.idles(test.service) is not None


def _refused(facts: Facts, test: Test, ping: Run) -> _Fault | None:
    from composecheck.facts.early import early

    found = early(facts, test)
    if found is not None and found.waiting is not None:
        return None  # too early for who waits, and that is told with what mends both
    return (
        "warning",
        ping.place,
        f"succeeds although '{ping.name} ping' is refused: it answers that the server runs, and no more",
        f"give it '-h 127.0.0.1' and a user with a password, or ask the server: {_asking(ping.name)}",
    )


def _finds_itself(test: Test) -> _Fault | None:
    pattern = _pgrep(test)
    if pattern is None:
        return None
    return (
        "note",
        test.script_place,
        "finds itself by 'pgrep -f': the pattern stands in the command of the shell that runs the test",
        f"write '[{pattern[:1]}]{pattern[1:]}', which does not match itself",
    )


def _any_answer(test: Test, direct: list[Run]) -> _Fault | None:
    if not ((len(direct) == 1 or _ends_with_curl(test)) and _takes_any_answer(direct[0])):
        return None
    return (
        "note",
        direct[0].place,
        "succeeds whatever 'curl' is answered, an error page too",
        "add '-f' to 'curl', which then fails from status 400 on",
    )


def _without_password(facts: Facts, test: Test, direct: list[Run]) -> tuple[Severity, Span, str, str] | None:
    """Return the fault of a ping that its server, which asks for a password, refuses without failing."""
    from composecheck.facts.commands.clients import REDIS, redis_options

    if len(direct) != 1 or direct[0].name not in REDIS:
        return None
    run, service = direct[0], test.service
    found = redis_options(run)
    known = {**service.environment, **run.assigned}
    if found.any("a", "pass", "askpass", "e", "u") or "REDISCLI_AUTH" in known:
        return None
    family = facts.images.store(service)
    if family is None or family.healthcheck is None:
        return None
    if not (service.environment or service.command) and facts.images.built(service) is None:
        return None  # nobody gives it a password
    from composecheck.facts.answers import answer, test_at

    place = answer(facts, service, family)
    probing = test_at(family.healthcheck, family, place)
    if not place.locked or probing is None:
        return None
    return (
        "note",
        run.place,
        f"succeeds although '{run.name}' is refused (NOAUTH): without a password it says so, and ends with 0",
        f"look at what it says: {json.dumps(probing.test, ensure_ascii=False)}",
    )


def _asking(name: str) -> str:
    client = "mariadb" if name.startswith("mariadb") else "mysql"
    return f"{client} -h 127.0.0.1 -u ... -p... -e 'SELECT 1'"


def _ends_with_curl(test: Test) -> bool:
    """Return whether a test is `curl ... || exit 1`, whose result is curl's."""
    if test.script is None:
        return False
    from composecheck.facts.commands.shell import read
    from composecheck.facts.commands.syntax import steps

    commands = steps(read(test.script).body) or ()
    return len(commands) == 2 and commands[0].after == "||" and commands[1].words[0] in ("exit", "false")


def _pgrep(test: Test) -> str | None:
    """Return the pattern of a `pgrep -f` that its own shell matches.

    Whether the shell is still there when it is the last command hangs on which shell it is.
    """
    if test.script is None or "pgrep" not in test.script:
        return None
    from composecheck.facts.commands.shell import read
    from composecheck.facts.commands.syntax import steps

    commands = steps(read(test.script).body) or ()
    first = commands[0].words if commands else ()
    if len(commands) != 2 or commands[0].after != "||" or first[:1] != ("pgrep",):
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
    from composecheck.facts.commands.clients import addresses, options

    given = options(
        run.words[1:], "oHXduAemwbcxETFKyYCrztQPU", ("output", "write-out", "max-time", "connect-timeout")
    )
    if given.any("f", "fail", "fail-with-body", "w", "write-out", "fail-early", "K", "config"):
        return False
    others = any("://" in word and not word.startswith("http") for word in given.others)
    return not others and any(True for _ in addresses(run))
