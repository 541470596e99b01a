"""Which Docker Engine is meant, and a connection to it."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import docker
from docker.context import ContextAPI
from docker.errors import APIError, DockerException
from docker.utils import kwargs_from_env
from requests import RequestException, Timeout

from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from docker.tls import TLSConfig

# Creating a container may take long where the machine is busy; streams have no limit of their own.
TIMEOUT = 120
# How long an engine may take to say which version it is.
_GREETING = 15
SILENT = "the engine does not answer"
_PROXIES = {
    "httpProxy": "http_proxy",
    "httpsProxy": "https_proxy",
    "ftpProxy": "ftp_proxy",
    "noProxy": "no_proxy",
    "allProxy": "all_proxy",
}


class Endpoint(NamedTuple):
    """An engine's address, and what said so."""

    url: str
    said_by: str
    tls: TLSConfig | bool = False


def connect_client(there: Endpoint | None = None) -> docker.APIClient:
    """Return a client of an engine, the one at hand; EngineError says what was tried and what mends it."""
    there = there or endpoint()
    try:
        client = docker.APIClient(
            base_url=there.url,
            tls=there.tls,
            version="auto",
            timeout=_GREETING,
            use_ssh_client=there.url.startswith("ssh://"),
        )
    except DockerException as error:
        raise EngineError(_explained(there, error)) from error
    client.timeout = TIMEOUT
    return client


def answers(client: docker.APIClient) -> bool:
    """Return whether an engine answers at all, within a second."""
    session: Any = client
    try:
        session.get(session._url("/_ping"), timeout=1)
    except (RequestException, OSError):
        return False
    return True


def said(error: Exception) -> str:
    """Return what an engine said, or how the connection to it failed, in a few words."""
    explanation = getattr(error, "explanation", None)
    if explanation:
        return str(explanation).strip()
    if isinstance(error, Timeout):
        return SILENT
    if not isinstance(error, RequestException):
        return str(error)
    # requests and urllib3 wrap what happened, among what was tried, in tuples.
    found: BaseException = error
    while inner := [each for each in found.args if isinstance(each, BaseException)]:
        found = inner[-1]
    return f"{SILENT}: {getattr(found, 'strerror', None) or found}"


@contextmanager
def reported() -> Iterator[None]:
    """Make whatever the SDK or the connection raises an EngineError with what the engine said."""
    try:
        yield
    except APIError as error:
        raise EngineError(f"the engine refuses: {error.explanation or error}") from error
    except (DockerException, RequestException) as error:
        raise EngineError(said(error)) from error


def endpoint() -> Endpoint:
    """Return the engine of DOCKER_HOST, else of the docker CLI's current context, else the default one."""
    if os.environ.get("DOCKER_HOST"):
        try:
            said = kwargs_from_env()
        except DockerException as error:
            raise EngineError(f"DOCKER_CERT_PATH is of no use: {error}") from error
        return Endpoint(said["base_url"], "DOCKER_HOST", said.get("tls") or False)
    name = os.environ.get("DOCKER_CONTEXT")
    said_by = f"context '{name}' of DOCKER_CONTEXT"
    if not name:
        name = str(configuration().get("currentContext") or "default")
        said_by = f"the docker CLI's current context '{name}'"
    if name == "default":
        return Endpoint("unix:///var/run/docker.sock", "the default, as no DOCKER_HOST and no context is set")
    return _of_context(name, said_by)


def _of_context(name: str, said_by: str) -> Endpoint:
    try:
        context = ContextAPI.get_context(name)
    except Exception as error:  # docker-py raises a bare Exception for a file that it cannot read
        raise EngineError(f"{said_by} cannot be read: {error}") from error
    if context is None or not context.Host:
        raise EngineError(
            f"{said_by} does not exist; `docker context ls` lists those that do, "
            "`docker context use NAME` chooses one, and DOCKER_HOST overrides it"
        )
    return Endpoint(context.Host, said_by, context.TLSConfig or False)


def configuration() -> dict[str, Any]:
    """Return the docker CLI's config.json, {} where there is none that can be read."""
    folder = os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker"
    try:
        loaded = json.loads((Path(folder) / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def proxies(url: str) -> dict[str, str]:
    """Return the proxies that the docker CLI's configuration gives containers, in both cases of letters."""
    said = configuration().get("proxies") or {}
    chosen = said.get(url) or said.get("default") or {}
    pairs = [(name, str(chosen[key])) for key, name in _PROXIES.items() if chosen.get(key)]
    return {each: text for name, text in pairs for each in (name.upper(), name)}


def _explained(there: Endpoint, error: DockerException) -> str:
    head = f"cannot reach a Docker Engine at {there.url} ({there.said_by})"
    seen = tuple(_causes(error))
    if any(isinstance(cause, PermissionError) for cause in seen):
        return f"{head}: permission denied; add yourself to the socket's group (often 'docker') or use sudo"
    if any(isinstance(cause, FileNotFoundError) for cause in seen):
        return f"{head}: there is no such socket; start Docker, or set DOCKER_HOST to where it runs"
    if any(isinstance(cause, ConnectionRefusedError) for cause in seen):
        return f"{head}: nothing answers there; start Docker, or set DOCKER_HOST to where it runs"
    if any(isinstance(cause, TimeoutError) for cause in seen):
        return f"{head}: it accepts and does not answer within {_GREETING} s; start it again"
    return f"{head}: {error}; start Docker, or set DOCKER_HOST to where it runs"


def _causes(error: object) -> Iterator[BaseException]:
    """Yield an exception and those that it came from: requests and urllib3 wrap them as arguments too."""
    queue, seen = [error], set[int]()
    while queue:
        cause = queue.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            queue += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
