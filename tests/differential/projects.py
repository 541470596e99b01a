"""Whole projects: files on disk, an environment and a command line, drawn from a `random.Random`.

Most are valid; `damaged` breaks one in some place or other.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from .trees import MERGE, Alias, Anchor, Raw, Tagged, text_of
from .values import ENVIRONMENT, Names, Values, coherent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from random import Random


class Project(NamedTuple):
    """One project as a person has it: its files (documents, or text), and how it is asked for.

    `folder` is where it is asked from; `stdin` names the file that is given to `-f -`.
    """

    files: dict[str, Any]
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    folder: str = "."
    stdin: str = ""

    def write(self, root: Path) -> None:
        """Write all files into a folder."""
        for name in self.files:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text(name))
        (root / self.folder).mkdir(parents=True, exist_ok=True)

    def text(self, name: str) -> str:
        """Return what stands in a file."""
        content = self.files[name]
        return content if isinstance(content, str) else text_of(content)

    def shown(self) -> str:
        """Return all of it as a person would read it."""
        parts = [f"### {name}\n{self.text(name)}" for name in self.files]
        where = "" if self.folder == "." else f"cd {self.folder}; "
        environment = "".join(
            f"{key}={value} " for key, value in self.environment.items() if ENVIRONMENT.get(key) != value
        )
        stdin = f" < {self.stdin}" if self.stdin else ""
        return (
            "".join(parts) + f"$ {where}{environment}docker compose {' '.join(self.arguments)} config{stdin}"
        )


SERVICES = ("base", "web", "db", "job")
SECTIONS = {
    "networks": "network",
    "volumes": "volume",
    "secrets": "secret",
    "configs": "config",
    "models": "model",
}
_NAMES = Names(
    networks=("front", "back"),
    volumes=("data", "cache"),
    secrets=("token", "key"),
    configs=("conf", "more"),
    models=("llm",),
)
_PROFILES = ("debug", "test", "prod.1")
# Folders that have env files, so that each relative path finds its own.
_FOLDERS = ("", "inc/", "ext/", "ext/deep/")


def project(random: Random) -> Project:
    """Draw a project that Docker Compose would take, more often than not."""
    return _Draw(random).project()


class _Draw:
    """One project in the making."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.files: dict[str, Any] = {}
        self.arguments: list[str] = []
        self.environment = dict(ENVIRONMENT)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def project(self) -> Project:
        random = self.random
        names = SERVICES[: random.choice((1, 1, 2, 2, 3, 4))]
        main = self.document(names, _NAMES)
        if self.chance(0.15):
            self._include(main)
        if self.chance(0.3):
            self._extends(main["services"], names)
        if self.chance(0.25):
            self._profiles(main["services"])
        if self.chance(0.1):
            main["name"] = random.choice(("own", "My Name", "n-${SET}", "x_y-1"))
        if self.chance(0.04):
            main["version"] = "3.8"
        documents = [main]
        if self.chance(0.1):
            documents.append(self.override(main["services"]))
        if self.chance(0.12):
            self._anchors(documents[0])
        overrides = [[self.override(main["services"])] for _ in range(random.choice((0, 0, 0, 0, 1, 1, 2)))]
        self._variables([documents, *overrides])
        folder, stdin = self._selected(documents, overrides)
        self._surroundings()
        return Project(self.files, tuple(self.arguments), self.environment, folder, stdin)

    # --- what is in the files

    def document(self, names: tuple[str, ...], known: Names) -> dict[str, Any]:
        """Return a main document: services, and what they refer to."""
        services: dict[str, Any] = {}
        for at, name in enumerate(names):
            services[name] = self.service(
                known._replace(services=names[:at]), self.random.choice((0, 1, 2, 2, 3, 4, 6))
            )
        document: dict[str, Any] = {"services": services}
        values = Values(self.random, known)
        for section, kind in SECTIONS.items():
            keys = getattr(known, section)
            if _mentioned(services, keys) or self.chance(0.1):
                document[section] = {
                    key: values.resource(kind)
                    if kind in ("secret", "config", "model") or self.chance(0.4)
                    else None
                    for key in keys
                    if self.chance(0.98)
                }
        if self.chance(0.05):
            document["x-own"] = values.word()
        return document

    def service(self, known: Names, keys: int) -> dict[str, Any]:
        """Return a service that has something to run."""
        service = Values(self.random, known).service(keys)
        if "build" not in service and "provider" not in service and self.chance(0.98):
            service = {"image": "x", **service}
        return coherent(service, self.random)

    def override(self, services: dict[str, Any]) -> dict[str, Any]:
        """Return a document that changes some of the services, and now and then takes something away."""
        random, changed = self.random, {}
        for name in random.sample(list(services), random.randrange(1, len(services) + 1)):
            earlier = (
                [other for other in services if SERVICES.index(other) < SERVICES.index(name)]
                if name in SERVICES
                else []
            )
            known = _NAMES._replace(services=earlier)
            values = Values(random, known)
            mine = services[name]
            again = [key for key in mine if key not in ("extends", "profiles", MERGE)]
            over: dict[str, Any] = {}
            for key in random.sample(again, min(len(again), random.randrange(3))):
                over[key] = values.of("service", key)
            over = coherent(over | values.service(random.randrange(3)), random)
            for key in list(over):
                if self.chance(0.12):
                    over[key] = Tagged(
                        random.choice(("!reset", "!override")), random.choice((over[key], over[key], None))
                    )
                elif isinstance(over[key], dict) and over[key] and self.chance(0.15):
                    inner = random.choice(list(over[key]))
                    over[key][inner] = Tagged(random.choice(("!reset", "!override")), over[key][inner])
            changed[name] = over
        document: dict[str, Any] = {"services": changed}
        if self.chance(0.15):
            document["services"]["late"] = self.service(_NAMES._replace(services=tuple(services)), 2)
        for section, kind in SECTIONS.items():
            if self.chance(0.05):
                values = Values(random, _NAMES)
                document[section] = {random.choice(getattr(_NAMES, section)): values.resource(kind)}
        if self.chance(0.04):
            document["name"] = "over"
        return document

    def _profiles(self, services: dict[str, Any]) -> None:
        for service in services.values():
            if self.chance(0.4):
                service["profiles"] = self.random.sample(_PROFILES, self.random.choice((1, 1, 2, 0)))
        for _ in range(self.random.choice((0, 1, 1, 2))):
            profile = self.random.choice((*_PROFILES, "*", "nothing"))
            if self.chance(0.3):
                self.environment["COMPOSE_PROFILES"] = f"{profile}, debug" if self.chance(0.3) else profile
            else:
                self.arguments += ["--profile", profile]

    def _extends(self, services: dict[str, Any], names: tuple[str, ...]) -> None:
        used = False
        for at, name in enumerate(names):
            if not self.chance(0.6):
                continue
            earlier = names[:at]
            if earlier and self.chance(0.5):
                other = self.random.choice(earlier)
                services[name]["extends"] = self.random.choice(
                    (other, {"service": other}, {"service": other})
                )
            else:
                used = True
                file = self.random.choice(("ext/base.yml", "./ext/base.yml", "ext/../ext/base.yml"))
                services[name]["extends"] = {"service": self.random.choice(("e1", "e2")), "file": file}
        if used:
            self._extended()

    def _extended(self) -> None:
        """Write the files that others extend: a chain through one and into the next."""
        known = _NAMES._replace(services=())
        first = self.service(known, self.random.choice((1, 2, 3)))
        second = {**self.service(known, 2), "extends": self.random.choice(("e1", {"service": "e1"}))}
        if self.chance(0.5):
            first["extends"] = {
                "service": "d1",
                "file": self.random.choice(("deep/deep.yml", "./deep/deep.yml")),
            }
            deep = {"services": {"d1": self.service(known, 3)}}
            self._variables([[deep]])
            self.files["ext/deep/deep.yml"] = [deep]
        base = {"services": {"e1": first, "e2": second}}
        if self.chance(0.1):
            base["services"]["unused"] = {"depends_on": ["nobody"], "image": "x"}
        self._variables([[base]])
        self.files["ext/base.yml"] = [base]

    def _include(self, main: dict[str, Any]) -> None:
        random = self.random
        known = Names(
            networks=("inet",),
            volumes=("idata",),
            secrets=("isecret",),
            configs=("iconf",),
            models=("imodel",),
        )
        included = self.document(("i1", "i2")[: random.choice((1, 2))], known)
        entry: Any = random.choice(("inc/compose.yml", "./inc/compose.yml", {"path": "inc/compose.yml"}))
        if self.chance(0.25):
            entry = {"path": ["inc/compose.yml", "inc/over.yml"]}
            over = {"services": {"i1": self.service(known, 2)}}
            self._variables([[over]])
            self.files["inc/over.yml"] = [over]
        if isinstance(entry, dict):
            self._elsewhere(entry)
        if self.chance(0.3):
            self.files["inc/.env"] = self.variables()
        if self.chance(0.25):
            deeper = {"services": {"j1": self.service(Names(), 2)}}
            included["include"] = [random.choice(("deep/more.yml", {"path": "./deep/more.yml"}))]
            self._variables([[deeper]])
            self.files["inc/deep/more.yml"] = [deeper]
        if self.chance(0.1):
            included["networks"] = {**(included.get("networks") or {}), "front": None}
        if self.chance(0.1):
            included["services"]["base"] = {"image": "other"}
        if self.chance(0.15):
            self._profiles(included["services"])
        if self.chance(0.15):
            included["name"] = "included"
        self._variables([[included]])
        self.files["inc/compose.yml"] = [included]
        main["include"] = [entry]
        if self.chance(0.1):
            self.files["second.yml"] = [{"services": {"k1": {"image": "x"}}}]
            main["include"].append("second.yml")
        if self.chance(0.4):
            service = random.choice(list(main["services"].values()))
            service.setdefault("depends_on", ["i1"])

    def _elsewhere(self, entry: dict[str, Any]) -> None:
        """Give an entry of `include` a folder and variables of its own."""
        random = self.random
        if self.chance(0.3):
            entry["project_directory"] = random.choice((".", "inc", "./other"))
        if self.chance(0.3):
            entry["env_file"] = random.choice(("inc/own.env", ["inc/own.env", "a.env"], "inc/../inc/own.env"))
            self.files["inc/own.env"] = self.variables()

    def _anchors(self, document: dict[str, Any]) -> None:
        """Give some value a name, and use it again: as a value, or by `<<`."""
        services = document["services"]
        shared = self.service(Names(), 2)
        shared.pop("container_name", None)
        document_items = list(document.items())
        document.clear()
        document["x-shared"] = Anchor("shared", shared)
        document.update(document_items)
        for name in self.random.sample(list(services), self.random.randrange(1, len(services) + 1)):
            merged: Any = Alias("shared")
            if self.chance(0.3):
                merged = [Alias("shared"), {"hostname": "merged"}]
            services[name] = {MERGE: merged, **services[name]}
        lists = [
            (s, key)
            for s in services.values()
            for key, value in s.items()
            if isinstance(value, list) and key != MERGE
        ]
        if lists and len(services) > 1:
            service, key = self.random.choice(lists)
            service[key] = Anchor("again", service[key])
            last = services[list(services)[-1]]
            if key not in last:
                last[key] = Alias("again")

    def _variables(self, files: list[list[Any]]) -> None:
        """Write some scalars as `${...}`, of the same value or another."""
        if self.chance(0.5):
            return
        for documents in files:
            for at, document in enumerate(documents):
                documents[at] = self._interpolated(document)

    def _interpolated(self, tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: self._interpolated(inner) for key, inner in tree.items()}
        if isinstance(tree, list):
            return [self._interpolated(inner) for inner in tree]
        if isinstance(tree, Anchor | Tagged):
            return tree._replace(value=self._interpolated(tree.value))
        if isinstance(tree, Alias | Raw) or tree is None or not self.chance(0.06):
            return tree
        text = str(tree).lower() if isinstance(tree, bool) else str(tree)
        if "$" in text:
            return tree
        form = self.random.choice(_FORMS if self.chance(0.3) else _SAME)
        return form.replace("@", text)

    def variables(self) -> str:
        """Return the text of an env file."""
        lines = self.random.sample(_ENV_LINES, self.random.randrange(1, 6))
        return "\n".join(lines) + self.random.choice(("\n", "\n", ""))

    # --- how it is asked for

    def _selected(self, documents: list[Any], overrides: list[list[Any]]) -> tuple[str, str]:
        """Put the main file and its overrides where they are found; returns folder and standard input."""
        random = self.random
        way = random.choice(("found", "found", "named", "named", "named", "variable", "stdin", "directory"))
        if way == "found":
            self.files[random.choice(("compose.yaml", "compose.yml", "docker-compose.yml"))] = documents
            if overrides:
                self.files["compose.override.yml"] = overrides[0]
            return random.choice((".", ".", "inner", "ext")), ""
        names = ["main.yml", "over.yml", "over2.yml"][: 1 + len(overrides)]
        self.files |= dict(zip(names, [documents, *overrides], strict=True))
        if way == "variable":
            separator = random.choice((":", ":", ",", ";"))
            self.environment["COMPOSE_FILE"] = separator.join(names)
            if separator != ":":
                self.environment["COMPOSE_PATH_SEPARATOR"] = separator
            return ".", ""
        if way == "stdin" and not overrides:
            self.arguments += ["-f", "-"]
            return ".", "main.yml"
        if way == "directory":
            self.arguments += ["--project-directory", random.choice((".", "inc", "ext", "./ext/../ext"))]
        folder = random.choice((".", ".", ".", "inner"))
        prefix = "../" if folder == "inner" else random.choice(("", "./"))
        for name in names:
            self.arguments += ["-f", prefix + name]
        return folder, ""

    def _surroundings(self) -> None:
        """Add env files, a name, and what else comes from outside the Compose files."""
        random = self.random
        for folder in _FOLDERS:
            self.files[f"{folder}a.env"] = self.variables()
            self.files[f"{folder}b.env"] = self.variables()
            self.files[f"{folder}raw.env"] = "A='quoted' $SET\n# c\nB=\"x\" # y\nSET\nE=\n"
        self.files["inner/keep"] = ""
        if self.chance(0.3):
            self.files[".env"] = self.variables()
            if self.chance(0.2):
                self.files[".env"] += random.choice(
                    (
                        "\nCOMPOSE_PROJECT_NAME=from-env\n",
                        "\nCOMPOSE_PROFILES=debug\n",
                        "\nCOMPOSE_FILE=over.yml\n",
                    )
                )
            if self.chance(0.15):
                self.environment["COMPOSE_DISABLE_ENV_FILE"] = random.choice(("1", "true", "0", "false"))
        if self.chance(0.08):
            for name in random.sample(("a.env", "b.env"), random.choice((1, 2))):
                if "../" in "".join(self.arguments):
                    self.arguments += ["--env-file", f"../{name}"]
                else:
                    self.arguments += ["--env-file", name]
        elif self.chance(0.05):
            self.environment["COMPOSE_ENV_FILES"] = random.choice(("a.env", "a.env,b.env"))
        if self.chance(0.1):
            self.arguments += ["-p", random.choice(("given", "given-1", "g_2"))]
        elif self.chance(0.05):
            self.environment["COMPOSE_PROJECT_NAME"] = random.choice(("outer", "outer_1"))


