"""Where a text shows a secret by its form: the value of a key, of a flag, a password in a URL."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "***"

# A word of the key says that its value is secret; its last word may say that it only points at one.
_WORD = (
    r"password|passwd|passphrase|pwd|pass|secret|token|api_?key|access_?key|private_?key"
    r"|secret_?key|credentials?"
)
_RUN_ON = r"password|passwd|secret|token|apikey|accesskey|privatekey|secretkey"
_KEY = re.compile(rf"(?:^|[_.\-])(?:{_WORD})s?(?:$|[_.\-\d])|(?:{_RUN_ON})$", re.IGNORECASE)
_POINTER = re.compile(
    r"[_.\-](?:file|path|dir|url|ttl|expir\w*|name|id|length|policy|hash_?algorithm)$", re.IGNORECASE
)
# `key: value` and `KEY=value`, then `--flag value`, in a list too. All of these begin only where a word does,
# and reach only so far: a line may be as long as a file.
_PAIR = r"""(?<![\w.\-])-{0,2}+(?<!--)([\w.][\w.\-]*+)["']?[ \t]*+([:=])[ \t]*+(?:[&!]\S{1,200}+[ \t]++)?"""
_FLAG = r"""(?<![\w\-])--([\w\-]++)["']?[ ,=]++["']?(?!-)([^\s"',]+)"""
_ASSIGNMENT = r"""(?<![\w.\-])([\w.\-]++)=["']?([^\s"',;]+)"""
# What programs take a password with: redis-cli and mysql, curl.
_LETTER = r"""(?<![\w\-])-(?:a[ ]?|[pP]|u[ ]?[^\s:"',]{1,200}:)["']?([^\s"',]+)"""
# What stands for a variable that is not set; of `${KEY:?why}` nothing does.
_DEFAULT = r"\$\{([\w]+):?(?:[-+]([^{}$]*)|\?[^{}$]*)\}"
# What stands where a value would, and is none: a variable, an alias, a block's head, a comment.
_NO_VALUE = tuple("$*|>#")
_HASH = r"\$(?:\d|[a-z0-9]+\$)"  # of a password: no variable is called like that
_APART = frozenset("/,?#")  # what ends the authority of a URL, or one of several
# Variables and nothing else, in quotes too: names, and why one has to be set.
_VARIABLES = r"(?:\$\{\w+(?::?\?[^{}$]*)?(?:\}|$))+"
# `secrets` itself is a key of Compose, and lists names; a shell's working directories are in every path.
_NO_SECRET = frozenset(("secrets", "PWD", "OLDPWD"))


def is_secret(key: str) -> bool:
    """Return whether a key's name says that its value is a secret."""
    return key not in _NO_SECRET and bool(_KEY.search(key)) and not _POINTER.search(key)


def is_variable(value: str) -> bool:
    """Return whether a value is variables alone, as it is written: names, and why one has to be set."""
    return value.startswith("${") and re.fullmatch(_VARIABLES, value) is not None


def url_ranges(text: str) -> set[tuple[int, int]]:
    """Return where the passwords of URLs stand in a text, as (start, end) of its characters."""
    if "://" not in text or "@" not in text:
        return set()
    found = set()
    for match in re.finditer(r"[^\s'\"]+", text):
        at, last, end = match.start(), -1, match.end()
        while (at := text.find("://", at, end)) >= 0:
            at += len("://")
            if last < at:
                last = _last_at(text, text.find("@", at, end), end)
            if last < 0:
                break
            colon, slash = text.find(":", at, last), text.find("/", at, last)
            is_user = colon >= 0 and (slash < 0 or slash > colon)
            if is_user and colon + 1 < last and not re.match(r"\d{1,5}/", text[colon + 1 : colon + 8]):
                found.add((colon + 1, last))
                at = last
    return found


def _last_at(text: str, at: int, end: int) -> int:
    """Return the last of the `@` of one authority: a password may have some of its own."""
    while at >= 0 and (after := text.find("@", at + 1, end)) >= 0:
        if not _APART.isdisjoint(text[at + 1 : after]):
            break
        at = after
    return at


def assigned(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a command sets what is secret: `--password x`, `PGPASSWORD=x`, `-a x`, `-u name:x`."""
    if "--" in text:
        yield from (match.span(2) for match in re.finditer(_FLAG, text) if is_secret(match[1]))
    if "=" in text:
        yield from (match.span(2) for match in re.finditer(_ASSIGNMENT, text) if is_secret(match[1]))
    if "-" in text:
        yield from (match.span(1) for match in re.finditer(_LETTER, text))


def secret_ranges(line: str) -> set[tuple[int, int]]:
    """Return where a line of a file shows secrets by its form, as (start, end) of its characters.

    Secret are the values of keys whose names say so, and passwords in URLs. A variable (`${DB_PASSWORD}`)
    is only a name, and stays.
    """
    ranges = url_ranges(line)
    if "--" in line:
        ranges.update(match.span(2) for match in re.finditer(_FLAG, line) if is_secret(match[1]))
    defaults = {match.start(1): match for match in re.finditer(_DEFAULT, line)} if "${" in line else {}
    at = counted = open_ = 0
    for match in re.finditer(_PAIR, line):
        start = match.end()
        default = defaults.get(match.start(1))
        if default is not None:
            if is_secret(match[1]) and default[2]:
                ranges.add(default.span(2))
        elif start >= at and is_secret(match[1]) and line[start:] and not _begins_none(line, start):
            before = line[counted:start]
            open_ += sum(map(before.count, "{[")) - sum(map(before.count, "}]"))
            counted = start
            quote = line[match.start(1) - 1 : match.start(1)]
            first, at = _value(line, start, quoted_before=quote, flow=open_ > 0)
            ranges.add((first, at))
    if "${" in line:
        return {(first, last) for first, last in ranges if not is_variable(line[first:last])}
    return ranges


def _begins_none(line: str, start: int) -> bool:
    """Return whether what begins there is no secret's text, but a variable, an alias, the head of a block."""
    is_hash = line[start] == "$" and re.match(_HASH, line[start : start + 20]) is not None
    return line.startswith(_NO_VALUE, start) and not is_hash


def _value(line: str, start: int, *, quoted_before: str, flow: bool) -> tuple[int, int]:
    """Return the range of the value that begins at `start`: rather too much than too little."""
    quote = line[start] if line[start] in "\"'" else ""
    if quote:
        end = line.find(quote, start + 1)
        return start + 1, end if end > 0 else len(line)
    if quoted_before in ("'", '"') and quoted_before:
        # "KEY=value" in a list: the quote stands before the key.
        end = line.find(quoted_before, start)
        return start, end if end > 0 else len(line)
    if line[start] in "[{":
        return start, len(line.rstrip())
    end = min(
        (at for at in (line.find(mark, start) for mark in ([",", "}", "]"] if flow else [" #"])) if at > 0),
        default=len(line),
    )
    return start, start + len(line[start:end].rstrip())


def united(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted ranges, those that touch or overlap as one."""
    start, end = 0, 0
    for first, last in ranges:
        if first > end:
            if end > start:
                yield start, end
            start = first
        end = max(end, last)
    if end > start:
        yield start, end
