"""A healthcheck asks `localhost` by busybox's wget, and the server listens on IPv4 alone.

## What it does
Notes a test that runs `wget` on `localhost` in an image on Alpine, where what the server is told has it
listen on IPv4 alone: nginx by a mounted configuration with a `listen` and none for `[::]`, others by
`0.0.0.0` in the command or in a variable.

## Why is this bad?
`localhost` is `::1` as well as 127.0.0.1, and the wget of busybox asks the first of them only. Where the
container has IPv6 the connection is refused, and the service never becomes healthy, while curl tries both.
It is a note, as not every engine gives a container `::1`.

## Example
```yaml
services:
  app:
    image: node:22-alpine
    command: npx serve --listen tcp://0.0.0.0:3000
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://localhost:3000/"]  # healthcheck-wrong-loopback
```

## Use instead
```yaml
services:
  app:
    image: node:22-alpine
    command: npx serve --listen tcp://0.0.0.0:3000
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://127.0.0.1:3000/"]
```
"""

from __future__ import annotations

import re

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("note",), needs=("wget of localhost",), confidence="possible", since="0.1")

_EVERY_IPV4 = r"(?<![\d.])0\.0\.0\.0(?![\d.])"
_ALPINE = r"(?:^|[-_./:])alpine"
_LISTEN = r"(?m)^\s*listen\s+(?:[\d.*]+:)?(\d+|\$\{?\w+\}?)"
_LISTEN_IPV6 = r"(?m)^\s*listen\s+\[::"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that asks by IPv6 where IPv4 is listened on."""
    for test in facts.tests:
        if "wget" not in test.text or "localhost" not in test.text:
            continue
        service = test.service
        if not _has_busybox(facts, service) or not _is_ipv4_only(facts, service):
            continue
        place = _place(test)
        if place is not None:
            yield Finding(
                place,
                f"the healthcheck of service '{service.name}' asks 'localhost' by busybox's 'wget', which "
                "tries '::1' alone, and the server listens on IPv4",
                remedy="ask '127.0.0.1'",
                service=service.name,
            )


def _place(test: Test) -> Span | None:
    """Return where a test runs wget on localhost."""
    from composecheck.facts.commands.clients import addresses

    for run in test.runs:
        if run.name == "wget" and any(address.host == "localhost" for address in addresses(run)):
            return test.place_holding("localhost", run.place)
    return None


def _has_busybox(facts: Facts, service: Service) -> bool:
    """Whether the wget of a service's image is that of busybox."""
    built = facts.images.built(service)
    image = built.base if built is not None else service.image
    if image is None or re.search(_ALPINE, image) is None:
        return False
    if built is None:
        return True
    from composecheck.facts.tools import brings

    return brings(built, "wget") != "yes"


def _is_ipv4_only(facts: Facts, service: Service) -> bool:
    """Whether what is said of a server has it listen on IPv4 alone."""
    family = facts.images.known(service)
    if family is not None and family.name.startswith("nginx"):
        texts = [*_configurations(facts, service)]
        said = any(re.search(_LISTEN, text) for text in texts)
        return said and not any(re.search(_LISTEN_IPV6, text) for text in texts)
    from composecheck.facts.commands import started

    words = (*started(facts, service)[0], *filter(None, service.environment.values()))
    return any(re.search(_EVERY_IPV4, word) for word in words) and not any("[::]" in word for word in words)


def _configurations(facts: Facts, service: Service) -> Iterator[str]:
    """Yield the texts that are mounted as the configuration of a server."""
    files = facts.files(service)
    if files is None:
        return
    for mount in service.mounts:
        if mount.type == "bind" and mount.target.startswith("/etc/nginx/") and "." in mount.target:
            text = files.text(mount.target)
            if text:
                yield text
    for grant in service.configs:
        text = files.text(grant.target or f"/{grant.source}")
        if text:
            yield text