_ENV_LINES = [
    "A=1",
    "B='single $SET'",
    'C="x ${SET}\\n"',
    "export D=4",
    "E: yaml",
    "F",
    "SET",
    "G=",
    "H=a # c",
    "# only",
]
_ENV_LINES += [
    "I=${A:-none}",
    "J=$SET-$NUMBER",
    "K='two\nlines'",
    'L="q\\"q"',
    "M=a=b",
    "SET=inner",
    "N = spaced",
    "",
    "TAG=2",
]
# Of the same value as the text at `@`.
_SAME = ["${UNSET:-@}", "${UNSET-@}", "${EMPTY:-@}", "${SET:+@}", "${SET+@}", "${UNSET:-${EMPTY:-@}}"]
# Of another, or none.
_FORMS = [
    "$SET",
    "${SET}",
    "${SET:?no}",
    "${UNSET}",
    "$$@",
    "@$",
    "${NUMBER}",
    "${YES}",
    "@${EMPTY}",
    "${TAG:-@}",
    "$@",
]
_FORMS += [
    "${UNSET:-a:-b}",
    "${A?need}",
    "${SET:-${UNSET?x}}",
    "${",
    "${1}",
    "${SET",
    "@}",
    "${UNSET:-{@}}",
    "${DOLLAR}",
]


