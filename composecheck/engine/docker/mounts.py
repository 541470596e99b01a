"""What is mounted into a container, and the files that are copied into it before it starts."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck.model.types import service_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.model.project import Project, Service

_RECURSIVE = {
    "disabled": {"NonRecursive": True},
    "writable": {"ReadOnlyNonRecursive": True},
    "readonly": {"ReadOnlyForceRecursive": True},
}
_FOLDERS = {"secrets": "/run/secrets/", "configs": "/"}


class Copied(NamedTuple):
    """A config or secret by content: a file that goes in as an archive."""

    target: str
    content: str
    mode: int
    uid: int
    gid: int


def binds_and_mounts(project: Project, service: Service) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a service's volumes the way Compose sends each: as a bind string, or as a Mount.

    The bind string is what creates a host folder that is missing; only what it cannot say is a Mount.
    """
    binds: dict[str, str] = {}
    mounts: dict[str, dict[str, Any]] = {}
    for said in service_values(service).get("volumes", ()):
        target = said["target"]
        binds.pop(target, None)
        mounts.pop(target, None)
        source = said.get("source") or ""
        if said["type"] == "volume" and source in project.volumes:
            source = project.volumes[source].name
        if source and _is_plain(said):
            binds[target] = f"{source}:{target}:{_access(said)}"
        else:
            mounts[target] = _mount(said, source)
    for mount in _file_mounts(project, service):
        if mount["Target"] not in binds and mount["Target"] not in mounts:
            mounts[mount["Target"]] = mount
    return list(binds.values()), list(mounts.values())


def _is_plain(said: dict[str, Any]) -> bool:
    """Whether a bind string can say it."""
    if said["type"] == "volume":
        options = said.get("volume") or {}
        return not (options.get("labels") or options.get("subpath") or options.get("nocopy"))
    if said["type"] != "bind":
        return False
    bind = said.get("bind")
    if bind is None:
        return True
    return bool(bind.get("create_host_path")) and not (bind.get("propagation") or bind.get("recursive"))


def _access(said: dict[str, Any]) -> str:
    selinux = (said.get("bind") or {}).get("selinux")
    return ("ro" if said.get("read_only") else "rw") + (f",{selinux}" if selinux else "")


def _mount(said: dict[str, Any], source: str) -> dict[str, Any]:
    mount: dict[str, Any] = {
        "Type": said["type"],
        "Source": source,
        "Target": said["target"],
        "ReadOnly": said.get("read_only", False),
        "Consistency": said.get("consistency") or "",
    }
    bind, volume, tmpfs = said.get("bind"), said.get("volume"), said.get("tmpfs")
    if said["type"] == "bind" and bind is not None:
        mount["BindOptions"] = {
            "Propagation": bind.get("propagation") or "",
            "CreateMountpoint": bind.get("create_host_path", False),
        } | _RECURSIVE.get(bind.get("recursive") or "", {})
    if said["type"] == "volume" and volume is not None:
        mount["VolumeOptions"] = {
            "NoCopy": volume.get("nocopy", False),
            "Labels": volume.get("labels"),
        } | ({"Subpath": volume["subpath"]} if volume.get("subpath") else {})
    if said["type"] == "tmpfs" and tmpfs is not None:
        mount["TmpfsOptions"] = {"SizeBytes": tmpfs.get("size", 0), "Mode": tmpfs.get("mode", 0)}
    if said["type"] == "image" and said.get("image"):
        mount["ImageOptions"] = {"Subpath": said["image"].get("subpath") or ""}
    return mount


def _references(
    project: Project, service: Service
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield (target, kind, the service's entry, the project's entry) of each secret and config."""
    values = service_values(service)
    for kind, folder in _FOLDERS.items():
        for entry in values.get(kind, ()):
            target = entry.get("target") or entry["source"]
            defined = project.node.get(kind, entry["source"])
            whole = target if target.startswith("/") else folder + target
            yield whole, kind, entry, (defined.plain() if defined else None) or {}


def _file_mounts(project: Project, service: Service) -> Iterator[dict[str, Any]]:
    """Yield the mounts of the secrets and configs that are files of this machine.

    They are Mounts, which unlike bind strings refuse a source that does not exist.
    """
    for target, kind, _, defined in _references(project, service):
        if defined.get("file"):
            mount = {"Type": "bind", "Source": str(defined["file"]), "Target": target, "ReadOnly": True}
            yield mount | ({"BindOptions": {}} if kind == "secrets" else {})


def copied_files(project: Project, service: Service) -> list[Copied]:
    """Return the secrets and configs by content or environment; an empty one is not copied, as in Compose."""
    files: list[Copied] = []
    for target, _, entry, defined in _references(project, service):
        content = defined.get("content")
        if content is None and defined.get("environment"):
            content = project.environment.get(str(defined["environment"]))
        if content:
            mode = entry.get("mode")
            uid, gid = int(entry.get("uid") or 0), int(entry.get("gid") or 0)
            files.append(Copied(target, str(content), 0o444 if mode is None else mode, uid, gid))
    return files


def archive(file: Copied, now: float) -> bytes:
    """Return the tar archive that puts one file in its place."""
    data = file.content.encode()
    info = tarfile.TarInfo(file.target.lstrip("/"))
    info.size, info.mode, info.uid, info.gid, info.mtime = len(data), file.mode, file.uid, file.gid, int(now)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
