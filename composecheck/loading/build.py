"""The canonical document as the model: what has a wrong type is left out, as if it were not said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from composecheck.loading.ports import parse_range
from composecheck.model.project import (
    Attachment,
    Build,
    Dependency,
    Healthcheck,
    Mount,
    Network,
    Port,
    Service,
    Volume,
)
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from composecheck.loading.findings import Findings
    from composecheck.model.project import Probe, Retry
    from composecheck.text.node import Node

_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
_POLICIES = ("always", "on-failure", "unless-stopped")
_IMPLYING = ("links", "network_mode", "ipc", "pid", "uts", "cgroup", "volumes_from")


def build_service(name: str, node: Node, findings: Findings) -> Service:
    """Return the model of one service from its canonical Node."""
    values = node.mapping
    restart, max_retries = _restart(values)
    return Service(
        name=name,
        node=node,
        image=_text(values.get("image")),
        build=_build(values.get("build")),
        command=_words(values.get("command")),
        entrypoint=_words(values.get("entrypoint")),
        environment=_variables(values.get("environment")),
        depends_on=_depends_on(values),
        healthcheck=_healthcheck(values.get("healthcheck")),
        readiness=_probe(values.get("x-readiness"), name, findings),
        retry=_retry(values.get("x-retry")),
        restart=restart,
        max_retries=max_retries,
        ports=tuple(port for item in _items(values, "ports") if (port := _port(item)) is not None),
        mounts=_mounts(values),
        networks={
            key: _attachment(entry)
            for key, entry in (values["networks"].mapping if "networks" in values else {}).items()
        },
        network_mode=_text(values.get("network_mode")),
        replicas=_replicas(values),
        profiles=tuple(text for item in _items(values, "profiles") if (text := _text(item)) is not None),
        container_name=_text(values.get("container_name")),
    )


def build_network(key: str, node: Node) -> Network:
    """Return the model of a top-level network."""
    values = node.mapping
    return Network(
        key,
        node,
        _text(values.get("name")) or key,
        _true(values, "external"),
        _text(values.get("driver")),
        _true(values, "internal"),
    )


def build_volume(key: str, node: Node) -> Volume:
    """Return the model of a top-level volume."""
    values = node.mapping
    return Volume(
        key, node, _text(values.get("name")) or key, _true(values, "external"), _text(values.get("driver"))
    )


def _text(node: Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None


def _int(node: Node | None) -> int | None:
    value = node.value if node is not None else None
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 1e3 is a whole number to Compose too
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _true(values: dict[str, Node], key: str) -> bool:
    node = values.get(key)
    return node is not None and node.value is True


def _items(values: dict[str, Node], key: str) -> list[Node]:
    node = values.get(key)
    return node.items if node is not None else []


def _words(node: Node | None) -> tuple[str, ...] | None:
    if node is None or not isinstance(node.value, list):
        return None
    return tuple(item.value for item in node.value if isinstance(item.value, str))


def _seconds(node: Node | None) -> float | None:
    text = _text(node)
    try:
        return parse_duration(text) if text is not None else None
    except ValueError:
        return None


def _variables(node: Node | None) -> dict[str, str | None]:
    return (
        {
            key: inner.value
            for key, inner in node.mapping.items()
            if isinstance(inner.value, str) or inner.value is None
        }
        if node is not None
        else {}
    )


def _build(node: Node | None) -> Build | None:
    if node is None or not isinstance(node.value, dict):
        return None
    values = node.value
    return Build(
        node,
        _text(values.get("context")) or ".",
        _text(values.get("dockerfile")) or "Dockerfile",
        _text(values.get("dockerfile_inline")),
        _text(values.get("target")),
        _variables(values.get("args")),
    )


def _depends_on(values: dict[str, Node]) -> dict[str, Dependency]:
    node = values.get("depends_on")
    implying = _implying(values)
    dependencies: dict[str, Dependency] = {}
    for name, entry in (node.mapping if node is not None else {}).items():
        condition = _text(entry.get("condition"))
        required = entry.get("required")
        dependencies[name] = Dependency(
            service=name,
            node=entry,
            condition=condition if condition in _CONDITIONS else "service_started",  # type: ignore[arg-type]
            required=required is None or required.value is not False,
            restart=_true(entry.mapping, "restart"),
            implicit=implying.get(id(entry.span)) if _is_implied(entry) else None,
            retry=_retry(entry.get("x-retry")),
        )
    return dependencies


def _retry(node: Node | None) -> Retry | None:
    if node is None:
        return None
    from composecheck.loading.extensions import read_retry

    return read_retry(node)


def _probe(node: Node | None, service: str, findings: Findings) -> Probe | None:
    if node is None:
        return None
    from composecheck.loading.extensions import read_probe

    return read_probe(node, service, findings)


def _implying(values: dict[str, Node]) -> dict[int, str]:
    """Return the keys that imply dependencies, by the identity of the place that each one has."""
    places = [
        (id(one.span), key) for key in _IMPLYING if key in values for one in (values[key], *values[key].items)
    ]
    return dict(reversed(places))  # of two keys at one place the first counts


def _is_implied(entry: Node) -> bool:
    return entry.origin is not None and entry.origin.kind == "default"


def _healthcheck(node: Node | None) -> Healthcheck | None:
    if node is None or not isinstance(node.value, dict):
        return None
    values = node.value
    test = ("NONE",) if _true(values, "disable") else _words(values.get("test"))
    return Healthcheck(
        node,
        test or None,
        _seconds(values.get("interval")),
        _seconds(values.get("timeout")),
        _seconds(values.get("start_period")),
        _seconds(values.get("start_interval")),
        _int(values.get("retries")),
    )


Restart = Literal["no", "always", "on-failure", "unless-stopped"]


def _restart(values: dict[str, Node]) -> tuple[Restart, int | None]:
    """Return when the engine starts a container again, `deploy.restart_policy` going before `restart`."""
    deploy = values.get("deploy")
    policy = deploy.get("restart_policy") if deploy is not None else None
    if policy is not None and isinstance(policy.value, dict):
        # Without a condition Compose sends the engine no policy, though the specification says "any".
        word, number = _text(policy.get("condition")) or "none", _int(policy.get("max_attempts"))
    else:
        word, _, count = (_text(values.get("restart")) or "no").partition(":")
        number = int(count) if count.isdecimal() and len(count) < 10 else None
    word = "always" if word == "any" else word  # a swarm's word, which Compose takes in both places
    restart: Any = word if word in _POLICIES else "no"
    return restart, number or None if restart == "on-failure" else None  # 0 is without end, to the engine


def _replicas(values: dict[str, Node]) -> int:
    deploy = values.get("deploy")
    for node in (values.get("scale"), deploy.get("replicas") if deploy is not None else None):
        number = _int(node)
        if number is not None:
            return max(number, 0)
    return 1


def _port(node: Node) -> Port | None:
    values = node.mapping
    target, published = _int(values.get("target")), values.get("published")
    if target is None:
        return None
    try:
        text = published.value if published is not None else None
        bounds = parse_range(str(text)) if isinstance(text, str | int) and text != "" else None
    except ValueError:
        return None
    return Port(
        node,
        target,
        bounds,
        _text(values.get("host_ip")),
        (_text(values.get("protocol")) or "tcp").lower(),
        _text(values.get("mode")) or "ingress",
    )


def _mounts(values: dict[str, Node]) -> tuple[Mount, ...]:
    mounts = []
    for node in _items(values, "volumes"):
        kind, target = _text(node.get("type")), _text(node.get("target"))
        if kind is not None and target is not None:
            source = _text(node.get("source"))
            mounts.append(Mount(node, kind, target, source, _true(node.mapping, "read_only")))
    for node in _items(values, "tmpfs"):
        text = _text(node)
        if text is not None:
            mounts.append(Mount(node, "tmpfs", text.partition(":")[0]))
    return tuple(mounts)


def _attachment(node: Node) -> Attachment:
    values = node.mapping
    return Attachment(
        node,
        tuple(text for item in _items(values, "aliases") if (text := _text(item)) is not None),
        _text(values.get("ipv4_address")),
        _text(values.get("ipv6_address")),
        _int(values.get("priority")) or 0,
    )
