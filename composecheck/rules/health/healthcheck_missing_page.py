"""A healthcheck asks for a page that its image does not serve there.

## What it does
Reports a test that asks for a page which the image is known to serve on another port, or only where a
variable switches it on, as Keycloak does its `/health`.

## Why is this bad?
The server answers with 404, or not at all, however well it is: it never becomes healthy, and who waits
for it is never started.

## Example
```yaml
services:
  login:
    image: quay.io/keycloak/keycloak:26.0
    command: start-dev
    healthcheck:
      test: exec 3<>/dev/tcp/localhost/8080; echo 'GET /health' >&3; grep UP <&3  # healthcheck-missing-page
```

## Use instead
```yaml
services:
  login:
    image: quay.io/keycloak/keycloak:26.0
    command: start-dev
    environment:
      KC_HEALTH_ENABLED: "true"
    healthcheck:
      test: exec 3<>/dev/tcp/localhost/9000; echo 'GET /health' >&3; grep UP <&3
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.knowledge import Page

RULE = Rule(("warning",), needs=("healthcheck",), confidence="likely", since="0.1")

_PORT = r"/dev/tcp/[^/\s]+/(\d+)|://[^/:\s]+:(\d+)/"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that asks for a page which is elsewhere, or nowhere."""
    for test in facts.tests:
        family = facts.images.family(test.service) if "/" in test.text else None
        for page in family.pages if family is not None else ():
            if re.search(rf"{re.escape(page.path)}(?![\w-])", test.text):
                yield from _missing(facts, test, page)


def _missing(facts: Facts, test: Test, page: Page) -> Iterator[Finding]:
    from composecheck.facts.answers import variables

    service = test.service
    given = variables(facts, service)
    words = written(service)
    if service.entrypoint is not None or any(_begins(given, name) for name in page.unless):
        return
    asked = {int(one or other) for one, other in re.findall(_PORT, test.text)}
    elsewhere = bool(asked) and page.port not in asked
    value = given.get(page.needs, "") if page.needs else "true"
    off = value is not None and value.strip().lower() not in ("true", "1", "yes", "on")
    off = off and not (page.option and any(page.option in word for word in words))
    if not (elsewhere or off):
        return
    where = f" on port {page.port}" if elsewhere else ""
    when = f" only with '{page.needs}'" if off else ""
    mend = [f"ask port {page.port}"] if elsewhere else []
    mend += [f"set '{page.needs}' to \"true\""] if off else []
    yield Finding(
        test.script_place,
        f"the healthcheck of service '{service.name}' asks for '{page.path}', which '{service.image}' serves"
        f"{where}{' and' if where and when else ''}{when}",
        remedy=" and ".join(mend),
        service=service.name,
    )


def _begins(given: dict[str, str | None], name: str) -> bool:
    return name in given or (name.endswith("*") and any(each.startswith(name[:-1]) for each in given))
