"""Whether a healthcheck asks for more than its own service: for a cluster, a quorum, its peers.

Such a service is healthy when others are. Who waits for that, and is one of them or makes the cluster, waits
for ever.
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.facts.said import asked
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.model.project import Service

_CLUSTER = (
    r"(?i)cluster[_ -]?(?:state|info|health|nodes|size|formation|status|known|slots|members)"
    r"|\b_cat/nodes|wait_for_(?:status|nodes)|rs\.(?:status|initiate|conf|hello|ismaster|printsecondary)"
    r"|replsetgetstatus|\bismaster\b|\bhello\(|iswritableprimary|quorum|nodetool\s+(?:status|ring|describecluster)"
    r"|patronictl|health/cluster|wsrep_|galera|zkserver\.sh\s+status|\bmntr\b|\bsrvr\b|\bstat\b.*\bmode\b"
    r"|\braft\b|list-peers|status/(?:leader|peers)|endpoint\s+(?:health|status)|member\s+list|\bmc\s+ready"
    r"|ready=1|node\s+status|await_online_nodes|check_if_|repmgr|sentinel\s|replication\b|master_link_status"
    r"|pg_is_in_recovery|consul\s+members|node_count|\bpeers?\b|--cluster\b"
)
_SCRIPT = r"(?i)\.(?:sh|bash|py|js)\b|\b(?:create|init|initiate|join|bootstrap|setup)\b"


def asked_for_more(facts: Facts, dependent: Service, target: Service, test: Sequence[str]) -> str | None:
    """Return what of `test`, a healthcheck of `target`, makes it no good to wait for; None for nothing.

    It is a clause about the healthcheck, for a person.
    """
    text = " ".join(test[1:])
    for name in sorted(asked(test[1:])):
        other = _named(facts, name)
        if other is not None and other is not target and facts.starts_after(other, dependent):
            return f"asks '{other.name}', {comes_later(dependent, other)}"
    match = re.search(_CLUSTER, text)
    if match is None or not (_is_alike(facts, dependent, target) or _may_make(facts, dependent, target)):
        return None
    return f"asks for more than itself ('{match[0].strip()}')"


def comes_later(dependent: Service, other: Service) -> str:
    """Return why another one cannot answer before a dependent of who asks it has begun, as a clause."""
    if other.name == dependent.name:
        return "which would itself be waiting"
    return f"which starts only after '{dependent.name}'"


def _named(facts: Facts, name: str) -> Service | None:
    holders = facts.names.holders(name)
    return holders[0].service if len(holders) == 1 else None


def _software(facts: Facts, service: Service) -> str:
    """Return what a service runs, as far as its image tells: the language it is written in is none."""
    family = facts.images.likely(service)
    if family is not None:
        return family.name if family.kind != "runtime" else ""
    return service.image or ""


def kin(facts: Facts) -> Mapping[str, int]:
    """Return how many containers run each software."""
    found: dict[str, int] = {}
    for service in facts.services.values():
        software = _software(facts, service)
        found[software] = found.get(software, 0) + service.replicas
    return found


def _is_alike(facts: Facts, one: Service, other: Service) -> bool:
    """Whether two services run the same software."""
    software = _software(facts, one)
    return bool(software) and software == _software(facts, other)


def _may_make(facts: Facts, dependent: Service, target: Service) -> bool:
    """Whether a service may be the one that makes a cluster: it does one thing, or nobody knows what."""
    if facts.ends(dependent) or any(re.search(_SCRIPT, word) for word in written(dependent)):
        return True
    software = _software(facts, target)
    peers = target.replicas > 1 or (bool(software) and facts.kin.get(software, 0) > 1)
    return peers and facts.images.likely(dependent) is None
