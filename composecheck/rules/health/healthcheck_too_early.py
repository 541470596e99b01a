"""A database's healthcheck succeeds before the database is there for others.

## What it does
Reports a test that asks PostgreSQL, MySQL or MariaDB through the Unix socket (`pg_isready` or `psql` without
`-h`, `mysqladmin` or `mysql` without `-h` or with `-h localhost`, which is the socket to them), in an image
that runs a temporary server at its first start: by its name, by what it is built from, or by the tool that
its test calls and the variables that only such images read. It is a note where nobody waits for the service
with `service_healthy`, where all who do ask again by themselves until they are answered, where nothing but
the tool says what the image is, and where the test is asked too rarely to meet that server often: it is there
for a second or some, and for longer where scripts are mounted or copied into `/docker-entrypoint-initdb.d`.
A note, too, is what is known to succeed before a service answers others, such as `rabbitmq-diagnostics ping`.

## Why is this bad?
On an empty data directory these images start a server that listens on the socket alone, create the
database and the users with it, run the scripts in `/docker-entrypoint-initdb.d`, and stop it. A test
by the socket succeeds meanwhile. Whoever waits for it is started, and finds nobody there.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db: {condition: service_healthy}
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U postgres"]  # healthcheck-too-early
      interval: 2s
      start_period: 30s
```

## Use instead
By TCP only the server itself answers. `--fix` makes it so where nothing in the files may change how it
listens. That is unsafe ("timing") where the healthcheck gives up sooner than a first start may take, or
where scripts run in it: what the temporary server answered counted as well.
```yaml
services:
  api:
    image: api:1
    depends_on:
      db: {condition: service_healthy}
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 2s
      start_period: 30s
```

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db: {condition: service_healthy}
  db:
    image: mysql:8
    healthcheck:
      test: mysqladmin ping -h localhost -u root -p$$MYSQL_ROOT_PASSWORD  # healthcheck-too-early
      interval: 2s
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db: {condition: service_healthy}
  db:
    image: mysql:8
    healthcheck:
      test: mysqladmin ping -h 127.0.0.1 -u root -p$$MYSQL_ROOT_PASSWORD
      interval: 2s
```
"""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

from composecheck.facts.commands.runs import UNKNOWN
from composecheck.facts.early import (
    before_it_listens,
    early,
    is_outlasted,
    is_patient,
    often_hit,
    pings_without_user,
)
from composecheck.findings.diagnostic import Edit, Fix, Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run
    from composecheck.facts.early import Early
    from composecheck.facts.healthtest import Test
    from composecheck.facts.listening import Listening
    from composecheck.findings.diagnostic import Severity

RULE = Rule(
    ("warning", "note"), needs=("healthcheck", "build"), confidence="likely", succeeds=True, since="0.1"
)

# What names a server by itself.
_NAMED = r"(?:^| )(?:-[hSdPO]|--(?!silent|user|username|password|connect-timeout|wait|quiet|timeout))"
# What a name follows that may be anything.
_NAMING = ("-U", "--username", "-u", "--user", "-t")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that a temporary server answers."""
    for test in facts.tests:
        found = early(facts, test)
        if found is None:
            begun = before_it_listens(facts, test)
            if begun is not None:
                yield _begun(facts, test, begun)
            continue
        service, run, waiting = test.service, found.run, found.waiting
        if waiting is None and pings_without_user(run, test):
            continue  # which it does whenever it is asked, and that is told
        severity: Severity = "warning"
        if waiting is None or not often_hit(facts, service, found) or is_outlasted(facts, service):
            severity = "note"
        from composecheck.facts.listening import listening

        at = listening(facts, service, found.family, run)
        yield Finding(
            test.place_holding(run.name, run.place),
            f"the healthcheck of service '{service.name}' asks through the Unix socket, where the temporary "
            "server of the first start answers too",
            remedy=_remedy(run, at),
            service=service.name,
            related=() if waiting is None else (Related(waiting, "waits for it here"),),
            fix=None if at.doubts or _lacks(facts, test) else partial(_fix, facts, test, found, at),
            severity=severity,
            confidence="likely" if found.sure else "possible",
        )


def _begun(facts: Facts, test: Test, run: Run) -> Finding:
    """Return the note on a question that a server answers while it is still starting."""
    import json

    from composecheck.remedies import offer

    probing = offer(facts, test.service).probing
    test_text = json.dumps(probing.test, ensure_ascii=False) if probing is not None else ""
    return Finding(
        test.place_holding(run.name, run.place),
        f"the healthcheck of service '{test.service.name}' asks '{' '.join(run.words)}', which "
        "succeeds before the service answers others",
        remedy=f"ask whether it answers: {test_text}" if test_text else "ask whether it answers on its port",
        service=test.service.name,
        severity="note",
    )


def _remedy(run: Run, at: Listening) -> str:
    """Return how to ask by TCP, with what to look up where the server may listen elsewhere."""
    text = (
        f"ask by TCP, which only the server itself answers: '{' '.join((run.name, *at.options(run.name)))}'"
    )
    if run.name not in ("pg_isready", "psql"):
        text += "; to it 'localhost' is the socket"
    if at.doubts:
        from composecheck.remedies import some_of

        text += f" (look up whether it listens there: {some_of(at.doubts)} may have changed that)"
    return text


def _lacks(facts: Facts, test: Test) -> bool:
    """Return whether a variable gives nothing to a test, which may then never succeed."""
    return any(facts.project.blank(place) for place in (test.place, *test.places))


def _is_bare(run: Run) -> bool:
    """Return whether a command asks whether a server is there, and says nothing of where."""
    if run.name not in ("pg_isready", "mysqladmin", "mariadb-admin"):
        return False
    if run.name != "pg_isready" and "ping" not in run.words:
        return False
    if run.name == "pg_isready" and any(word.startswith("-p") for word in run.words):
        return False
    return re.search(_NAMED, " ".join(run.words)) is None and not any(
        word.startswith(UNKNOWN) and before not in _NAMING for before, word in pairwise(run.words)
    )


def _fix(facts: Facts, test: Test, found: Early, at: Listening) -> Fix | None:
    """Return the change to TCP, where nothing else has to change with it.

    The temporary server's answers end a test's failures, so without them it has to last by itself.
    """
    run = found.run
    if not found.family.certain or facts.images.known(test.service) is None:
        return None
    if test.in_dockerfile or not _is_bare(run):
        return None
    listed = test.script is None and run.name in test.words
    span = test.places[test.words.index(run.name)] if listed else run.place
    text = span.text
    if span.line != span.end_line or text.count(run.name) != 1:
        return None
    if listed and not test.place.text.startswith("["):
        return None
    column = span.column + (len(text) if listed else text.index(run.name) + len(run.name))
    place = span._replace(line=span.line, column=column, end_column=column)
    options = at.options(run.name)
    new = "".join(f', "{word}"' if listed else f" {word}" for word in options)
    healthcheck = test.service.healthcheck
    words = [*(healthcheck.test or ())] if healthcheck is not None else []
    if listed:
        after = words.index(run.name) + 1
        words[after:after] = options
    else:
        words[-1] = words[-1].replace(run.name, " ".join((run.name, *options)), 1)
    path = ("services", test.service.name, "healthcheck", "test")
    unsafe = "" if is_patient(facts, test.service, found.family) else "timing"
    return Fix((Edit(place, new),), {path: words}, unsafe)
