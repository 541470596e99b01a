"""What is wrong with a container, and what the engine's refusals mean."""

from __future__ import annotations

import re

from docker.errors import DockerException
from requests import RequestException

from composecheck import identity
from composecheck.engine.moby.connection import said
from composecheck.engine.protocol import ProbeResult, Trouble
from composecheck.named import TYPE_CHECKING
from composecheck.text.addresses import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import docker


def look(client: docker.APIClient, container: str, lines: int) -> Trouble | None:
    """Return what is seen of a container, with its last log lines; None where it is gone."""
    try:
        found: dict[str, Any] = client.inspect_container(container)
    except (DockerException, RequestException):
        return None
    state = found["State"]
    health = (state.get("Health") or {}).get("Log") or ()
    return Trouble(
        state=state["Status"],
        probes=tuple(ProbeResult(int(each["ExitCode"]), str(each["Output"]).strip()) for each in health),
        logs=tuple(logs(client, container, lines).splitlines()),
    )


def absent_program(container: dict[str, Any]) -> str:
    """Return what says of an inspected container that its healthcheck's program is not in it, else ""."""
    last = ((container["State"].get("Health") or {}).get("Log") or [{}])[-1]
    code, output = last.get("ExitCode"), str(last.get("Output") or "")
    if found := re.search(
        r'exec: "([^"]*)": (?:stat \S+: )?(executable file not found|no such file)', output
    ):
        return f"the program '{found[1]}' is not in the container"
    return "its program is not in the container (exit code 127)" if code == 127 else ""


def logs(client: docker.APIClient, container: str, lines: int | None) -> str:
    """Return what a container wrote, its last lines or all; where that cannot be read, a line says why."""
    try:
        data = client.logs(container, tail="all" if lines is None else lines)
    except (DockerException, RequestException) as error:
        return f"(its log cannot be read: {said(error)})"
    return bytes(data).decode("utf-8", "replace")


def refusal(client: docker.APIClient, error: Exception) -> str:
    """Return a refusal as a person reads it: what is in the way and, where it can be told, whose it is."""
    text = said(error)
    for pattern, meaning in _MEANINGS:
        if found := re.search(pattern, text):
            return meaning(client, found)
    return text


def _port_taken(client: docker.APIClient, match: re.Match[str]) -> str:
    """Return which container publishes a host port, or that another process has it."""
    host, port = match[1].strip("[]"), int(match[2])
    where = f"host port {port}" if host in EVERY else f"host port {host}:{port}"
    for container in _containers(client):
        for each in container.get("Ports") or ():
            if each.get("PublicPort") == port and (host in EVERY or each.get("IP") in {host, *EVERY}):
                name = container["Names"][0].lstrip("/")
                return f"{where} is taken by container '{name}'{_of(container.get('Labels') or {})}"
    return f"{where} is taken by another process on the engine's machine"


def _name_taken(client: docker.APIClient, match: re.Match[str]) -> str:
    return f"the container name '{match[1]}' is in use{_owner(client, match[1])}"


def _no_image(_: docker.APIClient, match: re.Match[str]) -> str:
    return f"image '{match[1]}' is not on this engine"


def _no_source(_: docker.APIClient, match: re.Match[str]) -> str:
    return f"the bind mount's source '{match[1]}' does not exist, and 'create_host_path' does not create it"


def _not_running(client: docker.APIClient, match: re.Match[str]) -> str:
    return f"it shares what container '{_name(client, match[1])}' has, which does not run"


def _no_command(_: docker.APIClient, match: re.Match[str]) -> str:
    return f"its command '{match[1]}' cannot be run: {match[2]}"


# What engines 20.10 to 29 say, and what it means.
_MEANINGS: tuple[tuple[str, Callable[[docker.APIClient, re.Match[str]], str]], ...] = (
    (r"(?:Bind for|listen (?:tcp|udp)[46]?) (\S*?):(\d+)(?: failed|: bind)", _port_taken),
    (r"failed to bind host port (?:for )?(\S*?):(\d+)[:/].*already in use", _port_taken),
    (r'container name "/?([^"]+)" is already in use', _name_taken),
    (r"[Nn]o such image: (\S+)", _no_image),
    (r"bind source path does not exist: (.+)", _no_source),
    (r"cannot join \w+ (?:namespace )?of a non running container: (?:container )?([\w.-]+)", _not_running),
    (r'exec: "([^"]*)": (.*?)(?:: unknown)?$', _no_command),
    (r"is marked for removal", lambda _client, _match: "its container was removed by someone else"),
)


def _name(client: docker.APIClient, container: str) -> str:
    try:
        return str(client.inspect_container(container)["Name"]).lstrip("/")
    except (DockerException, RequestException):
        return container[:12]


def _owner(client: docker.APIClient, name: str) -> str:
    try:
        found = client.inspect_container(name)
    except (DockerException, RequestException):
        return ""
    return _of(found["Config"].get("Labels") or {}) or " by a container that Compose did not make"


def _of(labels: dict[str, str]) -> str:
    project, service = labels.get(identity.PROJECT), labels.get(identity.SERVICE)
    return f" (service '{service}' of project '{project}')" if project else ""


def _containers(client: docker.APIClient) -> list[dict[str, Any]]:
    try:
        return list(client.containers())
    except (DockerException, RequestException):
        return []
