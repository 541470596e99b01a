"""A healthcheck asks another host than its own container.

## What it does
Reports a test that asks another service of the project, or a name that nobody has, and its own
container not at all. Its own names are `localhost`, the service's name, `container_name`, `hostname`,
aliases and static addresses. Also one that asks the machine (`host.docker.internal`) for a port on which
the service itself listens, and that it does not publish. Any other name with a dot in it, one from
`extra_hosts`, and whatever a network that exists outside of the project may know is not judged, nor is a
service that has no work of its own (`sleep infinity`): it is there to watch another.

## Why is this bad?
The test says how this container is. One that asks another makes it healthy when that one is, and
unhealthy because of that one; a name that nobody has is never answered.

## Example
```yaml
services:
  api:
    image: api:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://web:8000/health"]  # healthcheck-wrong-host
  web:
    image: web:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://frontend/"]  # healthcheck-wrong-host
```

## Use instead
```yaml
services:
  api:
    image: api:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
  web:
    image: web:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://web/"]
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.facts.names import given_hosts
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.clients import Address
    from composecheck.facts.healthtest import Test
    from composecheck.findings.diagnostic import Confidence, Severity
    from composecheck.model.project import Service

RULE = Rule(("warning", "note", "error"), needs=("healthcheck", "build"), since="0.1")

# Keys that let a container know names that the project does not tell of.
_RESOLVING = ("dns", "dns_search", "external_links", "links")
# What a command needs to ask anybody else.
_HINTS = ("://", "/dev/tcp/", "curl", "wget", " -h", "-host", "nc", "telnet")
_IDLE = ("sleep", "tail", "infinity", "pause")
_SITS = r"(?:^|[;&]\s*)(?:exec\s+)?(?:sleep|tail\s+-[fF])\s+[\w./-]+\s*;?$"
# Names of the machine that the engine runs on, in Docker's and in Podman's containers.
_MACHINE = ("host.docker.internal", "gateway.docker.internal", "host.containers.internal")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test that asks somebody else."""
    for test in facts.tests:
        service = test.service
        if service.network_mode is not None and service.network_mode != "bridge":
            continue
        # Who asks itself too does so on purpose; and most ask nobody else.
        if (
            "localhost" in test.text
            or "127.0.0.1" in test.text
            or not any(map(test.text.__contains__, _HINTS))
        ):
            continue
        if any(machine in test.text for machine in _MACHINE):
            yield from _of_machine(facts, test)
            continue
        foreign = _foreign(facts, test)
        if foreign is None or _is_idle(service):
            continue
        address, others = foreign
        if others:
            from composecheck.text.spelling import listed

            # Who sets up a cluster and then watches it asks a node on purpose.
            severity: Severity = "warning"
            confidence: Confidence = "possible" if _works_on(service, others) else "likely"
            message = f"asks '{address.host}', which is {_whose(address.host, others)}, and not itself"
            mend = f"ask 'localhost', and wait for {listed(sorted(others), 'or')} with 'depends_on'"
        elif _may_know(facts, service, address) or not _is_written(test, address.host):
            continue
        else:
            severity, confidence = "error", "likely"
            message = f"asks '{address.host}', which is the name of no service"
            mend = facts.did_you_mean(address.host, "services") or "ask 'localhost'"
        yield Finding(
            test.place_holding(address.host, address.place),
            f"the healthcheck of service '{service.name}' {message}",
            remedy=mend,
            service=service.name,
            severity=severity,
            confidence=confidence,
        )


def _foreign(facts: Facts, test: Test) -> tuple[Address, set[str]] | None:
    """Return the first other host that a test asks, and whose it is; None where it also asks itself."""
    from composecheck.facts.commands.clients import addresses, is_known

    foreign = None
    for run in test.runs:
        for address in addresses(run):
            host = address.host
            if not is_known(host) or facts.names.is_own(host, test.service):
                return None
            if foreign is None:
                others = facts.names.owners(host)
                if others or address.sure:
                    foreign = address, others
    return foreign


def _of_machine(facts: Facts, test: Test) -> Iterator[Finding]:
    """Yield the command of a test that asks the machine for what the service itself listens on.

    Where it publishes that port it may find itself, by way of the machine.
    """
    from composecheck.facts.commands.clients import addresses
    from composecheck.facts.ports import listens, published

    service = test.service
    found = [(run, address) for run in test.runs for address in addresses(run)]
    if not found or any(address.host not in _MACHINE for _, address in found):
        return
    run, address = found[0]
    if address.port and address.port not in published(service) and listens(facts, service, address.port):
        yield Finding(
            test.place_holding(address.host, run.place),
            f"the healthcheck of service '{service.name}' asks '{address.host}', which is the machine, "
            "and not itself",
            remedy="ask 'localhost'",
            service=service.name,
            confidence="likely",
        )


def _is_written(test: Test, host: str) -> bool:
    """Return whether a host stands in the file, and not in a variable, which may be another elsewhere."""
    text = "\n".join(place.text for place in (test.place, *test.places))
    return re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", text) is not None


def _may_know(facts: Facts, service: Service, address: Address) -> bool:
    """Return whether a host that is no service's may still be one."""
    host = address.host.strip("[]")
    if "." in host or ":" in host or host.isdecimal() or not address.sure:
        return True
    if host.lower() in given_hosts(service) or any(map(service.says, _RESOLVING)):
        return True
    if any(mount.target in ("/etc/hosts", "/etc/resolv.conf") for mount in service.mounts):
        return True
    networks = facts.project.networks
    return any(key not in networks or networks[key].external for key in service.networks)


def _whose(host: str, others: set[str]) -> str:
    from composecheck.text.spelling import listed

    return "another service" if host in others else f"a name of service {listed(sorted(others))}"


def _works_on(service: Service, others: set[str]) -> bool:
    """Return whether a service's own command names one of the others."""
    text = " ".join(written(service))
    return any(re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", text) for other in others)


def _is_idle(service: Service) -> bool:
    words = written(service)
    return any(word in _IDLE or re.search(_SITS, word) is not None for word in words)
