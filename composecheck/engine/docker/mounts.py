"""What is mounted into a container, and the files that are copied into it before it starts."""

from __future__ import annotations

import io
import tarfile
from typing import NamedTuple

from composecheck.facts.uses import uses
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from composecheck.model.project import Mount, Project, Service

_RECURSIVE = {
    "disabled": {"NonRecursive": True},
    "writable": {"ReadOnlyNonRecursive": True},
    "readonly": {"ReadOnlyForceRecursive": True},
}


class Copied(NamedTuple):
    """A config or secret by content: a file that goes in as an archive."""

    target: str
    content: str
    mode: int
    uid: int
    gid: int


def binds_and_mounts(
    project: Project, service: Service, inherited: Iterable[dict[str, Any]] = ()
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a service's volumes the way Compose sends each: as a bind string, or as a Mount.

    The bind string is what creates a host folder that is missing; only what it cannot say is a Mount. What is
    `inherited` takes the place of anonymous volumes.
    """
    binds: dict[str, str] = {}
    heritage = {mount["Target"]: mount for mount in inherited}
    mounts = dict(heritage)
    for mount in service.volumes:
        target = mount.target
        if target in heritage and not mount.source:
            continue
        binds.pop(target, None)
        mounts.pop(target, None)
        source = mount.source or ""
        if mount.type == "volume" and source in project.volumes:
            source = project.volumes[source].name
        if source and _is_plain(mount):
            binds[target] = f"{source}:{target}:{_access(mount)}"
        else:
            mounts[target] = _mount(mount, source)
    for file in _file_mounts(project, service):
        if file["Target"] not in binds and file["Target"] not in mounts:
            mounts[file["Target"]] = file
    return list(binds.values()), list(mounts.values())


def _is_plain(mount: Mount) -> bool:
    """Whether a bind string can say it."""
    if mount.type == "volume":
        volume = mount.volume
        return volume is None or not (volume.labels or volume.subpath or volume.nocopy)
    if mount.type != "bind":
        return False
    bind = mount.bind
    return bind is None or (bool(bind.create_host_path) and not (bind.propagation or bind.recursive))


def _access(mount: Mount) -> str:
    selinux = mount.bind.selinux if mount.bind is not None else None
    return ("ro" if mount.read_only else "rw") + (f",{selinux}" if selinux else "")


def _mount(mount: Mount, source: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Type": mount.type,
        "Source": source,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
        "Consistency": mount.consistency or "",
    }
    bind, volume, tmpfs, image = mount.bind, mount.volume, mount.tmpfs, mount.image
    if mount.type == "bind" and bind is not None:
        body["BindOptions"] = {
            "Propagation": bind.propagation or "",
            "CreateMountpoint": bool(bind.create_host_path),
        } | _RECURSIVE.get(bind.recursive or "", {})
    if mount.type == "volume" and volume is not None:
        body["VolumeOptions"] = {
            "NoCopy": volume.nocopy,
            "Labels": volume.labels or None,
        } | ({"Subpath": volume.subpath} if volume.subpath else {})
    if mount.type == "tmpfs" and tmpfs is not None:
        body["TmpfsOptions"] = {"SizeBytes": tmpfs.size, "Mode": tmpfs.mode}
    if mount.type == "image" and image is not None:
        body["ImageOptions"] = {"Subpath": image.subpath or ""}
    return body


def _file_mounts(project: Project, service: Service) -> Iterator[dict[str, Any]]:
    """Yield the mounts of the secrets and configs that are files of this machine.

    They are Mounts, which unlike bind strings refuse a source that does not exist.
    """
    for use in uses(project, service):
        if use.resource is not None and use.resource.file:
            mount = {"Type": "bind", "Source": use.resource.file, "Target": use.target, "ReadOnly": True}
            yield mount | ({"BindOptions": {}} if use.section == "secrets" else {})


def copied_files(project: Project, service: Service) -> list[Copied]:
    """Return the secrets and configs by content or environment; an empty one is not copied, as in Compose."""
    files: list[Copied] = []
    for _, grant, resource, target in uses(project, service):
        content = resource.content if resource is not None else None
        if content is None and resource is not None and resource.environment:
            content = project.environment.get(resource.environment)
        if content:
            mode = 0o444 if grant.mode is None else grant.mode
            files.append(Copied(target, content, mode, int(grant.uid or 0), int(grant.gid or 0)))
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
