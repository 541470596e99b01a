"""Images: what they say of themselves, pulled where they are missing."""

from __future__ import annotations

import time
from datetime import datetime

from docker.errors import APIError, NotFound

from composecheck import identity
from composecheck.errors import EngineError
from composecheck.facts import sources
from composecheck.model.project import Healthcheck, Image
from composecheck.named import TYPE_CHECKING
from composecheck.snapshot import serves

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import Any

    import docker

    from composecheck.model.project import Project, Service


def inspect(client: docker.APIClient, name: str) -> dict[str, Any] | None:
    """Return what the engine says of an image, None where it is absent."""
    try:
        found: dict[str, Any] = client.inspect_image(name)
    except NotFound:
        return None
    return found


def facts(found: dict[str, Any]) -> Image:
    """Return what an image's own configuration says to probe."""
    config = found.get("Config") or {}
    ports = (key.partition("/") for key in config.get("ExposedPorts") or {})
    tcp = tuple(sorted(int(number) for number, _, protocol in ports if protocol in {"", "tcp"}))
    return Image(_healthcheck(config.get("Healthcheck")), tcp)


def _healthcheck(said: dict[str, Any] | None) -> Healthcheck | None:
    if not said or not said.get("Test"):
        return None

    def seconds(key: str) -> float | None:
        return said[key] / 1e9 if said.get(key) else None

    return Healthcheck(
        node=None,
        test=tuple(said["Test"]),
        interval=seconds("Interval"),
        timeout=seconds("Timeout"),
        start_period=seconds("StartPeriod"),
        start_interval=seconds("StartInterval"),
        retries=said.get("Retries") or None,
    )


def wants_pull(project: Project, service: Service, found: dict[str, Any] | None) -> bool:
    """Whether an image is to be pulled, by `pull_policy`; one for another platform is as good as none."""
    if not sources.may_be_pulled(service):
        return False
    after = sources.pulled_after(service)
    if found is None or after == 0 or (service.build is None and _is_for_another(project, service, found)):
        return True
    return after is not None and time.time() > _tagged(found) + after


def _is_for_another(project: Project, service: Service, found: dict[str, Any]) -> bool:
    wanted = sources.platform(project, service)
    return wanted is not None and not serves(platform(found), wanted)


def platform(found: dict[str, Any]) -> str:
    """Return what an image is for, such as "linux/amd64"; "" where it may be for others as well.

    containerd's store of images (its snapshotter is "overlayfs") keeps several under one name.
    """
    if found.get("Descriptor") or (found.get("GraphDriver") or {}).get("Name") == "overlayfs":
        return ""
    return f"{found.get('Os')}/{found.get('Architecture')}"


def _tagged(found: dict[str, Any]) -> float:
    """Return when the image was last tagged here, in seconds since 1970; 0 where it is not known."""
    text = str((found.get("Metadata") or {}).get("LastTagTime") or "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return moment.timestamp() if moment.year > 1 else 0.0


def pull(
    client: docker.APIClient,
    project: Project,
    service: Service,
    progress: Callable[[str, str], object],
    closed: threading.Event,
) -> None:
    """Pull a service's image until `closed`; `progress` hears how many layers are done."""
    name, wanted = service.image or "", sources.platform(project, service)
    layers: dict[str, bool] = {}
    told = ""
    try:
        for line in client.pull(name, tag=_tag(name), stream=True, decode=True, platform=wanted):
            if closed.is_set():
                return
            if "error" in line:
                raise EngineError(_refused(service, line["error"]))
            if line.get("id") and "progressDetail" in line:
                layers[line["id"]] = line["status"] in {"Pull complete", "Already exists"}
            text = f"pulling, {sum(layers.values())} of {len(layers)} layers done" if layers else "pulling"
            if text != told:
                progress(name, text)
                told = text
    except APIError as error:
        raise EngineError(_refused(service, str(error.explanation))) from error
    progress(name, "pulled")


def _tag(name: str) -> str | None:
    """Return the tag that is pulled where the name has none; without one the engine pulls them all."""
    last = name.rpartition("/")[2]
    return None if ":" in last or "@" in last else "latest"


def _refused(service: Service, reason: str) -> str:
    place = service.place("image")
    return (
        f"{place}: image '{service.image}' of service '{service.name}' cannot be pulled: {reason.strip()}; "
        "check its name, `docker login` where it is private, or build it and name it here"
    )


def absent(project: Project, service: Service) -> EngineError:
    """Return the error of an image that is neither here nor to be had."""
    name = identity.image_name(project, service)
    place = service.place("pull_policy")
    return EngineError(
        f"{place}: image '{name}' of service '{service.name}' is not on this engine, "
        "and pull_policy forbids to pull it"
    )
