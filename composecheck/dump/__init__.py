"""The resolved project as `docker compose config` prints it, and what can be said of it in lists.

A dollar sign is doubled, so that what is printed can be read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from composecheck.dump.hashes import network_hash, service_hash, volume_hash
from composecheck.dump.order import natural
from composecheck.dump.values import Form, ordered, plain
from composecheck.model.types import RESOURCES, SERVICE, read, service_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from composecheck.model.project import Project

__all__ = ["dump", "network_hash", "service_hash", "used", "volume_hash"]


def dump(
    project: Project,
    *,
    yaml: bool = True,
    services: Collection[str] | None = None,
    masked: Callable[[Any], Any] | None = None,
) -> str:
    """Return a project as YAML or JSON: the given services, or all enabled ones, and what they use.

    A project that is not interpolated is printed as a whole, and its dollar signs as they are.
    `masked` gives the whole of it without its secrets.
    """
    if project.interpolated:
        values = document(project, services, Form(project.dialect, yaml=yaml))
    else:
        values = ordered(project.node.plain(), natural if yaml else None)
        values.pop("version", None)
    values = values if masked is None else masked(values)
    written = _text(values, Form(project.dialect, yaml=yaml))
    return written.replace("$", "$$") if project.interpolated else written


def _text(values: Any, form: Form) -> str:
    if form.yaml:
        from composecheck.dump import yaml as writer

        return writer.dumps(values, single=form.dialect.quotes_old_words_singly)
    from composecheck.dump import json

    return json.dumps(values, indent="  ") + "\n"


def document(project: Project, names: Collection[str] | None, form: Form) -> dict[str, Any]:
    """Return the named services of a project and what they use, in the order in which it is written."""
    typed = _services(project, names)
    sections: dict[str, Any] = {"name": project.name, "services": plain({"*": SERVICE}, typed, form)}
    resources = _used(typed)
    for section, table in RESOURCES.items():
        entries = _resources(project, section, resources[section])
        if entries:
            sections[section] = plain({"*": table}, {key: read(table, e) for key, e in entries.items()}, form)
    extensions = {key: node.plain() for key, node in project.node.mapping.items() if key.startswith("x-")}
    if form.yaml:
        return sections | _sorted(extensions, natural)
    sections |= _sorted(extensions, None)
    return {key: sections[key] for key in sorted(sections)}


def _sorted(extensions: dict[str, Any], key: Callable[[str], Any] | None) -> dict[str, Any]:
    return {each: ordered(extensions[each], key) for each in sorted(extensions, key=key)}


def _services(project: Project, names: Collection[str] | None) -> dict[str, dict[str, Any]]:
    """Return services typed; of named ones, the dependencies on others are left out."""
    typed = {}
    for name in project.services if names is None else names:
        typed[name] = values = service_values(project.services[name])
        values.pop("label_file", None)  # its labels are among the others
        dependencies = values.get("depends_on")
        if dependencies and names is not None:
            values["depends_on"] = {other: each for other, each in dependencies.items() if other in names}
    return typed


def used(project: Project) -> dict[str, frozenset[str]]:
    """Return the keys of the resources that the enabled services use, by section."""
    found = _used(_services(project, None))
    return {section: frozenset(_resources(project, section, keys)) for section, keys in found.items()}


def _used(services: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {section: set() for section in RESOURCES}
    for values in services.values():
        found["networks"].update(values.get("networks") or ())
        found["models"].update(values.get("models") or ())
        for mount in values.get("volumes") or ():
            if mount.get("type") == "volume":
                found["volumes"].add(mount.get("source") or "")
        build = values.get("build") or {}
        for section, holder in (("secrets", values), ("secrets", build), ("configs", values)):
            found[section].update(entry.get("source") for entry in holder.get(section) or ())
    return found


def _resources(project: Project, section: str, keys: set[str]) -> dict[str, dict[str, Any]]:
    node = project.node.get(section)
    entries = node.mapping if node is not None else {}
    found = {key: dict(entry.plain() or {}) for key, entry in entries.items() if key in keys}
    if section in ("configs", "secrets"):
        for values in found.values():
            if "environment" in values:
                values.pop("content", None)  # where it comes from is printed, not what it is
    return found
