"""Several documents as one: a later one goes over an earlier one, attribute by attribute.

Mappings merge, sequences append, scalars replace; the exceptions are in the table.
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin
from composecheck.text.scalars import as_text

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
    base, over = _conditions(base), _conditions(over)
    merged = _mappings(base, over, findings, path)
    # A dependency stands where its condition was said last.
    restated = {
        name: _replace(base.mapping[name], entry, findings, path).replace(merged.mapping[name].value)
        for name, entry in over.mapping.items()
        if name in base.mapping and "condition" in entry.mapping
    }
    return merged.replace({**merged.mapping, **restated}) if restated else merged


def _conditions(node: Node) -> Node:
    """Return a list of services as the mapping that it is short for."""
    if not isinstance(node.value, list):
        return node
    entries = as_mapping(node).mapping.items()
    return node.replace({name: entry.replace(_started(entry)) for name, entry in entries})


def _started(entry: Node) -> dict[str, Node]:
    return {"condition": entry.replace("service_started"), "required": entry.replace(True)}


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


def _gpus(base: Node, over: Node, findings: Findings, path: Path) -> Node:
    """Append a list, also to 'all', which is a list of one; Compose takes nothing else over either."""
    if not isinstance(over.value, list):
        return _conflict(_all_gpus(base), over, findings, path)
    return _append(_all_gpus(base), over)


def _all_gpus(gpus: Node) -> Node:
    if not isinstance(gpus.value, str):
        return gpus
    return gpus.replace([gpus.replace({"count": gpus})])


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
    "services.*.gpus": _gpus,
    "services.*.logging": _logging,
    "networks.*.ipam.config": _ipam_config,
}


def marked(base: Node, over: Node | None, origin: Origin) -> Node:
    """Return a value with where it came from, said of those parts that what goes over it leaves."""
    inner, outer = base.value, over.value if over is not None else None
    if not isinstance(inner, dict | list) or not isinstance(outer, dict | list):
        return Node(inner, base.span, base.key_span, origin._replace(before=base.origin))
    if isinstance(inner, list):
        return base.replace([marked(item, None, origin) for item in inner])
    others = outer if isinstance(outer, dict) else {}
    return base.replace({key: marked(node, others.get(key), origin) for key, node in inner.items()})


def _special(path: Path) -> Callable[[Node, Node, Findings, Path], Node] | None:
    if not 3 <= len(path) <= 4:
        return None
    head = f"{path[0]}.*.{path[2]}"
    return (
        _SPECIALS.get(head)
        if len(path) == 3
        else (_SPECIALS.get(f"{head}.{path[3]}") or _SPECIALS.get(f"{head}.*"))
    )
