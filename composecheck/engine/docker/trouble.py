"""What is wrong with a container, and what the engine's refusals mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from docker.errors import APIError, DockerException, NotFound

from composecheck import identity

if TYPE_CHECKING:
    import docker

_PORT_TAKEN = re.compile(r"(?:Bind for|listen (?:tcp|udp)[46]?) (\S*?):(\d+)(?: failed|: bind)")
_NAME_TAKEN = re.compile(r'container name "/?([^"]+)" is already in use')
_NO_IMAGE = re.compile(r"[Nn]o such image: (\S+)")
_NO_SOURCE = re.compile(r"bind source path does not exist: (.+)")
_NOT_FOUND = re.compile(r'exec: "([^"]*)": (.*?)(?:: unknown)?$')


class ProbeResult(NamedTuple):
    """One run of a healthcheck, or of an x-readiness probe (exit code 1 where it did not answer)."""

    exit_code: int
    output: str


class Trouble(NamedTuple):
    """What the engine last saw of one container."""

    state: str  # created, running, restarting, exited, ...
    exit_code: int | None  # of a process that has ended
    out_of_memory: bool
    restarts: int
    probes: tuple[ProbeResult, ...]
    logs: tuple[str, ...]
    error: str  # why the engine could not start it


def look(client: docker.APIClient, container: str, lines: int) -> Trouble | None:
    """Return what is seen of a container, with its last log lines; None where it is gone."""
    try:
        found: dict[str, Any] = client.inspect_container(container)
    except DockerException:
        return None
    state = found["State"]
    health = (state.get("Health") or {}).get("Log") or ()
    ended = state["Status"] in {"exited", "dead", "restarting"}
    return Trouble(
        state=state["Status"],
        exit_code=state["ExitCode"] if ended else None,
        out_of_memory=bool(state.get("OOMKilled")),
        restarts=int(found.get("RestartCount") or 0),
        probes=tuple(ProbeResult(int(each["ExitCode"]), str(each["Output"]).strip()) for each in health),
        logs=tuple(logs(client, container, lines).splitlines()),
        error=str(state.get("Error") or ""),
    )


def logs(client: docker.APIClient, container: str, lines: int | None) -> str:
    """Return what a container wrote, its last lines or all; where that cannot be read, a line says why."""
    try:
        data = client.logs(container, tail="all" if lines is None else lines)
    except APIError as error:
        return f"(its log cannot be read: {error.explanation})"
    return bytes(data).decode("utf-8", "replace")


def explain(client: docker.APIClient, error: Exception) -> str:
    """Return a refusal as a person reads it: what is in the way and, where it can be told, whose it is."""
    text = str(getattr(error, "explanation", None) or error).strip()
    if taken := _PORT_TAKEN.search(text):
        return _port_taken(client, taken[1], int(taken[2]))
    if taken := _NAME_TAKEN.search(text):
        return f"the container name '{taken[1]}' is in use{_owner(client, taken[1])}"
    if absent := _NO_IMAGE.search(text):
        return f"image '{absent[1]}' is not on this engine"
    if absent := _NO_SOURCE.search(text):
        return (
            f"the bind mount's source '{absent[1]}' does not exist, and 'create_host_path' does not create it"
        )
    if missing := _NOT_FOUND.search(text):
        return f"its command '{missing[1]}' cannot be run: {missing[2]}"
    return text


def _port_taken(client: docker.APIClient, host: str, port: int) -> str:
    """Return which container publishes a host port, or that another process has it."""
    where = f"host port {port}" if host in {"0.0.0.0", "", "[::]", "::"} else f"host port {host}:{port}"  # noqa: S104
    for container in _containers(client):
        if any(each.get("PublicPort") == port for each in container.get("Ports") or ()):
            name = container["Names"][0].lstrip("/")
            return f"{where} is taken by container '{name}'{_of(container.get('Labels') or {})}"
    return f"{where} is taken by another process on the engine's machine"


def _owner(client: docker.APIClient, name: str) -> str:
    try:
        found = client.inspect_container(name)
    except DockerException:
        return ""
    return _of(found["Config"].get("Labels") or {}) or " by a container that Compose did not make"


def _of(labels: dict[str, str]) -> str:
    project, service = labels.get(identity.PROJECT), labels.get(identity.SERVICE)
    return f" (service '{service}' of project '{project}')" if project else ""


def _containers(client: docker.APIClient) -> list[dict[str, Any]]:
    try:
        return list(client.containers())
    except (DockerException, NotFound):
        return []
