"""A service says twice how it is restarted, and not the same.

## What it does
Reports a `restart` beside a `deploy.restart_policy` that means another policy: `condition: none` is
`"no"`, `any` is `always` or `unless-stopped`, and a policy without a condition restarts nothing.

## Why is this bad?
docker compose takes the one in `deploy` and does not look at `restart`, which says otherwise to whoever
reads it.

## Example
```yaml
services:
  web:
    image: nginx:1
    restart: always  # conflicting-restart-policy
    deploy:
      restart_policy:
        condition: none
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    restart: always
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("warning",), needs=("deploy",), since="0.1")
# What each word stands for (pkg/compose/create.go, mapRestartPolicyCondition); both kinds that go on
# for ever are taken for one.
_MEANT = {
    "": "no",
    "none": "no",
    "no": "no",
    "on-failure": "on-failure",
    "any": "always",
    "always": "always",
    "unless-stopped": "always",
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose two policies differ."""
    for service in facts.services.values():
        policy = service.deploy.restart_policy if service.deploy is not None else None
        own = service.own_restart_policy
        if policy is None or not policy.words() or own is None:
            continue
        condition = policy.condition or ""
        ignored, followed = _MEANT.get(own.condition), _MEANT.get(condition)
        if ignored is not None and followed is not None and ignored != followed:
            yield _finding(service, own.text, condition)


def _finding(service: Service, restart: str, condition: str) -> Finding:
    says = f"has the condition '{condition}'" if condition else "has no condition and restarts nothing"
    return Finding(
        service.place("restart"),
        f"'restart' of service '{service.name}' is '{restart}', but 'deploy.restart_policy' {says} "
        "and is the one that counts",
        remedy="keep one of the two",
        service=service.name,
        related=(Related(service.key_place("deploy", "restart_policy"), "the other"),),
    )
