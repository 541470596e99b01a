"""Several documents as one: a later one goes over an earlier one, attribute by attribute.

Mappings merge, sequences append, scalars replace; the exceptions are in the table. Afterwards the
entries of a sequence that name the same thing are one, of which the last wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.diagnostic import Related
from composecheck.loading.scalars import as_text
from composecheck.loading.volumes import target_of
from composecheck.node import Node, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.loading.findings import Findings

Path = tuple[str, ...]


def merge(base: Node, over: Node, findings: Findings, path: Path = ()) -> Node:
    """Return a value with another one over it."""
    special = _special(path)
    if special is not None:
        return special(base, over, findings, path)
    if over.value is None:
        return base
    if isinstance(base.value, dict):
        return (
            _mappings(base, over, findings, path)
            if isinstance(over.value, dict)
            else _conflict(base, over, findings, path)
        )
    if isinstance(base.value, list):
        return _append(base, over) if isinstance(over.value, list) else _conflict(base, over, findings, path)
    return _replace(base, over, findings, path)


def without(document: Node, path: Path) -> Node:
    """Return a document without what stands at a path, be there anything or not."""
    key, *rest = path or ("",)
    inner = document.mapping.get(key)
    if inner is None:
        return document
    values = dict(document.mapping)
    if rest:
        values[key] = without(inner, tuple(rest))
    else:
        del values[key]
    return document.replace({**values})


def _replace(base: Node, over: Node, _findings: Findings, _path: Path) -> Node:
    return Node(over.value, over.span, over.key_span, over.origin or Origin("override", base.place))


def _mappings(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    merged = dict(base.mapping)
    for key, node in over.mapping.items():
        merged[key] = merge(merged[key], node, findings, (*path, key)) if key in merged else node
    return base.replace(merged)


def _append(base: Node, over: Node) -> Node:
    return base.replace([*base.items, *over.items])


def _conflict(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    kind = "a mapping" if isinstance(base.value, dict) else "a list"
    findings.error(
        "merge-conflict",
        f"'{'.'.join(path)}' is {kind} in another file and cannot be overridden by another kind of value",
        over.span,
        f"write {kind} here too",
        service=path[1] if path[:1] == ("services",) and path[1:] else None,
        related=[Related(base.place, f"{kind} here")],
    )
    return base


def _to_sequence(base: Node, over: Node, _findings: Findings, _path: Path) -> Node:
    return base.replace([*_sequence(base), *_sequence(over)])


def _sequence(node: Node) -> list[Node]:
    """Return `KEY=value` items for a mapping, and a list of one for a text."""
    if isinstance(node.value, dict):
        return [
            Node(
                f"{key}={as_text(one.value)}" if one.value is not None else key,
                one.span,
                one.key_span,
                one.origin,
            )
            for key, value in node.value.items()
            for one in (value.value if isinstance(value.value, list) else [value])
            if not isinstance(one.value, dict | list)
        ]
    return node.items if isinstance(node.value, list) else [node] if isinstance(node.value, str) else []


def _extra_hosts(base: Node, over: Node, _findings: Findings, _path: Path) -> Node:
    ours = _sequence(base)
    known = {str(node.value) for node in ours}
    return base.replace([*ours, *(node for node in _sequence(over) if str(node.value) not in known)])


def _keyed(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    return _mappings(as_mapping(base), as_mapping(over), findings, path)


def _depends_on(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    return _mappings(_conditions(base), _conditions(over), findings, path)


def _conditions(node: Node) -> Node:
    """Return a list of services as the mapping that it is short for."""
    if not isinstance(node.value, list):
        return node
    entries = as_mapping(node).mapping.items()
    started = {name: {"condition": entry.replace("service_started")} for name, entry in entries}
    return node.replace({name: entry.replace({**started[name]}) for name, entry in entries})


def as_mapping(node: Node) -> Node:
    """Return a list of names as a mapping of these names to what a short form says: nothing."""
    if not isinstance(node.value, list):
        return node
    return node.replace(
        {
            item.value: Node(None, item.span, item.span, item.origin)
            for item in node.value
            if isinstance(item.value, str)
        }
    )


def _build(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    return _mappings(_context(base), _context(over), findings, path)


def _context(build: Node) -> Node:
    return build.replace({"context": build}) if isinstance(build.value, str) else build


def _logging(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    ours, theirs = base.get("driver"), over.get("driver")
    if ours is None or theirs is None or ours.value == theirs.value:
        return _mappings(base, over, findings, path)
    return _replace(base, over, findings, path)


def _ipam_config(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    merged: dict[object, Node] = {_subnet(item): item for item in base.items}
    for item in over.items:
        subnet = _subnet(item)
        merged[subnet] = _mappings(merged[subnet], item, findings, path) if subnet in merged else item
    return base.replace(list(merged.values()))


def _subnet(node: Node) -> object:
    subnet = node.get("subnet")
    return subnet.value if subnet is not None and isinstance(subnet.value, str) else None


_SPECIALS: dict[str, Callable[[Node, Node, Findings, Path], Node]] = {
    **dict.fromkeys(
        (
            "networks.*.labels",
            "volumes.*.labels",
            "services.*.annotations",
            "services.*.build.args",
            "services.*.build.additional_contexts",
            "services.*.build.labels",
            "services.*.deploy.labels",
            "services.*.dns",
            "services.*.dns_opt",
            "services.*.dns_search",
            "services.*.env_file",
            "services.*.label_file",
            "services.*.environment",
            "services.*.labels",
            "services.*.sysctls",
            "services.*.tmpfs",
        ),
        _to_sequence,
    ),
    **dict.fromkeys(
        (
            "services.*.command",
            "services.*.entrypoint",
            "services.*.healthcheck.test",
            "services.*.ulimits.*",
        ),
        _replace,
    ),
    "services.*.depends_on": _depends_on,
    **dict.fromkeys(("services.*.networks", "services.*.models"), _keyed),
    **dict.fromkeys(("services.*.extra_hosts", "services.*.build.extra_hosts"), _extra_hosts),
    "services.*.build": _build,
    "services.*.logging": _logging,
    "networks.*.ipam.config": _ipam_config,
}


def _special(path: Path) -> Callable[[Node, Node, Findings, Path], Node] | None:
    if not 3 <= len(path) <= 4:
        return None
    head = f"{path[0]}.*.{path[2]}"
    return (
        _SPECIALS.get(head)
        if len(path) == 3
        else (_SPECIALS.get(f"{head}.{path[3]}") or _SPECIALS.get(f"{head}.*"))
    )


def unify(document: Node) -> Node:
    """Return a document whose sequences hold each thing once: of what names the same, the last."""
    changed = {}
    for section, table in (("services", _SERVICE_KEYS), ("networks", _NETWORK_KEYS)):
        entries = document.get(section)
        if entries is None:
            continue
        new = {key: _unify_entry(entry, table) for key, entry in entries.mapping.items()}
        if any(new[key] is not entry for key, entry in entries.mapping.items()):
            changed[section] = entries.replace({**new})
    return document.replace({**document.mapping, **changed}) if changed else document


def _unify_entry(entry: Node, table: dict[str, object]) -> Node:
    changed = {}
    for key, node in entry.mapping.items():
        index = table.get(key)
        if index is None:
            continue
        new = _unify_value(node, index)
        if new is not node:
            changed[key] = new
    return entry.replace({**entry.mapping, **changed}) if changed else entry


def _unify_value(node: Node, index: object) -> Node:
    if isinstance(index, dict):
        if "*" in index:
            new = {key: _unify_entry(inner, index["*"]) for key, inner in node.mapping.items()}
            return node.replace({**new}) if any(new[key] is not node.mapping[key] for key in new) else node
        return _unify_entry(node, index)
    if not isinstance(node.value, list) or len(node.value) < 2 or not callable(index):
        return node
    unique: dict[object, Node] = {}
    for item in node.value:
        key = index(item)
        # A value of a wrong type is left for validation to speak of.
        unique[key if key is not None else id(item)] = item
    return node if len(unique) == len(node.value) else node.replace(list(unique.values()))


def _by_key(node: Node) -> object:
    return node.value.partition("=")[0] if isinstance(node.value, str) else None


def _by_text(node: Node) -> object:
    return as_text(node.value) if isinstance(node.value, str | int) else None


def _by_target(node: Node) -> object:
    if isinstance(node.value, str):
        return target_of(node.value)
    return _text(node, "target")


def _by_device_target(node: Node) -> object:
    if isinstance(node.value, str):
        parts = node.value.split(":")
        return parts[1] if len(parts) > 1 else parts[0]
    return _text(node, "target")


def _by_mount(folder: str) -> Callable[[Node], object]:
    def index(node: Node) -> object:
        if isinstance(node.value, str):
            return f"{folder}/{node.value}"
        return _text(node, "target") or (
            f"{folder}/{_text(node, 'source')}" if _text(node, "source") else None
        )

    return index


def _by_port(node: Node) -> object:
    if not isinstance(node.value, dict):
        return _by_text(node)
    target = node.get("target")
    if target is None or isinstance(target.value, dict | list):
        return None
    return (
        _text(node, "host_ip") or "0.0.0.0",  # noqa: S104 - what a port without an address means
        _text(node, "published"),
        as_text(target.value),
        _text(node, "protocol") or "tcp",
    )


def _by_path(node: Node) -> object:
    return node.value if isinstance(node.value, str) else _text(node, "path")


def _text(node: Node, key: str) -> str | None:
    value = node.get(key)
    if value is None or value.value is None or isinstance(value.value, dict | list):
        return None
    return as_text(value.value)


# How the entries of a sequence are told apart (compose-go, override/uncity.go).
_NETWORK_KEYS: dict[str, object] = {"labels": _by_key}
_SERVICE_KEYS: dict[str, object] = {
    **dict.fromkeys(
        (
            "annotations",
            "cap_add",
            "cap_drop",
            "dns",
            "dns_opt",
            "dns_search",
            "environment",
            "labels",
            "links",
            "profiles",
            "sysctls",
            "tmpfs",
        ),
        _by_key,
    ),
    "build": dict.fromkeys(("args", "additional_contexts", "labels", "tags"), _by_key),
    "deploy": {"labels": _by_key},
    "networks": {"*": {"aliases": _by_key, "link_local_ips": _by_key}},
    "env_file": _by_path,
    "expose": _by_text,
    "ports": _by_port,
    "volumes": _by_target,
    "devices": _by_device_target,
    "configs": _by_mount(""),
    "secrets": _by_mount("/run/secrets"),
}
