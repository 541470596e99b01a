"""The types that Compose holds a project in: every key, in Compose's own order, with its kind.

One table serves the dump, the config hash and the requests to the engine. `read` gives a canonical
value typed: sizes in bytes, times in nanoseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from composecheck.text.scalars import as_text
from composecheck.text.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.model.project import Service


class Unnamed(dict[str, Any]):
    """A type without names for JSON: Compose hashes its fields capitalised, even the empty ones."""


class Held(dict[str, Any]):
    """A type that is held by value: JSON has it even where nothing is said, YAML only where something is."""


# A kind is a name below, a table for a mapping with known keys, [kind] for a list, {"*": kind} for a
# mapping with free keys. A "?" marks what is kept when it is zero or false and left out when it is
# not said; a "!" what is always written.
Kind = Any
TEXTS: Kind = ["text"]
TEXT_MAP: Kind = {"*": "text"}

# Where a typed value keeps the "x-" keys that stand beside the known ones.
EXTENSIONS = "x-"

_HOOK: dict[str, Kind] = {
    "command": "words",
    "image": "text",
    "user": "text",
    "privileged": "bool",
    "working_dir": "text",
    "environment": {"*": "text?"},
    "per_replica": "bool",
}
_RATES = [Unnamed({"path": "text!", "rate": "bytes!"})]
_FILES = [{"source": "text", "target": "text", "uid": "text", "gid": "text", "mode": "octal"}]
_DEVICES = [
    {"capabilities": TEXTS, "driver": "text", "count": "count", "device_ids": TEXTS, "options": TEXT_MAP}
]
_RESOURCE = {
    "cpus": "float",
    "memory": "bytes",
    "pids": "int",
    "devices": _DEVICES,
    "generic_resources": [{"discrete_resource_spec": {"kind": "text!", "value": "int!"}}],
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
    "resources": Held({"limits": _RESOURCE, "reservations": _RESOURCE}),
    "restart_policy": {"condition": "text", "delay": "time?", "max_attempts": "int?", "window": "time?"},
    "placement": Held(
        {"constraints": TEXTS, "preferences": [{"spread": "text"}], "max_replicas_per_node": "int"}
    ),
    "endpoint_mode": "text",
}
_MOUNT = {
    "type": "text",
    "source": "text",
    "target": "text",
    "read_only": "bool",
    "consistency": "text",
    "bind": {"selinux": "text", "propagation": "text", "create_host_path": "opt-out", "recursive": "text"},
    "volume": {"labels": TEXT_MAP, "nocopy": "bool", "subpath": "text"},
    "tmpfs": {"size": "bytes", "mode": "int"},
    "image": {"subpath": "text"},
}
_ULIMITS = {"*": "ulimit"}
_BUILD: dict[str, Kind] = {
    "context": "text",
    "dockerfile": "text",
    "dockerfile_inline": "text",
    "entitlements": TEXTS,
    "args": {"*": "text?"},
    "provenance": "text",
    "sbom": "text",
    "ssh": "ssh",
    "labels": TEXT_MAP,
    "cache_from": TEXTS,
    "cache_to": TEXTS,
    "no_cache": "bool",
    "no_cache_filter": TEXTS,
    "additional_contexts": TEXT_MAP,
    "pull": "bool",
    "extra_hosts": "hosts",
    "isolation": "text",
    "network": "text",
    "target": "text",
    "secrets": _FILES,
    "shm_size": "bytes",
    "tags": TEXTS,
    "ulimits": _ULIMITS,
    "platforms": TEXTS,
    "privileged": "bool",
}
SERVICE: dict[str, Kind] = {
    "profiles": TEXTS,
    "annotations": TEXT_MAP,
    "attach": "bool?",
    "build": _BUILD,
    "develop": {
        "watch": [
            {
                "path": "text!",
                "action": "text!",
                "target": "text",
                "exec": Held(_HOOK),
                "include": TEXTS,
                "ignore": TEXTS,
                "initial_sync": "bool",
            }
        ]
    },
    "blkio_config": {
        "weight": "int",
        "weight_device": [Unnamed({"path": "text!", "weight": "int!"})],
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
    "command": "words",
    "configs": _FILES,
    "container_name": "text",
    "credential_spec": {"config": "text", "file": "text", "registry": "text"},
    "depends_on": {"*": {"condition": "text", "restart": "bool", "required": "bool!"}},
    "deploy": _DEPLOY,
    "device_cgroup_rules": TEXTS,
    "devices": [{"source": "text", "target": "text", "permissions": "text"}],
    "dns": TEXTS,
    "dns_opt": TEXTS,
    "dns_search": TEXTS,
    "domainname": "text",
    "entrypoint": "words",
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
    "pull_policy": "text",
    "read_only": "bool",
    "restart": "text",
    "runtime": "text",
    "scale": "int?",
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
    "ulimits": _ULIMITS,
    "use_api_socket": "bool",
    "user": "text",
    "userns_mode": "text",
    "uts": "text",
    "volumes": [_MOUNT],
    "volumes_from": TEXTS,
    "working_dir": "text",
    "pre_start": [_HOOK],
    "post_start": [_HOOK],
    "pre_stop": [_HOOK],
}
IPAM_OPTIONS: Kind = {"*": "text"}  # which not every generation keeps
NETWORK: dict[str, Kind] = {
    "name": "text",
    "driver": "text",
    "driver_opts": TEXT_MAP,
    "ipam": Held(
        {
            "driver": "text",
            "config": [{"subnet": "text", "gateway": "text", "ip_range": "text", "aux_addresses": TEXT_MAP}],
            "options": IPAM_OPTIONS,
        }
    ),
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
_FILE: dict[str, Kind] = {
    "name": "text",
    "file": "text",
    "environment": "text",
    "content": "text",
    "external": "bool",
    "labels": TEXT_MAP,
    "driver": "text",
    "driver_opts": TEXT_MAP,
    "template_driver": "text",
}
_MODEL: dict[str, Kind] = {
    "name": "text",
    "model": "text",
    "context_size": "int",
    "runtime_flags": TEXTS,
}
# A project's sections; the services are a mapping like the others.
RESOURCES: dict[str, Kind] = {
    "networks": NETWORK,
    "volumes": VOLUME,
    "secrets": _FILE,
    "configs": _FILE,
    "models": _MODEL,
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
    """Return a plain YAML value as its kind holds it; an unknown key is left out, if it is no extension."""
    if isinstance(kind, list):
        if value is None:
            return []
        return [read(kind[0], each) for each in (value if isinstance(value, list) else [value])]
    if isinstance(kind, dict):
        if "*" in kind:
            return {key: read(kind["*"], each) for key, each in _pairs(value).items()}
        return None if value is None else _struct(kind, value)
    return _SCALARS[kind.rstrip("?!")](value)


def _struct(table: dict[str, Kind], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with known keys in the order of its table, and what is there in any case."""
    typed: dict[str, Any] = {}
    known = 0
    for key, kind in table.items():
        if key in value:
            typed[key] = read(kind, value[key])
            known += 1
        elif kind == "words":
            typed[key] = None
        elif isinstance(kind, Held):
            typed[key] = _struct(kind, {})
        elif isinstance(kind, str) and kind[-1] == "!":
            typed[key] = "" if kind == "text!" else 0
    if known < len(value):
        extensions = {key: each for key, each in value.items() if key.startswith("x-")}
        if extensions:
            typed[EXTENSIONS] = extensions
    return typed


