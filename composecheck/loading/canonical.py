"""The long form of what a service may say in short: one function an attribute.

Sizes become bytes, modes numbers, and labels, environments and the like mappings of texts;
durations stay as they are written. A value of a wrong type is left alone: validation speaks of it.
"""

from __future__ import annotations

import re

from composecheck.loading import forms
from composecheck.loading.ports import AddressError, is_address, parse_port
from composecheck.loading.volumes import clean, parse_volume
from composecheck.loading.words import split_words
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin
from composecheck.text.scalars import as_text

if TYPE_CHECKING:
    from typing import Any

    from composecheck.loading.forms import Form


def service(node: Node, fault: forms.Fault) -> Node:
    """Return a service in long form."""
    return forms.fields(_SERVICE)(node, fault)


def short_forms(node: Node, fault: forms.Fault) -> Node:
    """Return a service with the long form of what Compose writes out before it goes over another.

    Nothing else is changed, and no default given: what goes over it may still say it.
    """
    return forms.fields(_SHORT)(node, fault)


def _environment(node: Node, fault: forms.Fault) -> Node:
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
    return forms.mapping(node, fault, forms.text, None)


def _extra_hosts(node: Node, fault: forms.Fault) -> Node:
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


def _command(node: Node, fault: forms.Fault) -> Node:
    if not isinstance(node.value, str):
        return forms.each(forms.text)(node, fault) if isinstance(node.value, list) else node
    try:
        words = split_words(node.value)
    except ValueError as error:
        fault(str(error), node.span, "close it, or give the command as a list")
        return node
    return node.replace([Node(word, node.span) for word in words])


def _test(node: Node, _fault: forms.Fault) -> Node:
    if not isinstance(node.value, str):
        return node
    return node.replace([Node("CMD-SHELL", node.span), Node(node.value, node.span)])


def _context(node: Node, _fault: forms.Fault) -> Node:
    if not isinstance(node.value, str):
        return node
    return node.replace({"context": Node(node.value, node.span, node.key_span, node.origin)})


def _build(node: Node, fault: forms.Fault) -> Node:
    node = _context(node, fault)
    if not isinstance(node.value, dict):
        return node
    node = forms.fields(_BUILD)(node, fault)
    defaults: dict[str, Any] = {"context": "."}
    if "dockerfile_inline" not in node.mapping:
        defaults["dockerfile"] = "Dockerfile"
    missing = {
        key: forms.default(value, node)
        for key, value in defaults.items()
        if key not in node.mapping or node.mapping[key].value is None
    }
    return node.replace({**node.mapping, **missing}) if missing else node


def _ssh(node: Node, fault: forms.Fault) -> Node:
    if isinstance(node.value, list):
        for item in node.value:
            if isinstance(item.value, str) and "=" not in item.value and item.value != "default":
                fault(f"'{item.value}' is not an ssh key", item.span, "write 'default' or 'id=path'")
    return forms.mapping(forms.listed(node, fault), fault, forms.text, None)


def _key_values(node: Node, fault: forms.Fault) -> Node:
    if isinstance(node.value, list):
        for item in node.value:
            if isinstance(item.value, str) and "=" not in item.value:
                fault(f"'{item.value}' names no value", item.span, f"write '{item.value}=...'")
    return forms.mapping(node, fault)


def _depends_on(node: Node, _fault: forms.Fault) -> Node:
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
    place = Origin("implied", node.span)
    return {
        "condition": Node("service_started", node.span, None, place),
        "required": Node(True, node.span, None, place),
    }


def _env_file(node: Node, fault: forms.Fault) -> Node:
    node = forms.listed(node, fault)
    return forms.each(_env_file_entry)(node, fault) if isinstance(node.value, list) else node


def _env_file_entry(item: Node, fault: forms.Fault) -> Node:
    required = forms.default(True, item)
    if isinstance(item.value, str):
        return item.replace({"path": Node(item.value, item.span, None, item.origin), "required": required})
    if not isinstance(item.value, dict):
        return item
    return forms.fields({"required": forms.flag})(item.replace({"required": required, **item.value}), fault)


def _devices(node: Node, fault: forms.Fault) -> Node:
    return forms.each(_device)(node, fault) if isinstance(node.value, list) else node


def _device(item: Node, fault: forms.Fault) -> Node:
    if not isinstance(item.value, str):
        return item
    parts = item.value.split(":")
    if len(parts) > 3:
        fault(f"the device '{item.value}' has too many colons", item.span, "use the long syntax")
        return item
    source = parts[0]
    target = parts[1] if len(parts) > 1 and parts[1] else source
    permissions = parts[2] if len(parts) > 2 else "rwm"
    return forms.made(
        {"source": source, "target": target, "permissions": permissions}, item.span, item.origin
    )


