"""The rules: one module each, whose docstring is its manual and whose examples are its tests.

A rule's id is its module's name in kebab case. A module has `SEVERITY`, `REFUSED` (whether
docker compose refuses such a file) and, unless the loader or the preflight makes the finding,
`check(context)`.
This index says without importing them when each can fire at all.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from composecheck.facts.guards import guard
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from composecheck.facts.guards import Guard
    from composecheck.facts.healthtest import Tests
    from composecheck.facts.references import Wiring
    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.knowledge import Family, Knowledge
    from composecheck.model.project import Dependency, Image, Project, Service
    from composecheck.text.node import Node
    from composecheck.text.spelling import Names

# What has to be in a project for a rule to have anything to say: keys of services or of the file
# ("top-level ..."), conditions, and what `_facts` finds besides.
CHECKS: Mapping[str, tuple[str, ...]] = {
    "address-outside-subnet": ("ipam",),
    "address-without-subnet": ("ipv4_address", "ipv6_address", "ipam"),
    "appended-port": ("ports",),
    "bind-outside-project": ("volumes",),
    "completed-never-ends": ("service_completed_successfully",),
    "conflicting-deploy": ("deploy",),
    "conflicting-dockerfile": ("build",),
    "conflicting-external": ("external",),
    "conflicting-mac-address": ("mac_address",),
    "conflicting-restart-policy": ("deploy",),
    "container-name-with-replicas": ("container_name",),
    "data-directory-missed": ("volumes",),
    "data-store-without-volume": ("image",),
    "database-port-on-all-addresses": ("ports",),
    "dependency-cycle": ("depends_on",),
    "dependency-without-replicas": ("service_healthy", "service_completed_successfully"),
    "duplicate-address": ("ipv4_address", "ipv6_address"),
    "duplicate-alias": ("aliases", "container_name"),
    "duplicate-container-name": ("container_name",),
    "duplicate-host-port": ("ports", "network_mode"),
    "duplicate-hostname": ("hostname",),
    "duplicate-mount-target": ("tmpfs", "volumes"),
    "engine-socket": ("volumes",),
    "generated-container-name": ("container_name",),
    "guarded-by-restart": ("service_started",),
    "healthcheck-always-succeeds": ("healthcheck", "build"),
    "healthcheck-budget-too-short": ("healthcheck",),
    "healthcheck-interpolated-variable": ("healthcheck",),
    "healthcheck-missing-tool": ("healthcheck", "build"),
    "healthcheck-published-port": ("ports",),
    "healthcheck-shell-syntax": ("healthcheck", "build"),
    "healthcheck-too-early": ("healthcheck", "build"),
    "healthcheck-wrong-host": ("healthcheck", "build"),
    "healthy-without-healthcheck": ("service_healthy",),
    "hidden-dependency": ("left out",),
    "internal-network-with-ports": ("internal",),
    "invalid-address": ("ipv4_address", "ipv6_address", "dns", "ipam", "link_local_ips", "mac_address"),
    "invalid-container-name": ("container_name",),
    "invalid-healthcheck-test": ("healthcheck",),
    "invalid-image": ("odd image",),
    "invalid-restart-policy": ("deploy", "odd restart"),
    "legacy-link": ("links",),
    "link-without-shared-network": ("links",),
    "literal-secret": ("environment",),
    "localhost-for-service": ("loopback host",),
    "missing-bind-source": ("volumes",),
    "missing-build-context": ("build",),
    "missing-content-file": ("top-level secrets", "top-level configs"),
    "missing-dockerfile": ("build",),
    "missing-image": ("no image or build",),
    "missing-image-environment": ("image",),
    "missing-watch-target": ("develop",),
    "negative-replicas": ("scale", "deploy"),
    "nested-mount": ("volumes",),
    "network-mode-conflict": ("network_mode",),
    "network-mode-with-networks": ("network_mode",),
    "network-mode-with-ports": ("network_mode",),
    "no-shared-network": ("depends_on",),
    "one-shot-not-awaited": ("command", "entrypoint", "image"),
    "overlapping-subnets": ("ipam",),
    "path-for-volume": ("top-level volumes",),
    "platform-mismatch": ("platform",),
    "privileged-with-ports": ("privileged", "pid", "ipc", "userns_mode", "uts", "cgroup"),
    "published-port-between-services": ("service's host",),
    "random-host-port": ("ports",),
    "read-only-content": ("read_only",),
    "read-only-write-path": ("read_only", "volumes"),
    "readable-secret-file": ("top-level secrets",),
    "relative-mount-target": ("volumes",),
    "reserved-address": ("ipv4_address", "ipv6_address", "ipam"),
    "retry-too-short": ("x-retry",),
    "service-name-outside-network": ("host out of reach",),
    "shared-data-volume": ("volumes",),
    "slow-healthcheck": ("service_healthy",),
    "start-interval-without-start-period": ("start_interval",),
    "subnet-may-be-taken": ("ipam",),
    "unbuilt-build-context": ("additional_contexts",),
    "undeclared-dependency": ("service's host",),
    "undefined-build-context": ("additional_contexts",),
    "undefined-config": ("configs",),
    "undefined-dependency": ("depends_on",),
    "undefined-link": ("links",),
    "undefined-model": ("models",),
    "undefined-namespace": ("network_mode", "ipc", "pid", "uts"),
    "undefined-network": ("networks",),
    "undefined-secret": ("secrets", "build"),
    "undefined-volume": ("volumes",),
    "undefined-volumes-from": ("volumes_from",),
    "unguarded-dependency": ("service_started",),
    "unknown-host": ("unknown host",),
    "unreachable-host": ("host out of reach",),
    "unset-secret-variable": ("top-level secrets", "top-level configs"),
    "unsupported-content": ("top-level secrets", "top-level configs"),
    "unsupported-per-replica": ("pre_start",),
    "untagged-image": ("image",),
    "unused-network": ("top-level networks",),
    "unused-volume": ("top-level volumes",),
    "wait-exceeds-budget": ("budget",),
}
# What the loader finds.
LOADER = (
    "conflicting-content",
    "conflicting-device-count",
    "document-limit",
    "doubled-list",
    "duplicate-key",
    "empty-project",
    "extends-cycle",
    "include-conflict",
    "include-cycle",
    "invalid-encoding",
    "invalid-env-file",
    "invalid-host-ip",
    "invalid-interpolation",
    "invalid-project-name",
    "invalid-type",
    "invalid-value",
    "invalid-yaml",
    "merge-conflict",
    "missing-content",
    "missing-env-file",
    "missing-file",
    "missing-key",
    "missing-watch-path",
    "non-string-key",
    "obsolete-version",
    "portability",
    "remote-file",
    "required-variable",
    "undefined-extends",
    "unknown-key",
    "unreadable-file",
    "unset-variable",
)
# What of it leaves out a part of the project.
PARTIAL = frozenset(
    (
        "document-limit",
        "extends-cycle",
        "include-cycle",
        "invalid-encoding",
        "invalid-yaml",
        "missing-file",
        "remote-file",
        "undefined-extends",
        "unreadable-file",
    )
)
# What is found in the configuration and in the comments that suppress findings.
SETTINGS = (
    "invalid-configuration",
    "invalid-suppression",
    "suppression-without-reason",
    "unused-suppression",
)
# What only an engine can tell, asked before a start: `composecheck.preflight` finds it.
LIVE = (
    "container-name-in-use",
    "engine-too-old",
    "image-not-available",
    "low-disk-space",
    "missing-external-network",
    "missing-external-volume",
    "port-in-use",
    "subnet-in-use",
)
# Rules that a configuration has to switch on.
OFF = frozenset(("guarded-by-restart",))
IDS = tuple(sorted((*CHECKS, *LIVE, *LOADER, *SETTINGS)))


class Edge(NamedTuple):
    """One entry of a service's `depends_on`, whose service is defined, and its guard."""

    service: Service
    dependency: Dependency
    target: Service
    guard: Guard


