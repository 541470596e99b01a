"""What few services say, made when one does: limits, devices, hooks, how it is deployed and watched."""

from __future__ import annotations

from composecheck.model import attributes as a
from composecheck.model.attributes import Key, Part
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.text.node import Node


def _count(node: Node) -> int:
    """Return a number of devices; -1 for all."""
    return -1 if str(node.value).lower() == "all" else a.read_whole(node)


class Hook(Part):
    """One of `pre_start`, `post_start` or `pre_stop`, or what a watch executes."""

    command = a.words()
    image = a.text()
    user = a.text()
    privileged = a.flag()
    working_dir = a.text()
    environment = a.variables()
    per_replica = a.flag()


class DeviceRequest(Part):
    """One entry of `gpus` or of `deploy.resources.reservations.devices`; `count` is -1 for all."""

    capabilities = a.texts()
    driver = a.text()
    count: Key[int | None] = Key("count", _count, None)
    device_ids = a.texts()
    options = a.text_map()


class DiscreteResource(Part):
    """So many of a kind."""

    kind = a.given_text()
    value = a.given_whole()


class GenericResource(Part):
    """One entry of `generic_resources`."""

    discrete_resource_spec = a.part(DiscreteResource)


class ResourceAmounts(Part):
    """`limits` or `reservations`; 0 is no limit."""

    cpus = a.number()
    memory = a.size()
    pids = a.whole()
    devices = a.parts(DeviceRequest)
    generic_resources = a.parts(GenericResource)


class Resources(Part):
    """`deploy.resources`."""

    limits = a.part(ResourceAmounts)
    reservations = a.part(ResourceAmounts)


class Update(Part):
    """`deploy.update_config` or `rollback_config`."""

    parallelism = a.optional_whole()
    delay = a.time()
    failure_action = a.text()
    monitor = a.time()
    max_failure_ratio = a.number()
    order = a.text()


class RestartPolicy(Part):
    """`deploy.restart_policy`."""

    condition = a.text()
    delay = a.optional_time()
    max_attempts = a.optional_whole()
    window = a.optional_time()


class Preference(Part):
    """One entry of `deploy.placement.preferences`."""

    spread = a.text()


class Placement(Part):
    """`deploy.placement`."""

    constraints = a.texts()
    preferences = a.parts(Preference)
    max_replicas_per_node = a.whole()


class Deploy(Part):
    """`deploy`."""

    mode = a.text()
    replicas = a.optional_whole()
    labels = a.text_map()
    update_config = a.part(Update)
    rollback_config = a.part(Update)
    resources = a.held(Resources)
    restart_policy = a.part(RestartPolicy)
    placement = a.held(Placement)
    endpoint_mode = a.text()


class TmpfsOptions(Part):
    """`tmpfs` of a mount."""

    size = a.size()
    mode = a.whole()


class ImageOptions(Part):
    """`image` of a mount."""

    subpath = a.text()


class Ulimit(Part):
    """One entry of `ulimits`; `single` where it is written as one number."""

    soft: Key[int] = Key("int", a.read_whole, 0, make=lambda limit: limit.limit("soft"))
    hard: Key[int] = Key("int", a.read_whole, 0, make=lambda limit: limit.limit("hard"))

    @property
    def single(self) -> bool:
        """Whether one number is both."""
        return not isinstance(self.node.value, dict)

    def limit(self, which: str) -> int:
        """Return one of the two limits."""
        node = self.node if self.single else self.written.get(which)
        return a.read_whole(node) if node is not None else 0


class WatchRule(Part):
    """One entry of `develop.watch`."""

    path = a.given_text()
    action = a.given_text()
    target = a.text()
    exec = a.held(Hook)
    include = a.texts()
    ignore = a.texts()
    initial_sync = a.flag()


class Develop(Part):
    """`develop`."""

    watch = a.parts(WatchRule)


class Rate(Part):
    """A limit for a device, in bytes or operations a second."""

    UNNAMED = True
    path = a.given_text()
    rate = a.given_size()


class Weight(Part):
    """One entry of `blkio_config.weight_device`."""

    UNNAMED = True
    path = a.given_text()
    weight = a.given_whole()


class BlockIO(Part):
    """`blkio_config`."""

    weight = a.whole()
    weight_device = a.parts(Weight)
    device_read_bps = a.parts(Rate)
    device_read_iops = a.parts(Rate)
    device_write_bps = a.parts(Rate)
    device_write_iops = a.parts(Rate)


class CredentialSpec(Part):
    """`credential_spec`."""

    config = a.text()
    file = a.text()
    registry = a.text()


class Device(Part):
    """One entry of `devices`."""

    source = a.word()
    target = a.text()
    permissions = a.text()


class Provider(Part):
    """`provider`."""

    type = a.text()
    options = a.text_lists()


class EnvFile(Part):
    """One entry of `env_file`."""

    path = a.text()
    required: Key[bool] = Key("bool", a.read_flag, True)
    format = a.text()


class Logging(Part):
    """`logging`."""

    driver = a.text()
    options = a.text_map()


class ModelUse(Part):
    """One entry of `models` of a service."""

    endpoint_var = a.text()
    model_var = a.text()

    def __init__(self, model: str, node: Node) -> None:
        super().__init__(node)
        self.model = model


class Pool(Part):
    """One entry of `ipam.config`."""

    subnet = a.text()
    gateway = a.text()
    ip_range = a.text()
    aux_addresses = a.text_map()


class Ipam(Part):
    """`ipam` of a network."""

    driver = a.text()
    config = a.parts(Pool)
    options = a.text_map()