def _gpus(node: Node, fault: forms.Fault) -> Node:
    if isinstance(node.value, str):
        node = node.replace([forms.default({"count": "all"}, node)])
    return forms.each(_device_request)(node, fault)


def _device_request(node: Node, fault: forms.Fault) -> Node:
    """`count` is -1 for all."""
    if not isinstance(node.value, dict):
        return node
    values = dict(node.value)
    if "count" in values:
        forms.exact(values["count"], fault)
    if "count" in values and "device_ids" in values:
        message = "a request for devices says both how many and which: it has 'count' and 'device_ids'"
        fault(message, values["count"].place, "keep one of the two", rule="conflicting-device-count")
    if "count" not in values and "device_ids" not in values:
        values["count"] = forms.default("all", node)
    if "count" in values and isinstance(values["count"].value, str):
        text = values["count"].value
        if text.lower() == "all":
            values["count"] = values["count"].replace(-1)
        elif re.fullmatch(r"-?[0-9]{1,18}", text):
            values["count"] = values["count"].replace(int(text))
        else:
            fault(f"'{text}' is not a number of devices", values["count"].span, "give a number or 'all'")
    if "options" in values:
        values["options"] = forms.mapping(values["options"], fault)
    return node.replace({**values})


def _file_mounts(folder: str) -> Form:
    """Return the long form of `configs` or `secrets`; `folder` is where these lie by default."""

    def mount(item: Node, fault: forms.Fault) -> Node:
        if isinstance(item.value, str):
            item = item.replace({"source": Node(item.value, item.span, None, item.origin)})
        if not isinstance(item.value, dict):
            return item
        item = forms.fields({"mode": forms.mode})(item, fault)
        source = item.mapping.get("source")
        if folder and "target" not in item.mapping and source is not None:
            target = forms.default(f"{folder}/{source.value}", item)
            return item.replace({**item.mapping, "target": target})
        return item

    return lambda node, fault: forms.each(mount)(node, fault) if isinstance(node.value, list) else node


_HOST_IP = "write an address of this machine such as '127.0.0.1', or none for all of them"


def _ports(node: Node, fault: forms.Fault) -> Node:
    if not isinstance(node.value, list):
        return node
    ports: list[Node] = []
    for item in node.value:
        value = item.value
        if isinstance(value, dict):
            ports.append(_long_port(item, fault))
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            try:
                ports += [forms.made(port, item.span, item.origin) for port in parse_port(as_text(value))]
            except AddressError as error:
                fault(str(error), item.span, _HOST_IP, rule="invalid-host-ip")
            except ValueError as error:
                fault(str(error), item.span, "write 'published:target', such as '8080:80'")
        else:
            forms.exact(item, fault)
    return node.replace(ports)


def _long_port(item: Node, fault: forms.Fault) -> Node:
    values = {**item.mapping}
    for key, value in (("protocol", "tcp"), ("mode", "ingress")):
        if key not in values:
            values[key] = forms.default(value, item)
    if "published" in values:
        # It stays a number where it is one: Compose tells 8080 from "8080" where it looks for repeated ports.
        values["published"] = forms.exact(values["published"], fault)
    address = values.get("host_ip")
    if address is not None and isinstance(address.value, str) and not is_address(address.value):
        message = f"a port is published on '{address.value}', which is no IP address"
        fault(message, address.span, _HOST_IP, rule="invalid-host-ip")
    return item.replace({**values})


def _volumes(node: Node, fault: forms.Fault) -> Node:
    if not isinstance(node.value, list):
        return node
    return node.replace([volume for item in node.value if (volume := _volume(item, fault)) is not None])


def _volume(item: Node, fault: forms.Fault) -> Node | None:
    if isinstance(item.value, str):
        try:
            return forms.made(parse_volume(item.value), item.span, item.origin)
        except ValueError as error:
            fault(str(error), item.span, "write 'source:target', such as './data:/data'")
            return item
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
    return forms.fields(_VOLUME)(item, fault)


def _target(node: Node, _fault: forms.Fault) -> Node:
    return node.replace(clean(node.value)) if isinstance(node.value, str) and node.value else node


def _options(node: Node, fault: forms.Fault) -> Node:
    """Every option with the list of its values."""
    values = {
        key: value if isinstance(value.value, list) else value.replace([value])
        for key, value in node.mapping.items()
    }
    return forms.each(_texts)(node.replace({**values}), fault)


def _attachments(node: Node, fault: forms.Fault) -> Node:
    return forms.each(forms.fields({"driver_opts": forms.each(forms.text_or_empty)}))(
        forms.names(node, fault), fault
    )


def _watch_path(node: Node, fault: forms.Fault) -> Node:
    if node.value == "":
        message = "an entry of 'develop.watch' does not say what to watch: its 'path' is empty"
        fault(
            message, node.span, "name a file or folder; '.' is the project's own", rule="missing-watch-path"
        )
    return node