class Context:
    """What a rule looks at: the Project, and what is worked out of it only once.

    `services` are those that the active profiles enable, and then those that they leave out: a rule
    speaks of both, for another set of profiles is somebody's everyday one. Of two that collide the
    later one is to blame, and so the one that needs a profile. `disabled` False leaves these out.
    """

    __slots__ = (
        "_cycles",
        "_edges",
        "_images",
        "_knowledge",
        "_names",
        "_tests",
        "_wiring",
        "budget",
        "project",
        "services",
        "whole",
    )

    def __init__(
        self,
        project: Project,
        knowledge: Knowledge | None = None,
        *,
        budget: float | None = None,
        disabled: bool = True,
    ) -> None:
        """Look at a project.

        `knowledge` None is what comes with composecheck; it is read when a rule asks for it. `budget`
        is how many seconds a start may take.
        """
        self.project = project
        self.budget = budget
        self._knowledge = knowledge
        self._images: dict[str, Image | None] = {}
        self.whole = (
            project._replace(services={**project.services, **project.disabled})
            if disabled and project.disabled
            else project
        )
        self.services = self.whole.services
        self._edges: tuple[Edge, ...] | None = None
        self._cycles: tuple[frozenset[str], ...] | None = None
        self._names: dict[str, Names] = {}
        self._tests: Tests | None = None
        self._wiring: Wiring | None = None

    @property
    def wiring(self) -> Wiring:
        """By what hosts the services call each other."""
        if self._wiring is None:
            from composecheck.facts.references import Wiring

            self._wiring = Wiring(self.whole)
        return self._wiring

    def together(self, one: Service, other: Service) -> bool:
        """Return whether two services can be active at once, without two profiles that differ.

        Who gives services a profile each means the one or the other: they are not held against
        each other.
        """
        return (
            not one.profiles
            or not other.profiles
            or not set(one.profiles).isdisjoint(other.profiles)
            or (one.name in self.project.services and other.name in self.project.services)
        )

    def when(self, service: Service) -> str:
        """Return " (with profile 'debug')" for a service that the active profiles leave out, else ""."""
        if service.name not in self.project.disabled:
            return ""
        from composecheck.remedies import listed

        return f" (with profile {listed(service.profiles, 'or')})"

    def claims(self) -> Claims:
        """Return an empty table of what services claim."""
        return Claims(self.project.disabled)

    @property
    def knowledge(self) -> Knowledge:
        """What is known of images."""
        if self._knowledge is None:
            from composecheck.knowledge import shipped

            self._knowledge = shipped()
        return self._knowledge

    def family(self, service: Service) -> Family | None:
        """Return what is known of a service's image; of one that is built here nothing is (see `base`)."""
        return self.knowledge.family(service.image) if service.build is None else None

    def base(self, service: Service) -> Family | None:
        """Return what is known of the image that a service's Dockerfile begins with.

        What the Dockerfile adds to it or changes is not in it.
        """
        if service.build is None:
            return None
        from composecheck.dockerfile import built

        found = built(service.build)
        return self.knowledge.family(found.base) if found is not None else None

    def likely(self, service: Service) -> Family | None:
        """Return what a service's image seems to be, by its name: for advice, and for nothing else."""
        return self.base(service) or self.knowledge.likely(service.image)

    def image(self, service: Service) -> Image | None:
        """Return what is known for certain of a service's image, as an engine would say it.

        A Dockerfile without a HEALTHCHECK hands on that of the image that it begins with: none, if that
        is known to have none.
        """
        if service.name not in self._images:
            from composecheck.model.project import Image

            own = self.family(service)
            family = own or self.base(service)
            known = family is not None and family.image_healthcheck is False
            self._images[service.name] = Image(ends=own.ends if own else None) if known else None
        return self._images[service.name]

    def is_job(self, service: Service) -> bool:
        """Return whether a service surely does one thing and ends."""
        from composecheck.facts.guards.jobs import is_job

        family = self.family(service)
        return is_job(service, family.ends if family is not None else None)

    @property
    def tests(self) -> Tests:
        """The tests of healthchecks, those in Dockerfiles too."""
        if self._tests is None:
            from composecheck.facts.healthtest import Tests

            self._tests = Tests(self.whole)
        return self._tests

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The dependencies that the files write down; implied ones only order the start.

        Left out are those of a service that has nothing to run: what is given is then only a part
        of a project, and the rest of it may well say how the service waits. And those of or on a
        service without replicas, which neither starts nor is waited for; and those on a service
        that may be missing where its dependent is active: that is a fault of its own, or `required:
        false`, which lets the dependent start in any case.
        """
        if self._edges is None:
            self._edges = tuple(self._guarded())
        return self._edges

    def _guarded(self) -> Iterator[Edge]:
        disabled = self.project.disabled
        for service in self.services.values():
            for name, dependency in service.depends_on.items():
                target = self.services.get(name)
                if target is None or dependency.implicit is not None:
                    continue
                if name in disabled and (service.name not in disabled or not self.together(service, target)):
                    continue
                if service.replicas and target.replicas and runnable(service) and runnable(target):
                    # Only where a condition is to hold does it matter what images bring.
                    image = self.image(target) if dependency.condition != "service_started" else None
                    images = {name: image} if image is not None else {}
                    answer = guard(self.whole, service, dependency, images)
                    if (
                        answer.verdict == "none"
                        and service.name in disabled
                        and "env_file" in service.node.mapping
                    ):
                        continue  # its env files are not read, and may say what its command waits for
                    yield Edge(service, dependency, target, answer)

    @property
    def cycles(self) -> tuple[frozenset[str], ...]:
        """The groups of services that all depend on each other."""
        if self._cycles is None:
            groups = dict.fromkeys(found := _cycles(self.project.services))
            more = found if self.whole is self.project else _cycles(self.services)
            if more != found:
                groups |= dict.fromkeys(self._with_profiles(frozenset().union(*more)))
            self._cycles = tuple(groups)
        return self._cycles

    def _with_profiles(self, names: frozenset[str]) -> Iterator[frozenset[str]]:
        """Yield the groups among some services that each profile in turn makes."""
        disabled = self.project.disabled
        by_profile: dict[str, set[str]] = {}
        for name in names & disabled.keys():
            for profile in disabled[name].profiles:
                by_profile.setdefault(profile, set()).add(name)
        always = names - disabled.keys()
        for _, members in sorted(by_profile.items()):
            yield from _cycles({name: self.services[name] for name in sorted(always | members)})

    def defined(self, kind: str) -> Mapping[str, Node]:
        """Return what stands under a top-level key, also entries that could not be read."""
        node = self.project.node.get(kind)
        return node.mapping if node is not None else {}

    def host_meant(self, host: str, cutoff: float) -> str:
        """Return "did you mean 'x'?" for the closest of the names by which services are found, or ""."""
        if "hosts" not in self._names:
            from composecheck.text.spelling import Names

            self._names["hosts"] = Names(self.wiring.names)
        return self._names["hosts"].closest(host, cutoff=cutoff)

    def did_you_mean(self, name: str, kind: str, *, but: str = "") -> str:
        """Return "did you mean 'x'?" for the closest name under a top-level key, "" where none is close."""
        if kind not in self._names:
            from composecheck.text.spelling import Names

            self._names[kind] = Names(self.services if kind == "services" else self.defined(kind))
        return self._names[kind].closest(name, but=but)


class Claims:
    """What services claim, each thing once, to be found by those that can be active together.

    Each claim stands under the profiles of its service, so that to find one costs the same however
    many there are.
    """

    __slots__ = ("_disabled", "_first")

    def __init__(self, disabled: Mapping[str, Service]) -> None:
        self._disabled = disabled
        self._first: dict[tuple[object, str], Any] = {}

    def first(self, thing: object, service: Service) -> Any:
        """Return the first claim to a thing by who can be active together with a service, else None."""
        for key in self.sought(service):
            claim = self._first.get((thing, key))
            if claim is not None:
                return claim
        return None

    def add(self, thing: object, service: Service, claim: object) -> None:
        """Add a claim; the first one stays where there are several."""
        for key in self.standing(service):
            self._first.setdefault((thing, key), claim)

    def standing(self, service: Service) -> tuple[str, ...]:
        """Return the groups that a service's claims stand in."""
        if not self._disabled:
            return (_ALWAYS,)
        if service.name in self._disabled:
            return (_EVER, *service.profiles)
        return (_EVER, _ALWAYS, *service.profiles) if service.profiles else (_EVER, _ALWAYS, _UNBOUND)

    def sought(self, service: Service) -> tuple[str, ...]:
        """Return the groups in which whatever a service excludes stands."""
        if not self._disabled:
            return (_ALWAYS,)
        if not service.profiles:
            return (_EVER,)
        own = (_UNBOUND, *service.profiles)
        return own if service.name in self._disabled else (_ALWAYS, *own)


