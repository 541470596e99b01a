"""Values for every key of the Compose file's schema, drawn from a `random.Random`.

The schema says which keys there are and of what shape their values; the tables here say what a
sensible word, size or reference looks like at each, so that most of what is drawn is valid.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck.loading.schema_fast import read_schema

from .trees import Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

SCHEMA = read_schema("compose.schema.json")
_DEFS = SCHEMA["$defs"]
# Our own keys: Docker Compose takes anything there.
OURS = ("x-readiness", "x-retry")
# What Docker Compose 2.40 does not know yet.
NEWER = ("pre_start", "no_cache_filter")

# The environment of every project; what is not in it is not set.
ENVIRONMENT = {"SET": "here", "EMPTY": "", "NUMBER": "7", "YES": "yes", "SPACE": "a b", "DOLLAR": "a$b"}
WORDS = (
    "a",
    "word",
    "two words",
    "x.y-z_1",
    "UPPER",
    "é",
    "1.0",
    "7",
    "true",
    "null",
    "a=b",
    "a:b",
    "#c",
    "it's",
)


class Names(NamedTuple):
    """What a value may refer to."""

    services: Sequence[str] = ()
    networks: Sequence[str] = ()
    volumes: Sequence[str] = ()
    secrets: Sequence[str] = ()
    configs: Sequence[str] = ()
    models: Sequence[str] = ()


class Values:
    """Draws values; `names` is what references refer to."""

    def __init__(self, random: Random, names: Names) -> None:
        self.random = random
        self.names = names

    def service(self, keys: int) -> dict[str, Any]:
        """Return some of a service's keys (not `extends` and `profiles`: they make the project)."""
        known = [key for key in _DEFS["service"]["properties"] if key not in ("extends", "profiles", *OURS)]
        if self.random.random() < 0.97:
            known.remove("pre_start")
        chosen = self.random.sample(known, min(keys, len(known)))
        return {key: self.of("service", key) for key in chosen}

    def of(self, kind: str, key: str) -> Any:
        """Return a value of one key of a definition of the schema."""
        return self._value(_DEFS[kind]["properties"][key], f"{kind}.{key}")

    def resource(self, kind: str) -> Any:
        """Return a network, volume, secret, config or model."""
        value = self._value(_DEFS[kind], kind)
        return _coherent(kind, value, self.random) if isinstance(value, dict) else value

    def _value(self, schema: dict[str, Any], path: str) -> Any:
        special = _PLACES.get(path)
        if special is not None:
            return special(self)
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            special = _KINDS.get(name)
            return special(self) if special is not None else self._value(_DEFS[name], path)
        if "anyOf" in schema:
            return self._value(self.random.choice(schema["anyOf"]), path)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kinds = schema["type"]
        kind = self.random.choice(kinds) if isinstance(kinds, list) else kinds
        return getattr(self, f"_{kind}")(schema, path)

    def _object(self, schema: dict[str, Any], path: str) -> Any:
        properties = [key for key in schema.get("properties", {}) if key not in OURS]
        required = schema.get("required", [])
        free = [key for key in properties if key not in required and not self._too_new(key)]
        count = min(len(free), self.random.choice((0, 1, 1, 2, 2, 3, 5)))
        chosen = [*required, *self.random.sample(free, count)]
        value = {key: self._value(schema["properties"][key], f"{path}.{key}") for key in chosen}
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not properties:
            for key in self.random.sample(_KEYS.get(path, _FREE_KEYS), self.random.randrange(1, 4)):
                value[key] = self._value(extra, f"{path}.*")
        if "patternProperties" in schema and self.random.random() < 0.03:
            value["x-own"] = self.random.choice((1, "a", None, {"a": [1]}))
        return value

    def _too_new(self, key: str) -> bool:
        return key in NEWER and self.random.random() < 0.97

    def _array(self, schema: dict[str, Any], path: str) -> list[Any]:
        count = self.random.choice((0, 1, 1, 2, 2, 3))
        items = [self._value(schema["items"], f"{path}[]") for _ in range(count)]
        if schema.get("uniqueItems"):
            items = list({json.dumps(item): item for item in items}.values())
        return items

    def _string(self, schema: dict[str, Any], path: str) -> Any:
        if "pattern" in schema:
            raise NotImplementedError(f"{path}: no examples of a text that fits {schema['pattern']}")
        return self.random.choice(WORDS)

    def _integer(self, schema: dict[str, Any], _path: str) -> int:
        low = schema.get("minimum", 0)
        return self.random.choice((low, low + 1, low + 10))

    def _number(self, schema: dict[str, Any], path: str) -> Any:
        return self.random.choice((self._integer(schema, path), 1.5))

    def _boolean(self, _schema: dict[str, Any], _path: str) -> bool:
        return self.random.random() < 0.5

    def _null(self, _schema: dict[str, Any], _path: str) -> None:
        return None

    # --- what several places share

    def word(self) -> str:
        """Return a text."""
        return self.random.choice(WORDS)

    def reference(self, names: Sequence[str]) -> str:
        """Return one of the names; of nothing at all, where there is none."""
        return self.random.choice(names) if names else "nothing"

    def settings(self) -> Any:
        """Return a mapping or a list of KEY=value."""
        keys = self.random.sample(
            ("A", "B", "C", "a.b", "SET", "EMPTY", "UNSET", "PATH_1"), self.random.randrange(4)
        )
        if self.random.random() < 0.5:
            return {key: self.random.choice(_SETTINGS) for key in keys}
        return [key if self.random.random() < 0.2 else f"{key}={self.random.choice(WORDS)}" for key in keys]

    def some(self, *items: Any, most: int = 3) -> list[Any]:
        """Return some of the items, without repetition, in any order."""
        return self.random.sample(items, self.random.randrange(0, min(most, len(items)) + 1))

    def one(self, *items: Any) -> Any:
        """Return one of the items."""
        return self.random.choice(items)

    def several_or_one(self, *items: Any) -> Any:
        """Return one of the items as text, or a list of some."""
        return self.one(*items) if self.random.random() < 0.3 else self.some(*items)

    def mount(self) -> Any:
        """Return a volume of a service, short or long."""
        target = self.one("/a", "/b", "/c/", "/d/../e", "/f")
        named = self.reference(self.names.volumes) if self.names.volumes else "./dir"
        source = self.one(named, named, "./dir", "../up", "/abs", "~/home", ".", "./x/../y")
        if self.random.random() < 0.5:
            mode = self.one("", "", "", ":ro", ":rw", ":z", ":ro,Z", ":nocopy", ":rshared", ":cached")
            return self.one(f"{source}:{target}{mode}", f"{source}:{target}{mode}", target)
        kind = self.one("bind", "volume", "tmpfs", "volume", "image", "cluster", "npipe")
        value: dict[str, Any] = {"type": kind, "target": target}
        if kind == "bind":
            value["source"] = self.one("./dir", "../up", "/abs", "~/x", "dir")
        elif kind == "volume":
            value |= {"source": named} if self.random.random() < 0.8 and self.names.volumes else {}
        elif kind != "tmpfs":
            value["source"] = self.word()
        schema = _DEFS["mount"]["anyOf"][-1]["properties"]
        if kind in schema and self.random.random() < 0.7:
            value[kind] = self._value(schema[kind], f"mount.{kind}")
        for key in ("read_only", "consistency"):
            if self.random.random() < 0.2:
                value[key] = self._value(schema[key], f"mount.{key}")
        return value

    def port(self) -> Any:
        """Return a port, short or long."""
        if self.random.random() < 0.6:
            return self.one(
                *(80, "80", "8080:80", "8080-8082:80-82", "127.0.0.1:80:80", "127.0.0.1::90", "53:53/udp"),
                *(
                    "[::1]:81:81",
                    "::1:82:82",
                    "9000-9002:90",
                    "70-72",
                    "${PORT:-83}:83",
                    ":84",
                    "85/tcp",
                    "86:86/sctp",
                ),
                *(Raw("22:22"), "0:87", "8080:80/TCP"),
            )
        schema = _DEFS["port"]["anyOf"][-1]
        return self._object(schema, "port")

    def dependencies(self) -> Any:
        """Return the value of `depends_on`."""
        names = self.some(*self.names.services)
        if self.random.random() < 0.4:
            return names
        conditions = ("service_started", "service_healthy", "service_completed_successfully")
        value: dict[str, Any] = {}
        for name in names:
            value[name] = {"condition": self.one(*conditions)}
            if self.random.random() < 0.3:
                value[name]["required"] = self.one(True, False)
            if self.random.random() < 0.3:
                value[name]["restart"] = self.one(True, False, "true", "no")
        return value

    def grants(self, names: Sequence[str]) -> list[Any]:
        """Return secrets or configs of a service."""
        entries: list[Any] = []
        for name in self.some(*names):
            if self.random.random() < 0.5:
                entries.append(name)
                continue
            entry: dict[str, Any] = {"source": name}
            for key, choices in _GRANT.items():
                if self.random.random() < 0.3:
                    entry[key] = self.one(*choices)
            entries.append(entry)
        return entries

    def attachments(self) -> Any:
        """Return the networks of a service."""
        names = self.some(*self.names.networks, "default")
        if self.random.random() < 0.4:
            return names
        return {name: self._value(_DEFS["attachment"], "attachment") for name in names}

    def models(self) -> Any:
        """Return the models of a service."""
        names = self.some(*self.names.models)
        if self.random.random() < 0.5:
            return names
        return {
            name: self.one(None, {"endpoint_var": "URL"}, {"model_var": "NAME", "endpoint_var": "U"})
            for name in names
        }

    def env_files(self) -> Any:
        """Return files of variables, of which most exist (`projects.py` writes them)."""
        entries: list[Any] = []
        for name in self.some("a.env", "./b.env", "raw.env", "missing.env"):
            if name == "missing.env":
                entries.append({"path": name, "required": self.one(False, "false", "no")})
            elif name == "raw.env":
                entries.append({"path": name, "format": "raw"})
            else:
                entries.append(self.one(name, {"path": name}, {"path": name, "required": True}))
        if len(entries) == 1 and isinstance(entries[0], str) and self.random.random() < 0.5:
            return entries[0]
        return entries

    def ulimits(self) -> Any:
        """Return limits, as one number or two."""
        return {
            name: self.one(5, "6", {"soft": 1, "hard": 2}, {"soft": "3", "hard": 4})
            for name in self.some("nofile", "nproc", "core")
        }


