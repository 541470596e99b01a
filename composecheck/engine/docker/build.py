"""Images built from `build:`, by the engine's classic builder."""

from __future__ import annotations

import re
import tempfile
import time
from collections import deque
from pathlib import Path

from docker.errors import APIError

from composecheck import identity
from composecheck.dump import host_entries
from composecheck.errors import EngineError
from composecheck.facts.sources import platform
from composecheck.named import TYPE_CHECKING
from composecheck.text.remote import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import docker

    from composecheck.model.project import Build, Project, Service

_STEP = re.compile(r"Step (\d+/\d+) : (.*)")
_STANDS_ON = re.compile(r" ---> ([0-9a-f]{12})")
LAST_LINES = 20
BUILDER_GRACE, BUILDER_QUIET = 5.0, 0.3


def build(
    client: docker.APIClient, project: Project, service: Service, progress: Callable[[str, str], object]
) -> None:
    """Build a service's image; `progress` hears each step. EngineError has the step and its last output."""
    build = service.build
    if build is None:
        return
    name = identity.image_name(project, service)
    with tempfile.TemporaryDirectory(prefix="composecheck-") as folder:
        arguments = _arguments(project, service, build, Path(folder))
        try:
            stood = {each["Id"] for each in client.containers(all=True)}
            lines = client.build(tag=name, decode=True, rm=True, forcerm=True, **arguments)
            output = _Output(service, name, progress)
            try:
                for line in lines:
                    output.take(line)
            except BaseException:
                lines.close()  # hangs up, at which the builder ends its step and removes its container
                _await_end(client, stood, output.image)
                raise
        except (APIError, OSError, TypeError) as error:
            reason = str(getattr(error, "explanation", None) or error)
            raise EngineError(_failed(service, reason, "", [])) from error
    for tag in build.tags:
        client.tag(name, *_repository_and_tag(tag))
    progress(name, "built")


def _arguments(project: Project, service: Service, build: Build, folder: Path) -> dict[str, Any]:
    """Return what docker-py's build takes; the names are its own."""
    arguments: dict[str, Any] = {
        "buildargs": _build_arguments(project, build),
        "target": build.target,
        "labels": {
            **build.labels,
            identity.PROJECT: project.name,
            identity.SERVICE: service.name,
            identity.VERSION: identity.compose_version(project),
        },
        "network_mode": build.network,
        "extra_hosts": dict(entry.split("=", 1) for entry in host_entries(build.extra_hosts)),
        "shmsize": build.shm_size,
        "cache_from": list(build.cache_from),
        "nocache": build.no_cache,
        "pull": build.pull,
        "isolation": build.isolation,
    }
    arguments = {key: value for key, value in arguments.items() if value}
    wanted = platform(project, service)
    if wanted is not None:
        arguments["platform"] = wanted
    dockerfile = build.dockerfile
    if build.dockerfile_inline is not None:
        # Outside the context, where .dockerignore does not reach.
        inline = folder / "Dockerfile"
        inline.write_text(build.dockerfile_inline)
        dockerfile = str(inline)
    if is_remote(build.context):
        return arguments | {"path": build.context, "dockerfile": build.dockerfile}
    context = Path(build.context)
    if not context.is_dir():
        raise EngineError(_failed(service, f"the context '{context}' is no folder", "", []))
    file = context / dockerfile
    if not file.is_file():
        raise EngineError(_failed(service, f"there is no '{file}'", "", []))
    return arguments | {"path": str(context), "dockerfile": dockerfile}


def _build_arguments(project: Project, build: Build) -> dict[str, str]:
    """Return the arguments; one without a value takes the environment's, and none where that has none."""
    given = {key: project.environment.get(key) if text is None else text for key, text in build.args.items()}
    return {key: text for key, text in given.items() if text is not None}


def _repository_and_tag(name: str) -> tuple[str, str | None]:
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, None)


class _Output:
    """What the builder says: its step, that step's last lines, and the image that it stands on."""

    def __init__(self, service: Service, name: str, progress: Callable[[str, str], object]) -> None:
        self.image = ""
        self._service = service
        self._name = name
        self._progress = progress
        self._step = ""
        self._last = deque[str](maxlen=LAST_LINES)

    def take(self, line: dict[str, Any]) -> None:
        """Take in one line; raises EngineError where it is the last, an error."""
        text = str(line.get("stream", "")).rstrip("\n")
        if "error" in line:
            raise EngineError(_failed(self._service, str(line["error"]), self._step, list(self._last)))
        if found := _STEP.fullmatch(text):
            self._step = f"{found[1]} {found[2]}"
            self._last.clear()
            self._progress(self._name, f"step {self._step}")
        elif found := _STANDS_ON.fullmatch(text):
            self.image = found[1]
        elif text.strip() and not text.startswith((" ---> ", "Removing intermediate")):
            self._last.extend(text.splitlines())


def _await_end(client: docker.APIClient, stood: set[str], image: str) -> None:
    """Wait until the builder, which notices a hang-up between its steps, has removed its containers.

    These are younger than the build, stand on its last image, and are of no service.
    """
    begun = quiet_since = time.monotonic()
    while (now := time.monotonic()) - quiet_since < BUILDER_QUIET and now - begun < BUILDER_GRACE:
        for each in client.containers(all=True):
            on_it = image and each["ImageID"].startswith(f"sha256:{image}")
            if on_it and each["Id"] not in stood and identity.NUMBER not in each["Labels"]:
                quiet_since = now
        time.sleep(0.05)


def _failed(service: Service, reason: str, step: str, last: list[str]) -> str:
    at = f" at step {step}" if step else ""
    place = service.key_place("build")
    head = f"{place}: the image of service '{service.name}' cannot be built{at}: {reason.strip()}"
    return "\n".join([head, *(f"  build    {line}" for line in last)])
