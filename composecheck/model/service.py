"""A service and what it is made of: each key of the specification is an attribute, in Compose's order.

What the specification explains is not explained again.
"""

from __future__ import annotations

from composecheck.model import attributes as a
from composecheck.model.attributes import Key, Late, Part, derived
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.units import parse_range

if TYPE_CHECKING:
    from typing import Any, Literal

    from composecheck.model.details import (
        BlockIO,
        CredentialSpec,
        Deploy,
        Develop,
        Device,
        DeviceRequest,
        EnvFile,
        Hook,
        ImageOptions,
        Logging,
        ModelUse,
        Provider,
        TmpfsOptions,
        Ulimit,
    )
    from composecheck.model.probes import Probe, Retry
    from composecheck.text.node import Node
    from composecheck.text.source import Span

    Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]

    Restart = Literal["no", "always", "on-failure", "unless-stopped"]

CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
_POLICIES: dict[str, Restart] = {
    "any": "always",  # a swarm's word, which Compose takes in both places
    "always": "always",
    "on-failure": "on-failure",
    "unless-stopped": "unless-stopped",
}
_MOST_ATTEMPTS = 2**63 - 1  # of Go's int, at which strconv.Atoi ends


class RestartPolicy(NamedTuple):
    """When the engine is to start a container again, as a file says it: "on-failure:3", or in `deploy`."""

    text: str  # as it is written
    condition: str  # on-failure, any
    attempts: int  # 0 is without end


def _ulimits(node: Node) -> dict[str, Ulimit]:
    from composecheck.model.details import Ulimit

    return {name: Ulimit(entry) for name, entry in node.mapping.items()}


def _context(build: Build) -> str:
    return build.as_held("context") or "."


def _dockerfile(build: Build) -> str:
    return build.as_held("dockerfile") or "Dockerfile"


def _condition(dependency: Dependency) -> Condition:
    word = dependency.as_held("condition")
    return word if word in CONDITIONS else "service_started"


def _retry(node: Node) -> Retry:
    from composecheck.model.extensions import read_retry

    return read_retry(node)


def _test(healthcheck: Healthcheck) -> tuple[str, ...] | None:
    return ("NONE",) if healthcheck.disable else healthcheck.as_held("test") or None


def _published(port: Port) -> tuple[int, int] | None:
    text = port.as_held("published")
    return parse_range(str(text)) if text else None


def _protocol(port: Port) -> str:
    return (port.as_held("protocol") or "tcp").lower()


def _mode(port: Port) -> str:
    return port.as_held("mode") or "ingress"


class Grant(Part):
    """One entry of `secrets` or `configs` of a service or a build: what it may read, and where."""

    source = a.text()
    target = a.text()
    uid = a.text()
    gid = a.text()
    mode = a.permissions()


class BindOptions(Part):
    """`bind` of a mount."""

    selinux = a.text()
    propagation = a.text()
    create_host_path: Key[bool | None] = Key("opt-out", a.read_flag, None)
    recursive = a.text()


class VolumeOptions(Part):
    """`volume` of a mount."""

    labels = a.text_map()
    nocopy = a.flag()
    subpath = a.text()


class Mount(Part):
    """One entry of `volumes` (or `tmpfs`) of a service.

    `type` is bind, volume, tmpfs, image, npipe or cluster; `source` an absolute path for bind, the key in
    `volumes` for volume.
    """

    type = a.word()
    source = a.text()
    target = a.word()
    read_only = a.flag()
    consistency = a.text()
    bind = a.part(BindOptions)
    volume = a.part(VolumeOptions)
    tmpfs: Key[TmpfsOptions | None] = a.part(Late("TmpfsOptions"))
    image: Key[ImageOptions | None] = a.part(Late("ImageOptions"))


