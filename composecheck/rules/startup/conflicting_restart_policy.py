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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

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
        policy = service.node.get("deploy", "restart_policy")
        restart = service.node.get("restart")
        if policy is None or restart is None or not isinstance(restart.value, str) or not policy.mapping:
            continue
        condition = policy.get("condition")
        word = condition.value if condition is not None else ""
        own, other = _MEANT.get(restart.value.partition(":")[0]), _MEANT.get(str(word or ""))
        if own is not None and other is not None and own != other:
            yield _finding(service, restart.value, str(word or ""))


def _finding(service: Service, restart: str, condition: str) -> Finding:
    says = f"has the condition '{condition}'" if condition else "has no condition and restarts nothing"
    return Finding(
        service.place_of("restart").span,
        f"'restart' of service '{service.name}' is '{restart}', but 'deploy.restart_policy' {says} "
        "and is the one that counts",
        remedy="keep one of the two",
        service=service.name,
        related=(Related(service.place_of("deploy", "restart_policy").place, "the other"),),
    )
