"""A service depends on one that is not defined, or that no active profile enables.

## What it does
Reports a name in `depends_on` (or in `links`, `volumes_from` and the `service:` forms of
`network_mode`, `ipc`, `pid`, `uts` and `cgroup`) that is no service of the project. One that only
an inactive profile enables counts as not defined, unless the entry says `required: false`.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      databse:  # undefined-dependency
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      database:
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      debugger:  # undefined-dependency
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

from typing import TYPE_CHECKING

from composecheck import remedy
from composecheck.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.diagnostic import Severity
    from composecheck.project import Dependency, Service
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each dependency that is no service of the project."""
    project = context.project
    unread = context.defined("services")
    for service in project.services.values():
        for name, dependency in service.depends_on.items():
            if name in project.services:
                continue
            if name in project.disabled:
                if dependency.required:
                    yield _disabled(service, dependency, project.disabled[name])
            elif name not in unread:
                yield _undefined(service, dependency, context)


def _undefined(service: Service, dependency: Dependency, context: Context) -> Diagnostic:
    key = dependency.implicit or "depends_on"
    return Diagnostic(
        "undefined-dependency",
        SEVERITY,
        f"service '{service.name}' depends on '{dependency.service}', which is not defined",
        dependency.node.place,
        remedy=remedy.did_you_mean(dependency.service, context.project.services, but=service.name)
        or f"define it under 'services', or take it out of '{key}'",
        service=service.name,
    )


def _disabled(service: Service, dependency: Dependency, target: Service) -> Diagnostic:
    profiles = remedy.listed(target.profiles, "or")
    same = f"give '{service.name}' the same profile"
    optional = ", or write 'required: false' here" if dependency.implicit is None else ""
    return Diagnostic(
        "undefined-dependency",
        SEVERITY,
        f"service '{service.name}' depends on '{target.name}', which only the profile {profiles} enables",
        dependency.node.place,
        remedy=f"enable it with '--profile {target.profiles[0]}', {same}{optional}"
        if target.profiles
        else f"{same}{optional}",
        service=service.name,
        related=(Related(target.place_of("profiles").place, f"'{target.name}' is enabled by profile"),),
    )
