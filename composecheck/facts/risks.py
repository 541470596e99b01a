"""How sure it is that two services race of which nothing holds back the one until the other is ready."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.facts import Edge, Facts
    from composecheck.findings.diagnostic import Confidence
    from composecheck.model.project import Service


class Risk(NamedTuple):
    """How sure it is that a dependent fails, and a clause that says why it is no more than possible."""

    confidence: Confidence
    because: str = ""


LIKELY = Risk("likely")
# The keys by which a service is told whom to ask.
_CONFIGURED = ("command", "configs", "entrypoint", "env_file", "environment", "secrets")
# Of these a service asks for what it works with, as a rule as soon as it starts.
_DATA = frozenset(("broker", "cache", "database", "object-store", "search"))


def risk(facts: Facts, edge: Edge) -> Risk:
    """Return how sure it is that the services of an edge without a guard race."""
    from composecheck.facts.dependents import asking

    dependent, target = edge.service, edge.target
    asked = asking(facts, dependent, target)
    if (asked is not None and asked.asks == "once") or facts.is_job(target):
        return LIKELY
    family = facts.images.likely(dependent)
    if family is not None and family.kind == "proxy":
        return Risk("possible", "until then a proxy has only an error to show")
    if facts.connections.named(dependent, target) is not False:
        return LIKELY
    if family is None and dependent.build is None and (_is_bare(dependent) or _holds_data(facts, target)):
        return LIKELY  # what an image of one's own brings along no file tells
    return Risk("possible", f"but nothing in '{dependent.name}' names it: perhaps the order is all it needs")


def _is_bare(service: Service) -> bool:
    """Return whether a service is configured by its image alone, so that nothing here could name anybody."""
    return service.words().isdisjoint(_CONFIGURED) and not any(each.type == "bind" for each in service.mounts)


def _holds_data(facts: Facts, target: Service) -> bool:
    family = facts.images.likely(target)
    return family is not None and family.kind in _DATA
