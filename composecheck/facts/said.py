"""The hosts in what a container is told: the words of a command or a value that stand where a host may."""

from __future__ import annotations

import re
from functools import cache

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAME = r"[A-Za-z0-9_](?:[\w.-]*\w)?"
# In a command or a value any word may be a host, but a path's last part and a scheme.
_SAID = rf"(?:(?<![\w.%/\\-])|(?<=//)|(?<=/tcp/)|(?<=-h))({NAME})(?![\w-])(?!(?:\+\w{{1,20}}){{0,2}}://)"

# How a key ends, in lower case, that holds who is let in and to what: nobody is asked by such a name.
_WHO = (
    r"(?:users?|username|login|role|owner|databases?|dbname|(?:^|[_.\-])dbs?|password|passwd|(?:^|[_.\-])pass"
    r"|requirepass|pwd|secrets?|tokens?|roles|schema|realm|bucket|vhost|topics?|keys?|(?:^|[_.\-])org"
    r"|(?<!host)(?<!host[_.\-])(?<!node)(?<!node[_.\-])(?<!server)(?<!server[_.\-])name)(?:[_.\-]?\d+)?"
)
_VALUE = r"[^\s\"',;&|)}]+"
_LETTERS = "[AUDadmpu]"  # what clients take a user, a database, a password or a module with
# These stand for no host, whatever service has the name.
_LOGIN = r"://[^/@\s\"']*@"
_OPTION = rf"(?<![\w\-])(?:-{_LETTERS}[\s\"']+|--?(?:[\w\-]*[_\-])?(?i:{_WHO})[=\s\"']+){_VALUE}"
_SET = rf"(?i)(?<![\w.\-])(?:[\w.\-]*[_.\-]|pg|mysql_?)?{_WHO}[\"']?[ \t]*[:=][ \t]*[\"']?{_VALUE}"
_SQL = r"(?i)\b(?:from|into|use|databases?|table|role|user|schema|exists|owner)\s+[\"'`]?[\w.\-]+"
_OBJECT = r"(?<![\w:/.\-])[\w.\-]+:[A-Za-z_]\w*(?![:\w])"  # `module:object`, `user:password`
_PROGRAM = rf"(?:^|&&|\|\|?|;|\n|\bthen\b|\bdo\b|\bexec\b|!|\(|\brun\b)\s*{NAME}(?=\s|$)"


def said(text: str) -> frozenset[str]:
    """Return the words of a text that may be hosts."""
    return frozenset(match.lower() for match in re.findall(_SAID, text))


@cache
def may_hold_host(key: str) -> bool:
    """Return whether a key may hold a host: not that of a user, a database, a password or a name."""
    return re.search(f"{_WHO}$", key.lower()) is None


def without_names(text: str) -> str:
    """Return a text without what it says of users, databases, passwords and tables."""
    for pattern in (_LOGIN, _OPTION, _SET, _SQL):
        text = re.sub(pattern, "://" if pattern is _LOGIN else " ", text)
    return text


def asked(words: Sequence[str]) -> frozenset[str]:
    """Return the hosts that the words of a command may ask; its programs are none."""
    return said(without_names("\n".join(_arguments(words))))


def _arguments(words: Iterable[str]) -> Iterable[str]:
    for number, word in enumerate(words):
        if number == 0 and re.fullmatch(NAME, word):
            continue
        script = " " in word or "\n" in word
        yield re.sub(_OBJECT, " ", re.sub(_PROGRAM, " ", word) if script else word)
