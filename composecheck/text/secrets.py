"""What the reports of a project hide: the values of its secrets, wherever they stand as themselves."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING
from composecheck.text.names import Names
from composecheck.text.redact import MASK, assigned, is_secret, is_variable, secret_ranges, united, url_ranges
from composecheck.text.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from composecheck.text.node import Node
    from composecheck.text.source import Source

    class _Secret(Protocol):
        @property
        def content(self) -> str | None: ...
        @property
        def environment(self) -> str | None: ...

    class _Dockerfile(Protocol):
        @property
        def text(self) -> str: ...

    class _Builds(Protocol):
        @property
        def dockerfiles(self) -> Iterable[_Dockerfile]: ...

    class _Project(Protocol):
        @property
        def name(self) -> str: ...
        @property
        def folder(self) -> str: ...
        @property
        def node(self) -> Node: ...
        @property
        def files(self) -> Sequence[Source]: ...
        @property
        def included(self) -> Sequence[Source]: ...
        @property
        def environment(self) -> Mapping[str, str]: ...
        @property
        def secrets(self) -> Mapping[str, _Secret]: ...
        @property
        def builds(self) -> _Builds: ...


# Values that stand for a secret, or that everybody would try first. Hiding them wherever they
# occur would hide what is said, and protect nothing.
_GUESSABLE = frozenset(
    "admin changeme default dummy example false guest mariadb mongo mongodb mysql none null password "  # noqa: SIM905 - words
    "postgres postgresql rabbitmq redis root secret test testing true user".split()
)
_SHORTEST = 4
# Of a secret in several lines a line by itself is one, if it is no mere bracket.
_SHORTEST_LINE = 8
# Of one that stands more often in a text than anybody's does, each is hidden unseen.
_MANY = 1000
_DEFAULT = r"\$\{(\w+):?[-+]([^{}$]+)\}"


class Secrets:
    """The values that a project keeps secret, and its names, which stay whole where one holds such a value.

    A value is hidden where it stands as itself: in a command, an address, a line of a file. As a part of a
    name, an image, a path or a key of the files it is no secret, and who uses a name as a password hides
    nothing.
    """

    __slots__ = ("_every", "_hidden", "_known", "_lines", "_project")

    def __init__(self, project: _Project | None = None, more: Iterable[str] = ()) -> None:
        self._project = project
        self._known: Names | None = None
        every = () if project is None else _of_project(project)
        self._every = {value for value in every if not is_variable(value)}
        hidden = {text for value in self._every for text in _forms(value)}
        # The longest first: one secret may be the beginning of another.
        self._hidden = sorted({*hidden, *more}, key=lambda value: (-len(value), value))
        self._lines: dict[str, list[tuple[int, int]]] = {}

    def __contains__(self, value: str) -> bool:
        return value in self._hidden

    @property
    def _names(self) -> Names:
        """The names, learned when a secret stands somewhere."""
        if self._known is None:
            self._known = Names()
            project = self._project
            if project is not None:
                sources = (*project.files, *project.included)
                self._known.learn(project.node, sources, project.folder, project.name)
                for dockerfile in project.builds.dockerfiles:
                    self._known.learn_dockerfile(dockerfile.text)
        return self._known

    def mask(self, text: str) -> str:
        """Return a text with the secrets hidden, and the passwords in its URLs."""
        ranges = url_ranges(text)
        ranges.update(span for span in assigned(text) if text[slice(*span)] in self._every)
        return _masked(text, united(sorted({*ranges, *self._places(text)})))

    def blot(self, text: str) -> str:
        """Return a text with the secrets hidden in names too, but no key of the project."""
        for secret in self._hidden:
            if not self._names.has(secret):
                text = text.replace(secret, MASK)
        return _masked(text, united(sorted(url_ranges(text))))

    def remedy(self, text: str) -> str:
        """Return lines with the secrets hidden, and the names that hold the end of a line in one."""
        for name in self._names.broken if "\n" in text else ():
            # The lines of a block are set off from its margin.
            for part in set(re.findall(re.escape(name).replace("\\\n", "\n *"), text)):
                text = text.replace(part, one_line(name))
        return visible(self.mask(text))

    def hide(self, line: str, *, guessable: bool = True) -> str:
        """Return a line of a file with the secrets hidden; on request not those that everybody guesses."""
        ranges = self.ranges(line)
        if not guessable:
            ranges = [(start, end) for start, end in ranges if line[start:end].lower() not in _GUESSABLE]
        return _masked(line, ranges)

    def ranges(self, line: str) -> list[tuple[int, int]]:
        """Return where a line of a file shows secrets, as (start, end) of its characters, in order."""
        found = self._lines.get(line)
        if found is None:
            found = list(united(sorted({*secret_ranges(line), *self._places(line)})))
            self._lines = {line: found}  # many findings may stand in one line
        return found

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where a secret stands in a text, and not in a name."""
        for secret in self._hidden:
            at = text.find(secret)
            looked_at = at >= 0 and text.count(secret) <= _MANY
            while at >= 0:
                end = at + len(secret)
                if not looked_at or not self._names.hold(text, at, end):
                    yield at, end
                at = text.find(secret, end)
        if "..." in text or "…" in text:
            yield from self._cut(text)

    def _cut(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the beginning of a secret stands, the rest of which is left out."""
        for mark in re.finditer(r"\.\.\.|…", text):
            end = mark.start()
            for secret in self._hidden:
                most = min(len(secret) - 1, end)
                size = next(
                    (n for n in range(most, _SHORTEST - 1, -1) if text.endswith(secret[:n], 0, end)), 0
                )
                if size and not self._names.hold(text, end - size, end):
                    yield end - size, end


def secrets_of(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of variables whose names say that they are secret, as they are to be hidden."""
    return (form for value in _of_environment(environment) for form in _forms(value))


def _masked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        parts += (text[at:start], MASK)
        at = end
    return "".join([*parts, text[at:]])


def _of_project(project: _Project) -> Iterator[str]:
    """Yield what stands in a project where a secret would, short and guessable values too."""
    yield from _of_environment(project.environment)
    for secret in project.secrets.values():
        value = secret.content
        if value is None and secret.environment is not None:
            value = project.environment.get(secret.environment)
        if value:
            yield value.strip()
    yield from _of_node(project.node)
    for source in (*project.files, *project.included):
        if "${" in source.text:
            yield from (match[2] for match in re.finditer(_DEFAULT, source.text) if is_secret(match[1]))


def _of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    return (value for key, value in environment.items() if value and is_secret(key))


def _of_node(node: Node) -> Iterator[str]:
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            if not isinstance(inner.value, dict | list):
                if inner.value not in (None, "") and is_secret(key):
                    yield str(inner.value)
                    yield from _as_written(key, inner)
            else:
                yield from _of_node(inner)
    elif isinstance(node.value, list):
        for inner in node.value:
            yield from _of_node(inner)


def _as_written(key: str, node: Node) -> Iterator[str]:
    r"""Yield a value as its file has it, where that is another text: `$$` for `$`, `\"`."""
    origin = node.origin
    spans = [node.span]
    while origin is not None:
        if origin.kind == "anchor":
            spans.append(origin.span)
        origin = origin.before
    for span in spans:
        text = re.sub(r"\A(?:[&!]\S+\s+)+", "", span.text)
        if text[:1] in ("'", '"') and text[:1]:
            text = text[1:-1]
        text = text.removeprefix(f"{key}=")
        if text != node.value and "$" not in text.replace("$$", "") and not text.startswith("*"):
            yield text


def _forms(value: str) -> Iterator[str]:
    """Yield a secret, and the lines of one in several, but what is too short or too well known to hide."""
    value = value.strip()
    if len(value) >= _SHORTEST and value.lower() not in _GUESSABLE:
        yield value
    if "\n" in value:
        yield from (line for each in value.split("\n") if len(line := each.strip()) >= _SHORTEST_LINE)