_SETTINGS = ["x", "two words", "", 1, -2, 1.5, 1.0, 1e3, True, False, None, "true", "$$x", "${SET}", "a=b"]
_SETTINGS += [
    Raw(text)
    for text in ("0o17", "017", "0x1f", "1_000", "yes", "~", ".5", "1e3", "22:22", "0b11", "+1", "08")
]
_GRANT = {
    "target": ("t", "/t"),
    "uid": ("1", "103"),
    "gid": ("2",),
    "mode": (288, Raw("0440"), "0440", Raw("0o400")),
}
_FREE_KEYS = ("a", "b", "key.c", "d-e", "F")
_KEYS = {"service.sysctls": ("net.core.somaxconn", "net.ipv4.tcp_syncookies", "a", "b")}

# By the name of the schema's definition.
_KINDS: dict[str, Callable[[Values], Any]] = {
    "flag": lambda v: v.one(
        True, False, True, False, "true", "False", "yes", "no", "on", "OFF", Raw("y"), Raw("n")
    ),
    "whole": lambda v: v.one(0, 1, 5, "7", -1, "-3"),
    "count": lambda v: v.one(0, 1, 5, "7"),
    "truncated": lambda v: v.one(0, 100, "200", 2.5, -1),
    "number": lambda v: v.one(0, 1, 0.5, "1.5", ".25", "2", "1e1"),
    "percent": lambda v: v.one(0, 50, 100, "20"),
    "oomScore": lambda v: v.one(-1000, 0, 500, "7"),
    "weight": lambda v: v.one(10, 300, 1000),
    "duration": lambda v: v.one("1s", "1m30s", "500ms", "0s", "1h", "1.5s", "2d", "1w", "0", "10us", "-1s"),
    "sizeText": lambda v: v.one("1g", "512m", "64mb", "1.5gb", "100", "5k", "7b", "1 GiB", "2T"),
    "size": lambda v: v.one("1g", "512m", "1.5gb", 1000, "100", 1.5),
    "wholeSize": lambda v: v.one("1g", "512m", 1000, "2000"),
    "octal": lambda v: v.one(Raw("0440"), "0440", 288, Raw("0o400")),
    "command": lambda v: v.one(*_COMMANDS),
    "settings": lambda v: v.settings(),
    "settingsOnce": lambda v: v.settings(),
    "hosts": lambda v: v.one(
        v.some("a:1.1.1.1", "b=::1", "a:2.2.2.2", "c=[::2]", "d:host-gateway"),
        {name: v.one("1.1.1.1", ["1.1.1.1", "::1"], "::1") for name in v.some("a", "b")},
    ),
    "contexts": lambda v: v.one(
        {name: v.one("./sub", "docker-image://x", "https://example.org/a.git") for name in v.some("a", "b")},
        v.some("a=./sub", "b=docker-image://x"),
    ),
    "keys": lambda v: v.one({"default": None}, {"id": "./key"}, ["default"], ["id=~/key"]),
    "envFile": lambda v: v.env_files(),
    "port": lambda v: v.port(),
    "mount": lambda v: v.mount(),
    "ulimits": lambda v: v.ulimits(),
    "buildUlimits": lambda v: {name: v.one(5, {"soft": 1, "hard": 2}) for name in v.some("nofile", "core")},
    "retries": lambda v: v.one(0, 1, 5, "3", 1.5),
    "dependencies": lambda v: v.dependencies(),
    "attachment": lambda v: v._object(_DEFS["attachment"], "attachment") if v.random.random() < 0.7 else None,
    "external": lambda v: v.one(True, True, False, "true", {"name": "outer"}),
    "externalOpen": lambda v: v.one(True, True, False, "true", {"name": "outer"}),
}
_COMMANDS: list[Any] = [
    None,
    "",
    [],
    "run",
    "sh -c 'echo \"a b\" $$HOME'",
    ["a b", "c"],
    'a "b c" d\\ e',
    ["${SET}"],
]
_COMMANDS += [
    "echo ${SET} ${UNSET}",
    "a && b; c | d",
    ["sh", "-c", "x"],
    "a  b\tc",
    "'a b'",
    "--opt=${NUMBER:-1}",
]

