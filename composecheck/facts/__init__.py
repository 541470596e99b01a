"""What follows from a project, each worked out once: the guards, the names, the ports, what images bring."""

from __future__ import annotations

from composecheck.facts.guards import awaits_completion, awaits_health, guard
from composecheck.facts.images import Images
from composecheck.facts.sources import is_runnable
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from composecheck.facts.claims import Claims
    from composecheck.facts.commands.calls import Call
    from composecheck.facts.commands.files import Files
    from composecheck.facts.commands.waits import Process
    from composecheck.facts.connections import Connections
    from composecheck.facts.guards import Guard
    from composecheck.facts.healthtest import Test
    from composecheck.facts.heights import Order
    from composecheck.facts.host_ports import HostPorts
    from composecheck.facts.names import Clash, Directory
    from composecheck.facts.networks import Networks
    from composecheck.facts.programs import Asking
    from composecheck.facts.references import Reference, Wiring
    from composecheck.facts.sharing import Sharing
    from composecheck.knowledge import Family
    from composecheck.model.attributes import Part
    from composecheck.model.project import Dependency, Image, Project, Service
    from composecheck.text.ignored import Ignored
    from composecheck.text.source import Span
    from composecheck.text.spelling import Names


class Edge(NamedTuple):
    """One entry of a service's `depends_on`, whose service is defined, and its guard."""

    service: Service
    dependency: Dependency
    target: Service
    guard: Guard

    @property
    def waits_for_health(self) -> bool:
        """Whether the dependent is started when the dependency is healthy."""
        return awaits_health(self.dependency)

    @property
    def waits_for_completion(self) -> bool:
        """Whether the dependent is started when the dependency has ended with 0."""
        return awaits_completion(self.dependency)

    @property
    def retries(self) -> bool:
        """Whether an `x-retry` of the dependent's is what makes it safe."""
        return self.guard.kind == "x-retry"

    @property
    def restarts(self) -> bool:
        """Whether nothing but the dependent's restart policy makes it safe."""
        return self.guard.kind == "restart"