class Build(Part):
    """`build`; `context` is an absolute path, or a URL as written."""

    context: Key[str] = Key("text", a.read_text, None, make=_context)
    dockerfile: Key[str] = Key("text", a.read_text, None, make=_dockerfile)
    dockerfile_inline = a.text()
    entitlements = a.texts()
    args = a.variables()
    provenance = a.scalar()
    sbom = a.scalar()
    ssh: Key[dict[str, str | None]] = Key("ssh", a.read_text_map, {})
    labels = a.text_map()
    cache_from = a.texts()
    cache_to = a.texts()
    no_cache = a.flag()
    no_cache_filter = a.texts()
    additional_contexts = a.text_map()
    pull = a.flag()
    extra_hosts = a.hosts()
    isolation = a.text()
    network = a.text()
    target = a.text()
    secrets = a.parts(Grant)
    shm_size = a.size()
    tags = a.texts()
    ulimits: Key[dict[str, Ulimit]] = Key({"*": "ulimit"}, _ulimits, {})
    platforms = a.texts()
    privileged = a.flag()


class Dependency(Part):
    """One entry of `depends_on`, or an implicit one; `retry` is `x-retry` on this entry."""

    condition: Key[Condition] = Key("text", a.read_text, None, make=_condition)
    restart = a.flag()
    required: Key[bool] = Key("bool!", a.read_flag, True)
    retry: Key[Retry | None] = Key("x-retry", _retry, None, word="x-retry")

    def __init__(self, service: str, node: Node, condition: Condition | None = None, **values: Any) -> None:
        super().__init__(node, **values)
        self.service = service
        if condition is not None:
            self.__dict__["condition"] = condition

    @classmethod
    def of_use(cls, service: str, place: Span) -> Dependency:
        """Return what an entry for a service would say that is used at a place, and not depended on."""
        from composecheck.text.node import Node

        return cls(service, Node(None, place))

    @property
    def condition_place(self) -> Span:
        """Where its condition is written, or the whole entry where it says none."""
        return self.place("condition") if "condition" in self.written else self.key_place()

    @property
    def misspelt(self) -> str | None:
        """What is written as its condition and is none, None where there is no such thing."""
        word = self.as_held("condition") if "condition" in self.written else None
        return word if isinstance(word, str) and word and word not in CONDITIONS else None

    @derived
    def implicit(self) -> str | None:
        """The key that implies it, such as "links" or "network_mode"; None where it is written."""
        origin = self.node.origin
        return (origin.key or None) if origin is not None and origin.kind == "implied" else None


class Healthcheck(Part):
    """`healthcheck`, in a service, a Dockerfile or an image; None is "not said", times in seconds.

    `test` is as the engine takes it: ("CMD", ...), ("CMD-SHELL", command), or ("NONE",); None
    leaves the image's own test, with these times. Only an engine's word has no Node.
    """

    node: Node | None  # type: ignore[assignment]
    test: Key[tuple[str, ...] | None] = Key(["text"], a.read_texts, None, make=_test)
    timeout = a.optional_time()
    interval = a.optional_time()
    retries = a.optional_whole()
    start_period = a.optional_time()
    start_interval = a.optional_time()
    disable = a.flag()

    def __init__(self, node: Node | None, test: tuple[str, ...] | None = None, **times: float | None) -> None:
        super().__init__(node)  # type: ignore[arg-type]  # see above
        if test is not None:
            self.__dict__["test"] = test
        for name, value in times.items():
            if value is not None:
                self.__dict__[name] = value

    @property
    def has_place(self) -> bool:
        """Whether it stands in a file; what only an engine says does not."""
        return self.node is not None

    @property
    def disabled(self) -> bool:
        """Whether it says that nothing is to be probed."""
        return self.test is not None and self.test[:1] == ("NONE",)

    def over(self, other: Healthcheck) -> Healthcheck:
        """Return a healthcheck that says what another one does where this one says nothing."""
        values = {name: value for name, value in self._values().items() if value is not None}
        return Healthcheck(self.node if self.node is not None else other.node, **other._values() | values)

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _TIMES}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Healthcheck):
            return NotImplemented
        return self.node is other.node and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]


_TIMES = ("test", "interval", "timeout", "start_period", "start_interval", "retries")


