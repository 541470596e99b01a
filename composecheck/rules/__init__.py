"""The rules: one module each, whose docstring is its manual and whose examples are its tests.

A rule's id is its module's name in kebab case. A module has `SEVERITY`, `REFUSED` (whether
docker compose refuses such a file) and, unless the loader makes the finding, `check(context)`.
This index says without importing them when each can fire at all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from composecheck.guards import guard
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from composecheck.diagnostic import Diagnostic, Severity
    from composecheck.guards import Guard
    from composecheck.project import Dependency, Image, Project, Service

# What has to be in a project for a rule to have anything to say: keys of services, conditions
# and, in front of the keys that it misses, "no".
CHECKS: Mapping[str, tuple[str, ...]] = {
    "completed-never-ends": ("service_completed_successfully",),
    "conflicting-deploy": ("deploy",),
    "conflicting-dockerfile": ("build",),
    "container-name-with-replicas": ("container_name",),
    "dependency-cycle": ("depends_on",),
    "duplicate-container-name": ("container_name",),
    "duplicate-host-port": ("ports",),
    "duplicate-mount-target": ("tmpfs", "volumes"),
    "healthy-without-healthcheck": ("service_healthy",),
    "invalid-healthcheck-test": ("healthcheck",),
    "missing-image": ("no image or build",),
    "missing-watch-target": ("develop",),
    "network-mode-with-networks": ("network_mode",),
    "no-shared-network": ("depends_on",),
    "platform-mismatch": ("platform",),
    "retry-too-short": ("x-retry",),
    "undefined-build-context": ("build",),
    "undefined-config": ("configs",),
    "undefined-dependency": ("depends_on",),
    "undefined-model": ("models",),
    "undefined-network": ("networks",),
    "undefined-secret": ("secrets", "build"),
    "undefined-volume": ("volumes",),
    "unguarded-dependency": ("service_started",),
}
# What the loader finds.
LOADER = (
    "document-limit",
    "duplicate-key",
    "empty-project",
    "extends-cycle",
    "include-conflict",
    "include-cycle",
    "invalid-encoding",
    "invalid-env-file",
    "invalid-interpolation",
    "invalid-project-name",
    "invalid-type",
    "invalid-value",
    "invalid-yaml",
    "merge-conflict",
    "missing-env-file",
    "missing-file",
    "missing-key",
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
# Rules that a configuration has to switch on.
OFF: frozenset[str] = frozenset()
IDS = tuple(sorted((*CHECKS, *LOADER, *SETTINGS)))


class Edge(NamedTuple):
    """One entry of a service's `depends_on`, whose service is defined, and its guard."""

    service: Service
    dependency: Dependency
    target: Service
    guard: Guard


class Context:
    """What a rule looks at: the Project, and what is worked out of it only once."""

    __slots__ = ("_cycles", "_edges", "images", "project")

    def __init__(self, project: Project, images: Mapping[str, Image] = {}) -> None:
        self.project = project
        self.images = images
        self._edges: tuple[Edge, ...] | None = None
        self._cycles: tuple[frozenset[str], ...] | None = None

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The dependencies that the files write down; implied ones only order the start.

        Left out are those of a service that has nothing to run: what is given is then only a part
        of a project, and the rest of it may well say how the service waits. And those of or on a
        service without replicas, which neither starts nor is waited for.
        """
        if self._edges is None:
            self._edges = tuple(self._guarded())
        return self._edges

    def _guarded(self) -> Iterator[Edge]:
        project = self.project
        for service in project.services.values():
            for name, dependency in service.depends_on.items():
                target = project.services.get(name)
                if target is None or dependency.implicit is not None:
                    continue
                if service.replicas and target.replicas and runnable(service) and runnable(target):
                    yield Edge(service, dependency, target, guard(project, service, dependency, self.images))

    @property
    def cycles(self) -> tuple[frozenset[str], ...]:
        """The groups of services that all depend on each other."""
        if self._cycles is None:
            from composecheck.graph import cycles

            services = self.project.services
            self._cycles = cycles(
                {
                    name: [other for other in service.depends_on if other in services]
                    for name, service in services.items()
                }
            )
        return self._cycles

    def defined(self, kind: str) -> frozenset[str]:
        """Return the keys under a top-level key, also of entries that could not be read."""
        node = self.project.node.get(kind)
        return frozenset(node.mapping if node else ())


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
    from composecheck.remedy import did_you_mean

    return did_you_mean(name, IDS) or "'composecheck rules' lists them"


def run(context: Context, *, without: Iterable[str] = (), refused_only: bool = False) -> Iterator[Diagnostic]:
    """Yield the findings of all rules that can fire, but those named in `without`."""
    there = _facts(context.project)
    for name, needed in CHECKS.items():
        if name in without or not any(fact in there for fact in needed):
            continue
        module = rule(name)
        if module.REFUSED or not refused_only:
            yield from module.check(context)


def _facts(project: Project) -> set[str]:
    """Return what is in a project: the keys of its services, and the conditions they wait for."""
    there: set[str] = set()
    for service in project.services.values():
        keys = service.node.mapping
        there.update(keys)
        if service.depends_on:
            there.add("depends_on")
            there.update(dependency.condition for dependency in service.depends_on.values())
            if any(dependency.retry is not None for dependency in service.depends_on.values()):
                there.add("x-retry")
        if not service.image and service.build is None:
            there.add("no image or build")
    return there
