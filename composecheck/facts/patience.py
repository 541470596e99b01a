"""How a dependent gets along by itself until its dependency is ready: it waits, asks again, or need not."""

from __future__ import annotations

from composecheck.facts.guards import Guard
from composecheck.facts.restart import restart_policy
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.facts import Facts
    from composecheck.facts.guards import Kind
    from composecheck.knowledge import Asks
    from composecheck.model.project import Dependency, Service


def patience(facts: Facts, service: Service, dependency: Dependency, target: Service) -> Guard | None:
    """Return the dependent's own way to get along until its dependency is ready, None for none.

    The restart policy is the dependent's: one on the dependency restarts only that, and nobody
    runs the dependent a second time.
    """
    retry = dependency.retry or service.retry
    if retry is not None:
        return Guard("x-retry", "holds", f"'{service.name}' declares that it retries", retry.place)
    wrapper = _wrapper(facts, service, target)
    if wrapper is not None:
        return wrapper
    from composecheck.facts.commands.waiting import runs_again

    again = runs_again(facts, service)
    if again is not None:
        reason = f"the command of '{service.name}' starts its program again whenever it ends"
        return Guard("wrapper", "holds", reason, again)
    policy = restart_policy(service)
    if policy.after_failure:
        reason = f"'{service.name}' is started again when it fails (restart policy '{policy.word}')"
        return Guard("restart", "holds", reason, policy.place)
    return (
        by_image(facts, service, target)
        or _idle(facts, service, target)
        or _beside(facts, service, dependency, target)
    )


def _wrapper(facts: Facts, service: Service, target: Service) -> Guard | None:
    from composecheck.facts.commands import started
    from composecheck.facts.commands.waiting import own_wait

    wait = own_wait(facts, service, target)
    if wait is None:
        return None
    reason = f"the command of '{service.name}' waits for '{target.name}'"
    place = wait.place or service.key_place(started(facts, service)[1])
    return Guard("wrapper", "holds", reason, place, wait.seconds, wait.then == "goes on")


_ASKS: Mapping[Asks, tuple[Kind, str]] = {
    "waits": ("image-wait", "the image of '{}' waits for '{}' before it starts its program"),
    "retries": ("image-retry", "the image of '{}' asks for '{}' again until it answers"),
    "demand": ("on-demand", "the image of '{}' connects to '{}' only when somebody asks for it"),
    "never": ("order-only", "the image of '{}' does not connect to '{}'"),
}


def by_image(facts: Facts, service: Service, target: Service) -> Guard | None:
    """Return the guard that what is known of the dependent's image makes, None where that is none."""
    from composecheck.facts.dependents import asking, limit

    asked = asking(facts, service, target)
    if asked is None or asked.asks not in _ASKS:
        return None
    if asked.asks in ("waits", "retries") and facts.is_job(target):
        return None  # a job answers nobody: what it makes is what is needed
    if asked.asks == "never" and facts.connections.naming(service, target) == "command":
        return None  # its command says otherwise: pg_basebackup -h primary, before the server itself
    kind, reason = _ASKS[asked.asks]
    place = service.key_place("image" if service.build is None else "build")
    seconds = limit(asked, service.environment)
    return Guard(kind, "holds", reason.format(service.name, target.name), place, seconds)


def _idle(facts: Facts, service: Service, target: Service) -> Guard | None:
    from composecheck.facts.commands.idle import idles

    place = idles(facts, service)
    if place is None:
        return None
    reason = f"'{service.name}' only sits there, and does not connect to '{target.name}'"
    return Guard("order-only", "holds", reason, place)


def _beside(facts: Facts, service: Service, dependency: Dependency, target: Service) -> Guard | None:
    """Return the guard of a dependency that is there for its network: who lives in it need not call it."""
    if facts.networks.owner(service) is not target or service is target or dependency.implicit is not None:
        return None
    if facts.connections.said(service, target):
        return None
    reason = f"'{service.name}' lives in the network of '{target.name}', and does not connect to it"
    return Guard("order-only", "holds", reason, service.place("network_mode"))