# Beside the profiles, whose names cannot have a blank: whatever service, those that are active now,
# and those that no profile binds.
_EVER, _ALWAYS, _UNBOUND = " ever", " always", " unbound"


def _cycles(services: Mapping[str, Service]) -> tuple[frozenset[str], ...]:
    from composecheck.facts.graph import cycles

    return cycles(
        {
            name: [other for other in service.depends_on if other in services]
            for name, service in services.items()
        }
    )


def runnable(service: Service) -> bool:
    """Return whether anything says what a service's containers are made from."""
    return any(key in service.node.mapping for key in ("image", "build", "provider"))


class Rule(Protocol):
    """A rule's module."""

    __doc__: str
    SEVERITY: Severity
    REFUSED: bool

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the findings; absent where the loader makes them."""
        ...


def rule(name: str) -> Rule:
    """Return the module of a rule, by its id."""
    return cast("Rule", import_module(f"{__name__}.{name.replace('-', '_')}"))


def meant(name: str) -> str:
    """Return which rule may be meant by an id that is none's."""
    from composecheck.remedies import did_you_mean

    return did_you_mean(name, IDS) or "'composecheck rules' lists them"


def run(context: Context, *, without: Iterable[str] = (), refused_only: bool = False) -> Iterator[Diagnostic]:
    """Yield the findings of all rules that can fire, but those named in `without`.

    What is wrong with a service that the active profiles leave out stops nobody who does not enable
    it: it is a warning at most, and says so.
    """
    there = _facts(context)
    if not refused_only:
        there.update(tuple(_hosts(context, there)))
    disabled = context.project.disabled
    for name, needed in CHECKS.items():
        if name in without or not any(fact in there for fact in needed):
            continue
        module = rule(name)
        if module.REFUSED or not refused_only:
            for found in module.check(context):
                yield _disabled(context, found) if found.service in disabled else found


