"""Docker Compose itself as a reference: what its `config` says, in a shape that ours can be held to."""

from __future__ import annotations

import json
import subprocess
from typing import NamedTuple

import pytest

from composecheck.loading import Options, load_project
from composecheck.units import parse_duration

_DURATIONS = {
    "interval",
    "timeout",
    "start_period",
    "start_interval",
    "stop_grace_period",
    "delay",
    "monitor",
    "window",
}
_SIZES = {
    "memory",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "rate",
    "shm_size",
    "size",
}
# Mappings whose keys are the user's: an empty value there says something.
_OWN_KEYS = {
    "additional_contexts",
    "annotations",
    "args",
    "driver_opts",
    "environment",
    "labels",
    "options",
    "storage_opt",
    "sysctls",
    "networks",
    "volumes",
    "services",
    "secrets",
    "configs",
}


MACHINE = {"PATH": "/usr/bin:/bin", "HOME": "/root"}


class Reference(NamedTuple):
    """The binary, and what it says."""

    binary: str

    def config(self, folder, *arguments, files=(), environment=None):
        """Run `docker-compose config` from a folder; returns its process."""
        options = [part for file in files for part in ("-f", file)]
        return subprocess.run(
            [self.binary, *options, *arguments, "config", "--format", "json"],
            cwd=folder,
            env=MACHINE | (environment or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def model(self, process):
        """Return the model that `config` printed, without what says nothing."""
        return _pruned(_undoubled(json.loads(process.stdout)))

    def differences(self, project, theirs):
        """Return where our model of a project differs from its own, a line each."""
        return list(differences(self.ours(project, theirs), theirs))

    def ours(self, project, theirs):
        """Return our canonical document as the reference prints it: enabled services, used resources."""
        plain = project.node.plain()
        for name in project.disabled:
            plain["services"].pop(name, None)
        for service in plain.get("services", {}).values():
            for key in ("env_file", "label_file"):
                service.pop(key, None)
            _hosts(service)
            _hosts(service.get("build") or {})
        model = {key: value for key, value in plain.items() if key != "version" and not key.startswith("x-")}
        for section in ("networks", "volumes", "secrets", "configs"):
            used = theirs.get(section, {})
            model[section] = {key: value for key, value in model.get(section, {}).items() if key in used}
        return _pruned(model)


def differences(ours, theirs, path=""):
    """Yield where two models differ, a line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                whose = "theirs" if key in theirs else "ours"
                yield f"{path}.{key}: only {whose} has it: {(ours | theirs)[key]!r}"
            else:
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: ours {ours!r}, theirs {theirs!r}"


@pytest.fixture
def reference(docker_compose):
    """Docker Compose's answers, or a skip."""
    return Reference(str(docker_compose))


def _hosts(mapping):
    hosts = mapping.get("extra_hosts")
    if isinstance(hosts, dict):
        mapping["extra_hosts"] = sorted(f"{host}={ip}" for host, ips in hosts.items() for ip in ips)


def _undoubled(value):
    if isinstance(value, dict):
        if value.keys() == {"Path", "Rate"}:  # its JSON of blkio_config has Go's own names
            value = {key.lower(): inner for key, inner in value.items()}
        return {_undoubled(key): _undoubled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_undoubled(inner) for inner in value]
    return value.replace("$$", "$") if isinstance(value, str) else value


def _pruned(value, key=""):
    if isinstance(value, dict):
        inner = {k: _pruned(v, k) for k, v in value.items() if not k.startswith("x-") or key in _OWN_KEYS}
        if key in _OWN_KEYS:
            return {k: v if v not in ({}, []) else None for k, v in inner.items()}
        return {k: v for k, v in inner.items() if v not in (None, "", [], {}) and v is not False and v != 0}
    if isinstance(value, list):
        return [_pruned(inner) for inner in value]
    return _number(value, key) if isinstance(value, str) else value


def _number(text, key):
    if key in _DURATIONS:
        return parse_duration(text)
    if key in _SIZES and text.lstrip("-").isdecimal():
        return int(text)
    return int(text, 8) if key == "mode" and text.isdecimal() else text


@pytest.fixture
def load(tmp_path):
    """Load documents given as texts, with an environment of their own; returns what was loaded."""

    def load(*texts, environment=None, files=None, **options):
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).write_text(content)
        names = []
        for number, text in enumerate(texts):
            name = "compose.yml" if number == 0 else f"compose.{number}.yml"
            data = text if isinstance(text, bytes) else text.encode()
            (folder / name).write_bytes(data)
            names.append(name)
        return load_project(
            Options(
                files=tuple(names),
                folder=folder,
                environment=MACHINE | (environment or {}),
                **{"compose": "2.40", **options},  # which is the reference
            )
        )

    return load


@pytest.fixture
def service(load):
    """Load the body of one service; returns its model, which must be without an error."""

    def service(body, **options):
        text = "services:\n  s:\n    image: x\n" + "".join(
            f"    {line}\n" for line in body.strip("\n").split("\n")
        )
        loaded = load(text, **options)
        assert [d for d in loaded.diagnostics if d.severity == "error"] == []
        return loaded.project.services["s"]

    return service


@pytest.fixture
def findings(load):
    """Load documents; returns what was found, as (line, column, rule)."""

    def findings(*texts, **options):
        return [(d.span.line, d.span.column, d.rule) for d in load(*texts, **options).diagnostics]

    return findings
