"""The long form of a top-level network, volume, secret or config."""

from __future__ import annotations

from composecheck.loading import forms
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node

if TYPE_CHECKING:
    from composecheck.loading.forms import Form


def resource(section: str, key: str, node: Node, fault: forms.Fault) -> Node:
    """Return a top-level network, volume, secret or config in long form."""
    thing = f"{section[:-1]} '{key}'"
    if node.value is None:
        node = node.replace({})
    node = _external(thing, forms.fields(_RESOURCE)(node, fault), fault)
    if section == "volumes":
        _check_external(thing, node, fault)
    elif section in _CONTENTS:
        _check_content(thing, node, _CONTENTS[section], fault)
    return node


def _external(thing: str, node: Node, fault: forms.Fault) -> Node:
    external = node.get("external")
    if external is None or not isinstance(external.value, dict):
        return node
    # `external: {name: x}` is the form of old: the name belongs beside it.
    values = {**node.mapping, "external": Node(True, external.span, external.key_span)}
    name = external.get("name")
    if name is not None:
        given = values.setdefault("name", name)
        if given.value != name.value:
            fault(
                f"'name' and 'external.name' of {thing} differ: '{given.value}' and '{name.value}'",
                name.span,
                "give 'name' alone, with 'external: true'",
                rule="conflicting-external",
            )
    return node.replace({**values})


def _check_external(thing: str, node: Node, fault: forms.Fault) -> None:
    external = node.get("external")
    if external is None or external.value is not True:
        return
    for key, value in node.mapping.items():
        if key not in ("name", "external") and not key.startswith("x-"):
            fault(
                f"{thing} is external, and has '{key}' as well",
                value.place,
                f"take out '{key}': what is external is made elsewhere; or take out 'external'",
                rule="conflicting-external",
            )


def _check_content(thing: str, node: Node, keys: tuple[str, ...], fault: forms.Fault) -> None:
    """Hold a secret or config to having one content, unless a driver or somebody else provides it."""
    given = [key for key in keys if key in node.mapping]
    if len(given) > 1:
        place = node.mapping[given[1]].place
        fault(
            f"{thing} has both '{given[0]}' and '{given[1]}'",
            place,
            "keep one of the two",
            rule="conflicting-content",
        )
    external = node.get("external")
    elsewhere = external is not None if "content" in keys else external is not None and external.value is True
    if (
        not {"content", *given} & node.mapping.keys()
        and not elsewhere
        and not ("driver" in node.mapping and "content" in keys)
    ):
        named = " or ".join(f"'{key}'" for key in keys)
        fault(f"nothing says what is in {thing}", node.place, f"give it {named}", rule="missing-content")


_CONTENTS = {"secrets": ("file", "environment"), "configs": ("file", "environment", "content")}
_RESOURCE: dict[str, Form] = {
    "driver_opts": forms.each(forms.text_or_empty),
    "labels": forms.mapping,
}