class Facts:
    """What follows from a project, each worked out when it is first asked for, and only once.

    `services` are those that the active profiles enable, and then those that they leave out: a rule
    speaks of both, for another set of profiles is somebody's everyday one. As these come last, a
    conflict of two services is reported at the one that needs a profile. `disabled` False leaves them
    out.
    """

    __slots__ = (
        "_asking",
        "_awaited",
        "_builders",
        "_called_at",
        "_calls",
        "_clashes",
        "_closest",
        "_connections",
        "_cycles",
        "_edges",
        "_files",
        "_guards",
        "_host_ports",
        "_idle",
        "_ignored",
        "_kin",
        "_names",
        "_networks",
        "_order",
        "_processes",
        "_running",
        "_sharing",
        "_tests",
        "_waited_for",
        "_wiring",
        "budget",
        "images",
        "project",
        "services",
        "whole",
    )

    def __init__(
        self,
        project: Project,
        *,
        budget: float | None = None,
        disabled: bool = True,
    ) -> None:
        """Look at a project; `budget` is how many seconds a start may take."""
        self.project = project
        self.budget = budget
        self.images = Images(project)
        self.whole = (
            project._replace(services={**project.services, **project.disabled})
            if disabled and project.disabled
            else project
        )
        self.services = self.whole.services
        self._edges: tuple[Edge, ...] | None = None
        self._awaited: dict[str, Span] | None = None
        self._waited_for: dict[str, tuple[Service, ...]] = {}
        self._files: dict[str, Files | None] = {}
        self._calls: dict[str, Call | None] = {}
        self._running: dict[str, Family | None] = {}
        self._builders: frozenset[tuple[str, ...]] | None = None
        self._idle: dict[str, Span | None] = {}
        self._guards: dict[tuple[str, str], Guard] = {}
        self._order: Order | None = None
        self._host_ports: HostPorts | None = None
        self._ignored: Ignored | None = None
        self._cycles: tuple[frozenset[str], ...] | None = None
        self._clashes: tuple[Clash, ...] | None = None
        self._closest: dict[str, Names] = {}
        self._connections: Connections | None = None
        self._asking: Asking | None = None
        self._names: Directory | None = None
        self._networks: Networks | None = None
        self._processes: dict[str, Process | None] = {}
        self._sharing: Sharing | None = None
        self._tests: tuple[Test, ...] | None = None
        self._kin: Mapping[str, int] | None = None
        self._called_at: dict[str, int] | None = None
        self._wiring: Wiring | None = None

    def told(self, images: Mapping[str, Image | None]) -> Facts:
        """Return what follows where an engine says what the images of some services are, by their names.

        Only a guard can change by that, and none does where the files state every healthcheck that
        another service waits for.
        """
        from copy import copy  # a check tells nothing

        told = copy(self)
        told.images = self.images.told(images)
        awaited = (self.services[name] for name in self.awaited if name in self.services)
        if any(self.images.stated_healthcheck(service) == "unknown" for service in awaited):
            told._guards, told._waited_for, told._edges = {}, {}, None
        return told

    @property
    def networks(self) -> Networks:
        """Which networks the services are in."""
        if self._networks is None:
            from composecheck.facts.networks import Networks

            self._networks = Networks(self.whole)
        return self._networks

    @property
    def names(self) -> Directory:
        """By what names the services are found."""
        if self._names is None:
            from composecheck.facts.names import Directory

            self._names = Directory(self.whole, self.networks)
        return self._names

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The names that two services have in one network."""
        if self._clashes is None:
            from composecheck.facts.names import clashes

            self._clashes = tuple(clashes(self.whole, self.names, self.services.values(), self.claims()))
        return self._clashes

    @property
    def wiring(self) -> Wiring:
        """By what hosts the services call each other."""
        if self._wiring is None:
            from composecheck.facts.references import Wiring

            self._wiring = Wiring(self.whole, self.names, self.networks)
        return self._wiring

    @property
    def connections(self) -> Connections:
        """What in the services, their files too, names another one."""
        if self._connections is None:
            from composecheck.facts.connections import Connections

            self._connections = Connections(self)
        return self._connections

    @property
    def asking(self) -> Asking:
        """How the programs that are built here ask for the other services."""
        if self._asking is None:
            from composecheck.facts.programs import Asking

            self._asking = Asking(self)
        return self._asking

    @property
    def sharing(self) -> Sharing:
        """Whose the values of an env file are that several services take."""
        if self._sharing is None:
            from composecheck.facts.sharing import Sharing

            self._sharing = Sharing(self)
        return self._sharing

    @property
    def kin(self) -> Mapping[str, int]:
        """How many containers run each software, by the name of its family or, of others, of its image."""
        if self._kin is None:
            from composecheck.facts.peers import kin

            self._kin = kin(self)
        return self._kin

    @property
    def called_at(self) -> Mapping[str, int]:
        """The port by which others call each service, the first that is written."""
        if self._called_at is None:
            self._called_at = {}
            for reference in self.wiring.used:
                for target in reference.targets:
                    if reference.reached:
                        self._called_at.setdefault(target.name, reference.reached)
        return self._called_at

    def can_both_be_active(self, one: Service, other: Service) -> bool:
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

    def comes_along(self, service: Service, other: Service) -> bool:
        """Return whether no profile keeps another service out where a service is active."""
        disabled = self.project.disabled
        return other.name not in disabled or (
            service.name in disabled and self.can_both_be_active(service, other)
        )

    def profile_note(self, service: Service) -> str:
        """Return " (with profile 'debug')" for a service that the active profiles leave out, else ""."""
        if service.name not in self.project.disabled:
            return ""
        from composecheck.text.spelling import listed

        return f" (with profile {listed(service.profiles, 'or')})"

    def claims(self) -> Claims:
        """Return an empty table of what services claim."""
        from composecheck.facts.claims import Claims

        return Claims(self.project.disabled)

    @property
    def host_ports(self) -> HostPorts:
        """The ports of the host that are wanted more often than they exist."""
        if self._host_ports is None:
            from composecheck.facts.host_ports import HostPorts

            self._host_ports = HostPorts(self)
        return self._host_ports

    def ignored(self, path: str) -> bool:
        """Return whether git ignores an absolute path: what is there has been made, or will be."""
        if self._ignored is None:
            from composecheck.text.ignored import Ignored

            self._ignored = Ignored.of(self.project.disk, self.project.folder)
        return self._ignored(path)

    def is_job(self, service: Service) -> bool:
        """Return whether a service surely does one thing and ends."""
        from composecheck.facts.commands.jobs import is_job

        return is_job(service, self.images.ends(service), self.files(service))

    def files(self, service: Service) -> Files | None:
        """Return the files of the project that a service's container has, None where nothing brings any."""
        if service.name not in self._files:
            self._files[service.name] = self._brought(service)
        return self._files[service.name]

    def _brought(self, service: Service) -> Files | None:
        image = self.images.built(service)
        copied = image is not None and image.copies
        if not (copied or service.configs or any(mount.type == "bind" for mount in service.mounts)):
            return None
        from composecheck.facts.commands.files import Files

        return Files(self, service)

    def call(self, service: Service) -> Call | None:
        """Return what a service's container has a shell read when it starts, None where that is nothing."""
        if service.name not in self._calls:
            from composecheck.facts.commands import call_of

            self._calls[service.name] = call_of(self, service)
        return self._calls[service.name]

    def idles(self, service: Service) -> Span | None:
        """Return the place that says that a service's container only sits there, None where none does."""
        if service.name not in self._idle:
            from composecheck.facts.commands.idle import idles

            self._idle[service.name] = idles(self, service)
        return self._idle[service.name]

    def running(self, service: Service) -> Family | None:
        """Return the family of the program that a command runs in the end, None where that is not known."""
        if service.name not in self._running:
            from composecheck.facts.dependents import running

            self._running[service.name] = running(self, service)
        return self._running[service.name]

    @property
    def builders(self) -> frozenset[tuple[str, ...]]:
        """The owners of the images that are built here: `ghcr.io/shop` has what is one's own."""
        if self._builders is None:
            from composecheck.facts.ownership import owners

            built = (each.image for each in self.services.values() if each.build is not None)
            self._builders = frozenset(owners(image) for image in built if image)
        return self._builders

    def process(self, service: Service) -> Process | None:
        """Return what a service's container runs, None where that surely waits for nothing."""
        if service.name not in self._processes:
            from composecheck.facts.commands.waiting import process_of

            self._processes[service.name] = process_of(self, service)
        return self._processes[service.name]

    def ends(self, service: Service) -> bool:
        """Return whether a service surely does one thing and ends, though its policy may start it again."""
        from composecheck.facts.commands.jobs import ends

        if service.healthcheck is not None:
            return False
        return ends(service, self.images.ends(service), self.files(service)) is True

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests of healthchecks, those in Dockerfiles too."""
        if self._tests is None:
            from composecheck.facts.healthtest import tests

            self._tests = tuple(tests(self))
        return self._tests

    def guard(self, service: Service, dependency: Dependency) -> Guard:
        """Return the guard of one of the dependencies of a service, implicit ones too."""
        edge = (service.name, dependency.service)
        if edge not in self._guards:
            self._guards[edge] = guard(self, service, dependency)
        return self._guards[edge]

    def guard_of_use(self, reference: Reference) -> Guard:
        """Return what makes it safe that a service uses one that it does not depend on."""
        from composecheck.model.project import Dependency

        entry = Dependency.of_use(reference.holders[0].service.name, reference.place)
        return self.guard(reference.service, entry)

    def starts_after(self, service: Service, first: Service) -> bool:
        """Return whether a service is another one, or starts after it, be it by way of others."""
        if self._order is None:
            from composecheck.facts.heights import Order

            self._order = Order({name: each.depends_on for name, each in self.services.items()})
        return self._order.leads(service.name, first.name)

    def waited_for(self, service: Service) -> tuple[Service, ...]:
        """Return the dependencies that a service has waited for, by a condition or by itself."""
        if service.name not in self._waited_for:
            from composecheck.facts.patience import waited_for

            self._waited_for[service.name] = waited_for(self, service)
        return self._waited_for[service.name]

    @property
    def awaited(self) -> Mapping[str, Span]:
        """The services for whose health another one waits, each with the first place that says so."""
        if self._awaited is None:
            self._awaited = {}
            for dependent in self.services.values():
                for name, dependency in dependent.depends_on.items():
                    if name not in self._awaited and awaits_health(dependency):
                        self._awaited[name] = dependency.key_place()
        return self._awaited

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
                if target is None or dependency.implicit is not None or not self.comes_along(service, target):
                    continue
                if service.replicas and target.replicas and is_runnable(service) and is_runnable(target):
                    answer = self.guard(service, dependency)
                    if answer.is_missing and service.name in disabled and service.says("env_file"):
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

    def defined(self, section: str) -> Mapping[str, Part]:
        """Return what stands under a top-level key, also services that the active profiles leave out."""
        if section == "services":
            return {**self.project.services, **self.project.disabled}
        return self.project.resources(section)

    def host_meant(self, host: str, cutoff: float) -> str:
        """Return "did you mean 'x'?" for the closest of the names by which services are found, or ""."""
        if "hosts" not in self._closest:
            from composecheck.text.spelling import Names

            self._closest["hosts"] = Names(self.names.written)
        return self._closest["hosts"].closest(host, cutoff=cutoff)

    def slip_of(self, name: str, section: str, *, but: Iterable[str] = ()) -> str | None:
        """Return the one name under a top-level key that another is by a slip, as `text.slips` has it."""
        from composecheck.text.slips import slip_of

        names = self.services if section == "services" else self.defined(section)
        return slip_of(name, names, but=but)

    def did_you_mean(self, name: str, section: str, *, but: Collection[str] = ()) -> str:
        """Return "did you mean 'x'?" for a name under a top-level key, none of `but`; or ""."""
        if section not in self._closest:
            from composecheck.text.spelling import Names

            self._closest[section] = Names(self.services if section == "services" else self.defined(section))
        return self._closest[section].closest(name, but=but)


def _cycles(services: Mapping[str, Service]) -> tuple[frozenset[str], ...]:
    from composecheck.facts.graph import cycles

    return cycles(
        {
            name: [other for other in service.depends_on if other in services]
            for name, service in services.items()
        }
    )
