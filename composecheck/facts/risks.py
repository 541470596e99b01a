"""How sure it is that two services race of which nothing holds back the one until the other is ready."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.facts import Edge, Facts
    from composecheck.facts.connections import Naming
    from composecheck.findings.diagnostic import Confidence
    from composecheck.knowledge import Family
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
# Of these nobody needs anything in order to start: he sends there what happens, or a person looks at it.
_LATER = frozenset(("admin", "mail", "observability"))


def risk(facts: Facts, edge: Edge) -> Risk:
    """Return how sure it is that the services of an edge without a guard race."""
    from composecheck.facts.dependents import asking

    dependent, target = edge.service, edge.target
    asked = asking(facts, dependent, target)
    if (asked is not None and asked.asks == "once") or facts.ends(target):
        return LIKELY
    family, other = facts.images.likely(dependent), facts.images.resembled(target)
    if family is not None and family.kind == "proxy":
        return Risk("possible", "until then a proxy has only an error to show")
    if _are_peers(facts, dependent, family, other):
        return Risk("possible", "as members of one cluster they look for each other")
    built = facts.images.built(dependent)
    if built is not None and target.build is not None and built.base and built.base == target.image:
        return Risk(
            "possible", f"its image begins with that of '{target.name}': perhaps only the builds count"
        )
    because = _doubt(facts, dependent, family, other, facts.connections.naming(dependent, target))
    return Risk("possible", because) if because else LIKELY


def _doubt(
    facts: Facts, dependent: Service, family: Family | None, other: Family | None, naming: Naming
) -> str:
    """Return why it may not matter that a dependency is not ready yet, "" where it should."""
    holds_data = other is not None and other.kind in _DATA
    unsure = naming == "word" or (naming == "unread" and dependent.build is None)
    if naming == "nothing" or (unsure and not holds_data):
        if family is None and dependent.build is None and (holds_data or _is_bare(dependent)):
            return ""  # what an image of one's own brings along no file tells
        said = "but nothing" if naming == "nothing" else "but nothing that could be read"
        return f"{said} in '{dependent.name}' names it: perhaps the order is all it needs"
    if naming == "command" or facts.ends(dependent):
        return ""
    if other is not None and other.kind in _LATER:
        return "perhaps it is asked only later"
    return "perhaps it is asked only on request, by HTTP" if naming == "web" and not holds_data else ""


def _are_peers(facts: Facts, dependent: Service, family: Family | None, other: Family | None) -> bool:
    """Return whether both are servers of one family, and not one a client of the other's image."""
    if family is None or other is None or family.name != other.name or family.kind == "runtime":
        return False  # what is written in one language is not of one kind
    from composecheck.facts.dependents import runs_its_server

    return runs_its_server(facts, dependent, family)


def _is_bare(service: Service) -> bool:
    """Return whether a service is configured by its image alone, so that nothing here could name anybody."""
    return service.words().isdisjoint(_CONFIGURED) and not any(each.type == "bind" for each in service.mounts)
