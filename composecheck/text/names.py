"""The names, images, paths and keys of a project, as its files write them."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING
from composecheck.text.redact import is_secret, url_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.text.node import Node
    from composecheck.text.source import Source

# Below these a thing gets its name, or stand an image, a path, a host, a port, ...
_NAMING = frozenset(
    "additional_contexts aliases cache_from cache_to cgroup_parent container_name context device devices "  # noqa: SIM905 - words
    "dns dns_search dockerfile domainname driver env_file expose extra_hosts file hostname image include "
    "ipam label_file name path platform platforms ports profiles project_directory published "
    "restart runtime tags target tmpfs working_dir".split()
)
# ... below these something is called by a name that it has elsewhere, or should have, ...
_MENTIONING = frozenset(
    "condition configs depends_on expose extends external_links ipc links models network network_mode "  # noqa: SIM905 - words
    "networks pid secrets service source userns_mode uts volumes volumes_from".split()
)
# ... and below these, whatever the keys there are called, any text.
_FREE = frozenset(
    "annotations args command content credential_spec driver_opts entrypoint environment labels logging "  # noqa: SIM905 - words
    "options post_start pre_start pre_stop sysctls test".split()
)
# A name is as long at most as is looked at around a secret.
_LONGEST = 300
_OF_HOSTS = r"(?i)(?:hosts?|hostname|servers?|addr(?:ess)?|url|uri|endpoint|brokers?|domain)$"
_HOST = r"[\w\-]+(?:[.\-][\w\-]+)+"
_MARKS = r"[/:@]"
_SEPARATORS = r"[/:@=,\s]+"
# What was made up by a machine, or so as to look like it: no part of a path is called that.
_MADE_UP = r"(?=.{8})\w*?\d[^\W\d_]"
_ANCHOR = r"(?m:^|(?<=[\s\[{,]))[&*]([^\s,\[\]{}]+)"
_INSTRUCTION = r"(?m)^[ \t]*(?:from|copy|add|workdir|volume|env|arg)[ \t]+(.*)"


class Names:
    """What a project calls things; only what its files write out, not what a variable makes of it.

    A secret that a variable puts into a name is none of the name.
    """

    __slots__ = ("_holding", "_keys", "_mentions", "_parts", "_values", "broken")

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._values: set[str] = set()  # names, images, paths
        self._parts: set[str] = set()  # of these
        self._mentions: set[str] = set()  # of what may be defined nowhere
        self._holding: dict[str, list[str]] = {}
        self.broken: set[str] = set()  # those that hold the end of a line

    def learn(self, document: Node, sources: Iterable[Source], folder: str, project: str) -> None:
        """Learn what a document calls things, and the paths of the files that it is made of."""
        for section, node in document.mapping.items():
            self._keys.add(section.casefold())
            self._walk(node, section if section == "name" else "", free=section.startswith("x-"))
        paths = [folder]
        for source in sources:
            paths.append(source.path)
            self._keys.update(match[1].casefold() for match in re.finditer(_ANCHOR, source.text))
        self._parts.update(part for path in paths for part in re.split(r"[/\\]", path.casefold()) if part)
        # A variable may have made anything the project's name.
        if project in re.sub(r"[^a-z0-9_-]", "", folder.lower()):
            self._keys.add(project)

    def learn_dockerfile(self, text: str) -> None:
        """Learn what a Dockerfile calls things: images, stages, paths, and the keys of variables."""
        for match in re.finditer(_INSTRUCTION, text.casefold()):
            for word in match[1].split():
                self._add(word.partition("=")[0], match[1])

    def has(self, text: str) -> bool:
        """Return whether a text is a key of the project."""
        return text.casefold() in self._keys

    def hold(self, text: str, start: int, end: int) -> bool:
        """Return whether what stands between two offsets of a text is a name, or a part of one."""
        first = start - _length(text[max(start - _LONGEST, 0) : start][::-1])
        last = end + _length(text[end : end + _LONGEST])
        inner, run = text[start:end].casefold(), text[first:last].rstrip(".:").casefold()
        head = re.split(_MARKS, text[first:start])[-1]
        tail, *rest = re.split(_MARKS, text[end:last].rstrip(".:"))
        part = f"{head}{text[start:end]}{tail}".casefold()
        if part == inner and re.match(_MADE_UP, inner):
            return run == inner and inner in self._keys
        if run in self._keys or run in self._values:
            return True
        if any(_covers(known, text, start, end) for known in self._around(inner)):
            return True
        if part != inner:
            return self._is_piece(part, inner)
        sign = text[start - 1 : start] if start > first else ""
        if sign == ":":  # of a user, as it may be
            return False
        return (
            part in self._keys
            or part in self._values
            or ((sign == "/" or bool(rest)) and part in self._parts)
        )

    def _is_piece(self, part: str, inner: str) -> bool:
        """Return whether a part of a path or an image has a secret in it as the names of the project do."""
        return any(
            part in known or re.search(rf"(?<![^\W_]){re.escape(known)}(?![^\W_])", part)
            for known in (*self._around(inner), *({inner} & self._keys))
        )

    def _around(self, inner: str) -> list[str]:
        """Return the names that hold a text, and are not it."""
        found = self._holding.get(inner)
        if found is None:
            every = self._keys | self._values | self._parts | self._mentions
            self._holding[inner] = found = [known for known in every if inner in known and known != inner]
        return found

    def _walk(self, node: Node, under: str, *, free: bool) -> None:
        value = node.value
        if isinstance(value, dict):
            for key, inner in value.items():
                (self._mentions if under in _MENTIONING else self._keys).add(key.casefold())
                if "\n" in key:
                    self.broken.add(key)
                if free and isinstance(inner.value, str) and re.search(_OF_HOSTS, key) and not is_secret(key):
                    self._hosts(inner.value.casefold(), inner.span.text.casefold())
                free_below = free or key in _FREE or key.startswith("x-")
                naming = key if key in _NAMING or key in _MENTIONING else ""
                self._walk(inner, naming or (under if under in _NAMING else ""), free=free_below)
        elif isinstance(value, list):
            for inner in value:
                self._walk(inner, under, free=free)
        elif under and not free and value is not None and not isinstance(value, bool):
            text = str(value)
            self._add(text.casefold(), node.span.text.casefold(), mentioned=under in _MENTIONING)
            if "\n" in text:
                self.broken.add(text)

    def _hosts(self, value: str, written: str) -> None:
        """Learn the hosts in a text that names some; a part of one that is a secret is none there."""
        for first, last in url_ranges(value):
            value = f"{value[:first]}{' ' * (last - first)}{value[last:]}"
        self._mentions.update(
            word for word in re.split(_SEPARATORS, value) if word in written and re.fullmatch(_HOST, word)
        )

    def _add(self, value: str, written: str, *, mentioned: bool = False) -> None:
        if url_ranges(value):
            return
        if mentioned and "/" not in value:
            self._mentions.update({value} if value in written else ())
            return
        if value in written:
            self._values.add(value)
        self._parts.update(part for part in re.split(_SEPARATORS, value) if part and part in written)


def _length(text: str) -> int:
    """Return how many characters at the beginning of a text may be a name's."""
    found = re.match(r"[\w.\-/:@+~]*", text)
    return found.end() if found is not None else 0


def _covers(known: str, text: str, start: int, end: int) -> bool:
    """Return whether a name of any characters stands around a place of a text."""
    inner = text[start:end].casefold()
    offset = known.find(inner)
    while offset >= 0:
        first, last = start - offset, end + len(known) - offset - (end - start)
        if first >= 0 and text[first:last].casefold() == known:
            around = text[max(first - 1, 0) : first] + text[last : last + 1]
            if re.search(r"\w", around) is None:
                return True
        offset = known.find(inner, offset + 1)
    return False
