"""How a dependent gets along by itself until its dependency is ready: it waits, asks again, or need not."""

from __future__ import annotations

from composecheck.facts.guards import Guard, awaits_completion, awaits_health
from composecheck.facts.restart import restart_policy
from composecheck.knowledge import STORES
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
        # Who goes on without it may be one that asks again.
        return (by_image(facts, service, target) if wrapper.goes_on and wrapper.limit else None) or wrapper
    from composecheck.facts.commands.waiting import runs_again

    again = runs_again(facts, service)
    if again is not None:
        reason = f"the command of '{service.name}' starts its program again whenever it ends"
        return Guard("wrapper", "holds", reason, again)
    policy = restart_policy(service)
    restarts = None
    if policy.after_failure:
        reason = f"'{service.name}' is started again when it fails (restart policy '{policy.word}')"
        restarts = Guard("restart", "holds", reason, policy.place, policy.tried)
        if restarts.limit is None:
            return restarts
    return (
        _beside(facts, service, dependency, target)
        or by_image(facts, service, target)
        or _of_builds(facts, service, target)
        or _idle(facts, service, target)
        or _through(facts, service, target)
        or restarts
    )


def _wrapper(facts: Facts, service: Service, target: Service) -> Guard | None:
    from composecheck.facts.commands import started
    from composecheck.facts.commands.waiting import own_wait

    wait = own_wait(facts, service, target)
    if wait is None:
        return None
    reason = f"the command of '{service.name}' waits for '{target.name}'"
    place = wait.place or service.key_place(started(facts, service)[1])
    if wait.lacks:
        reason = f"its wait calls '{wait.lacks}', which its image does not have"
        return Guard("none", "none", reason, place, lacks=wait.lacks)
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
    if asked.asks == "never" and _is_told(facts, service, target):
        return None
    kind, reason = _ASKS[asked.asks]
    place = service.key_place("image" if service.build is None else "build")
    seconds = limit(asked, facts, service)
    return Guard(kind, "holds", reason.format(service.name, target.name), place, seconds)


def _is_told(facts: Facts, service: Service, target: Service) -> bool:
    """Return whether a service is told otherwise than its image has it, to connect to another one.

    Its command does so (`pg_basebackup -h primary`, before the server itself), or a file that it has, such as
    a configuration in place of variables. What a variable says may be for others who share an env file, and
    a file that a store of data has for its clients.
    """
    naming = facts.connections.naming(service, target)
    if naming != "value" or facts.connections.said(service, target):
        return naming == "command"
    family = facts.images.likely(service)
    return family is not None and family.kind not in STORES


def _idle(facts: Facts, service: Service, target: Service) -> Guard | None:
    place = facts.idles(service)
    if place is None:
        return None
    reason = f"'{service.name}' only sits there, and does not connect to '{target.name}'"
    return Guard("order-only", "holds", reason, place)


def _of_builds(facts: Facts, service: Service, target: Service) -> Guard | None:
    from composecheck.facts.builds import built_from

    place = built_from(facts, service, target) if service.build is not None else None
    if place is None:
        return None
    reason = f"the image of '{service.name}' is made from that of '{target.name}', and nothing else names it"
    return Guard("order-only", "holds", reason, place)


def _beside(facts: Facts, service: Service, dependency: Dependency, target: Service) -> Guard | None:
    """Return the guard of a dependency that is there for its network: who lives in it need not call it."""
    if facts.networks.owner(service) is not target or service is target or dependency.implicit is not None:
        return None
    if facts.connections.said(service, target):
        return None
    reason = f"'{service.name}' lives in the network of '{target.name}', and does not connect to it"
    return Guard("order-only", "holds", reason, service.place("network_mode"))


# More services than these nobody follows to see whether one that is waited for has waited in its turn.
_MOST_FOLLOWED = 100


def _through(facts: Facts, service: Service, target: Service) -> Guard | None:
    """Return the guard that another dependency makes, which is waited for, and has waited for this one."""
    first = [each for each in facts.waited_for(service) if each is not target]
    left, seen = list(first), set[str]()
    while left and len(seen) < _MOST_FOLLOWED:
        other = left.pop()
        if other.name in seen:
            continue
        seen.add(other.name)
        following = awaited(facts, other)
        if any(each is target for each in following) or _waits_itself(facts, other, target):
            reason = f"'{service.name}' waits for '{other.name}', which waits for '{target.name}'"
            return Guard("through", "holds", reason, service.depends_on[first[0].name].key_place())
        left += following
    return None


def waited_for(facts: Facts, service: Service) -> tuple[Service, ...]:
    """Return whom a service has waited for before it is at work: by a condition, or by itself."""
    held = awaited(facts, service)
    others = (facts.services.get(name) for name in service.depends_on)
    own = (each for each in others if each and each not in held and facts.comes_along(service, each))
    return (*held, *(each for each in own if _waits_itself(facts, service, each)))


def awaited(facts: Facts, service: Service) -> list[Service]:
    """Return whose health or end a service surely waits for."""
    return [
        target
        for entry in service.depends_on.values()
        if (awaits_health(entry) or awaits_completion(entry))
        and (target := facts.services.get(entry.service)) is not None
        and facts.comes_along(service, target)
        and facts.guard(service, entry).holds
    ]


def _waits_itself(facts: Facts, service: Service, target: Service) -> bool:
    """Return whether a service's command or its image's entrypoint waits for another one, to the end."""
    if target.name not in service.depends_on:
        return False
    waits = (_wrapper(facts, service, target), by_image(facts, service, target))
    return any(one is not None and one.kind in ("wrapper", "image-wait") and not one.goes_on for one in waits)
