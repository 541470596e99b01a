"""Documents that nobody would write: real ones damaged, random ones, and hostile ones.

Everything is drawn from one `random.Random`, so that a number names a document for good.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..differential.projects import damaged, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

ROOT = Path(__file__).parents[2]
MAIN = "compose.yml"


class Case(NamedTuple):
    """The files of one project, the first of them the main file, and of what kind it is."""

    kind: str
    files: dict[str, bytes]


# What lies in the folder besides the document, and can be referred to.
STANDING = {
    "base.yml": b"services:\n  base: {image: b, environment: [A=1], ports: ['80:80']}\n  s: {image: c}\n",
    "loop.yml": b"include: [loop.yml]\nservices: {s: {image: x, extends: {file: loop.yml, service: s}}}\n",
    "ping.yml": b"include: [pong.yml]\nservices: {s: {extends: {file: pong.yml, service: s}}}\n",
    "pong.yml": b"include: [ping.yml]\nservices: {s: {extends: {file: ping.yml, service: s}}}\n",
    "broken.yml": b"services: {s: {image: x, foo: 1, ports: [x}\n",
    "folder/compose.yml": b"include: [../base.yml]\nservices: {t: {build: ., env_file: x.env}}\n",
    "folder/x.env": b"X=${A:-1}\nY='open\n",
    "a.env": b"A=1\nexport B='two $A'\n# c\nC: yaml\nD=\"x\\n${A}\"\n",
    "Dockerfile": b"FROM scratch\nHEALTHCHECK CMD true\n",
}


def case(random: Random, seeds: list[str]) -> Case:
    """Draw a case."""
    kinds: list[tuple[str, Callable[[Random, list[str]], bytes | dict[str, bytes]]]] = [
        ("bytes", damaged_bytes),
        ("tokens", damaged_tokens),
        ("grammar", grown),
        ("structure", structured),
        ("several files", several),
        ("project", projected),
        ("hostile", hostile),
    ]
    ((kind, make),) = random.choices(kinds, weights=[24, 26, 18, 14, 7.8, 10, 0.2])
    made = make(random, seeds)
    return Case(kind, made if isinstance(made, dict) else {MAIN: made})


# --- real documents, damaged


def seeds() -> list[str]:
    """Return the texts to start from: every YAML file of this repository, in pieces of some lines."""
    texts: list[str] = []
    for folder in ("tests", "examples", "composecheck/demo"):
        for path in sorted((ROOT / folder).rglob("*.y*ml")):
            texts += _pieces(path.read_text("utf-8"))
    return texts


_PIECE = 45  # lines: what is larger only takes longer


def _pieces(text: str) -> Iterator[str]:
    """Give a text whole where it is short, else its services a few at a time."""
    lines = text.splitlines(keepends=True)
    if len(lines) <= _PIECE:
        yield text
        return
    for at in range(0, len(lines), _PIECE):
        piece = "".join(lines[at : at + _PIECE])
        yield piece if piece[:1] != " " else "services:\n  first:\n    image: x\n" + piece


# What means something to YAML, to a decoder, or to Compose.
_BYTES = [
    *(bytes([byte]) for byte in b"{}[]:,-?&*!|>'\"%@`#$ \t\n\r\\/=.~<"),
    *(b"\0", b"\xff", b"\x80", b"\xc3", b"\xf5", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\x7f", b"\x1b"),
    *("\ufeff".encode(), "\x85".encode(), "\u2028".encode(), "\u2029".encode(), "\u200b".encode()),
    *(b"\n---\n", b"\n...\n", b"<<: ", b"*a ", b"&a ", b"!!str ", b"!reset ", b"!override ", b"${", b"}"),
    *(b"${A:-", b"${A?", b"$$", b"%YAML 1.2\n", b"%TAG ! x\n", b"0x", b"1e999", b"9" * 30, b"null", b"- "),
]


def damaged_bytes(random: Random, seeds: list[str]) -> bytes:
    """Return a real document with bytes changed, taken out, put in, or repeated."""
    data = bytearray(random.choice(seeds).encode())
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        at = random.randrange(len(data) + 1)
        to = min(len(data), at + random.choice((1, 1, 2, 5, 30)))
        match random.randrange(6):
            case 0:
                data[at:to] = b""
            case 1:
                data[at:to] = random.choice(_BYTES)
            case 2:
                data[at:at] = random.choice(_BYTES) * random.choice((1, 1, 2, 7))
            case 3:
                data[at:at] = data[at:to] * random.choice((1, 2, 9))
            case 4:
                other = random.choice(seeds).encode()
                cut = random.randrange(len(other) + 1)
                data[at:] = other[cut:]
            case _ if at < len(data):
                data[at] ^= 1 << random.randrange(8)
    return bytes(data)


_TOKEN = re.compile(r"\n[ ]*|[ \t]+|[\w./]+|\"[^\"\n]*\"|'[^'\n]*'|.", re.DOTALL)


def damaged_tokens(random: Random, seeds: list[str]) -> bytes:
    """Return a real document with words and signs swapped, taken out, or put in."""
    tokens = _TOKEN.findall(random.choice(seeds))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        if not tokens:
            break
        at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
        match random.randrange(6):
            case 0:
                del tokens[at]
            case 1:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 2:
                tokens[at] = random.choice(tokens)
            case 3:
                tokens[at] = _word(random)
            case 4:
                tokens.insert(at, _word(random))
            case _:
                low, high = sorted((at, other))
                tokens[low:high] = tokens[low:high] * random.choice((0, 2, 3)) if high - low < 40 else []
    return _ended(random, "".join(tokens))


def _ended(random: Random, text: str) -> bytes:
    """Return a text as bytes, now and then with other ends of lines or a byte-order mark."""
    match random.randrange(40):
        case 0:
            text = text.replace("\n", "\r\n")
        case 1:
            text = text.replace("\n", "\r")
        case 2:
            text = text.replace("\n", random.choice(("\x85", "\u2028", "\u2029", "\n\r")))
        case 3:
            text = "\ufeff" + text
        case 4:
            return text.encode(random.choice(("utf-16", "utf-16-be", "utf-32")))
    return text.encode("utf-8", "surrogatepass")


# --- words


def _schema_keys() -> list[str]:
    def keys(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for inner in schema.values():
                yield from keys(inner)
        elif isinstance(schema, list):
            for inner in schema:
                yield from keys(inner)

    schema = json.loads((ROOT / "schemas" / "compose.schema.json").read_text("utf-8"))
    return sorted({*keys(schema), "x-readiness", "x-retry", "x-a", "exec", "tcpSocket", "httpGet", "log"})


KEYS = _schema_keys()
SERVICE_KEYS = sorted(
    json.loads((ROOT / "schemas" / "compose.schema.json").read_text("utf-8"))["$defs"]["service"][
        "properties"
    ]
)
_NAMES = ["a", "b", "s", "base", "default", "n", "v1", "é", "A B", "", "x-a", "<<", "1", "~", "a.b", "${A}"]
_SCALARS = [
    *("null", "~", "true", "yes", "0", "-1", "1.5", ".inf", "-.nan", "1e400", "0o17", "0x1f", "0b1", "017"),
    *(
        "1_000",
        "22:22",
        "2024-01-01",
        "1" * 25,
        "9" * 400,
        "''",
        '""',
        "'a'",
        '"\\x00"',
        '"\\ud800"',
        "=",
        "<<",
    ),
    *(
        "a",
        "a=b",
        "A=${B:-c}",
        "80:80",
        "8000-8010:80-90",
        "0-65535:0-65535",
        "[::1]:1:1",
        "127.0.0.1::1",
        "53/udp",
    ),
    *(
        "5s",
        "1m30s",
        "1d2w",
        "1g",
        "1.5gb",
        "./x:/y:ro",
        "v1:/z",
        "C:\\x:/y",
        "service:a",
        "container:b",
        "host",
    ),
    *(
        "service_healthy",
        "service_completed_successfully",
        "service_started",
        "on-failure:3",
        "always",
        "every_5h",
    ),
    *(
        "${A}",
        "${",
        "$",
        "$$",
        "${A:-${B:-${C}}}",
        "${A:?no}",
        "${A?}",
        "${1}",
        "${A:x}",
        "}",
        "${A:+${",
        "on-failure:²",
    ),
    *(
        "sh -c 'a b'",
        "sh -c 'a",
        "`x`",
        "a && b || c; d",
        "wait-for-it db:5432 -- x",
        "until nc -z b 1; do sleep 1; done",
    ),
    *(
        "base.yml",
        "loop.yml",
        "ping.yml",
        "broken.yml",
        "folder/compose.yml",
        "folder",
        "a.env",
        "/dev/null",
        "../",
        "~/x",
    ),
    *(
        "https://x/y.git#a:b",
        "docker-image://x",
        "oci://x/y",
        "git@github.com:a/b.git",
        "é\u2028",
        "\u200b",
        "\x7f",
    ),
    *(
        "!!int a",
        "!!str 5",
        "!!float x",
        "!!null x",
        "!!bool x",
        "!!binary x",
        "!!map x",
        "!foo x",
        "!reset x",
        "! x",
    ),
]


def _word(random: Random) -> str:
    return random.choice(random.choice((KEYS, SERVICE_KEYS, _NAMES, _SCALARS, _SCALARS, _SIGNS)))


_SIGNS = [
    ": ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    "# c",
    " #",
    "&a ",
    "*a",
    "*b",
    "<<: *a",
]
_SIGNS += [
    "|\n",
    ">-\n",
    "|9\n",
    "? ",
    "!reset ",
    "!override ",
    "\n---\n",
    "\n...\n",
    "'",
    '"',
    "%YAML 1.1\n---\n",
    "@",
    "`",
]


# --- texts by YAML's grammar


def grown(random: Random, _seeds: list[str]) -> bytes:
    """Return a text that is YAML more often than not, of keys that Compose knows."""
    documents = []
    for _ in range(random.choice((1, 1, 1, 1, 2, 3))):
        lines = ["%YAML 1.1\n---"] if random.random() < 0.03 else []
        sections = random.sample(_SECTIONS, random.choice((1, 1, 2, 3)))
        lines += [f"{section}:{_value(random, 1, SERVICE_KEYS)}" for section in sections]
        documents.append("\n".join(lines) + "\n")
    return _ended(random, random.choice(("---\n", "...\n---\n")).join(documents))


_SECTIONS = ["services", "services", "services", "networks", "volumes", "secrets", "configs", "models"]
_SECTIONS = [*_SECTIONS, "name", "include", "x-a", "version", "foo", "'services'", '"networks"']


def _value(random: Random, depth: int, keys: list[str]) -> str:
    """Return what stands after a key, with the blank or the line end in front of it."""
    chance = random.random()
    properties = random.choice(
        ("", "", "", "", "", "", " &a", " &b", " !reset", " !override", " !!map", " !x")
    )
    if depth > 5 or chance < 0.25:
        return properties + " " + _scalar(random, depth)
    if chance < 0.35:
        return properties + " " + _flow(random, depth)
    indent = "\n" + " " * (2 * depth)
    if chance < 0.55:
        return properties + "".join(
            f"{indent}-{_value(random, depth + 1, keys)}" for _ in range(random.randrange(1, 4))
        )
    if chance < 0.58:
        header = random.choice("|>") + random.choice(("", "-", "+", "2"))
        return f" {header}{indent}  {_scalar(random, depth)}{indent}  x"
    names = _NAMES if depth == 1 else keys if depth == 2 else KEYS
    return properties + "".join(
        f"{indent}{random.choice(names) or chr(34) * 2}:{_value(random, depth + 1, keys)}"
        for _ in range(random.randrange(1, 4))
    )


def _scalar(random: Random, depth: int) -> str:
    text = random.choice(_SCALARS) if random.random() < 0.85 else random.choice(("*a", "*b", *KEYS))
    match random.randrange(12):
        case 0:
            return json.dumps(text)
        case 1:
            return "'" + text.replace("'", "''") + "'"
        case 2:
            return text + " # " + random.choice(_SCALARS)
        case 3:
            return text + "\n" + " " * (2 * depth + 1) + text
    return text


def _flow(random: Random, depth: int) -> str:
    if depth > 6 or random.random() < 0.4:
        return _scalar(random, 40)
    inner = [_flow(random, depth + 1) for _ in range(random.randrange(4))]
    if random.random() < 0.5:
        return "[" + ", ".join(inner) + "]"
    return "{" + ", ".join(f"{random.choice(KEYS)}: {value}" for value in inner) + "}"


# --- structures by the schema's keys


def structured(random: Random, _seeds: list[str]) -> bytes:
    """Return one document in which every key stands where it may, and holds anything."""
    return _ended(random, json.dumps(_project(random), ensure_ascii=random.random() < 0.1))


_ODD: list[Any] = [None, True, False, 0, -1, 1.5, 10**30, float("inf"), "", *_SCALARS, *_NAMES]
_ODD += [
    "9" * 5000,
    "on-failure:" + "9" * 5000,
    "9" * 400 + "g",
    "9" * 400 + "s",
    "a\0b",
    "nan",
    "1_0",
    "0440",
]
_ODD += ["$" * 300, "${A:-" * 60 + "}" * 60, "a b " * 50, "'" * 99, "(" * 99, "/" * 99, "1:" * 99, "-" * 99]


def _project(random: Random) -> dict[str, Any]:
    names = random.sample(_NAMES[:6] if random.random() < 0.8 else _NAMES, random.choice((1, 2, 3)))
    project: dict[str, Any] = {"services": {name: _service(random, names) for name in names}}
    for section in ("networks", "volumes", "secrets", "configs", "models", "name", "include", "x-a"):
        if random.random() < 0.25:
            project[section] = {name: _any(random, 2, names) for name in random.sample(_NAMES, 2)}
        if random.random() < 0.05:
            project[section] = _any(random, 1, names)
    return project


def _service(random: Random, names: list[str]) -> Any:
    service = {
        key: _any(random, 2, names) for key in random.sample(SERVICE_KEYS, random.choice((1, 2, 3, 5)))
    }
    if random.random() < 0.9:
        service["image"] = "x"
    if random.random() < 0.4:
        condition = random.choice(("service_started", "service_healthy", "service_completed_successfully"))
        service["depends_on"] = {
            random.choice(names): {"condition": condition, "x-retry": _any(random, 3, names)}
        }
    if random.random() < 0.2:
        service["extends"] = random.choice(
            (random.choice(names), {"service": "s", "file": random.choice(_FILES)})
        )
    if random.random() < 0.2:
        service["ports"] = [random.choice(_PORTS) for _ in range(random.randrange(5))]
    if random.random() < 0.2:
        service["command"] = random.choice(_SCALARS)
    return service


_FILES = [*STANDING, "compose.yml", "none.yml"]
_PORTS = [
    "80",
    80,
    "80:80",
    "0-65535:0-65535",
    "8000-9000:80",
    "1-2:3-4/udp",
    {"target": 80, "published": "1-65535"},
]


def _any(random: Random, depth: int, names: list[str]) -> Any:
    chance = random.random()
    if depth > 6 or chance < 0.5:
        return random.choice(_ODD if chance < 0.42 else names)
    if chance < 0.7:
        return [_any(random, depth + 1, names) for _ in range(random.randrange(4))]
    keys = KEYS if chance < 0.93 else _NAMES
    return {random.choice(keys): _any(random, depth + 1, names) for _ in range(random.randrange(4))}


def several(random: Random, seeds: list[str]) -> dict[str, bytes]:
    """Return a project of several files that name each other, any of them damaged."""
    main = _project(random)
    others = random.sample(["inc.yml", "folder/inc.yml", "over.yml", "ext.yml", ".env", "own.env"], 3)
    main["include"] = [random.choice((*others, *STANDING, {"path": others, "env_file": "own.env"}))]
    for service in main["services"].values():
        service["env_file"] = random.choice(("own.env", ".env", {"path": "own.env", "format": "raw"}))
        service["label_file"] = random.choice(("own.env", ".env", "a.env"))
        if random.random() < 0.6:
            service["extends"] = {"file": random.choice(others), "service": random.choice(("s", "a", "base"))}
    files = {MAIN: _ended(random, json.dumps(main))}
    for name in others:
        if name.endswith("env"):
            files[name] = _env(random)
        else:
            make = random.choice((damaged_bytes, damaged_tokens, grown, structured))
            files[name] = make(random, seeds)
    return files


def _env(random: Random) -> bytes:
    lines = []
    for _ in range(random.randrange(8)):
        name = random.choice(
            ("A", "B", "é", "1", "", "A B", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "export C", "#")
        )
        lines.append(
            name + random.choice("=:  ") + random.choice(_SCALARS) + random.choice(("", " # c", '"', "'"))
        )
    return _ended(random, random.choice("\n\n\r").join(lines))


def projected(random: Random, _seeds: list[str]) -> dict[str, bytes]:
    """Return a project as the differential tests draw it, mostly valid, with some damage done to it."""
    drawn = project(random)
    for _ in range(random.choice((0, 0, 1, 2))):
        drawn = damaged(drawn, random)
    texts = {name: drawn.text(name) for name in drawn.files}
    main = next(name for name in texts if name in _MAINS)
    files = {MAIN: _ended(random, texts.pop(main))}
    return files | {name: text.encode() for name, text in texts.items()}


_MAINS = ("compose.yaml", "compose.yml", "docker-compose.yml", "main.yml")


# --- hostile ones


def hostile(random: Random, _seeds: list[str]) -> bytes | dict[str, bytes]:
    """Return a document that is made to cost as much as it can, of a size of up to some 100 KB."""
    return random.choice(list(HOSTILE.values()))(random.choice((10, 100, 1_000, 10_000)))


_S = "services:\n  s:\n    image: x\n"
_SCRIPT = b"#!/bin/sh\nset -e\n"


def _exponential(size: int) -> str:
    levels = min(size, 60)
    lines = ["x-0: &a0 [y, y]"] + [f"x-{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, levels)]
    return "\n".join([*lines, _S + f"    labels: *a{levels - 1}\n"])


def _merged(size: int) -> str:
    levels = min(size, 60)
    lines = ["x-0: &a0 {k0: y}"]
    lines += [f"x-{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: *a{n - 1}}}" for n in range(1, levels)]
    return "\n".join([*lines, _S + f"    labels: *a{levels - 1}\n"])


def _quadratic(size: int) -> str:
    many = min(size, 3_000)
    return f"x-a: &a [{', '.join(['y'] * many)}]\nx-b: [{', '.join(['*a'] * many)}]\n" + _S


def _include_chain(size: int) -> dict[str, bytes]:
    levels = min(size, 150)
    files = {MAIN: b"include: [i0.yml]\n" + _S.encode()}
    for level in range(levels):
        text = f"include: [i{level + 1}.yml]\nservices: {{s{level}: {{image: x}}}}\n"
        files[f"i{level}.yml"] = text.encode()
    return files | {f"i{levels}.yml": b"services: {last: {image: x}}\n"}


def _include_tree(size: int) -> dict[str, bytes]:
    """Each file includes the next one twice: 2**levels loads, if somebody does them all."""
    levels = min(size, 40)
    files = {MAIN: b"include: [i0.yml]\n" + _S.encode()}
    for level in range(levels):
        files[f"i{level}.yml"] = f"include: [i{level + 1}.yml, ./i{level + 1}.yml]\n".encode()
    return files | {f"i{levels}.yml": b"services: {last: {image: x}}\n"}


def _extends_tree(size: int) -> dict[str, bytes]:
    levels = min(size, 300)
    services = {f"s{n}": {"extends": {"service": f"s{n + 1}"}} for n in range(levels)}
    return {MAIN: json.dumps({"services": {**services, f"s{levels}": {"image": "x"}}}).encode()}


def _service_of(key: str, value: str) -> str:
    return f"{_S}    {key}: {value}\n"


HOSTILE: dict[str, Callable[[int], Any]] = {
    "aliases that double": lambda n: _exponential(n).encode(),
    "merge keys that double": lambda n: _merged(n).encode(),
    "one alias many times": lambda n: _quadratic(n).encode(),
    "an alias in itself": lambda _n: b"x: &a [*a]\nservices: {s: &s {image: x, labels: *s}}\n",
    "deep brackets": lambda n: b"[" * 10 * n,
    "deep brackets that close": lambda n: b"x-a: " + b"[" * n + b"]" * n,
    "deep braces": lambda n: _S.encode() + b"    labels: " + b"{a: " * n + b"}" * n,
    "deep blocks": lambda n: "".join(f"{' ' * m}a:\n" for m in range(min(n, 400))).encode(),
    "deep dashes": lambda n: b"- " * 10 * n,
    "deep question marks": lambda n: b"? " * 10 * n,
    "deep explicit keys in flow": lambda n: b"{? " * n,
    "one long scalar": lambda n: _service_of("hostname", "x" * 100 * n).encode(),
    "one long quoted scalar": lambda n: _service_of("command", '"' + "\\x41 " * 20 * n + '"').encode(),
    "one long block": lambda n: (_service_of("command", "|") + "      word\n" * 10 * n).encode(),
    "one long key": lambda n: _service_of("k" * 1000, "1").encode() + b"    " + b"k" * 10 * n + b": 1\n",
    "many keys": lambda n: (_S + "".join(f"    k{m}: 1\n" for m in range(n))).encode(),
    "many equal keys": lambda n: (_S + "    k: 1\n" * n).encode(),
    "many labels": lambda n: _service_of(
        "labels", "[" + ", ".join(f"l{m}=1" for m in range(n)) + "]"
    ).encode(),
    "many documents": lambda n: b"---\nservices: {s: {image: x}}\n" * (n // 10),
    "many empty documents": lambda n: b"---\n" * n,
    "many services": lambda n: json.dumps(
        {"services": {f"s{m}": {"image": "x"} for m in range(n // 10)}}
    ).encode(),
    "many dependencies": lambda n: _dense(min(n, 120)).encode(),
    "many edges in a circle": lambda n: _circle(min(n, 60)).encode(),
    "nested variables": lambda n: _service_of("hostname", "${Q:-" * n + "x" + "}" * n).encode(),
    "nested variables, open": lambda n: _service_of("hostname", "'" + "${Q:-" * n + "'").encode(),
    "many variables": lambda n: _service_of("hostname", "'" + "${A:-x}$B" * n + "'").encode(),
    "many dollars": lambda n: _service_of("hostname", "'" + "$" * 10 * n + "'").encode(),
    "many braces": lambda n: _service_of("hostname", "'" + "${Q:-{{" * n + "}" * n + "'").encode(),
    "variables that are open": lambda n: _service_of("hostname", "'" + "${A " * n + "'").encode(),
    "large port ranges": lambda n: _service_of(
        "ports", "[" + "'1-65535:1-65535', " * (n // 10) + "]"
    ).encode(),
    "large long port ranges": lambda n: _service_of(
        "ports", "[" + "{target: 80, published: '1-65535'}, " * (n // 10) + "]"
    ).encode(),
    "large exposed ranges": lambda n: _service_of("expose", "[" + "'0-65535', " * (n // 10) + "]").encode(),
    "tags": lambda n: _service_of("labels", "!x " * 1 + "[" + "!!str a, " * n + "]").encode(),
    "a long tag": lambda n: _service_of("labels", "!" + "x" * 10 * n + " a").encode(),
    "a long anchor": lambda n: _service_of("labels", "&" + "x" * 10 * n + " a").encode(),
    "many anchors": lambda n: _service_of(
        "labels", "[" + ", ".join(f"&a{m} b" for m in range(n)) + "]"
    ).encode(),
    "many resets": lambda n: (_S + "---\n" + _S + f"    labels: [{'!reset a, ' * n}]\n").encode(),
    "many byte-order marks": lambda n: b"\xef\xbb\xbf" * n + _S.encode(),
    "zeros": lambda n: b"\0" * 10 * n,
    "zeros within": lambda n: _S.encode() + b"    command: a" + b"\0" * n,
    "invalid bytes": lambda n: _S.encode() + b"    command: a" + b"\xff\xfe" * n,
    "carriage returns": lambda n: _S.replace("\n", "\r").encode() * (n // 10),
    "next lines": lambda n: (_S.replace("\n", "\x85") + "\x85" * n).encode(),
    "line separators": lambda n: (_S.replace("\n", "\u2028") + "\u2028" * n).encode(),
    "tabs": lambda n: b"\t" * 10 * n + b"a: b",
    "tabs that indent": lambda n: b"services:\n" + b"\t" * n + b"a: b",
    "blanks": lambda n: b" " * 10 * n + b"a: b",
    "comments": lambda n: b"# c\n" * n + _S.encode(),
    "colons": lambda n: b":" * 10 * n,
    "colons and blanks": lambda n: b"a: " * n,
    "commas": lambda n: b"[" + b"," * 10 * n,
    "quotes": lambda n: b"'" * 10 * n,
    "quotes in a command": lambda n: _service_of("command", json.dumps("'\"" * n)).encode(),
    "brackets in a command": lambda n: _service_of("command", json.dumps("sh -c " + "(" * n)).encode(),
    "a long loop in a command": lambda n: _service_of("command", json.dumps("until " + "x && " * n)).encode(),
    "a command of many words": lambda n: _service_of("command", json.dumps("a " * n)).encode(),
    "a long volume": lambda n: _service_of("volumes", "['" + "a:" * n + "']").encode(),
    "a long duration": lambda n: _service_of("stop_grace_period", "1s" * n).encode(),
    "a long size": lambda n: _service_of("mem_limit", "9" * n + "g").encode(),
    "a long number": lambda n: _service_of("scale", "9" * 10 * n).encode(),
    "a long octal number": lambda n: _service_of("scale", "0o" + "7" * 10 * n).encode(),
    "a long fraction": lambda n: _service_of("cpus", "." + "9" * 10 * n + "e" + "9" * n).encode(),
    "includes in a chain": _include_chain,
    "includes in a tree": _include_tree,
    "an include of itself": lambda _n: {MAIN: b"include: [compose.yml]\n" + _S.encode()},
    "includes in a circle": lambda _n: {MAIN: b"include: [ping.yml, loop.yml]\n" + _S.encode()},
    "one include many times": lambda n: {
        MAIN: f"include: [{'base.yml, ' * (n // 10)}]\n".encode() + _S.encode()
    },
    "extends in a chain": _extends_tree,
    "extends of itself": lambda _n: {MAIN: _service_of("extends", "s").encode()},
    "extends in a circle of files": lambda _n: {
        MAIN: _service_of("extends", "{file: ping.yml, service: s}").encode()
    },
    "many that extend a large one": lambda n: {MAIN: json.dumps(_heirs(n // 10)).encode()},
    "one env file of many services": lambda n: {
        MAIN: json.dumps(
            {"services": {f"s{m}": {"image": "x", "env_file": "own.env"} for m in range(n // 20)}}
        ).encode(),
        "own.env": b"".join(b"A%d=1\n" % m for m in range(n // 20)),
    },
    "variables that repeat a long one": lambda n: {
        MAIN: _service_of("labels", "[" + "'$Q', " * n + "]").encode(),
        ".env": b"Q=" + b"x" * 5 * n,
    },
    "a long env file": lambda n: {MAIN: _service_of("env_file", "own.env").encode(), "own.env": b"A=1\n" * n},
    "an env file of one long value": lambda n: {
        MAIN: _service_of("env_file", "own.env").encode(),
        "own.env": b"A='" + b"x\n" * 10 * n,
    },
    "an env file that refers to itself": lambda n: {
        MAIN: _service_of("env_file", "own.env").encode(),
        "own.env": b"Q=ab\n" + b"Q=$Q$Q\n" * min(n, 60),
    },
    "an env file of many hosts": lambda n: {
        MAIN: _chained(10, "env_file: own.env"),
        "own.env": b"".join(b"S%d_URL=http://s%d:80/\n" % (m, m) for m in range(n)),
    },
    "one script of many services": lambda n: {
        MAIN: _chained(n // 20, "volumes: ['./run.sh:/run.sh'], command: [/run.sh]"),
        "run.sh": _SCRIPT + b"until nc -z s1 80; do sleep 1; done\nexec api\n",
    },
    "a script before many dependencies": lambda n: {
        MAIN: _many_below(n // 20),
        "run.sh": _SCRIPT + b"f() { if [ $1 ]; then run $1; fi; }\n" + b"f a\n" * 50 + b"exec api\n",
    },
    "a large script": lambda n: {
        MAIN: _chained(2, "volumes: ['./run.sh:/run.sh'], command: [/run.sh]"),
        "run.sh": _SCRIPT + b"if [ $A ]; then b; else until nc -z c 1; do sleep 1; done; fi\n" * n,
    },
    "scripts that source the next": lambda n: {
        MAIN: _chained(2, "volumes: ['./s:/s'], command: [/s/0.sh]"),
        **{
            f"s/{m}.sh": _SCRIPT + b". /s/%d.sh\n/s/%d.sh\n. /s/%d.sh\n" % ((m + 1,) * 3)
            for m in range(min(n, 100))
        },
    },
    "many scripts": lambda n: {
        MAIN: _chained(2, f"volumes: ['./s:/s'], command: [sh, -c, '{'; '.join(_paths(n // 10))}']"),
        **{path[1:]: _SCRIPT + b"run\n" for path in _paths(n // 10)},
    },
    "many configs": lambda n: {
        MAIN: _chained(2, f"configs: [{', '.join(f'c{m}' for m in range(n // 10))}]")
        + b"configs:\n"
        + b"".join(b"  c%d: {file: c%d.yml}\n" % (m, m) for m in range(n // 10)),
        **{f"c{m}.yml": b"host: s0\n" for m in range(n // 10)},
    },
    "a large mounted folder": lambda n: {
        MAIN: _chained(20, "volumes: ['./conf:/etc/conf']"),
        **{f"conf/{m % 7}/{m}.yml": b"host: elsewhere\n" * 50 for m in range(n // 5)},
    },
}


def _chained(count: int, body: str) -> bytes:
    """Return services of which each depends on the one before it."""
    rows = (
        f"  s{n}: {{image: 'x:1', {body}, depends_on: [{f's{n - 1}' if n else ''}]}}\n"
        for n in range(max(count, 2))
    )
    return ("services:\n" + "".join(rows)).encode()


def _many_below(count: int) -> bytes:
    """Return a service with a script that depends on many."""
    body = "volumes: ['./run.sh:/run.sh'], command: [/run.sh]"
    rows = "".join(f"  s{n}: {{image: 'x:1'}}\n" for n in range(count))
    names = ", ".join(f"s{n}" for n in range(count))
    return f"services:\n{rows}  a: {{image: 'y:1', {body}, depends_on: [{names}]}}\n".encode()


def _paths(count: int) -> list[str]:
    return [f"/s/{n}.sh" for n in range(count)]


def _heirs(count: int) -> dict[str, Any]:
    services: dict[str, Any] = {f"s{n}": {"extends": "base"} for n in range(count)}
    services["base"] = {"image": "x", "labels": {f"l{n}": "1" for n in range(count)}}
    return {"services": services}


def _dense(count: int) -> str:
    services = {f"s{n}": {"image": "x", "depends_on": [f"s{m}" for m in range(n)]} for n in range(count)}
    return json.dumps({"services": services})


def _circle(count: int) -> str:
    names = [f"s{n}" for n in range(count)]
    services = {name: {"image": "x", "depends_on": [m for m in names if m != name]} for name in names}
    return json.dumps({"services": services})
