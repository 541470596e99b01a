"""The guard of a dependency: what makes it safe that one service is started after another.

For an edge dependent -> dependency there is exactly one answer. It *holds*, and by what; it is
*broken*: a condition that can never come true; there is *none*, and the two race; or it is
*unknown*: only an image that is not at hand could tell. A broken or unknown condition never falls
through to a retry plan, for Compose has given up by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from composecheck.facts.guards.restart import restart_policy
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.model.project import Dependency, Healthcheck, Image, Project, Service
    from composecheck.text.source import Span

Verdict = Literal["holds", "broken", "none", "unknown"]
By = Literal["healthcheck", "completion", "x-retry", "wrapper", "restart"]
_HINTS = (
    "wait",
    "dockerize",
    "until",
    "while",
    "for",
    "retry",
    "ready",
    "mysqladmin",
    "mariadb-admin",
    "cub",
)
# What a container calls itself, and what it calls the machine that it runs on.
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - what a file says
_MACHINE = "host.docker.internal"


class Guard(NamedTuple):
    """The answer for one edge; `reason` is a clause for a person, `span` the place that shows it."""

    verdict: Verdict
    by: By | None
    reason: str
    span: Span


def guard(
    project: Project, service: Service, dependency: Dependency, images: Mapping[str, Image] = {}
) -> Guard:
    """Return the guard of `service`'s dependency, an entry of its `depends_on`.

    `images` says, by the name of a service, what an engine knows of its image; without it only the
    file and the Dockerfiles that it names are asked. The dependency is one of the project's
    services: a condition on one that is not defined is unknown.
    """
    target = project.services.get(dependency.service)
    if target is None:
        return Guard(
            "unknown", None, f"'{dependency.service}' is not part of the project", dependency.node.place
        )
    for idle in (service, target):
        if not idle.replicas:
            # Compose does not even look at the condition.
            scale = idle.node.get("scale") or idle.place_of("deploy", "replicas")
            return Guard("none", None, f"'{idle.name}' has no replicas: nothing is waited for", scale.place)
    if "provider" in target.node.mapping:
        # Compose runs the provider, whatever the condition, and goes on when it has returned.
        reason = f"waits until the provider of '{target.name}' has set it up"
        return Guard("holds", "completion", reason, target.place_of("provider").place)
    if dependency.condition == "service_healthy":
        return _healthy(target, dependency, images.get(target.name))
    if dependency.condition == "service_completed_successfully":
        return _completed(target, images.get(target.name))
    return _retry_plan(project, service, dependency, target) or Guard(
        "none", None, f"nothing waits until '{target.name}' is ready", dependency.node.place
    )


def healthcheck_of(service: Service, image: Image | None = None) -> Healthcheck | Literal["unknown"] | None:
    """Return the healthcheck whose test a service's container runs, None where it has none.

    The file's own wins, then the Dockerfile's that it is built from, then the image's; a
    healthcheck in the file that only has times keeps the image's test.
    """
    own = service.healthcheck
    if own is not None and own.test:
        return own
    if service.build is not None:
        # Read only where something waits for health, and the file does not say how it is seen.
        from composecheck.dockerfile import built

        found = built(service.build)
        if found is not None and found.healthcheck is not None:
            return found.healthcheck
        if found is not None and found.base == "scratch":
            return None
    return "unknown" if image is None else image.healthcheck


def disabled_at(service: Service, healthcheck: Healthcheck) -> Span:
    """Return the place that disables a service's healthcheck."""
    node = healthcheck.node or service.node
    return (node.get("disable") or node.get("test") or node).place


def _healthy(target: Service, dependency: Dependency, image: Image | None) -> Guard:
    found = healthcheck_of(target, image)
    if found == "unknown":
        return Guard(
            "unknown",
            None,
            f"only the image of '{target.name}' can tell whether it has a healthcheck",
            dependency.node.place,
        )
    if found is None:
        return Guard("broken", "healthcheck", f"'{target.name}' has no healthcheck", target.node.place)
    if found.disabled:
        span = disabled_at(target, found)
        return Guard("broken", "healthcheck", f"the healthcheck of '{target.name}' is disabled", span)
    span = (found.node or target.node).place
    return Guard("holds", "healthcheck", f"waits until '{target.name}' is healthy", span)


