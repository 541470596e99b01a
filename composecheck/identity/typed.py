"""A service's values as Compose's own types hold them: sizes in bytes, times in nanoseconds.

The order of the keys is that of Compose's types: its config hash is taken of JSON in that order.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from composecheck.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.project import Service

# A kind is a name below, a table for a mapping with known keys, [kind] for a list, {"*": kind} for a
# mapping with free keys. A "?" marks what is kept when it is zero or false.
Kind = Any
TEXTS = ["text"]
TEXT_MAP = {"*": "text"}

_HOOK = {
    "command": "list?",
    "user": "text",
    "privileged": "bool",
    "working_dir": "text",
    "environment": {"*": "text?"},
}
_RATES = [{"path": "text", "rate": "bytes"}]
_FILES = [{"source": "text", "target": "text", "uid": "text", "gid": "text", "mode": "octal"}]
_DEVICES = [
    {"capabilities": TEXTS, "driver": "text", "count": "count", "device_ids": TEXTS, "options": TEXT_MAP}
]
_RESOURCE = {
    "cpus": "float",
    "memory": "bytes",
    "pids": "int",
    "devices": _DEVICES,
    "generic_resources": [{"discrete_resource_spec": {"kind": "text", "value": "int?"}}],
}
_UPDATE = {
    "parallelism": "int?",
    "delay": "time",
    "failure_action": "text",
    "monitor": "time",
    "max_failure_ratio": "float",
    "order": "text",
}
_DEPLOY = {
    "mode": "text",
    "replicas": "int?",
    "labels": TEXT_MAP,
    "update_config": _UPDATE,
    "rollback_config": _UPDATE,
    "resources": {"limits": _RESOURCE, "reservations": _RESOURCE},
    "restart_policy": {"condition": "text", "delay": "time?", "max_attempts": "int?", "window": "time?"},
    "placement": {
        "constraints": TEXTS,
        "preferences": [{"spread": "text"}],
        "max_replicas_per_node": "int",
    },
    "endpoint_mode": "text",
}
_MOUNT = {
    "type": "text",
    "source": "text",
    "target": "text",
    "read_only": "bool",
    "consistency": "text",
    "bind": {"selinux": "text", "propagation": "text", "create_host_path": "bool", "recursive": "text"},
    "volume": {"labels": TEXT_MAP, "nocopy": "bool", "subpath": "text"},
    "tmpfs": {"size": "bytes", "mode": "int"},
    "image": {"subpath": "text"},
}
SERVICE: dict[str, Kind] = {
    "annotations": TEXT_MAP,
    "attach": "bool?",
    "develop": {
        "watch": [
            {
                "path": "text?",
                "action": "text?",
                "target": "text",
                "exec": _HOOK,
                "include": TEXTS,
                "ignore": TEXTS,
                "initial_sync": "bool",
            }
        ]
    },
    "blkio_config": {
        "weight": "int",
        "weight_device": [{"path": "text", "weight": "int"}],
        "device_read_bps": _RATES,
        "device_read_iops": _RATES,
        "device_write_bps": _RATES,
        "device_write_iops": _RATES,
    },
    "cap_add": TEXTS,
    "cap_drop": TEXTS,
    "cgroup_parent": "text",
    "cgroup": "text",
    "cpu_count": "int",
    "cpu_percent": "float",
    "cpu_period": "int",
    "cpu_quota": "int",
    "cpu_rt_period": "int",
    "cpu_rt_runtime": "int",
    "cpus": "float",
    "cpuset": "text",
    "cpu_shares": "int",
    "command": "list?",
    "configs": _FILES,
    "container_name": "text",
    "credential_spec": {"config": "text", "file": "text", "registry": "text"},
    "deploy": _DEPLOY,
    "device_cgroup_rules": TEXTS,
    "devices": [{"source": "text", "target": "text", "permissions": "text"}],
    "dns": TEXTS,
    "dns_opt": TEXTS,
    "dns_search": TEXTS,
    "domainname": "text",
    "entrypoint": "list?",
    "provider": {"type": "text", "options": {"*": TEXTS}},
    "environment": {"*": "text?"},
    "expose": TEXTS,
    "external_links": TEXTS,
    "extra_hosts": "hosts",
    "group_add": TEXTS,
    "gpus": _DEVICES,
    "hostname": "text",
    "healthcheck": {
        "test": TEXTS,
        "timeout": "time?",
        "interval": "time?",
        "retries": "int?",
        "start_period": "time?",
        "start_interval": "time?",
        "disable": "bool",
    },
    "image": "text",
    "init": "bool?",
    "ipc": "text",
    "isolation": "text",
    "labels": TEXT_MAP,
    "label_file": TEXTS,
    "links": TEXTS,
    "logging": {"driver": "text", "options": TEXT_MAP},
    "mem_limit": "bytes",
    "mem_reservation": "bytes",
    "memswap_limit": "bytes",
    "mem_swappiness": "bytes",
    "mac_address": "text",
    "models": {"*": {"endpoint_var": "text", "model_var": "text"}},
    "network_mode": "text",
    "networks": {
        "*": {
            "aliases": TEXTS,
            "driver_opts": TEXT_MAP,
            "gw_priority": "int",
            "interface_name": "text",
            "ipv4_address": "text",
            "ipv6_address": "text",
            "link_local_ips": TEXTS,
            "mac_address": "text",
            "priority": "int",
        }
    },
    "oom_kill_disable": "bool",
    "oom_score_adj": "int",
    "pid": "text",
    "pids_limit": "int",
    "platform": "text",
    "ports": [
        {
            "name": "text",
            "mode": "text",
            "host_ip": "text",
            "target": "int",
            "published": "text",
            "protocol": "text",
            "app_protocol": "text",
        }
    ],
    "privileged": "bool",
    "read_only": "bool",
    "restart": "text",
    "runtime": "text",
    "secrets": _FILES,
    "security_opt": TEXTS,
    "shm_size": "bytes",
    "stdin_open": "bool",
    "stop_grace_period": "time?",
    "stop_signal": "text",
    "storage_opt": TEXT_MAP,
    "sysctls": TEXT_MAP,
    "tmpfs": TEXTS,
    "tty": "bool",
    "ulimits": {"*": "ulimit"},
    "use_api_socket": "bool",
    "user": "text",
    "userns_mode": "text",
    "uts": "text",
    "volumes": [_MOUNT],
    "volumes_from": TEXTS,
    "working_dir": "text",
    "post_start": [_HOOK],
    "pre_stop": [_HOOK],
}
NETWORK: dict[str, Kind] = {
    "name": "text",
    "driver": "text",
    "driver_opts": TEXT_MAP,
    "ipam": {
        "driver": "text",
        "config": [{"subnet": "text", "gateway": "text", "ip_range": "text", "aux_addresses": TEXT_MAP}],
    },
    "external": "bool",
    "internal": "bool",
    "attachable": "bool",
    "labels": TEXT_MAP,
    "enable_ipv4": "bool?",
    "enable_ipv6": "bool?",
}
VOLUME: dict[str, Kind] = {
    "name": "text",
    "driver": "text",
    "driver_opts": TEXT_MAP,
    "external": "bool",
    "labels": TEXT_MAP,
}


def service_values(service: Service) -> dict[str, Any]:
    """Return what a service says, typed; keys that it does not say are absent."""
    plain = service.node.plain()
    plain.pop("env_file", None)
    plain["environment"] = dict(service.environment)
    plain["command"] = None if service.command is None else list(service.command)
    plain["entrypoint"] = None if service.entrypoint is None else list(service.entrypoint)
    typed: dict[str, Any] = read(SERVICE, plain)
    return typed


def read(kind: Kind, value: Any) -> Any:
    """Return a plain YAML value as its kind holds it; an unknown key is left out."""
    if isinstance(kind, list):
        return [read(kind[0], each) for each in (value if isinstance(value, list) else [value])]
    if isinstance(kind, dict):
        if "*" in kind:
            return {key: read(kind["*"], each) for key, each in _pairs(value).items()}
        if value is None:
            return None
        return {key: read(sub, value[key]) for key, sub in kind.items() if key in value}
    return _SCALARS[kind.rstrip("?")](value)


def _pairs(value: Any) -> Mapping[str, Any]:
    """Return a mapping, which may be written as a list of "key=value"."""
    if isinstance(value, list):
        split = [str(each).partition("=") for each in value]
        return {key: text if sign else None for key, sign, text in split}
    return value or {}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return single(value) if value == float(single(value)) else repr(value)
    return str(value)


def _bool(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in {"true", "yes", "on", "y", "1"}


def _bytes(value: Any) -> int:
    if isinstance(value, (int, float)):
        return int(value)
    return int(value) if value.lstrip("-").isdigit() else parse_size(value)


def _time(value: Any) -> int | None:
    return None if value is None else round(parse_duration(str(value)) * 1e9)


def _octal(value: Any) -> int | None:
    if value is None:
        return None
    return int(value, 8) if isinstance(value, str) else int(value)


def _ulimit(value: Any) -> Any:
    return {key: int(each) for key, each in value.items()} if isinstance(value, dict) else int(value)


def _hosts(value: Any) -> list[str]:
    """Return "host=address" entries, whichever way they are written."""
    entries: list[str] = []
    if isinstance(value, dict):
        pairs = [(host, each if isinstance(each, list) else [each or ""]) for host, each in value.items()]
    else:
        texts = [str(each) for each in value or []]
        signs = ["=" if "=" in text else ":" for text in texts]
        split = [text.partition(sign) for text, sign in zip(texts, signs, strict=True)]
        pairs = [(host, rest.split(",")) for host, _, rest in split]
    for host, addresses in pairs:
        entries += [f"{host}={str(a).removeprefix('[').removesuffix(']')}" for a in addresses]
    return sorted(entries)


def single(value: float) -> str:
    """Return the shortest text of a number in single precision, which is how Compose keeps it."""
    stored = struct.pack("f", value)
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    text = next((text for text in texts if struct.pack("f", float(text)) == stored), repr(value))
    return f"{float(text):.9f}".rstrip("0").rstrip(".") if "e" in text else text


_SCALARS: dict[str, Any] = {
    "text": _text,
    "bool": _bool,
    "int": lambda value: None if value is None else int(value),
    "float": lambda value: float(value or 0),
    "bytes": _bytes,
    "time": _time,
    "octal": _octal,
    "count": lambda value: -1 if str(value).lower() == "all" else int(value),
    "list": lambda value: value if value is None else [str(each) for each in value],
    "ulimit": _ulimit,
    "hosts": _hosts,
}
