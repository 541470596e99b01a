"""A healthcheck calls a client with what it does not take.

## What it does
Reports a test that gives `mysqladmin` a word that is none of its commands, as an option without its
`-` is, or `redis-cli` an option of the server, such as `--requirepass`.

## Why is this bad?
The client says what it does not understand and fails, however well the service is: it never becomes
healthy, and who waits for it is never started.

## Example
```yaml
services:
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "h", "127.0.0.1"]  # healthcheck-wrong-arguments
  cache:
    image: redis:7
    command: redis-server --requirepass secret
    healthcheck:
      test: redis-cli --requirepass secret ping  # healthcheck-wrong-arguments
```

## Use instead
```yaml
services:
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"]
  cache:
    image: redis:7
    command: redis-server --requirepass secret
    healthcheck:
      test: redis-cli -a secret ping
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run

RULE = Rule(("warning",), needs=("healthcheck", "build"), confidence="likely", since="0.1")

_CLIENTS = ("mysqladmin", "mariadb-admin", "redis-cli", "valkey-cli", "keydb-cli")
# What may follow a client that fails, and is no other way to the same answer.
_NO_WAY = frozenset(("exit", "false", "echo", "grep"))


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each call of a client that can only fail."""
    for test in facts.tests:
        if not any(name in test.text for name in _CLIENTS):
            continue
        direct = [run for run in test.runs if not run.nested and run.name not in _NO_WAY]
        if len(direct) != 1:
            continue
        (run,) = direct
        wrong = _wrong(run)
        if wrong is not None:
            word, remedy = wrong
            yield Finding(
                test.place_holding(word, run.place),
                f"the healthcheck of service '{test.service.name}' gives '{run.name}' the word '{word}', "
                "which it does not take: it never succeeds",
                remedy=remedy,
                service=test.service.name,
            )


def _wrong(run: Run) -> tuple[str, str] | None:
    """Return the first word that a client does not take, and what to write."""
    from composecheck.facts.commands.clients import redis_server_option, unknown_commands

    words = unknown_commands(run)
    if words:
        return words[0], f"options begin with '-', as in '{run.name} ping -h 127.0.0.1'"
    found = redis_server_option(run)
    if found is not None:
        option, own = found
        return (
            option,
            f"write '{own}', which is what '{run.name}' calls it" if own else f"leave '{option}' out",
        )
    return None
