"""A healthcheck asks the port on the host, which its own container does not listen on.

## What it does
Reports a test that asks its own container at a port to which another port of the container is
published: with `8081:80` nothing in the container listens on 8081. A port that `ports` or `expose`
names as the container's, that the image is known to listen on, or that stands in the service's
environment, command or Dockerfile is none of these.

## Why is this bad?
A test runs inside of the container. There the service listens on its own port; the published one
exists on the host alone. The test fails each time.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports: ["8081:80"]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8081/"]  # healthcheck-published-port
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports: ["8081:80"]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:80/"]
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.facts.ports import listens
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.clients import Address
    from composecheck.facts.healthtest import Test
    from composecheck.model.project import Port, Service

RULE = Rule(("error",), needs=("ports",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that asks a port of the host."""
    for test in facts.tests:
        service = test.service
        # With another container's processes in it, or on the host itself, others may answer.
        if service.network_mode or len(facts.networks.beside(service)) > 1 or not _names_one(test):
            continue
        for address, port in _asked(facts, test):
            host = port.published[0] if port.published else 0
            yield Finding(
                test.place_holding(str(address.port) if address.port != 80 else address.host, address.place),
                f"the healthcheck of service '{service.name}' asks port {address.port}, "
                f"but in the container it listens on {port.target}",
                remedy=f"ask port {port.target}: {address.port} is its port on the host",
                service=service.name,
                related=(
                    Related(
                        port.place(), f"published here: {host} on the host, {port.target} in the container"
                    ),
                ),
            )
            break


def _names_one(test: Test) -> bool:
    """Return whether a test may name a published port: most do not, and need no closer look."""
    return any(
        port.published is not None
        and port.published != (port.target, port.target)
        and (
            port.published[0] != port.published[1]
            or port.published[0] in (80, 443)
            or "$" in test.text
            or str(port.published[0]) in test.text
        )
        for port in test.service.ports
    )


def _asked(facts: Facts, test: Test) -> Iterator[tuple[Address, Port]]:
    """Yield who is asked at a port of the host, and how that is published."""
    from composecheck.facts.commands.clients import addresses

    service = test.service
    targets = {port.target for port in service.ports}
    asked = [
        address
        for run in test.runs
        for address in addresses(run)
        if address.port and facts.names.is_own(address.host, service)
    ]
    if any(address.port in targets for address in asked):
        return  # it has another way, or knows why it asks twice
    for address in asked:
        published = _published(service, address.port or 0)
        if published is not None and not _listens(facts, service, address.port or 0):
            yield address, published


def _published(service: Service, number: int) -> Port | None:
    """Return the port that is published as a number on the host."""
    for port in service.ports:
        if port.protocol == "tcp" and port.published and port.published[0] <= number <= port.published[1]:
            return port
    return None


def _listens(facts: Facts, service: Service, number: int) -> bool:
    """Return whether a container may listen on a port besides those that it publishes."""
    if listens(facts, service, number):
        return True
    text = [*(f"{key}={value}" for key, value in service.environment.items())]
    text += written(service)
    if service.build is not None:
        built = facts.images.built(service)
        if built is None:
            # Its Dockerfile is elsewhere, and may say anything.
            return number < 1024
        text += [line.text for line in built.instructions if line.keyword != "HEALTHCHECK"]
    return re.search(rf"(?<!\d){number}(?!\d)", "\n".join(text)) is not None