def _pull_policy(node: Node, _fault: forms.Fault) -> Node:
    return node.replace("missing") if node.value == "if_not_present" else node


def _dns(node: Node, fault: forms.Fault) -> Node:
    """Return servers as a list, without those that are empty, as a variable without a value is."""
    listed = _text_list(node, fault)
    return listed.replace([item for item in listed.items if item.value not in (None, "")])


_texts = forms.each(forms.text)
_exact_text = forms.after(forms.exact, forms.text)
_exact_texts = forms.each(_exact_text)
_text_list = forms.after(forms.listed, _texts)
_ULIMITS = forms.each(forms.after(forms.exact, forms.fields(dict.fromkeys(("soft", "hard"), forms.whole))))
_VOLUME: dict[str, Form] = {
    "bind": forms.fields({"create_host_path": forms.flag}),
    "target": _target,
    "tmpfs": forms.fields({"size": forms.size, "mode": forms.mode}),
    "volume": forms.fields({"labels": forms.mapping}),
}
_ATTACHMENTS = forms.each(forms.fields({"driver_opts": forms.each(forms.text_or_empty)}))
_HOOK = forms.fields({"command": _command, "environment": _environment, "privileged": forms.flag})
_HOOKS = forms.each(_HOOK)
_RATES = forms.each(forms.fields({"rate": forms.size}))
_UPDATE = forms.fields({"delay": forms.duration, "monitor": forms.duration})
_BUILD: dict[str, Form] = {
    **dict.fromkeys(("no_cache", "privileged", "pull"), forms.flag),
    "additional_contexts": _key_values,
    "args": _environment,
    "cache_from": _text_list,
    "cache_to": _text_list,
    "extra_hosts": _extra_hosts,
    "labels": forms.mapping,
    "no_cache_filter": _text_list,
    "secrets": _file_mounts(""),
    "shm_size": forms.size,
    "ssh": _ssh,
    "ulimits": _ULIMITS,
}
_SERVICE: dict[str, Form] = {
    "annotations": forms.mapping,
    "attach": forms.flag,
    "blkio_config": forms.fields(
        dict.fromkeys(
            ("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"), _RATES
        )
    ),
    "build": _build,
    "command": _command,
    "configs": _file_mounts(""),
    "depends_on": _depends_on,
    "deploy": forms.fields(
        {
            "labels": forms.mapping,
            "resources": forms.fields(
                {
                    "limits": forms.fields({"memory": forms.size, "cpus": forms.number, "pids": forms.whole}),
                    "reservations": forms.fields(
                        {"memory": forms.size, "cpus": forms.number, "devices": forms.each(_device_request)}
                    ),
                }
            ),
            "restart_policy": forms.fields({"delay": forms.duration, "window": forms.duration}),
            "rollback_config": _UPDATE,
            "update_config": _UPDATE,
        }
    ),
    "develop": forms.fields({"watch": forms.each(forms.fields({"exec": _HOOK, "path": _watch_path}))}),
    "devices": _devices,
    "dns": _dns,
    "dns_opt": _text_list,
    "dns_search": _text_list,
    "entrypoint": _command,
    "env_file": _env_file,
    "environment": _environment,
    "expose": _exact_texts,
    "extra_hosts": _extra_hosts,
    "gpus": _gpus,
    "group_add": _exact_texts,
    "healthcheck": forms.fields(
        {
            "test": _test,
            **dict.fromkeys(("interval", "timeout", "start_period", "start_interval"), forms.duration),
        }
    ),
    "label_file": forms.listed,
    "labels": forms.mapping,
    "logging": forms.fields({"options": forms.each(forms.text_or_empty)}),
    "mem_limit": forms.size,
    "mem_reservation": forms.size,
    "mem_swappiness": forms.size,
    "memswap_limit": forms.size,
    "models": forms.names,
    "networks": _attachments,
    "ports": _ports,
    "post_start": _HOOKS,
    "pre_start": _HOOKS,
    "pre_stop": _HOOKS,
    "provider": forms.fields({"options": _options}),
    "pull_policy": _pull_policy,
    "secrets": _file_mounts("/run/secrets"),
    "shm_size": forms.size,
    "stop_grace_period": forms.duration,
    "storage_opt": forms.each(forms.after(forms.exact, forms.text_or_empty)),
    "sysctls": forms.mapping,
    "tmpfs": _text_list,
    "ulimits": _ULIMITS,
    "volumes": _volumes,
}
_SHORT: dict[str, Form] = {
    **{
        key: _SERVICE[key]
        for key in (
            "configs",
            "depends_on",
            "devices",
            "env_file",
            "label_file",
            "models",
            "ports",
            "secrets",
            "volumes",
        )
    },
    "build": forms.after(
        _context, forms.fields({key: _BUILD[key] for key in ("additional_contexts", "ssh")})
    ),
    "networks": forms.names,
}
