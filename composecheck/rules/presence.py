"""What is present in a project, so that only the rules that have something to look at are imported."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Project, Service


def present(facts: Facts, *, hosts: bool) -> set[str]:
    """Return what is in a project: its keys, those of its services, the conditions they wait for, ...

    With `hosts`, also what kinds of hosts the services name.
    """
    present = _outside_services(facts.project)
    if facts.budget is not None:
        present.add("budget")
    for service in facts.services.values():
        present.update(service.words())
        if service.depends_on:
            present.add("depends_on")
            present.update(dependency.condition for dependency in service.depends_on.values())
            if any(dependency.retry is not None for dependency in service.depends_on.values()):
                present.add("x-retry")
        present.update(_of_values(service))
        for attachment in service.networks.values():
            present.update(attachment.words())
        if service.healthcheck is not None:
            present.update(service.healthcheck.words())
        if service.build is not None:
            present.update(service.build.words())
    if hosts and not present.isdisjoint(("environment", "command", "entrypoint")):
        present.update(_hosts(facts))
    return present


def _of_values(service: Service) -> Iterator[str]:
    """Yield what is remarkable about the values of a service's keys."""
    if not service.image and service.build is None:
        yield "no image or build"
    if service.image and not _is_plain(service.image):
        yield "odd image"
    if service.image and service.image.rpartition("/")[2].partition(":")[2] in ("", "latest"):
        yield "open version"
    if service.own_restart_policy is not None and service.own_restart_policy.text not in _POLICIES:
        yield "odd restart"
    if service.replicas != 1:
        yield "several replicas" if service.replicas else "no replicas"
    yield from _of_ports(service)
    yield from _of_mounts(service)
    if service.says("networks"):
        yield "networks of its own"


def _of_ports(service: Service) -> Iterator[str]:
    for port in service.ports:
        if port.published is None:
            yield "port of no number"
        elif port.published[0] != port.published[1]:
            yield "range of ports"


def _of_mounts(service: Service) -> Iterator[str]:
    for mount in service.mounts:
        yield f"{mount.type} mount"
        if mount.read_only:
            yield "read-only mount"
        if mount.target[:1] not in ("/", "$"):
            yield "relative target"
    if len(service.mounts) > 1:
        yield "several mounts"


def _hosts(facts: Facts) -> Iterator[str]:
    """Yield what kinds of hosts services name, in their environment and their commands."""
    wiring = facts.wiring
    if wiring.local:
        yield "loopback host"
    if wiring.unknown:
        yield "unknown host"
    if wiring.used:
        yield "service's host"
    if wiring.apart:
        yield "host out of reach"


def _is_plain(image: str) -> bool:
    """Whether an image is plainly well written, as most are: words of lower-case letters and digits."""
    name, colon, tag = image.partition(":")
    words = name.replace("/", ".").replace("-", ".").split(".")
    if colon:
        words += tag.replace("_", ".").replace("-", ".").split(".")
    letters = "".join(words)
    return (
        len(image) < 64
        and all(words)
        and letters.isascii()
        and letters.isalnum()
        and letters == letters.lower()
    )


def _outside_services(project: Project) -> set[str]:
    present = {f"top-level {key}" for key in project.words()}
    default = project.networks.get("default") if len(project.networks) == 1 else None
    if default is not None and default.implied:
        present.discard("top-level networks")  # the one that nobody wrote
    if project.disabled:
        present.add("left out")
    if len(project.files) + len(project.included) > 1:
        present.add("several files")
    for network in project.networks.values():
        present.update(network.words() & {"external", "internal", "ipam"})
    if any(resource.says("external") for resource in (*project.secrets.values(), *project.configs.values())):
        present.add("external")
    return present


# Most restart policies.
_POLICIES = ("no", "always", "on-failure", "unless-stopped")
