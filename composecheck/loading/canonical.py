"""The long form of what a service may say in short: one function an attribute.

Sizes become bytes, modes numbers, and labels, environments and the like mappings of texts;
durations stay as they are written. A value of a wrong type is left alone: validation speaks of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from composecheck.loading.interpolate import to_float
from composecheck.loading.ports import is_address, parse_port
from composecheck.loading.scalars import as_text
from composecheck.loading.volumes import clean, parse_volume
from composecheck.loading.words import split_words
from composecheck.node import Node, Origin
from composecheck.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.source import Span


class Fault(Protocol):
    """Says that a value is invalid."""

    def __call__(self, message: str, span: Span, remedy: str = "", *, rule: str = "invalid-value") -> None:
        """Add the finding."""
        ...


def service(node: Node, fault: Fault) -> Node:
    """Return a service in long form."""
    return _fields(_SERVICE)(node, fault)


def resource(section: str, node: Node, fault: Fault) -> Node:
    """Return a top-level network, volume, secret or config in long form."""
    if node.value is None:
        node = node.replace({})
    node = _external(_fields(_RESOURCE)(node, fault), fault)
    if section == "volumes":
        _check_external(node, fault)
    elif section in _CONTENTS:
        _check_content(node, _CONTENTS[section], fault)
    return node


def _external(node: Node, fault: Fault) -> Node:
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


def _check_external(node: Node, fault: Fault) -> None:
    external = node.get("external")
    if external is None or external.value is not True:
        return
    for key, value in node.mapping.items():
        if key not in ("name", "external") and not key.startswith("x-"):
            fault(f"'{key}' conflicts with 'external'", value.place, "what is external is made elsewhere")


def _check_content(node: Node, keys: tuple[str, ...], fault: Fault) -> None:
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


def default(value: Any, node: Node) -> Node:
    """Return a Node for what a short form means without saying it, at the place of that form."""
    return _made(value, node.span, Origin("default", node.span))


def _made(value: Any, span: Span, origin: Origin | None) -> Node:
    """Return plain data as Nodes that all stand at one place."""
    if isinstance(value, dict):
        return Node({key: _made(inner, span, origin) for key, inner in value.items()}, span, span, origin)
    if isinstance(value, list):
        return Node([_made(inner, span, origin) for inner in value], span, None, origin)
    return Node(value, span, span, origin)


def _fields(table: dict[str, Callable[[Node, Fault], Node]]) -> Callable[[Node, Fault], Node]:
    def transform(node: Node, fault: Fault) -> Node:
        if not isinstance(node.value, dict):
            return node
        values = node.value
        changed = {}
        for key, value in values.items():
            function = table.get(key)
            if function is not None and (new := function(value, fault)) is not value:
                changed[key] = new
        return node.replace({**values, **changed}) if changed else node

    return transform


def _each(function: Callable[[Node, Fault], Node]) -> Callable[[Node, Fault], Node]:
    """Return the transformation of every item of a list, or value of a mapping."""

    def transform(node: Node, fault: Fault) -> Node:
        if isinstance(node.value, dict):
            return node.replace({key: function(value, fault) for key, value in node.value.items()})
        if isinstance(node.value, list):
            return node.replace([function(item, fault) for item in node.value])
        return node

    return transform


def _after(
    first: Callable[[Node, Fault], Node], second: Callable[[Node, Fault], Node]
) -> Callable[[Node, Fault], Node]:
    return lambda node, fault: second(first(node, fault), fault)


def _text(node: Node, _fault: Fault) -> Node:
    value = node.value
    if isinstance(value, str | dict | list) or value is None:
        return node
    return node.replace(as_text(value))


def _text_or_empty(node: Node, fault: Fault) -> Node:
    return node.replace("") if node.value is None else _text(node, fault)


def _list(node: Node, _fault: Fault) -> Node:
    """Return a text alone as a list of one."""
    return (
        node.replace([Node(node.value, node.span, None, node.origin)])
        if isinstance(node.value, str)
        else node
    )


def _mapping(
    node: Node, fault: Fault, value: Callable[[Node, Fault], Node] = _text_or_empty, without: str | None = ""
) -> Node:
    """`KEY=value` items, or a mapping, as a mapping of texts; `without` is the value of a bare KEY."""
    if isinstance(node.value, dict):
        return node.replace({key: value(inner, fault) for key, inner in node.value.items()})
    if not isinstance(node.value, list):
        return node
    values = {}
    for item in node.value:
        if isinstance(item.value, dict | list) or item.value is None:
            continue
        key, equals, text = as_text(item.value).partition("=")
        values[key] = Node(text if equals else without, item.span, item.span, item.origin)
    return node.replace({**values})


def _environment(node: Node, fault: Fault) -> Node:
    """Return variables by name; a KEY alone stays None until the environment gives it a value."""
    if isinstance(node.value, list):
        for item in node.value:
            key, equals, _ = item.value.partition("=") if isinstance(item.value, str) else ("", "", "")
            if equals and key != key.rstrip():
                fault(
                    f"the environment variable '{key}' ends in a space",
                    item.span,
                    f"write '{key.rstrip()}=...'",
                )
    return _mapping(node, fault, _text, None)


def _extra_hosts(node: Node, fault: Fault) -> Node:
    """Hosts with the list of their addresses."""
    hosts: dict[str, list[Node]] = {}
    if isinstance(node.value, dict):
        for host, value in node.value.items():
            if not host or set(host) & set(":="):
                fault(f"'{host}' is not a host name", value.place)
            entries = value.items if isinstance(value.value, list) else [value]
            hosts[host] = [
                _address(as_text(e.value), e) for e in entries if not isinstance(e.value, dict | list)
            ]
    elif isinstance(node.value, list):
        for item in node.value:
            if not isinstance(item.value, str):
                continue
            separator = "=" if "=" in item.value else ":"
            host, found, addresses = item.value.partition(separator)
            if not found:
                fault(f"the host '{item.value}' has no address", item.span, f"write '{item.value}=192.0.2.1'")
                continue
            if not host:
                fault(f"'{item.value}' names no host", item.span, "write 'host=address'")
            hosts.setdefault(host, []).extend(_address(text, item) for text in addresses.split(","))
    else:
        return node
    return node.replace({host: Node(list(entries), node.span, node.span) for host, entries in hosts.items()})


def _address(text: str, node: Node) -> Node:
    return node.replace(text[1:-1] if text[:1] == "[" and text[-1:] == "]" and len(text) > 2 else text)


def _command(node: Node, fault: Fault) -> Node:
    if not isinstance(node.value, str):
        return _each(_text)(node, fault) if isinstance(node.value, list) else node
    try:
        words = split_words(node.value)
    except ValueError as error:
        fault(str(error), node.span, "close it, or give the command as a list")
        return node
    return node.replace([Node(word, node.span) for word in words])


def _test(node: Node, _fault: Fault) -> Node:
    if not isinstance(node.value, str):
        return node
    return node.replace([Node("CMD-SHELL", node.span), Node(node.value, node.span)])


def _build(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, str):
        node = node.replace({"context": Node(node.value, node.span, node.key_span, node.origin)})
    if not isinstance(node.value, dict):
        return node
    node = _fields(_BUILD)(node, fault)
    defaults: dict[str, Any] = {"context": "."}
    if "dockerfile_inline" not in node.mapping:
        defaults["dockerfile"] = "Dockerfile"
    missing = {
        key: default(value, node)
        for key, value in defaults.items()
        if key not in node.mapping or node.mapping[key].value is None
    }
    return node.replace({**node.mapping, **missing}) if missing else node


def _ssh(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, list):
        for item in node.value:
            if isinstance(item.value, str) and "=" not in item.value and item.value != "default":
                fault(f"'{item.value}' is not an ssh key", item.span, "write 'default' or 'id=path'")
    return _mapping(_list(node, fault), fault, _text, None)


def _key_values(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, list):
        for item in node.value:
            if isinstance(item.value, str) and "=" not in item.value:
                fault(f"'{item.value}' names no value", item.span, f"write '{item.value}=...'")
    return _mapping(node, fault)


def _depends_on(node: Node, _fault: Fault) -> Node:
    """Every entry says its condition and whether it is required."""
    if isinstance(node.value, list):
        return node.replace(
            {
                item.value: Node({**_dependency_defaults(item)}, item.span, item.span, item.origin)
                for item in node.value
                if isinstance(item.value, str)
            }
        )
    if not isinstance(node.value, dict):
        return node
    return node.replace(
        {
            name: entry.replace({**_dependency_defaults(entry), **entry.value})
            for name, entry in node.value.items()
            if isinstance(entry.value, dict)
        }
    )


def _dependency_defaults(node: Node) -> dict[str, Node]:
    place = Origin("default", node.span)
    return {
        "condition": Node("service_started", node.span, None, place),
        "required": Node(True, node.span, None, place),
    }


def _names(node: Node, _fault: Fault) -> Node:
    """Return a list of names as a mapping of these names to nothing more."""
    if not isinstance(node.value, list):
        return node
    return node.replace(
        {i.value: Node(None, i.span, i.span, i.origin) for i in node.value if isinstance(i.value, str)}
    )


def _env_file(node: Node, fault: Fault) -> Node:
    node = _list(node, fault)
    if not isinstance(node.value, list):
        return node
    return node.replace([_env_file_entry(item) for item in node.value])


def _env_file_entry(item: Node) -> Node:
    required = default(True, item)
    if isinstance(item.value, str):
        return item.replace({"path": Node(item.value, item.span, None, item.origin), "required": required})
    return item.replace({"required": required, **item.value}) if isinstance(item.value, dict) else item


def _devices(node: Node, fault: Fault) -> Node:
    return _each(_device)(node, fault) if isinstance(node.value, list) else node


def _device(item: Node, fault: Fault) -> Node:
    if not isinstance(item.value, str):
        return item
    parts = item.value.split(":")
    if len(parts) > 3:
        fault(f"the device '{item.value}' has too many colons", item.span, "use the long syntax")
        return item
    source = parts[0]
    target = parts[1] if len(parts) > 1 and parts[1] else source
    permissions = parts[2] if len(parts) > 2 else "rwm"
    return _made({"source": source, "target": target, "permissions": permissions}, item.span, item.origin)


def _gpus(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, str):
        node = node.replace([default({"count": "all"}, node)])
    return _each(_device_request)(node, fault)


def _device_request(node: Node, fault: Fault) -> Node:
    """`count` is -1 for all."""
    if not isinstance(node.value, dict):
        return node
    values = dict(node.value)
    if "count" in values and "device_ids" in values:
        fault("'count' and 'device_ids' exclude each other", values["count"].place, "keep one of the two")
    if "count" not in values and "device_ids" not in values:
        values["count"] = default("all", node)
    if "count" in values and isinstance(values["count"].value, str):
        text = values["count"].value
        if text.lower() == "all":
            values["count"] = values["count"].replace(-1)
        elif re.fullmatch(r"-?[0-9]{1,18}", text):
            values["count"] = values["count"].replace(int(text))
        else:
            fault(f"'{text}' is not a number of devices", values["count"].span, "give a number or 'all'")
    if "options" in values:
        values["options"] = _mapping(values["options"], fault)
    return node.replace({**values})


def _file_mounts(folder: str) -> Callable[[Node, Fault], Node]:
    """Return the long form of `configs` or `secrets`; `folder` is where these lie by default."""

    def mount(item: Node, fault: Fault) -> Node:
        if isinstance(item.value, str):
            item = item.replace({"source": Node(item.value, item.span, None, item.origin)})
        if not isinstance(item.value, dict):
            return item
        item = _fields({"mode": _mode})(item, fault)
        source = item.mapping.get("source")
        if folder and "target" not in item.mapping and source is not None:
            target = default(f"{folder}/{source.value}", item)
            return item.replace({**item.mapping, "target": target})
        return item

    return lambda node, fault: _each(mount)(node, fault) if isinstance(node.value, list) else node


def _mode(node: Node, fault: Fault) -> Node:
    """Permissions as a number; a text is octal."""
    if not isinstance(node.value, str):
        return node
    if re.fullmatch("[0-7]{1,9}", node.value):
        return node.replace(int(node.value, 8))
    fault(f"'{node.value}' is not an octal mode", node.span, "write '0440' or the like")
    return node


def _ports(node: Node, fault: Fault) -> Node:
    if not isinstance(node.value, list):
        return node
    ports: list[Node] = []
    for item in node.value:
        value = item.value
        if isinstance(value, dict):
            ports.append(_long_port(item, fault))
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            try:
                ports += [_made(port, item.span, item.origin) for port in parse_port(as_text(value))]
            except ValueError as error:
                fault(str(error), item.span, "write 'published:target', such as '8080:80'")
    return node.replace(ports)


def _long_port(item: Node, fault: Fault) -> Node:
    values = {**item.mapping}
    for key, value in (("protocol", "tcp"), ("mode", "ingress")):
        if key not in values:
            values[key] = default(value, item)
    if "published" in values:
        values["published"] = _text(values["published"], fault)
    address = values.get("host_ip")
    if address is not None and isinstance(address.value, str) and not is_address(address.value):
        fault(f"'{address.value}' is no IP address", address.span)
    return item.replace({**values})


def _volumes(node: Node, fault: Fault) -> Node:
    if not isinstance(node.value, list):
        return node
    return node.replace([volume for item in node.value if (volume := _volume(item, fault)) is not None])


def _volume(item: Node, fault: Fault) -> Node | None:
    if isinstance(item.value, str):
        try:
            return _made(parse_volume(item.value), item.span, item.origin)
        except ValueError as error:
            fault(str(error), item.span, "write 'source:target', such as './data:/data'")
            return None
    if not isinstance(item.value, dict):
        return None
    kind = item.get("type")
    if "target" not in item.mapping:
        fault(
            "a volume has no target", item.span, "give 'target', a path in the container", rule="missing-key"
        )
    elif kind is not None and kind.value == "bind" and "source" not in item.mapping:
        fault(
            "a bind mount has no source", item.span, "give 'source', a path on the host", rule="missing-key"
        )
    item = _fields(_VOLUME)(item, fault)
    bind = item.get("bind")
    if bind is not None and isinstance(bind.value, dict) and "create_host_path" not in bind.value:
        bind = bind.replace({**bind.value, "create_host_path": default(True, bind)})
        item = item.replace({**item.mapping, "bind": bind})
    return item


def _target(node: Node, _fault: Fault) -> Node:
    return node.replace(clean(node.value)) if isinstance(node.value, str) and node.value else node


def _size(node: Node, fault: Fault) -> Node:
    """Bytes."""
    if not isinstance(node.value, str):
        return node
    try:
        return node.replace(_bytes(node.value))
    except ValueError as error:
        fault(str(error).replace('"', "'"), node.span, "write a number of bytes, or a size such as '64m'")
        return node


def _bytes(text: str) -> int:
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    if len(text) > 30:  # no number of bytes that any machine has
        raise ValueError("the size is too long")
    return parse_size(text)


def _number(node: Node, fault: Fault) -> Node:
    if not isinstance(node.value, str):
        return node
    try:
        return node.replace(to_float(node.value))
    except ValueError:
        fault(f"'{node.value}' is not a number", node.span, "write a number such as 0.5")
        return node


def _options(node: Node, fault: Fault) -> Node:
    """Every option with the list of its values."""
    values = {
        key: value if isinstance(value.value, list) else value.replace([value])
        for key, value in node.mapping.items()
    }
    return _each(_texts)(node.replace({**values}), fault)


def _attachments(node: Node, fault: Fault) -> Node:
    return _each(_fields({"driver_opts": _each(_text_or_empty)}))(_names(node, fault), fault)


def _duration(node: Node, fault: Fault) -> Node:
    if isinstance(node.value, str):
        try:
            parse_duration(node.value)
        except ValueError as error:
            fault(str(error), node.span, "write a duration such as '30s' or '1m30s'")
    return node


def _pull_policy(node: Node, _fault: Fault) -> Node:
    return node.replace("missing") if node.value == "if_not_present" else node


_texts = _each(_text)
_text_list = _after(_list, _texts)
_VOLUME: dict[str, Callable[[Node, Fault], Node]] = {
    "target": _target,
    "tmpfs": _fields({"size": _size, "mode": _mode}),
    "volume": _fields({"labels": _mapping}),
}
_HOOKS = _each(_fields({"command": _command, "environment": _environment}))
_RATES = _each(_fields({"rate": _size}))
_UPDATE = _fields({"delay": _duration, "monitor": _duration})
_BUILD: dict[str, Callable[[Node, Fault], Node]] = {
    "additional_contexts": _key_values,
    "args": _environment,
    "cache_from": _text_list,
    "cache_to": _text_list,
    "extra_hosts": _extra_hosts,
    "labels": _mapping,
    "no_cache_filter": _text_list,
    "secrets": _file_mounts(""),
    "shm_size": _size,
    "ssh": _ssh,
}
_SERVICE: dict[str, Callable[[Node, Fault], Node]] = {
    "annotations": _mapping,
    "blkio_config": _fields(
        dict.fromkeys(
            ("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"), _RATES
        )
    ),
    "build": _build,
    "command": _command,
    "configs": _file_mounts(""),
    "depends_on": _depends_on,
    "deploy": _fields(
        {
            "labels": _mapping,
            "resources": _fields(
                {
                    "limits": _fields({"memory": _size, "cpus": _number}),
                    "reservations": _fields(
                        {"memory": _size, "cpus": _number, "devices": _each(_device_request)}
                    ),
                }
            ),
            "restart_policy": _fields({"delay": _duration, "window": _duration}),
            "rollback_config": _UPDATE,
            "update_config": _UPDATE,
        }
    ),
    "devices": _devices,
    "dns": _text_list,
    "dns_opt": _text_list,
    "dns_search": _text_list,
    "entrypoint": _command,
    "env_file": _env_file,
    "environment": _environment,
    "expose": _texts,
    "extra_hosts": _extra_hosts,
    "gpus": _gpus,
    "group_add": _texts,
    "healthcheck": _fields(
        {
            "test": _test,
            **dict.fromkeys(("interval", "timeout", "start_period", "start_interval"), _duration),
        }
    ),
    "label_file": _list,
    "labels": _mapping,
    "logging": _fields({"options": _each(_text_or_empty)}),
    "mem_limit": _size,
    "mem_reservation": _size,
    "mem_swappiness": _size,
    "memswap_limit": _size,
    "models": _names,
    "networks": _attachments,
    "ports": _ports,
    "post_start": _HOOKS,
    "pre_start": _HOOKS,
    "pre_stop": _HOOKS,
    "provider": _fields({"options": _options}),
    "pull_policy": _pull_policy,
    "secrets": _file_mounts("/run/secrets"),
    "shm_size": _size,
    "stop_grace_period": _duration,
    "storage_opt": _each(_text_or_empty),
    "sysctls": _mapping,
    "tmpfs": _text_list,
    "volumes": _volumes,
}
_CONTENTS = {"secrets": ("file", "environment"), "configs": ("file", "environment", "content")}
_RESOURCE: dict[str, Callable[[Node, Fault], Node]] = {
    "driver_opts": _each(_text_or_empty),
    "labels": _mapping,
}
