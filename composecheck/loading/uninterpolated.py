"""The long form of a document whose variables are not replaced, as far as Compose has one.

What a variable keeps from being read stays in short form, and no value is given another type.
"""

from __future__ import annotations

from composecheck.loading import forms
from composecheck.loading.ports import parse_port
from composecheck.loading.volumes import clean, colon_parts, parse_volume
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node
from composecheck.text.scalars import as_text

if TYPE_CHECKING:
    from typing import Any

    from composecheck.loading.forms import Fault, Form
    from composecheck.text.source import Span


def long_form(document: Node) -> Node:
    """Return a document in long form; nothing is a fault that a variable may put right."""
    return forms.fields(_DOCUMENT)(document, _ignore)


def _ignore(message: str, span: Span, remedy: str = "", *, rule: str = "") -> None:
    """Say nothing of a value."""


def _short(key: str) -> Form:
    """Return the form of a mapping that may be written as the value of one of its keys."""

    def transform(node: Node, _fault: Fault) -> Node:
        if not isinstance(node.value, str):
            return node
        return node.replace({key: Node(node.value, node.span, node.key_span, node.origin)})

    return transform


def _with(**defaults: Any) -> Form:
    """Return the form of a mapping that has these values where it says nothing."""

    def transform(node: Node, _fault: Fault) -> Node:
        missing = {
            key: forms.default(value, node) for key, value in defaults.items() if key not in node.mapping
        }
        return node.replace({**node.mapping, **missing}) if isinstance(node.value, dict) else node

    return transform


def _build(node: Node, fault: Fault) -> Node:
    node = forms.after(_short("context"), forms.fields(_BUILD))(node, fault)
    defaults = {"context": "."} | (
        {} if "dockerfile_inline" in node.mapping else {"dockerfile": "Dockerfile"}
    )
    return _with(**defaults)(node, fault)


def _args(node: Node, _fault: Fault) -> Node:
    """Arguments that have a value; the environment is asked for no other one."""
    if isinstance(node.value, list):
        return node.replace([i for i in node.value if not isinstance(i.value, str) or "=" in i.value])
    return node.replace({key: value for key, value in node.mapping.items() if value.value is not None})


def _key_values(node: Node, fault: Fault) -> Node:
    """`key=value` items as a mapping, if all of them are."""
    if any("=" not in as_text(item.value) for item in node.items if not isinstance(item.value, dict | list)):
        return node
    return forms.mapping(node, fault)


def _depends_on(node: Node, fault: Fault) -> Node:
    entry = _with(condition="service_started", required=True)
    named = forms.names(node, fault)
    return named.replace(
        {
            name: entry(value if isinstance(value.value, dict) else value.replace({}), fault)
            for name, value in named.mapping.items()
        }
    )


def _device(item: Node, _fault: Fault) -> Node:
    parts = colon_parts(item.value) if isinstance(item.value, str) else []
    if not parts or len(parts) > 3:
        return item
    source = parts[0]
    target = parts[1] if len(parts) > 1 and parts[1] else source
    permissions = parts[2] if len(parts) > 2 else "rwm"
    device = {"source": source, "target": target, "permissions": permissions}
    return forms.made(device, item.span, item.origin)


def _request(item: Node, fault: Fault) -> Node:
    return item if "device_ids" in item.mapping else _with(count="all")(item, fault)


def _gpus(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, str):
        return node.replace([forms.default({"count": "all"}, node)])
    return forms.each(_request)(node, fault)


def _secret(item: Node, fault: Fault) -> Node:
    item = _short("source")(item, fault)
    source = item.get("source")
    return _with(target=f"/run/secrets/{source.value}")(item, fault) if source is not None else item


def _ports(node: Node, fault: Fault) -> Node:
    """Ports in long form, if every short one can be read; else all as they are written."""
    ports: list[Node] = []
    for item in node.items:
        if isinstance(item.value, dict):
            ports.append(_with(protocol="tcp", mode="ingress")(item, fault))
            continue
        try:
            ports += [forms.made(port, item.span, item.origin) for port in parse_port(as_text(item.value))]  # type: ignore[arg-type]
        except ValueError:
            return forms.each(_with(protocol="tcp", mode="ingress"))(node, fault)
    return node.replace(ports)


def _volume(item: Node, fault: Fault) -> Node:
    if not isinstance(item.value, str):
        return forms.fields({"target": _target})(item, fault)
    try:
        return forms.made(parse_volume(item.value), item.span, item.origin)
    except ValueError:
        return item


def _target(node: Node, _fault: Fault) -> Node:
    return node.replace(clean(node.value)) if isinstance(node.value, str) and node.value else node


def _external(node: Node, fault: Fault) -> Node:
    """Give a resource that says `external: {name: ...}` in the old way its name in the new one."""
    external = node.get("external")
    if external is None or not isinstance(external.value, dict):
        return node
    name = external.get("name")
    said = node.replace({**node.mapping, "external": external.replace(True)})
    return _with(**({} if name is None else {"name": name.value}))(said, fault)


def _dns(node: Node, fault: Fault) -> Node:
    servers = forms.listed(node, fault)
    return servers.replace([item for item in servers.items if item.value not in (None, "")])


_BUILD: dict[str, Form] = {
    "additional_contexts": _key_values,
    "args": _args,
    "provenance": forms.text,
    "sbom": forms.text,
    "secrets": forms.each(_short("source")),
    "ssh": lambda node, fault: forms.mapping(node, fault, forms.text, None),
}
_REQUESTS = forms.fields({"devices": forms.each(_request)})
_SERVICE: dict[str, Form] = {
    "build": _build,
    "configs": forms.each(_short("source")),
    "depends_on": _depends_on,
    "deploy": forms.fields({"resources": forms.fields({"reservations": _REQUESTS})}),
    "develop": forms.fields(
        {"watch": forms.each(forms.fields({"ignore": forms.listed, "include": forms.listed}))}
    ),
    "devices": forms.each(_device),
    "dns": _dns,
    "env_file": forms.after(forms.listed, forms.each(forms.after(_short("path"), _with(required=True)))),
    "gpus": _gpus,
    "label_file": forms.listed,
    "models": forms.names,
    "networks": forms.names,
    "ports": _ports,
    "pull_policy": lambda node, _: node.replace("missing") if node.value == "if_not_present" else node,
    "secrets": forms.each(_secret),
    "volumes": forms.each(_volume),
}
_DOCUMENT: dict[str, Form] = {
    "services": forms.each(forms.fields(_SERVICE)),
    **dict.fromkeys(("networks", "volumes", "secrets", "configs"), forms.each(_external)),
}
