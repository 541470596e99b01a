"""A service depends on one that the same profiles leave out.

## What it does
Reports what a service needs of another one that is not active whenever the service is: a dependency
(also one by `links`, `volumes_from` or a shared namespace) or a `service:` form in
`build.additional_contexts` on a service with a profile that the dependent does not have. An entry of
`depends_on` that says `required: false` may be left out. For a service that is itself left out it
is a warning: to start it, both profiles have to be given.

## Why is this bad?
docker compose refuses the whole project, and calls the service undefined.

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      debugger:  # hidden-dependency
        condition: service_started
        x-retry: {}
  debugger:
    image: debugger:1
    profiles: [debug]
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      debugger:
        condition: service_started
        required: false
        x-retry: {}
  debugger:
    image: debugger:1
    profiles: [debug]
```
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import build_contexts, service_in
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error",), needs=("left out",), refused=True, since="0.1")


class Need(NamedTuple):
    """What a service has of another one: where that is written, and how a sentence says it."""

    target: str
    place: Span
    clause: str
    optional: bool = False  # whether `required: false` can be written there


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each need of a service that the profiles which enable it do not meet."""
    disabled = facts.project.disabled
    for service in facts.services.values() if disabled else ():
        for need in _needs(service):
            target = disabled.get(need.target)
            if target is not None and (
                service.name not in disabled or not set(service.profiles) <= set(target.profiles)
            ):
                yield _finding(service, need, target)


def _needs(service: Service) -> Iterator[Need]:
    """Yield what a service cannot do without."""
    for name, dependency in service.depends_on.items():
        if dependency.required:
            yield Need(name, dependency.key_place(), "depends on", optional=dependency.implicit is None)
    shared = service.depends_on.get(service_in(service.network_mode) or "")
    if shared is not None and not shared.required:
        yield Need(shared.service, service.key_place("network_mode"), "is in the network namespace of")
    for context in build_contexts(service):
        yield Need(context.service, context.place, "is built with files of")


def _finding(service: Service, need: Need, target: Service) -> Finding:
    same = f"give '{service.name}' the same profile"
    optional = ", or write 'required: false' here" if need.optional else ""
    return Finding(
        need.place,
        f"service '{service.name}' {need.clause} '{target.name}', "
        f"which only the profile {listed(target.profiles, 'or')} enables",
        remedy=f"enable it with '--profile {target.profiles[0]}', {same}{optional}",
        service=service.name,
        related=(Related(target.key_place("profiles"), f"'{target.name}' is enabled by profile"),),
    )
