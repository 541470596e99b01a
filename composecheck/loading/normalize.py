"""What a document means without saying it: long forms, the default network, implied dependencies, names."""

from __future__ import annotations

from composecheck.loading import canonical, forms
from composecheck.loading.resources import resource
from composecheck.model.links import NAMESPACES, link_of, service_in, source_of
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin

if TYPE_CHECKING:
    from typing import Any

    from composecheck.loading.findings import Findings
    from composecheck.model.dialect import Dialect
    from composecheck.text.source import Span

RESOURCES = ("networks", "volumes", "secrets", "configs")


def long_form(document: Node, findings: Findings) -> Node:
    """Return a document whose services and resources are in long form; what is no mapping is left out."""
    sections = {}
    for section in ("services", *RESOURCES):
        node = document.get(section)
        if node is None:
            continue
        entries = {}
        for key, entry in node.mapping.items():
            if isinstance(entry.value, dict) or (entry.value is None and section != "services"):
                fault = _fault(findings, key if section == "services" else None)
                entries[key] = (
                    canonical.service(entry, fault)
                    if section == "services"
                    else resource(section, key, entry, fault)
                )
        sections[section] = node.replace({**entries})
    return document.replace({**document.mapping, **sections})


def short_forms(document: Node, findings: Findings) -> Node:
    """Return a document whose services are in the form in which they go over others."""
    services = document.get("services")
    if services is None:
        return document
    entries = {
        name: canonical.short_forms(service, _fault(findings, name))
        for name, service in services.mapping.items()
    }
    return document.replace({**document.mapping, "services": services.replace({**entries})})


def _fault(findings: Findings, service: str | None) -> forms.Fault:
    def fault(message: str, span: Span, remedy: str = "", *, rule: str = "invalid-value") -> None:
        findings.error(rule, message, span, remedy, service=service)

    return fault


def normalize(document: Node, name: str, dialect: Dialect) -> Node:
    """Return a document in long form with what it implies; `name` is the project's."""
    sections: dict[str, Node] = {}
    services = document.get("services")
    uses_default = False
    if services is not None:
        entries = {}
        for key, entry in services.mapping.items():
            entries[key] = service = _service(entry, dialect)
            uses_default = uses_default or (_networked(entry) and "default" in _mapping(service, "networks"))
        sections["services"] = services.replace({**entries})
    for section in RESOURCES:
        node = document.get(section)
        if section == "networks" and uses_default and (node is None or "default" not in node.mapping):
            place = Origin("implied", document.span)
            made = Node({}, document.span, document.span, place)
            node = (node or Node({}, document.span, document.span, place)).replace(
                {**(node.mapping if node is not None else {}), "default": made}
            )
        if node is not None:
            sections[section] = node.replace({k: _named(k, entry, name) for k, entry in node.mapping.items()})
    given = document.get("name") or Node(name, document.span, document.span, Origin("implied", document.span))
    return document.replace({**document.mapping, "name": given.replace(name), **sections})


def _mapping(node: Node, key: str) -> dict[str, Node]:
    value = node.mapping.get(key)
    return value.mapping if value is not None else {}


def _named(key: str, node: Node, project: str) -> Node:
    """Give a resource the name that the engine knows it by."""
    given = node.get("name")
    if given is not None and given.value is not None:
        return node
    external = node.get("external")
    is_external = external is not None and external.value is True
    name = forms.default(key if is_external else f"{project}_{key}", node)
    return node.replace({**node.mapping, "name": name})


def _service(node: Node, dialect: Dialect) -> Node:
    values = {**node.mapping}
    if dialect.creates_host_path and "volumes" in values:
        values["volumes"] = _creating(values["volumes"])
    if _networked(node) and not _mapping(node, "networks"):
        values["networks"] = forms.default({"default": None}, _name_only(node))
    implied = _implied(values)
    if implied:
        written = values.get("depends_on")
        known = written.mapping if written is not None else {}
        base = written or forms.default({}, _name_only(node))
        values["depends_on"] = base.replace({**known, **{k: v for k, v in implied.items() if k not in known}})
    _inherit_image(values)
    return node.replace({**values})


def _networked(service: Node) -> bool:
    """Whether a service is in `default` where it does not say otherwise."""
    return "provider" not in service.mapping and "network_mode" not in service.mapping


def _creating(volumes: Node) -> Node:
    """Return mounts of which those with `bind` say whether a missing source is made."""
    if not any("bind" in item.mapping for item in volumes.items):
        return volumes
    return volumes.replace([_mount(item) for item in volumes.items])


def _mount(item: Node) -> Node:
    bind = item.get("bind")
    if bind is None or not isinstance(bind.value, dict) or "create_host_path" in bind.value:
        return item
    made = bind.replace({**bind.value, "create_host_path": forms.default(True, bind)})
    return item.replace({**item.mapping, "bind": made})


def _name_only(node: Node) -> Node:
    """Return a Node whose place is the name of a service, for what nothing in it says."""
    return Node(None, node.place)


def _implied(values: dict[str, Node]) -> dict[str, Node]:
    """Return the dependencies that other keys imply, by the service they name."""
    implied: dict[str, Node] = {}
    for link in _list(values, "links"):
        implied.setdefault(link_of(link.value)[0], _dependency(link, "links", restart=True))
    for key in NAMESPACES:
        node = values.get(key)
        name = service_in(node.value) if node is not None else None
        if node is not None and name is not None:
            implied.setdefault(name, _dependency(node, key, restart=True))
    for source in _list(values, "volumes_from"):
        name = source_of(source.span, source.value).service
        if name is not None:
            implied.setdefault(name, _dependency(source, "volumes_from", restart=False))
    return implied


def _list(values: dict[str, Node], key: str) -> list[Any]:
    node = values.get(key)
    return [item for item in node.items if isinstance(item.value, str)] if node is not None else []


def _dependency(node: Node, key: str, *, restart: bool) -> Node:
    """Return the entry of `depends_on` that a value of a key implies."""
    values = {"condition": "service_started", "restart": restart, "required": True}
    return forms.made(values, node.span, Origin("implied", node.span, key=key))


def _inherit_image(values: dict[str, Node]) -> None:
    """Give the pre_start hooks that name no image the service's own."""
    image, hooks = values.get("image"), values.get("pre_start")
    if image is not None and hooks is not None and isinstance(hooks.value, list):
        values["pre_start"] = hooks.replace(
            [hook.replace({"image": image, **hook.mapping}) if hook.mapping else hook for hook in hooks.value]
        )