def _pairs(value: Any) -> Mapping[str, Any]:
    """Return a mapping, which may be written as a list of "key=value"."""
    if isinstance(value, list):
        split = [str(each).partition("=") for each in value]
        return {key: text if sign else None for key, sign, text in split}
    return value or {}


def _text(value: Any) -> str | None:
    return None if value is None else as_text(value)


def _bool(value: Any) -> bool | None:
    if value is None:
        return None
    return value if isinstance(value, bool) else str(value).lower() in {"true", "yes", "on", "y", "1"}


def _bytes(value: Any) -> int:
    if isinstance(value, float):
        return 0  # Compose reads whole numbers and texts alone, and passes over this one
    if isinstance(value, int):
        return value
    return int(value) if value.lstrip("-").isdigit() else parse_size(value)


def _time(value: Any) -> int | None:
    return None if value is None else round(parse_duration(str(value)) * 1e9)


def _octal(value: Any) -> int | None:
    if value is None:
        return None
    return int(value, 8) if isinstance(value, str) else int(value)


def _ulimit(value: Any) -> Any:
    if not isinstance(value, dict):
        return int(value)
    return {key: int(value[key]) for key in ("soft", "hard") if key in value}


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


def _ssh(value: Any) -> list[str]:
    """Return "id=path" entries, or "id" alone for the agent's."""
    return sorted(key if path is None else f"{key}={path}" for key, path in _pairs(value).items())


_SCALARS: dict[str, Any] = {
    "text": _text,
    "bool": _bool,
    "opt-out": _bool,
    "int": lambda value: None if value is None else int(value),
    "float": lambda value: float(value or 0),
    "bytes": _bytes,
    "time": _time,
    "octal": _octal,
    "count": lambda value: -1 if str(value).lower() == "all" else int(value),
    "words": lambda value: value if value is None else [str(each) for each in value],
    "ulimit": _ulimit,
    "hosts": _hosts,
    "ssh": _ssh,
}
