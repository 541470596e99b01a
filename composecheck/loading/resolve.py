"""What a project says relative to where it lies: paths, env files, and variables given by name."""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError
from composecheck.loading.options import Variables
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin
from composecheck.text.remote import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from composecheck.loading.findings import Findings
    from composecheck.text.disk import Disk
    from composecheck.text.source import Source

# Compiled by `re` for the first path that is not absolute.
# Of all services: one file may be read for each of them.
_MAX_IN_ALL = 20_000_000
_WINDOWS = r"[A-Za-z]:[\\/]|\\\\"


class Paths:
    """Makes relative paths absolute against a folder, `~` being the environment's home."""

    def __init__(self, directory: str, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._home = environment.get("HOME", "~")

    def document(self, document: Node) -> Node:
        """Return a document with the paths of all its services and resources resolved."""
        sections = {}
        for section, node in document.mapping.items():
            if section == "services":
                sections[section] = _each(node, self.service)
            elif section in ("configs", "secrets", "volumes"):
                sections[section] = _each(node, lambda entry, kind=section: self.resource(kind, entry))  # type: ignore[misc]
        return document.replace({**document.mapping, **sections})

    def service(self, node: Node) -> Node:
        """Return a service, in its short forms' long form, with its paths resolved."""
        changed = {
            key: function(self, node.mapping[key]) for key, function in _PATHS.items() if key in node.mapping
        }
        return node.replace({**node.mapping, **changed}) if changed else node

    def resource(self, section: str, node: Node) -> Node:
        """Return a top-level secret, config or volume with its path resolved."""
        values = {**node.mapping}
        if section in ("configs", "secrets") and "file" in values:
            values["file"] = self._path(values["file"])
        options = values.get("driver_opts")
        if section == "volumes" and options is not None and _is_bind(values, options):
            device = self._path(options.mapping["device"])
            values["driver_opts"] = options.replace({**options.mapping, "device": device})
        return node.replace({**values}) if values else node

    def absolute(self, text: str) -> str:
        """Return a path as an absolute one."""
        if text == "~" or text.startswith("~/"):
            text = self._home + text[1:]
        return os.path.normpath(os.path.join(self._directory, text))

    def _path(self, node: Node) -> Node:
        text = node.value
        if not isinstance(text, str) or not text or text[0] == "/" or re.match(_WINDOWS, text):
            return node
        return node.replace(self.absolute(text))

    def _context(self, node: Node) -> Node:
        text = node.value
        is_path = not isinstance(text, str) or not (text.startswith("service:") or is_remote(text))
        return self._path(node) if is_path else node

    def _build(self, node: Node) -> Node:
        values = {**node.mapping}
        if "context" in values:
            values["context"] = self._context(values["context"])
        for key, resolve in (("additional_contexts", self._context), ("ssh", self._path)):
            if key in values:
                values[key] = _each(values[key], resolve)
        return node.replace({**values}) if values else node

    def _extends(self, node: Node) -> Node:
        return _at(node, "file", self._path)

    def _volume(self, node: Node) -> Node:
        kind, source = node.mapping.get("type"), node.mapping.get("source")
        if kind is None or source is None or kind.value != "bind":
            return node
        return node.replace({**node.mapping, "source": self._path(source)})

    def _volumes(self, node: Node) -> Node:
        return _each(node, self._volume)

    def _file_list(self, node: Node) -> Node:
        return _each(node, lambda item: _at(item, "path", self._path) if item.mapping else self._path(item))

    def _develop(self, node: Node) -> Node:
        return _at(node, "watch", lambda watch: _each(watch, lambda item: _at(item, "path", self._path)))


class Environments:
    """Gives services the variables that they name: from the environment, and from files."""

    def __init__(self, environment: Mapping[str, str], findings: Findings, disk: Disk) -> None:
        self._disk = disk
        self._environment = environment
        self._findings = findings
        self._left = _MAX_IN_ALL

    def service(self, name: str, node: Node, *, enabled: bool) -> Node:
        """Return a service with its environment and its build's arguments resolved.

        The env files of a disabled service are not read.
        """
        changed: dict[str, Node] = {}
        values = node.mapping
        args = node.get("build", "args")
        if args is not None:
            known = {k: v for k, v in self._named(args).mapping.items() if v.value is not None}
            build = values["build"]
            changed["build"] = build.replace({**build.mapping, "args": args.replace(known)})
        if "environment" in values:
            changed["environment"] = self._named(values["environment"])
        if enabled and "env_file" in values:
            own = changed.get("environment")
            changed["environment"] = self._env_files(name, values["env_file"], own)
        if enabled and "label_file" in values:
            changed["labels"] = self._label_files(name, values["label_file"], values.get("labels"))
        return node.replace({**values, **changed}) if changed else node

    def _named(self, node: Node) -> Node:
        """Give variables without a value what the environment has for them."""
        missing = {
            key: value.replace(self._environment[key])
            for key, value in node.mapping.items()
            if value.value is None and key in self._environment
        }
        return node.replace({**node.mapping, **missing}) if missing else node

    def _env_files(self, service: str, files: Node, own: Node | None) -> Node:
        ours = own.mapping if own is not None else {}

        def lookup(key: str) -> str | None:
            value = self._environment.get(key)
            if value is None and key in ours:
                inner = ours[key].value
                value = None if inner is None else str(inner)
            return value

        known = Variables({key: str(node.value) for key, node in ours.items() if node.value is not None}, {})
        given: dict[str, Node] = {}
        for entry in files.items:
            found = self._read(service, entry, lookup, known)
            known = Variables({**known.values, **found.values}, {})
            given.update(_placed(found, entry))
        return (own or files).replace({**given, **ours})

    def _label_files(self, service: str, files: Node, own: Node | None) -> Node:
        given: dict[str, Node] = {}

        def lookup(label: str) -> str | None:  # files before this one, and nothing from outside
            return str(given[label].value) if label in given else None

        for entry in files.items:
            given.update(_placed(self._read(service, entry, lookup, Variables({}, {})), entry))
        return (own or files).replace({**given, **(own.mapping if own is not None else {})})

    def _read(
        self, service: str, entry: Node, lookup: Callable[[str], str | None], before: Variables
    ) -> Variables:
        """Return the variables of one file; a file that cannot be read is a finding."""
        node = entry.get("path") if entry.mapping else entry
        if node is None or not isinstance(node.value, str):
            return Variables({}, {})
        required, form = entry.get("required"), entry.get("format")
        path = node.value or "."
        if not self._disk.exists(path):
            if required is None or required.value is not False:
                from composecheck.text.samples import how_to_make

                written = node.span.text.strip("\"'") or path
                create = how_to_make(path, written, self._disk) or "create it"
                self._findings.missing_env_file(
                    path,
                    f"the env file '{written}' does not exist",
                    node.span,
                    f"{create}; 'required: false' is for a service that starts without it",
                    service=service,
                )
            return Variables({}, {})
        from composecheck.loading.dotenv import MAX_ENV_BYTES, DotenvError, parse_dotenv, parse_raw

        try:
            source = self._disk.read(path, limit=MAX_ENV_BYTES)
            self._take(source)
            if form is not None and form.value == "raw":
                return parse_raw(source, lookup)
            values, places = parse_dotenv(source, lookup, before, self._findings)
            return Variables({k: v for k, v in values.items() if before.values.get(k) != v}, places)
        except DotenvError as error:
            self._findings.error(error.rule, str(error), error.span, error.remedy, service=service)
        except SourceError as error:
            message = f"'{error.shown}' cannot be read: {error.reason}"
            rule = error.rule if error.rule == "document-limit" else "invalid-env-file"
            self._findings.error(rule, message, node.span, service=service)
        return Variables({}, {})

    def _take(self, source: Source) -> None:
        """Raise SourceError where the env files of all services come to more than anybody writes."""
        self._left -= len(source.text)
        if self._left < 0:
            reason = f"with the env files before it, it is larger than the limit of {_MAX_IN_ALL} characters"
            raise self._disk.error(source.path, reason, rule="document-limit")


def _placed(found: Variables, entry: Node) -> dict[str, Node]:
    """Return what an env file gives, each where it stands in there."""
    return {
        key: Node(value, place, place, Origin("env_file", entry.span))
        for key, value in found.values.items()
        for place in (found.places.get(key, entry.span),)
    }


def _each(node: Node, function: Callable[[Node], Node]) -> Node:
    if isinstance(node.value, list):
        return node.replace([function(item) for item in node.value])
    if isinstance(node.value, dict):
        return node.replace({key: function(value) for key, value in node.value.items()})
    return node


def _at(node: Node, key: str, function: Callable[[Node], Node]) -> Node:
    value = node.get(key)
    return node if value is None else node.replace({**node.mapping, key: function(value)})


def _is_bind(values: Mapping[str, Node], options: Node) -> bool:
    driver, kind = values.get("driver"), options.get("o")
    local = driver is not None and driver.value == "local"
    return local and kind is not None and kind.value == "bind" and "device" in options.mapping


_PATHS: dict[str, Callable[[Paths, Node], Node]] = {
    "build": Paths._build,
    "develop": Paths._develop,
    "env_file": Paths._file_list,
    "extends": Paths._extends,
    "label_file": Paths._file_list,
    "volumes": Paths._volumes,
}