def _mentioned(tree: Any, names: tuple[str, ...]) -> bool:
    if isinstance(tree, dict):
        return any(key in names or _mentioned(inner, names) for key, inner in tree.items())
    if isinstance(tree, list):
        return any(_mentioned(inner, names) for inner in tree)
    return isinstance(tree, str) and tree.partition(":")[0] in names


# --- damage


def damaged(project: Project, random: Random) -> Project:
    """Return a project with one thing in its documents changed, that may well break it."""
    names = [name for name, content in project.files.items() if not isinstance(content, str)]
    name = random.choice(names)
    documents = list(project.files[name])
    at = random.randrange(len(documents))
    places = list(_places(documents[at], ()))
    if not places:
        return project
    documents[at] = _changed(documents[at], random.choice(places), random)
    return project._replace(files={**project.files, name: documents})


def _places(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value below the top."""
    if isinstance(tree, Anchor | Tagged):
        yield from _places(tree.value, (*path, None))
        return
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if type(tree) is list else ()
    for key, inner in entries:
        yield (*path, key)
        yield from _places(inner, (*path, key))


STRANGERS: list[Any] = [
    None,
    True,
    -1,
    2.5,
    "",
    "word",
    "7",
    "9" * 20,
    [],
    ["word", "word"],
    [3],
    {},
    {"word": "word"},
    "a:b",
]
STRANGERS += [
    Raw("2024-01-01"),
    Raw("!foo x"),
    "${",
    "${UNSET?need it}",
    "service:nobody",
    "nobody",
    [None],
    {"": "x"},
    "a b",
]
STRANGERS += [
    {"x-own": 1},
    "\u2028",
    "a=b",
    Tagged("!reset", "x"),
    Tagged("!override", []),
    Alias("nowhere"),
    "0",
    "-5",
    "1e3",
]


def _changed(tree: Any, path: tuple[Any, ...], random: Random) -> Any:  # noqa: PLR0911 - one a kind of damage
    key, *rest = path
    if key is None:
        return tree._replace(value=_changed(tree.value, tuple(rest), random))
    if rest:
        inner = _changed(tree[key], tuple(rest), random)
        return _with(tree, key, inner)
    kind = random.randrange(10)
    if kind < 5:
        return _with(tree, key, random.choice(STRANGERS))
    if isinstance(tree, list):
        return tree[:key] + tree[key + 1 :] if kind < 7 else [*tree, tree[key]]
    if kind < 7:
        return {other: inner for other, inner in tree.items() if other != key}
    if kind < 8:
        return {(f"{other}x" if other == key else other): inner for other, inner in tree.items()}
    if kind < 9:
        return {
            **tree,
            random.choice(("unknown", "x-own", "a b", "depends_on", "file", "name", "external")): "word",
        }
    return {other: ([inner] if other == key else inner) for other, inner in tree.items()}


def _with(tree: Any, key: Any, value: Any) -> Any:
    if isinstance(tree, list):
        return [value if at == key else inner for at, inner in enumerate(tree)]
    return {**tree, key: value}
