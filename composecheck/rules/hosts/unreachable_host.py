"""A service is told to connect to another that is not known where it is.

## What it does
Reports a URL, connection string or host variable whose host is a service of the project that the
user of it cannot find: they share no network, the name is an alias in another network, or the
service has no network of its own because it lives in another's (`network_mode: service:vpn`), in the
host's, or in none. Where the two also are a dependency, `no-shared-network` says so already.

## Why is this bad?
Names are only known, and packets only pass, within a network: the user gets "no such host".

## Example
```yaml
services:
  api:
    image: api:1
    networks: [frontend]
    environment:
      SEARCH_URL: http://finder:7700  # unreachable-host
  finder:
    image: finder:1
    networks: [backend]
networks:
  frontend:
  backend:
```

## Use instead
```yaml
services:
  api:
    image: api:1
    networks: [frontend, backend]
    environment:
      SEARCH_URL: http://finder:7700
  finder:
    image: finder:1
    networks: [backend]
networks:
  frontend:
  backend:
```

## Example
```yaml
services:
  sonar:
    image: sonar:1
    environment:
      TORRENT_URL: http://torrent:8080  # unreachable-host
  torrent:
    image: torrent:1
    network_mode: service:vpn
  vpn:
    image: vpn:1
```

## Use instead
```yaml
services:
  sonar:
    image: sonar:1
    environment:
      TORRENT_URL: http://vpn:8080
  torrent:
    image: torrent:1
    network_mode: service:vpn
  vpn:
    image: vpn:1
```
"""

from __future__ import annotations

from composecheck.facts.guards import awaits_completion
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import service_in
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.networks import Networks
    from composecheck.facts.references import Reference
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("host out of reach",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each reference to a service that its user cannot find by that name."""
    networks = facts.networks
    for reference in facts.wiring.apart:
        user = reference.service
        if reference.for_browsers or networks.foreign(user) or not facts.sharing.is_used(reference):
            continue
        owner = networks.owner(user)
        ours = networks.joined(owner) if owner is not None else frozenset()
        if any(
            networks.owner(holder.service) in (owner, None)
            or not facts.can_both_be_active(user, holder.service)
            for holder in reference.holders
        ):
            continue
        target = reference.targets[0]
        if not _is_said_of_dependency(networks, user, target, ours):
            weak = facts.sharing.is_weak(reference)
            yield _finding(facts, reference, target, ours)._replace(confidence="possible" if weak else None)


def _is_said_of_dependency(networks: Networks, user: Service, target: Service, ours: frozenset[str]) -> bool:
    """Return whether another rule says it of the dependency."""
    dependency = user.depends_on.get(target.name)
    return (
        dependency is not None
        and not awaits_completion(dependency)
        and not target.network_mode
        and ours.isdisjoint(networks.joined(target))
    )


def _finding(facts: Facts, reference: Reference, target: Service, ours: frozenset[str]) -> Finding:
    user, mode = reference.service, target.network_mode or ""
    keys = {network.name: key for key, network in facts.whole.networks.items()}
    theirs = [keys.get(name, name) for name in sorted(reference.holders[0].networks or ())]
    related, why, mend = "network_mode", "", ""
    host = service_in(mode)
    if host is not None:
        why = f"it lives in the network of '{host}', and has no name of its own"
        mend = f"use the name '{host}', or give '{host}' the alias '{target.name}'"
    elif mode == "host":
        why = "it is in the host's network, where it has no name"
        mend = (
            "use 'host.docker.internal', with 'host.docker.internal:host-gateway' in the 'extra_hosts' of"
            f" '{user.name}'"
        )
    elif mode:
        why = f"its network_mode is '{mode}', where it has no name"
        mend = f"take 'network_mode' out of '{target.name}'"
    else:
        related = "networks"
        mine = [keys.get(name, name) for name in sorted(ours)]
        if ours.isdisjoint(facts.networks.joined(target)):
            why = f"it is in {listed(theirs)}, and '{user.name}' in {listed(mine)}"
            mend = f"add '{theirs[0]}' to the 'networks' of '{user.name}'" + (
                " (and 'default', which it is in now)"
                if not user.says("networks") and not user.network_mode
                else ""
            )
        else:
            why = f"it has this name in {listed(theirs)} only, and '{user.name}' is in {listed(mine)}"
            mend = f"use the name '{target.name}'"
    return Finding(
        reference.place,
        f"service '{user.name}' cannot find '{reference.host}' in {reference.where}: {why}",
        remedy=mend,
        service=user.name,
        related=(Related(target.key_place(related), f"the {related} of '{target.name}'"),),
    )
