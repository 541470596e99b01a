"""`include`: other projects' files as a part of this one, read from their own folder and `.env`."""

from __future__ import annotations

import os
from typing import NamedTuple

from composecheck.findings.diagnostic import Related
from composecheck.loading.discover import with_env_files
from composecheck.loading.merge import marked, merge, without
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.loading.findings import Findings
    from composecheck.loading.options import Variables
    from composecheck.model.dialect import Dialect
    from composecheck.text.disk import Disk

# Lists of a service that merging appends and that hold a thing twice then: the schema refuses those of
# the first, and those of the second are run twice (compose-go 2.10 to 2.14, override/uncity.go).
_UNIQUE = ("security_opt", "group_add", "volumes_from", "external_links", "device_cgroup_rules")
_HOOKS = ("pre_start", "post_start", "pre_stop")
SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")


class Entry(NamedTuple):
    """One entry of `include`, as it is written."""

    node: Node
    paths: tuple[Node, ...]
    directory: Node | None
    env_files: tuple[Node, ...]


def entries(document: Node) -> list[Entry] | None:
    """Return what a document includes; None where the schema will refuse how it says so."""
    include = document.get("include")
    if include is None or include.value is None:
        return []
    if not isinstance(include.value, list):
        return None
    found = [entry for item in include.value if (entry := _entry(item)) is not None]
    return found if len(found) == len(include.value) else None


def _entry(item: Node) -> Entry | None:
    if isinstance(item.value, str):
        return Entry(item, (item,), None, ())
    if not isinstance(item.value, dict):
        return None
    paths, directory = _texts(item.get("path")), item.get("project_directory")
    env_files = _texts(item.get("env_file"))
    if paths is None or env_files is None or (directory is not None and not isinstance(directory.value, str)):
        return None
    return Entry(item, paths, directory if directory is not None and directory.value else None, env_files)


def _texts(node: Node | None) -> tuple[Node, ...] | None:
    """Return a text or a list of them; None where there is something else."""
    if node is None or node.value is None:
        return ()
    items = node.items if isinstance(node.value, list) else [node]
    return tuple(items) if all(isinstance(item.value, str) for item in items) else None


class Imports:
    """Brings what is included into the document that includes it."""

    def __init__(self, dropped: tuple[tuple[str, ...], ...], findings: Findings, dialect: Dialect) -> None:
        self._dropped = dropped
        self._findings = findings
        self._dialect = dialect

    def into(self, document: Node, included: Node, entry: Entry) -> Node:
        """Return a document with what an entry includes, its own over that where both define it."""
        sections = {}
        for section in SECTIONS:
            found = included.get(section)
            if found is None or not isinstance(found.value, dict):
                continue
            own = document.get(section)
            if own is not None and not isinstance(own.value, dict):
                continue  # the schema refuses it
            place = own if own is not None else Node({}, entry.node.span, entry.node.span)
            known = dict(place.mapping)
            for name, node in found.value.items():
                own_one = known.get(name)
                brought = marked(node, own_one, Origin("include", entry.node.span))
                known[name] = self._one(section, name, brought, own_one)
                if section == "services" and own_one is not None and known[name] is own_one:
                    self._again(name, own_one, entry)
            sections[section] = place.replace({**known})
        return document.replace({**document.mapping, **sections})

    def _again(self, service: str, own: Node, entry: Entry) -> None:
        """Say which lists of a service are doubled, where a release merges it with itself."""
        if not self._dialect.include_merges:
            return
        for keys, outcome in ((_UNIQUE, "refuse it as not unique"), (_HOOKS, "run its steps twice")):
            for key in keys:
                node = own.get(key)
                if node is not None and node.items:
                    self._findings.warning(
                        "doubled-list",
                        f"service '{service}' is included twice, and docker compose 5.0 to 5.5.0 append "
                        f"its '{key}' to itself and {outcome}",
                        entry.node.span,
                        "include it once, or use docker compose 5.5.1",
                        service=service,
                        related=[Related(node.place, f"'{key}'")],
                    )

    def _one(self, section: str, name: str, brought: Node, own: Node | None) -> Node:
        if own is None:
            return brought
        if own.plain() == brought.plain():  # of the same place too, where variables differ
            return own
        service = name if section == "services" else None
        if not self._dialect.include_merges:
            self._findings.error(
                "include-conflict",
                f"'{section}.{name}' is defined here and in an included file",
                own.place,
                "give one of the two another name, or add the change as a second path of the 'include'",
                service=service,
                related=[Related(brought.place, "the included one")],
            )
            return own
        self._findings.differs("include_merges", own.place, service)
        for path in self._dropped:
            if path[:2] == (section, name) and path[2:]:
                brought = without(brought, path[2:])
        return merge(brought, own, self._findings, (section, name))


def settled(document: Node, variables: Mapping[str, str]) -> Node:
    """Return an included document with what depends on its own folder and variables said outright."""
    services = document.get("services")
    if services is None:
        return document
    entries = {
        name: _with_variables(_with_context(node), variables) for name, node in services.mapping.items()
    }
    return document.replace({**document.mapping, "services": services.replace({**entries})})


def _with_context(service: Node) -> Node:
    build = service.get("build")
    if build is None or not isinstance(build.value, dict) or build.get("context") is not None:
        return service
    context = Node(".", build.span, build.key_span, Origin("implied", build.span))
    return service.replace({**service.mapping, "build": build.replace({**build.value, "context": context})})


def _with_variables(service: Node, variables: Mapping[str, str]) -> Node:
    """Give the names alone in a list of variables their values, as Compose does for a list only."""
    environment = service.get("environment")
    if environment is None or not isinstance(environment.value, list):
        return service
    items = [
        item.replace(f"{item.value}={variables[item.value]}") if item.value in variables else item
        for item in environment.value
        if isinstance(item.value, str)
    ]
    return service.replace({**service.mapping, "environment": environment.replace([*items])})


def environment(
    outer: Variables, given: list[tuple[str, Node]], directory: str, findings: Findings, disk: Disk
) -> Variables:
    """Return the variables of an included project: the outer ones, then its env files' or its `.env`'s."""
    paths = []
    for path, node in given:
        if disk.is_folder(path) or not disk.exists(path):
            from composecheck.text.samples import how_to_make

            findings.missing_env_file(
                path,
                f"the env file '{node.value}' does not exist",
                node.span,
                how_to_make(path, str(node.value), disk) or "create it, or mend the path",
            )
        else:
            paths.append(path)
    own = os.path.join(directory, ".env")
    if not given and disk.is_file(own):
        paths.append(own)
    return with_env_files(outer, paths, findings, disk)
