"""The guard of a dependency: what makes it safe that one service is started after another.

For an edge dependent -> dependency there is exactly one answer. It *holds*, and by what; it is
*broken*: a condition that can never come true; there is *none*, and the two race; or it is
*unknown*: only an image that is not at hand could tell. A broken or unknown condition never falls
through to a retry plan, for Compose has given up by then.
"""

from __future__ import annotations

from composecheck.facts.restart import restart_policy
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.model.project import Dependency, Healthcheck, Service
    from composecheck.model.service import Condition
    from composecheck.text.source import Span

    Verdict = Literal["holds", "broken", "none", "unknown"]

    Kind = Literal[
        "healthy",
        "completed",
        "x-retry",
        "wrapper",
        "restart",
        "image-wait",
        "image-retry",
        "on-demand",
        "order-only",
        "through",
        "none",
        "idle",
    ]

    By = Literal[
        "healthcheck",
        "completion",
        "x-retry",
        "wrapper",
        "restart",
        "image-wait",
        "image-retry",
        "on-demand",
        "order-only",
        "through",
    ]

    Until = Literal["healthy", "completed", "attempts", "started", "never", "nothing"]

    Line = Literal["healthy", "completed", "guarded", "unknown", "none", "broken"]


class Way(NamedTuple):
    """A way in which a dependent is held back until its dependency is ready, and every word for it.

    `by` is what holds, `until` what a start waits for, `line` how the edge is drawn, and `label` what is
    written beside it: `never` where it can never come true. With `soft` a start that has nothing to wait
    for waits a little all the same, until the dependency is ready.
    """

    by: By | None
    until: Until
    line: Line
    label: str
    never: str = ""
    condition: Condition | None = None
    soft: bool = False


WAYS: Mapping[Kind, Way] = {
    "healthy": Way("healthcheck", "healthy", "healthy", "healthy", "never healthy", "service_healthy"),
    "completed": Way(
        "completion", "completed", "completed", "completed", "never ends", "service_completed_successfully"
    ),
    "x-retry": Way("x-retry", "attempts", "guarded", "x-retry"),
    "wrapper": Way("wrapper", "started", "guarded", "own wait", soft=True),
    "restart": Way("restart", "started", "guarded", "restarts", soft=True),
    "image-wait": Way("image-wait", "started", "guarded", "image waits", soft=True),
    "image-retry": Way("image-retry", "started", "guarded", "asks again", soft=True),
    "on-demand": Way("on-demand", "started", "guarded", "on demand", soft=True),
    "order-only": Way("order-only", "started", "guarded", "order only"),  # it connects to no such thing
    "through": Way("through", "started", "guarded", "by way of another"),  # which is waited for, and waits
    "none": Way(None, "started", "none", "no wait", soft=True),
    "idle": Way(None, "nothing", "none", "no wait"),  # one of the two has no replicas
}


class Guard(NamedTuple):
    """The answer for one edge; `reason` is a clause for a person, `span` the place that shows it.

    A dependent that waits or goes on trying may give up: after `limit` seconds (None: never, as far as is
    known). Then it fails, or it `goes_on` all the same. `lacks` is the command by which it would have
    waited, if it were in the image.
    """

    kind: Kind
    verdict: Verdict
    reason: str
    span: Span
    limit: float | None = None
    goes_on: bool = False
    lacks: str = ""

    @property
    def by(self) -> By | None:
        """What holds, or is broken; None where nothing is known to hold."""
        return WAYS[self.kind].by if self.verdict in ("holds", "broken") else None

    @property
    def until(self) -> Until:
        """What the dependent's start waits for, as far as Compose has it."""
        return "never" if self.verdict == "broken" else WAYS[self.kind].until

    @property
    def soft(self) -> bool:
        """Whether a start waits a little for what is not ready, although nothing says that it must."""
        return WAYS[self.kind].soft

    @property
    def line(self) -> Line:
        """How the edge is drawn."""
        return self.verdict if self.verdict in ("broken", "unknown") else WAYS[self.kind].line

    @property
    def label(self) -> str:
        """The word beside the line."""
        way = WAYS[self.kind]
        if self.verdict == "broken":
            return way.never
        return f"{way.label}?" if self.verdict == "unknown" else way.label

    @property
    def holds(self) -> bool:
        """Whether the dependent is safe."""
        return self.verdict == "holds"

    @property
    def is_broken(self) -> bool:
        """Whether the dependent can never start."""
        return self.verdict == "broken"

    @property
    def is_missing(self) -> bool:
        """Whether the two race."""
        return self.verdict == "none"