def _disabled(context: Context, found: Diagnostic) -> Diagnostic:
    return found._replace(
        severity="warning" if found.severity == "error" else found.severity,
        message=found.message + context.when(context.services[found.service or ""]),
    )


def _facts(context: Context) -> set[str]:
    """Return what is in a project: its keys, those of its services, and the conditions they wait for."""
    there = _outside_services(context.project)
    if context.budget is not None:
        there.add("budget")
    for service in context.services.values():
        keys = service.node.mapping
        there.update(keys)
        if service.depends_on:
            there.add("depends_on")
            there.update(dependency.condition for dependency in service.depends_on.values())
            if any(dependency.retry is not None for dependency in service.depends_on.values()):
                there.add("x-retry")
        for joined in service.networks.values():
            there.update(joined.node.mapping)
        if service.healthcheck is not None:
            there.update(service.healthcheck.node.mapping if service.healthcheck.node else ())
        if service.build is not None:
            there.update(service.build.node.mapping)
        elif not service.image:
            there.add("no image or build")
        if service.image and not _PLAIN_IMAGE(service.image):
            there.add("odd image")
        if "restart" in keys and keys["restart"].value not in _POLICIES:
            there.add("odd restart")
    return there


def _hosts(context: Context, there: set[str]) -> Iterator[str]:
    """Yield what kinds of hosts services name, in their environment and their commands."""
    if there.isdisjoint(("environment", "command", "entrypoint")):
        return
    wiring = context.wiring
    if wiring.local:
        yield "loopback host"
    if wiring.unknown:
        yield "unknown host"
    if wiring.used:
        yield "service's host"
    if wiring.apart:
        yield "host out of reach"


def _outside_services(project: Project) -> set[str]:
    there = {f"top-level {key}" for key in project.node.mapping}
    default = project.networks.get("default") if len(project.networks) == 1 else None
    if default is not None and default.node.origin is not None and default.node.origin.kind == "default":
        there.discard("top-level networks")  # the one that nobody wrote
    if project.disabled:
        there.add("left out")
    for network in project.networks.values():
        there.update(network.node.mapping.keys() & {"external", "internal", "ipam"})
    for section in ("secrets", "configs"):
        entries = project.node.get(section)
        if entries is not None and any("external" in entry.mapping for entry in entries.mapping.values()):
            there.add("external")
    return there


# Most images, of which it is plain that they are well written; and most restart policies.
_PLAIN_IMAGE = re.compile(
    r"(?!.{64})[a-z0-9]+([./-][a-z0-9]+)*(:[a-z0-9]+([._-][a-z0-9]+)*)?", re.ASCII
).fullmatch
_POLICIES = ("no", "always", "on-failure", "unless-stopped")