class Attachment(Part):
    """One network that a service joins, by its key."""

    aliases = a.texts()
    driver_opts = a.text_map()
    gw_priority = a.whole()
    interface_name = a.text()
    ipv4_address = a.text()
    ipv6_address = a.text()
    link_local_ips = a.texts()
    mac_address = a.text()
    priority = a.whole()

    def __init__(self, network: str, node: Node, **values: Any) -> None:
        super().__init__(node, **values)
        self.network = network


class Port(Part):
    """One published container port after ranges of equal length are taken apart.

    `published` is (first, last) on the host: the same number twice for one port, a range for
    "any of these", None for one that the engine chooses.
    """

    name = a.text()
    mode: Key[str] = Key("text", a.read_text, None, make=_mode)
    host_ip = a.text()
    target = a.whole()
    published: Key[tuple[int, int] | None] = Key("text", a.read_scalar, None, make=_published)  # type: ignore[arg-type]
    protocol: Key[str] = Key("text", a.read_text, None, make=_protocol)
    app_protocol = a.text()


def _ports(service: Service) -> tuple[Port, ...]:
    """Return the ports that can be read."""
    ports = []
    for port in service.as_held("ports"):
        try:
            a.read_whole(port.written["target"])
            port.published  # noqa: B018 - raises for what is no range
        except (KeyError, ValueError, TypeError, OverflowError):
            continue
        ports.append(port)
    return tuple(ports)


def _restart(service: Service) -> Restart:
    policy = service.restart_policy
    return _POLICIES.get(policy.condition, "no") if policy is not None else "no"


def _attempts(text: str) -> int:
    """Return a number as strconv.Atoi reads it, 0 for what is none."""
    digits = text[1:] if text.startswith(("+", "-")) else text
    if not (digits.isascii() and digits.isdecimal()):
        return 0
    number = int(digits) if len(digits) < 20 else _MOST_ATTEMPTS
    return min(number, _MOST_ATTEMPTS) * (-1 if text.startswith("-") else 1)


def _probe(node: Node) -> Probe | None:
    from composecheck.model.extensions import read_probe

    return read_probe(node)


