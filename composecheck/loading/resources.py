"""The long form of a top-level network, volume, secret or config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.loading import forms
from composecheck.node import Node

if TYPE_CHECKING:
    from composecheck.loading.forms import Form


def resource(section: str, node: Node, fault: forms.Fault) -> Node:
    """Return a top-level network, volume, secret or config in long form."""
    if node.value is None:
        node = node.replace({})
    node = _external(forms.fields(_RESOURCE)(node, fault), fault)
    if section == "volumes":
        _check_external(node, fault)
    elif section in _CONTENTS:
        _check_content(node, _CONTENTS[section], fault)
    return node


def _external(node: Node, fault: forms.Fault) -> Node:
    external = node.get("external")
    if external is None or not isinstance(external.value, dict):
        return node
    # `external: {name: x}` is the form of old: the name belongs beside it.
    values = {**node.mapping, "external": Node(True, external.span, external.key_span)}
    name = external.get("name")
    if name is not None:
        given = values.setdefault("name", name)
        if given.value != name.value:
            fault("'name' and 'external.name' differ", name.span, "give 'name' alone, with 'external: true'")
    return node.replace({**values})


def _check_external(node: Node, fault: forms.Fault) -> None:
    external = node.get("external")
    if external is None or external.value is not True:
        return
    for key, value in node.mapping.items():
        if key not in ("name", "external") and not key.startswith("x-"):
            fault(f"'{key}' conflicts with 'external'", value.place, "what is external is made elsewhere")


def _check_content(node: Node, keys: tuple[str, ...], fault: forms.Fault) -> None:
    """Hold a secret or config to having one content, unless a driver or somebody else provides it."""
    given = [key for key in keys if key in node.mapping]
    if len(given) > 1:
        place = node.mapping[given[1]].place
        fault(f"'{given[0]}' and '{given[1]}' exclude each other", place, "keep one of the two")
    external = node.get("external")
    elsewhere = external is not None if "content" in keys else external is not None and external.value is True
    if (
        not {"content", *given} & node.mapping.keys()
        and not elsewhere
        and not ("driver" in node.mapping and "content" in keys)
    ):
        fault("nothing says what is in it", node.place, f"give one of {', '.join(keys)}", rule="missing-key")


_CONTENTS = {"secrets": ("file", "environment"), "configs": ("file", "environment", "content")}
_RESOURCE: dict[str, Form] = {
    "driver_opts": forms.each(forms.text_or_empty),
    "labels": forms.mapping,
}