def guard(facts: Facts, service: Service, dependency: Dependency) -> Guard:
    """Return the guard of `service`'s dependency, an entry of its `depends_on`.

    The dependency is one of the project's services: a condition on one that is not defined is unknown.
    Whoever needs the guard of an edge asks `Facts.guard`, which works it out once.
    """
    target = facts.services.get(dependency.service)
    if target is None:
        reason = f"'{dependency.service}' is not part of the project"
        return Guard(_kind_of(dependency), "unknown", reason, dependency.key_place())
    for idle in (service, target):
        if not idle.replicas:
            # Compose does not even look at the condition.
            place = idle.key_place(*idle.replicas_path)
            return Guard("idle", "none", f"'{idle.name}' has no replicas: nothing is waited for", place)
    if target.provider is not None:
        # Compose runs the provider, whatever the condition, and goes on when it has returned.
        reason = f"waits until the provider of '{target.name}' has set it up"
        return Guard("completed", "holds", reason, target.key_place("provider"))
    if dependency.misspelt:
        reason = f"'{dependency.misspelt}' is no condition"
        return Guard("none", "unknown", reason, dependency.key_place("condition"))
    answer = _ANSWERS.get(_kind_of(dependency))
    if answer is not None:
        return answer(facts, target, dependency)
    from composecheck.facts.patience import patience

    return patience(facts, service, dependency, target) or Guard(
        "none", "none", f"nothing waits until '{target.name}' is ready", dependency.key_place()
    )


def awaits_health(dependency: Dependency) -> bool:
    """Return whether a dependent is started when its dependency is healthy."""
    return _kind_of(dependency) == "healthy"


def awaits_completion(dependency: Dependency) -> bool:
    """Return whether a dependent is started when its dependency has ended with 0."""
    return _kind_of(dependency) == "completed"


def _kind_of(dependency: Dependency) -> Kind:
    return _OF_CONDITION.get(dependency.condition, "none")


def disabled_at(service: Service, healthcheck: Healthcheck) -> Span:
    """Return the place that disables a service's healthcheck."""
    if not healthcheck.has_place:
        return service.key_place()
    key = next((key for key in ("disable", "test") if healthcheck.says(key)), None)
    return healthcheck.key_place() if key is None else healthcheck.key_place(key)


def _healthy(facts: Facts, target: Service, dependency: Dependency) -> Guard:
    healthcheck = facts.images.healthcheck(target)
    if healthcheck == "unknown":
        return Guard(
            "healthy",
            "unknown",
            f"only the image of '{target.name}' can tell whether it has a healthcheck",
            dependency.key_place(),
        )
    if healthcheck is None:
        return Guard("healthy", "broken", f"'{target.name}' has no healthcheck", target.key_place())
    if healthcheck.disabled:
        span = disabled_at(target, healthcheck)
        return Guard("healthy", "broken", f"the healthcheck of '{target.name}' is disabled", span)
    span = healthcheck.key_place() if healthcheck.has_place else target.key_place()
    return Guard("healthy", "holds", f"waits until '{target.name}' is healthy", span)


def _completed(facts: Facts, target: Service, _dependency: Dependency) -> Guard:
    policy = restart_policy(target)
    if policy.after_success:
        return Guard(
            "completed",
            "broken",
            f"'{target.name}' never ends: its restart policy '{policy.word}' starts it again after success",
            policy.place,
        )
    from composecheck.facts.commands.jobs import ends

    if ends(target, facts.images.ends(target), facts.files(target)) is False:
        key = "command" if target.command else "entrypoint" if target.entrypoint else "image"
        reason = f"'{target.name}' never ends: its command goes on running"
        return Guard("completed", "broken", reason, target.key_place(key))
    return Guard("completed", "holds", f"waits until '{target.name}' has ended with 0", policy.place)


_OF_CONDITION = {way.condition: kind for kind, way in WAYS.items() if way.condition is not None}
_ANSWERS: Mapping[Kind, Callable[[Facts, Service, Dependency], Guard]] = {
    "healthy": _healthy,
    "completed": _completed,
}
