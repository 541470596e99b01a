"""Keys that not every generation of Docker Compose knows or reads alike, told where they stand."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.loading.findings import Findings
    from composecheck.model.dialect import Dialect
    from composecheck.text.node import Node


def tell_differences(document: Node, findings: Findings, dialect: Dialect) -> None:
    """Add what is to be said of a whole merged document: a note, or an error where the key is refused."""
    services, networks = document.get("services"), document.get("networks")
    for name, service in services.mapping.items() if services is not None else ():
        values = service.mapping
        if "pre_start" in values:
            _tell("pre_start", values["pre_start"], findings, name, known=dialect.pre_start)
        build = values.get("build")
        if build is not None and "no_cache_filter" in build.mapping:
            place = build.mapping["no_cache_filter"]
            _tell("no_cache_filter", place, findings, name, known=dialect.no_cache_filter)
        for volume in values["volumes"].items if "volumes" in values else ():
            bind, kind = volume.get("bind"), volume.get("type")
            if bind is None or kind is None or kind.value != "bind":
                continue
            if isinstance(bind.value, dict) and "create_host_path" not in bind.value:
                findings.differs("creates_host_path", bind.place, name)
    for network in networks.mapping.values() if networks is not None else ():
        options = network.get("ipam", "options")
        if options is not None:
            findings.differs("ipam_options", options.place)


def _tell(difference: str, node: Node, findings: Findings, service: str, *, known: bool) -> None:
    if known:
        findings.differs(difference, node.place, service)
        return
    message = f"service '{service}' has the key '{difference}', which docker compose 2.40 does not know"
    findings.error("unknown-key", message, node.place, "remove it, or use docker compose 5", service=service)
