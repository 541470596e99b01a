"""The top-level networks, volumes, secrets, configs and models: each key is an attribute."""

from __future__ import annotations

from composecheck.model import attributes as a
from composecheck.model.attributes import Key, Late, Part
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from composecheck.model.details import Ipam
    from composecheck.text.node import Node


def _name(resource: Resource) -> str:
    return resource.as_held("name") or resource.key


class Resource(Part):
    """What stands under a top-level key; `name` is what the engine calls it, `key` what the file does."""

    name: Key[str] = Key("text", a.read_text, "", make=_name)

    def __init__(self, key: str, node: Node, **values: Any) -> None:
        super().__init__(node, **values)
        self.key = key

    @property
    def implied(self) -> bool:
        """Whether nobody wrote it: the network `default` that services join where they name none."""
        return self.node.implied


class Network(Resource):
    """A top-level network."""

    driver = a.text()
    driver_opts = a.text_map()
    ipam: Key[Ipam] = a.held(Late("Ipam"))
    external = a.flag()
    internal = a.flag()
    attachable = a.flag()
    labels = a.text_map()
    enable_ipv4 = a.optional_flag()
    enable_ipv6 = a.optional_flag()


class Volume(Resource):
    """A top-level volume."""

    driver = a.text()
    driver_opts = a.text_map()
    external = a.flag()
    labels = a.text_map()


class Secret(Resource):
    """A top-level secret."""

    file = a.text()
    environment = a.text()
    content = a.text()
    external = a.flag()
    labels = a.text_map()
    driver = a.text()
    driver_opts = a.text_map()
    template_driver = a.text()


class Config(Secret):
    """A top-level config."""


class Model(Resource):
    """A top-level model."""

    model = a.text()
    context_size = a.whole()
    runtime_flags = a.texts()


# The top-level keys, with what stands under each.
SECTIONS: dict[str, type[Resource]] = {
    "networks": Network,
    "volumes": Volume,
    "secrets": Secret,
    "configs": Config,
    "models": Model,
}