def _completed(target: Service, image: Image | None) -> Guard:
    policy = restart_policy(target)
    if policy.after_success:
        return Guard(
            "broken",
            "completion",
            f"'{target.name}' never ends: its restart policy '{policy.word}' starts it again after success",
            policy.node.place,
        )
    from composecheck.facts.guards.jobs import ends

    if ends(target, image.ends if image is not None else None) is False:
        key = "command" if target.command else "entrypoint" if target.entrypoint else "image"
        reason = f"'{target.name}' never ends: its command goes on running"
        return Guard("broken", "completion", reason, target.place_of(key).place)
    return Guard("holds", "completion", f"waits until '{target.name}' has ended with 0", policy.node.place)


def _retry_plan(project: Project, service: Service, dependency: Dependency, target: Service) -> Guard | None:
    """Return the dependent's own way to get along until its dependency is ready.

    The restart policy is the dependent's: one on the dependency restarts only that, and nobody
    runs the dependent a second time.
    """
    retry = dependency.retry or service.retry
    if retry is not None:
        return Guard("holds", "x-retry", f"'{service.name}' declares that it retries", retry.node.place)
    wrapper = _wrapper(project, service, target)
    if wrapper is not None:
        return wrapper
    policy = restart_policy(service)
    if policy.after_failure:
        reason = f"'{service.name}' is started again when it fails (restart policy '{policy.word}')"
        return Guard("holds", "restart", reason, policy.node.place)
    return None


def _wrapper(project: Project, service: Service, target: Service) -> Guard | None:
    argv, key = _argv(service)
    # Most commands wait for nothing, and need no closer look.
    if not any(hint in word for word in argv for hint in _HINTS):
        return None
    from composecheck.facts.guards.waits import Hosts, waits_for

    ports = {
        port.published[0]
        for port in target.ports
        if port.published is not None and port.published[0] == port.published[1]
    }
    local = (_MACHINE, *(_LOOPBACK if service.network_mode == "host" else ()))
    hosts = Hosts(_hosts(project, service, target), _image_names(target), local=local, published=ports)
    if not waits_for(hosts, argv, service.environment):
        return None
    reason = f"the command of '{service.name}' waits for '{target.name}'"
    return Guard("holds", "wrapper", reason, service.place_of(key).place)


def _argv(service: Service) -> tuple[tuple[str, ...], str]:
    """Return the words that a service's container runs, as far as files tell, and their key."""
    entrypoint, command = service.entrypoint, service.command or None
    if service.build is not None and entrypoint is None:
        from composecheck.dockerfile import built

        found = built(service.build)
        if found is not None:
            # An entrypoint in the Compose file would drop the image's command.
            return (*(found.entrypoint or ()), *(command or found.command or ())), "build"
    return (*(entrypoint or ()), *(command or ())), "command" if command else "entrypoint"


def _hosts(project: Project, service: Service, target: Service) -> Iterator[str]:
    """Yield the names under which a dependent can reach its dependency."""
    yield target.name
    # The name that Compose gives its first container, in either of its ways.
    yield from (
        (target.container_name,)
        if target.container_name
        else (f"{project.name}{mark}{target.name}{mark}1" for mark in "-_")
    )
    hostname = target.node.get("hostname")
    if hostname is not None and isinstance(hostname.value, str):
        yield hostname.value
    for attachment in target.networks.values():
        yield from attachment.aliases
        yield from filter(None, (attachment.ipv4_address, attachment.ipv6_address))
    links = service.node.get("links")
    for link in links.items if links else ():
        name, _, alias = str(link.value).partition(":")
        if name == target.name and alias:
            yield alias
    modes = (service.network_mode, target.network_mode)
    if (
        f"service:{target.name}" == modes[0]
        or f"service:{service.name}" == modes[1]
        or modes == ("host", "host")
    ):
        # One network namespace: each is the other's localhost.
        yield from _LOOPBACK


def _image_names(target: Service) -> Iterator[str]:
    """Yield what the dependency's image is commonly called: "postgres" for postgres:16-alpine."""
    if target.image:
        name = target.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        if name:
            yield name
