"""The containers of a project as they are now, each in full."""

from __future__ import annotations

from functools import partial

from docker.errors import NotFound

from composecheck import identity
from composecheck.engine.moby import images
from composecheck.engine.moby.history import moment
from composecheck.engine.protocol import ProbeResult, Status
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import docker

    from composecheck.engine.docker.addresses import Reach
    from composecheck.engine.moby.workers import Workers


def list_status(client: docker.APIClient, workers: Workers, reach: Reach, project: str) -> list[Status]:
    """Return a project's containers by service and number, one-off ones last."""
    labels = [f"{identity.PROJECT}={project}", identity.SERVICE, identity.CONFIG_HASH]
    found = client.containers(all=True, filters={"label": labels})
    inspected = workers.each([partial(_inspect, client, each["Id"]) for each in found])
    seen = [_status(each, reach) for each in inspected if each is not None]
    return sorted(seen, key=lambda each: (each.once, each.service, each.number, each.name))


def _inspect(client: docker.APIClient, container: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.inspect_container(container)
    except NotFound:  # it has gone meanwhile
        return None
    return found


def _status(found: dict[str, Any], reach: Reach) -> Status:
    config, state = found["Config"], found["State"]
    labels = config.get("Labels") or {}
    number = str(labels.get(identity.NUMBER) or "")
    health = state.get("Health") or {}
    ended = state["Status"] in ("exited", "dead", "restarting")
    times = {"created": found["Created"], "exited": state["FinishedAt"], "dead": state["FinishedAt"]}
    ports = found["NetworkSettings"].get("Ports") or {}
    return Status(
        id=str(found["Id"]),
        name=str(found["Name"]).lstrip("/"),
        service=str(labels[identity.SERVICE]),
        number=int(number) if number.isdigit() else 1,
        state=str(state["Status"]),
        health=str(health.get("Status") or "").replace("none", ""),
        probe=_last(health.get("Log") or ()),
        exit_code=int(state["ExitCode"]) if ended else None,
        since=moment(str(times.get(state["Status"], state["StartedAt"]))),
        made=moment(str(found["Created"])),
        restarts=int(found.get("RestartCount") or 0),
        ports=tuple(reach.ports(found)),
        unpublished=tuple(sorted(key for key, bindings in ports.items() if not bindings)),
        image=str(config["Image"]),
        brings=images.facts({"Config": config}),
        needs=tuple(identity.dependencies_of(labels)),
        once=labels.get(identity.ONEOFF) == "True",
        out_of_memory=bool(state.get("OOMKilled")),
    )


def _last(log: Any) -> ProbeResult | None:
    return ProbeResult(int(log[-1]["ExitCode"]), str(log[-1]["Output"]).strip()) if log else None
