"""How a service is made to wait for another one: in words, in YAML, and as a fix."""

from __future__ import annotations

from composecheck import remedies
from composecheck.findings.diagnostic import Related
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.remedies import edits, risky

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.model.project import Dependency, Service
    from composecheck.remedies.edits import Making

ENDED = "service_completed_successfully"


class Advice(NamedTuple):
    """How a service is made to wait: a clause with its YAML, the places to look at, the fix if any.

    `awaits` is the service whose healthcheck it is to wait for, where that has one.
    """

    text: str
    related: tuple[Related, ...] = ()
    fix: Making | None = None
    awaits: str = ""


def for_end(
    facts: Facts,
    dependent: Service,
    target: Service,
    dependency: Dependency | None = None,
    *,
    awaited: bool = False,
) -> Advice:
    """Return how a service is made to wait for a job: it ends, or others wait for its end (`awaited`)."""
    from composecheck.facts.restart import restart_policy

    reason = _asks_later(facts, dependent, target)
    if reason:
        return Advice(_let_try(dependent, f"'{target.name}' has done its work", reason, "its end"))
    entry = remedies.condition(dependent.name, target.name, ENDED)
    policy = restart_policy(target)
    unsafe = risky.ending(facts, target, awaited=awaited) or risky.calls_back(facts, dependent, target)
    if dependency is not None:
        unsafe = unsafe or risky.left_out(facts, dependency, target, None)
    unsafe = risky.both(unsafe, risky.said(dependency))
    fix = None if dependency is None else edits.wait(dependent, dependency, ENDED, unsafe=unsafe)
    if not policy.after_success:
        return Advice(f"wait until '{target.name}' has done its work:\n{remedies.indented(entry)}", (), fix)
    again = f"{target.name}:\n  restart: on-failure"
    if target.restart_policy is not target.own_restart_policy:
        again = f"{target.name}:\n  deploy:\n    restart_policy:\n      condition: on-failure"
    return Advice(
        f"'{target.name}' ends by itself: let its policy start it again after a failure alone, and "
        f"wait until it has done its work:\n{remedies.indented(again)}\n{remedies.indented(entry)}",
        (Related(policy.place, f"'{policy.word}' starts '{target.name}' again and again"),),
        fix=edits.both(edits.set_keys(target, (), {"restart": "on-failure"}, unsafe="restarting"), fix)
        if fix is not None and target.restart_policy is target.own_restart_policy
        else None,
    )


def for_health(
    facts: Facts, dependent: Service, target: Service, dependency: Dependency | None = None
) -> Advice:
    """Return how a service is made to wait for a server, by an entry of its `depends_on` or a new one."""
    from composecheck.facts.guards import disabled_at

    entry = remedies.condition(dependent.name, target.name, "service_healthy")
    wait = edits.wait(dependent, dependency) if dependency is not None else None
    healthcheck = facts.images.healthcheck(target)
    if healthcheck is not None and healthcheck != "unknown" and not healthcheck.disabled:
        span = healthcheck.key_place() if healthcheck.has_place else target.key_place()
        related = (Related(span, f"the healthcheck of '{target.name}'"),)
        unfit = _unfit(facts, dependent, target, healthcheck.test or ())
        if unfit:
            return Advice(unfit, related)
        unsafe = ""
        if dependency is not None:
            unsafe = risky.waiting_for(facts, target, healthcheck)
            unsafe = unsafe or risky.calls_back(facts, dependent, target)
            unsafe = unsafe or risky.left_out(facts, dependency, target, healthcheck)
        fix = edits.unsafely(wait, risky.both(unsafe, risky.said(dependency)))
        return Advice(f"wait for its healthcheck:\n{remedies.indented(entry)}", related, fix, target.name)
    offered = remedies.offer(facts, target)
    if target.healthcheck is not None and target.healthcheck.disabled:
        span = disabled_at(target, target.healthcheck)
        related = (Related(span, f"the healthcheck of '{target.name}' is disabled"),)
        mend = remedies.given(target, offered, verb=f"enable the healthcheck of '{target.name}'")
    else:
        related = (Related(target.key_place(), f"'{target.name}' has no healthcheck in this file"),)
        mend = remedies.given(target, offered)
    unfit = _unfit(facts, dependent, target, offered.probing.test if offered.probing is not None else ())
    if unfit:
        return Advice(unfit, related)
    if offered.probing is None:
        return Advice(f"{mend}, and wait for it with 'condition: service_healthy'", related)
    probe = remedies.healthcheck(target, offered.probing)
    fix = None
    if offered.certain and wait is not None and target.healthcheck is None:
        fix = edits.both(edits.add_healthcheck(target, offered.probing), wait)
        unsafe = risky.probing_newly(facts, target) or risky.calls_back(facts, dependent, target)
        fix = edits.unsafely(fix, risky.both(unsafe, risky.said(dependency)))
    text = f"{mend}, and wait for it:\n{remedies.indented(entry)}\n{remedies.indented(probe)}"
    return Advice(text, related, fix)


def _unfit(facts: Facts, dependent: Service, target: Service, test: tuple[str, ...]) -> str:
    """Return what to do where a healthcheck is not to be waited for, "" where it is."""
    from composecheck.facts.peers import asked_for_more

    reason = asked_for_more(facts, dependent, target, test)
    reason = _asks_later(facts, dependent, target) if reason is None else f"its healthcheck {reason}"
    return _let_try(dependent, f"'{target.name}' answers", reason, "its health") if reason else ""


def _asks_later(facts: Facts, dependent: Service, target: Service) -> str:
    """Return whom a service may itself need who comes after its dependent, as a clause; "" for nobody."""
    from composecheck.facts.peers import comes_later

    other = facts.connections.waits_on(target, dependent)
    if other is None:
        return ""
    return f"'{target.name}' may itself need '{other.name}', {comes_later(dependent, other)}"


def _let_try(dependent: Service, until: str, reason: str, awaited: str) -> str:
    return (
        f"let '{dependent.name}' try until {until}, with a loop in its command; to wait for "
        f"{awaited} may never end: {reason}"
    )
