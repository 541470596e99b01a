"""The resolved project as `docker compose config` prints it, and what can be said of it in lists.

A dollar sign is doubled, so that what is printed can be read again.
"""

from __future__ import annotations

from composecheck.dump.hashes import network_hash, service_hash, volume_hash
from composecheck.dump.order import natural
from composecheck.dump.values import Form, fields, host_entries, ordered
from composecheck.model.attributes import EXTENSIONS
from composecheck.model.resources import SECTIONS
from composecheck.model.service import Service
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from composecheck.model.project import Project
    from composecheck.model.resources import Resource

__all__ = ["dump", "host_entries", "network_hash", "service_hash", "used", "volume_hash"]


# The keys that only a service has; those that any container may have stand between, as they always stood.
_FIRST = [
    *("profiles", "deploy", "develop", "restart", "scale", "attach", "container_name", "provider"),
    *("external_links", "links", "pre_start", "post_start", "pre_stop"),
]
_LAST = ["build", "depends_on", "expose", "healthcheck", "ports", "stdin_open", "tty", EXTENSIONS]


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
    services = _services(project, names)
    written = {
        name: fields(Service, _values(services[name], names, form), form) for name in _sorted(services, form)
    }
    sections: dict[str, Any] = {"name": project.name, "services": written}
    for section, keys in _used(services.values()).items():
        entries = _resources(project, section, keys)
        if entries:
            sections[section] = {
                key: fields(type(entries[key]), entries[key].items(), form) for key in _sorted(entries, form)
            }
    extensions = {key: node.plain() for key, node in project.node.mapping.items() if key.startswith("x-")}
    order = natural if form.yaml else None
    sections |= {each: ordered(extensions[each], order) for each in _sorted(extensions, form)}
    return sections if form.yaml else {key: sections[key] for key in sorted(sections)}


def _sorted(names: Collection[str], form: Form) -> list[str]:
    return sorted(names, key=natural if form.yaml else None)


def _services(project: Project, names: Collection[str] | None) -> dict[str, Service]:
    return {name: project.services[name] for name in (project.services if names is None else names)}


def _values(service: Service, names: Collection[str] | None, form: Form) -> list[tuple[str, Any]]:
    """Return what a service says, in order; of named ones, the dependencies on others are left out."""
    values = []
    for word, value in service.items():
        if word == "depends_on" and names is not None:
            values.append((word, {other: each for other, each in value.items() if other in names}))
        elif word != "label_file" or form.dialect.keeps_label_files:
            values.append((word, value))
    return sorted(values, key=_part) if form.dialect.parts_services else values


def _part(entry: tuple[str, Any]) -> tuple[int, int]:
    """Return where in a service its key stands since Compose 5.6."""
    for part, words in ((0, _FIRST), (2, _LAST)):
        if entry[0] in words:
            return part, words.index(entry[0])
    return 1, 0


def used(project: Project) -> dict[str, frozenset[str]]:
    """Return the keys of the resources that the enabled services use, by section."""
    used = _used(project.services.values())
    return {section: frozenset(_resources(project, section, keys)) for section, keys in used.items()}


def _used(services: Collection[Service]) -> dict[str, set[str | None]]:
    used: dict[str, set[str | None]] = {section: set() for section in SECTIONS}
    for service in services:
        used["networks"].update(service.networks)
        used["models"].update(service.models)
        used["volumes"].update(mount.source or "" for mount in service.volumes if mount.type == "volume")
        used["secrets"].update(grant.source for grant in service.secrets)
        used["configs"].update(grant.source for grant in service.configs)
        if service.build is not None:
            used["secrets"].update(grant.source for grant in service.build.secrets)
    return used


def _resources(project: Project, section: str, keys: set[str | None]) -> dict[str, Resource]:
    resources = project.resources(section)
    # Where the content of a secret or config comes from is printed, not what it is.
    return {
        key: resource.without("content") if "environment" in resource.words() else resource
        for key, resource in resources.items()
        if key in keys
    }