class Service(Part):
    """One service; the place of its key is that of its name."""

    profiles = a.texts()
    annotations = a.text_map()
    attach = a.optional_flag()
    build = a.part(Build)
    develop: Key[Develop | None] = a.part(Late("Develop"))
    blkio_config: Key[BlockIO | None] = a.part(Late("BlockIO"))
    cap_add = a.texts()
    cap_drop = a.texts()
    cgroup_parent = a.text()
    cgroup = a.text()
    cpu_count = a.whole()
    cpu_percent = a.number()
    cpu_period = a.whole()
    cpu_quota = a.whole()
    cpu_rt_period = a.whole()
    cpu_rt_runtime = a.whole()
    cpus = a.number()
    cpuset = a.text()
    cpu_shares = a.whole()
    command = a.words()  # None: the image's own
    configs = a.parts(Grant)
    container_name = a.text()
    credential_spec: Key[CredentialSpec | None] = a.part(Late("CredentialSpec"))
    depends_on = a.named(Dependency)  # implicit ones too
    deploy: Key[Deploy | None] = a.part(Late("Deploy"))
    device_cgroup_rules = a.texts()
    devices: Key[tuple[Device, ...]] = a.parts(Late("Device"))
    dns = a.texts()
    dns_opt = a.texts()
    dns_search = a.texts()
    domainname = a.text()
    entrypoint = a.words()
    provider: Key[Provider | None] = a.part(Late("Provider"))
    env_file: Key[tuple[EnvFile, ...]] = a.parts(Late("EnvFile"), held_by_compose=False)
    environment = a.variables()
    expose = a.texts()
    external_links = a.texts()
    extra_hosts = a.hosts()
    group_add = a.texts()
    gpus: Key[tuple[DeviceRequest, ...]] = a.parts(Late("DeviceRequest"))
    hostname = a.text()
    healthcheck = a.part(Healthcheck)
    image = a.text()
    init = a.optional_flag()
    ipc = a.text()
    isolation = a.text()
    labels = a.text_map()
    label_file = a.texts()
    links = a.texts()
    logging: Key[Logging | None] = a.part(Late("Logging"))
    mem_limit = a.size()
    mem_reservation = a.size()
    memswap_limit = a.size()
    mem_swappiness = a.size()
    mac_address = a.text()
    models: Key[dict[str, ModelUse]] = a.named(Late("ModelUse"))
    network_mode = a.text()
    networks = a.named(Attachment)
    oom_kill_disable = a.flag()
    oom_score_adj = a.whole()
    pid = a.text()
    pids_limit = a.whole()
    platform = a.text()
    ports: Key[tuple[Port, ...]] = a.parts(Port, make=_ports)
    privileged = a.flag()
    pull_policy = a.text()
    pull_refresh_after = a.text(held_by_compose=False)
    read_only = a.flag()
    restart: Key[Restart] = Key("text", a.read_text, None, make=_restart)
    runtime = a.text()
    scale = a.optional_whole()
    secrets = a.parts(Grant)
    security_opt = a.texts()
    shm_size = a.size()
    stdin_open = a.flag()
    stop_grace_period = a.optional_time()
    stop_signal = a.text()
    storage_opt = a.text_map()
    sysctls = a.text_map()
    tmpfs = a.texts()
    tty = a.flag()
    ulimits: Key[dict[str, Ulimit]] = Key({"*": "ulimit"}, _ulimits, {})
    use_api_socket = a.flag()
    user = a.text()
    userns_mode = a.text()
    uts = a.text()
    volumes = a.parts(Mount)
    volumes_from = a.texts()
    working_dir = a.text()
    pre_start: Key[tuple[Hook, ...]] = a.parts(Late("Hook"))
    post_start: Key[tuple[Hook, ...]] = a.parts(Late("Hook"))
    pre_stop: Key[tuple[Hook, ...]] = a.parts(Late("Hook"))

    readiness: Key[Probe | None] = Key("x-readiness", _probe, None, word="x-readiness")
    retry: Key[Retry | None] = Key("x-retry", _retry, None, word="x-retry")  # for all its dependencies

    def __init__(self, name: str, node: Node, **values: Any) -> None:
        super().__init__(node, **values)
        self.name = name

    @derived
    def max_retries(self) -> int | None:
        """How often on-failure starts it again; None is without end."""
        policy = self.restart_policy
        if policy is None or self.restart != "on-failure":
            return None
        return policy.attempts if policy.attempts > 0 else None

    @derived
    def replicas(self) -> int:
        """How many containers it has."""
        number = self.scale
        if number is None and self.deploy is not None:
            number = self.deploy.replicas
        return 1 if number is None else max(number, 0)

    @property
    def replicas_path(self) -> tuple[str, ...]:
        """The keys under which it says, or would say, how many containers it has."""
        return ("scale",) if "scale" in self.written else ("deploy", "replicas")

    @derived
    def mounts(self) -> tuple[Mount, ...]:
        """What is mounted: its `volumes`, and its `tmpfs`."""
        mounts = [mount for mount in self.volumes if _is_text(mount, "type") and _is_text(mount, "target")]
        if "tmpfs" in self.written:
            mounts += [
                Mount(node, type="tmpfs", target=node.value.partition(":")[0])
                for node in self.written["tmpfs"].items
                if isinstance(node.value, str)
            ]
        return tuple(mounts)

    @derived
    def restart_policy(self) -> RestartPolicy | None:
        """The policy that counts: `deploy.restart_policy` goes before `restart`."""
        policy = self.deploy.restart_policy if self.deploy is not None else None
        if policy is None:
            return self.own_restart_policy
        # Without a condition Compose sends the engine no policy, though the specification says "any".
        condition = policy.condition or ""
        return RestartPolicy(condition, condition, policy.max_attempts or 0)

    @derived
    def own_restart_policy(self) -> RestartPolicy | None:
        """What `restart` says, whatever `deploy` does."""
        text: str | None = self.as_held("restart")
        if text is None:
            return None
        condition, _, attempts = text.partition(":")
        return RestartPolicy(text, condition, _attempts(attempts))


def _is_text(mount: Mount, key: str) -> bool:
    node = mount.written.get(key)
    return node is not None and isinstance(node.value, str)