# By the place in the file.
_PLACES: dict[str, Callable[[Values], Any]] = {
    "service.configs": lambda v: v.grants(v.names.configs),
    "service.secrets": lambda v: v.grants(v.names.secrets),
    "service.build": lambda v: _build(v),  # noqa: PLW0108 - it stands below
    "service.container_name": lambda v: v.one("cc-1", "c_2", "${SET}-c", "d.3"),
    "service.credential_spec": lambda v: v.one(
        {"file": "./c.json"}, {"registry": "r"}, {"config": v.reference(v.names.configs)}
    ),
    "service.cgroup_parent": lambda v: v.word(),
    "service.device_cgroup_rules": lambda v: v.some("c 1:3 mr", "a 7:* rmw"),
    "service.devices[]": lambda v: v.one(
        "/dev/a",
        "/dev/b:/dev/c",
        "/dev/d:/dev/e:r",
        {"source": "/dev/a", "target": "/dev/f", "permissions": "rw"},
    ),
    "service.dns": lambda v: v.several_or_one("8.8.8.8", "9.9.9.9", "::1"),
    "service.expose": lambda v: v.some(3000, "8000", "9000/udp", "7000-7010", "a"),
    "service.external_links": lambda v: v.some("redis", "a:b"),
    "service.gpus": lambda v: v.one(
        *("all", [{"count": 1}], [{"driver": "x", "count": "all", "capabilities": ["gpu"]}]),
        *([{"device_ids": ["0"]}], [{"options": {"a": "b"}}], [{"options": ["a=b"]}], []),
    ),
    "service.group_add": lambda v: v.some("mail", 5, "6"),
    "service.healthcheck.test": lambda v: v.one(
        "curl -f x", ["CMD", "true"], ["CMD-SHELL", "exit 0"], ["NONE"], [], "true || exit 1"
    ),
    "service.healthcheck": lambda v: v._object(_DEFS["healthcheck"], "service.healthcheck"),
    "service.hostname": lambda v: v.one("h", "h.example", "${SET}"),
    "service.image": lambda v: v.one("x", "repo/x:1", "${SET}/x:${NUMBER}", "x@sha256:" + "0" * 64),
    "service.ipc": lambda v: v.one("host", "shareable", "none", f"service:{v.reference(v.names.services)}"),
    "service.pid": lambda v: v.one("host", f"service:{v.reference(v.names.services)}", "container:x"),
    "service.uts": lambda v: v.one("host", "private"),
    "service.cgroup": lambda v: v.one("host", "private"),
    "service.label_file": lambda v: v.several_or_one("a.env", "./b.env"),
    "service.links": lambda v: [v.one(name, f"{name}:alias") for name in v.some(*v.names.services)],
    "service.models": lambda v: v.models(),
    "service.network_mode": lambda v: v.one(
        "host", "none", "bridge", f"service:{v.reference(v.names.services)}", "container:x"
    ),
    "service.networks": lambda v: v.attachments(),
    "service.platform": lambda v: v.one("linux/amd64", "linux/arm64/v8"),
    "service.pull_policy": lambda v: v.one(
        "always", "never", "missing", "if_not_present", "build", "daily", "every_12h"
    ),
    "service.restart": lambda v: v.one("no", "always", "on-failure", "on-failure:3", "unless-stopped"),
    "service.runtime": lambda v: v.one("runc", "x"),
    "service.storage_opt": lambda v: v.one({"size": "1G"}, {"size": 5}, {"a": None}, {}),
    "service.tmpfs": lambda v: v.several_or_one("/run", "/var/x:size=64m", "/t/"),
    "service.volumes_from": lambda v: (
        [v.one(n, f"{n}:ro") for n in v.some(*v.names.services)] + v.some("container:x")
    ),
    "service.provider": lambda v: v._object(_DEFS["service"]["properties"]["provider"], "service.provider"),
    "service.develop.watch[].path": lambda v: v.one("./src", ".", "/abs", "a/../b"),
    "service.develop.watch[].action": lambda v: v.one(
        "rebuild", "sync", "restart", "sync+restart", "sync+exec"
    ),
    "service.deploy.restart_policy.condition": lambda v: v.one("on-failure", "any", "none"),
    "service.gpus[].count": lambda v: v.one(1, "all", "2"),
    "service.deploy.resources.reservations.devices[].count": lambda v: v.one(1, "all", "2", -1),
    "port.target": lambda v: v.one(80, "81", 82, Raw("1e3")),
    "port.published": lambda v: v.one(8080, "8081", "8000-8002", ""),
    "port.host_ip": lambda v: v.one("127.0.0.1", "::1", "10.0.0.1"),
    "port.protocol": lambda v: v.one("tcp", "udp"),
    "mount.bind.propagation": lambda v: v.one("shared", "rprivate", "x"),
    "mount.tmpfs.size": lambda v: v.one(10, "10mb", "1g"),
    "mount.tmpfs.mode": lambda v: v.one(1023, Raw("0o1777"), Raw("0755")),
    "network.ipam.config[]": lambda v: v.one(
        {"subnet": "172.28.0.0/16"},
        {
            "subnet": "10.5.0.0/16",
            "ip_range": "10.5.1.0/24",
            "gateway": "10.5.0.1",
            "aux_addresses": {"h": "10.5.0.9"},
        },
        {},
    ),
    "network.driver": lambda v: v.one("bridge", "overlay", "host"),
    "network.name": lambda v: v.one("real", "n-${SET}"),
    "volume.name": lambda v: v.one("real", "v-${SET}"),
    "secret.file": lambda v: v.one("./secret.txt", "/abs", "~/s", "../s"),
    "config.file": lambda v: v.one("./config.txt", "/abs", "~/c"),
    "secret.environment": lambda v: v.one("SET", "UNSET", "EMPTY"),
    "config.environment": lambda v: v.one("SET", "UNSET", "EMPTY"),
    "config.content": lambda v: v.one("text", "a ${SET}", "two\nlines", ""),
    "model.model": lambda v: v.one("ai/x", "${SET}/y"),
}


