"""A restart policy is none that the engine knows.

## What it does
Reports a `restart`, or a `deploy.restart_policy.condition` (which wins over it), that is none of
`no`, `always`, `on-failure` and `unless-stopped` (or `any` and `none`, which mean the first two), and
a number of attempts with a policy other than `on-failure`.

## Why is this bad?
`docker compose config` takes any word; the engine refuses to create the container.

## Example
```yaml
services:
  web:
    image: nginx:1
    restart: sometimes  # invalid-restart-policy
  worker:
    image: worker:1
    deploy:
      restart_policy:
        condition: any
        max_attempts: 3  # invalid-restart-policy
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    restart: unless-stopped
  worker:
    image: worker:1
    deploy:
      restart_policy:
        condition: on-failure
        max_attempts: 3
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell
from composecheck.text.slips import slip_of
from composecheck.text.spelling import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error",), needs=("deploy", "odd restart"), on_values=True, since="0.1")
_ENGINE = ("no", "always", "on-failure", "unless-stopped")
_POLICIES = (*_ENGINE, "any", "none")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each policy that the engine would not take."""
    for service in facts.services.values():
        policy = service.restart_policy
        if policy is None or not policy.condition:
            continue
        place = counted = service.place("restart")
        part = service.deploy.restart_policy if service.deploy is not None else None
        if part is not None:
            place = part.place("condition")
            counted = part.place("max_attempts") if part.says("max_attempts") else place
        yield from _checked(service, policy.condition, place, policy.attempts, counted)


def _checked(service: Service, word: str, place: Span, attempts: int, counted: Span) -> Iterator[Finding]:
    """Yield what is wrong with a policy and its number of attempts; `counted` is where that stands."""
    policy = f"the restart policy '{word}' of service '{service.name}'"
    if word not in _POLICIES:
        remedy = did_you_mean(word, _POLICIES, loosely=True) or f"write {listed(_ENGINE, 'or')}"
        paths = (("services", service.name, "restart"), ("services", service.name, "deploy"))
        yield _finding(service, place, f"{policy} is none that the engine knows", remedy)._replace(
            fix=respell(place, word, partial(slip_of, word, _POLICIES), *paths)
        )
    elif word != "on-failure" and attempts:
        message = f"{policy} has a number of attempts, which only 'on-failure' takes"
        yield _finding(service, counted, message, "take out the number, or write 'on-failure'")
    elif word == "on-failure" and attempts < 0:
        message = f"{policy} has a negative number of attempts"
        yield _finding(service, counted, message, "give a number above 0, or none to go on without end")


def _finding(service: Service, place: Span, message: str, remedy: str) -> Finding:
    return Finding(place, message, remedy=remedy, service=service.name)