def _build(values: Values) -> Any:
    if values.random.random() < 0.3:
        return values.one(
            ".", "./dir", "dir", "https://example.org/a.git#main:sub", "../up", "git@example.org:a/b.git"
        )
    schema = _DEFS["build"]["anyOf"][-1]
    value = values._object(schema, "build")
    if "dockerfile" in value and "dockerfile_inline" in value and values.random.random() < 0.9:
        del value["dockerfile_inline"]
    if "platforms" in value:
        value["platforms"] = values.some("linux/amd64", "linux/arm64/v8")
    if "context" in value:
        value["context"] = values.one(".", "./dir", "https://example.org/a.git", "../up")
    return value


def _coherent(kind: str, value: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return an entry that does not contradict itself, nine times out of ten."""
    if random.random() < 0.1:
        return value
    if kind in ("secret", "config"):
        sources = [key for key in ("file", "environment", "content", "external") if key in value]
        source = random.choice(sources) if sources else "file"
        value = {key: inner for key, inner in value.items() if key not in sources or key == source}
        value.setdefault(source, "./file.txt")
    if value.get("external") not in (None, False):
        return {key: inner for key, inner in value.items() if key in ("external", "name", "x-own")}
    return value


def coherent(service: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return a service without what excludes each other, nine times out of ten."""
    if random.random() < 0.1:
        return service
    deploy = service.get("deploy") or {}
    limits = [
        service[key]
        for key in ("cpus", "mem_limit", "mem_reservation", "pids_limit", "scale")
        if key in service
    ]
    dropped = set()
    if "network_mode" in service:
        dropped.add("networks")
    if limits and (deploy.get("resources") or "replicas" in deploy):
        dropped.add("deploy")
    if service.get("scale", 1) != 1 or deploy.get("replicas", 1) != 1:
        dropped.add("container_name")
    return {key: value for key, value in service.items() if key not in dropped}


def keys_of(tree: Any) -> Iterator[str]:
    """Yield each key of the schema that a document uses, as a path through the schema's definitions."""
    yield from _walk(tree, SCHEMA, "")


def schema_keys() -> set[str]:
    """Return every key that the schema names, as such paths."""
    found: set[str] = set()
    _collect(SCHEMA, "", found)
    return found


def _collect(schema: dict[str, Any], path: str, found: set[str]) -> None:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in _DEFS:
            _collect(_DEFS[name], path, found)
        return
    for branch in schema.get("anyOf", ()):
        _collect(branch, path, found)
    for key, inner in schema.get("properties", {}).items():
        if key not in OURS:
            found.add(f"{path}.{key}")
            _collect(inner, f"{path}.{key}", found)
    for key, step in (("additionalProperties", ".*"), ("items", "[]")):
        if isinstance(schema.get(key), dict):
            _collect(schema[key], path + step, found)


def _walk(tree: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    while hasattr(tree, "value"):  # an anchor or a tag
        tree = tree.value
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in _DEFS:
            yield from _walk(tree, _DEFS[name], path)
        return
    for branch in schema.get("anyOf", ()):
        yield from _walk(tree, branch, path)
    if isinstance(tree, dict):
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        for key, inner in tree.items():
            if key in properties:
                yield f"{path}.{key}"
                yield from _walk(inner, properties[key], f"{path}.{key}")
            elif isinstance(rest, dict):
                yield from _walk(inner, rest, f"{path}.*")
    elif isinstance(tree, list) and isinstance(schema.get("items"), dict):
        for inner in tree:
            yield from _walk(inner, schema["items"], f"{path}[]")
