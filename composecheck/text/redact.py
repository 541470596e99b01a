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
# `key: value` and `KEY=value`, then `--flag value`, in a list too.
_PAIR = re.compile(r"""(?<!--)(\b[\w.\-]+)["']?[ \t]*([:=])[ \t]*(?:[&!]\S+[ \t]+)?""")
_FLAG = re.compile(r"""--([\w\-]+)["']?[ ,=]+["']?(?!-)([^\s"',]+)""")
_ASSIGNMENT = re.compile(r"""([\w.\-]+)=["']?([^\s"',;]+)""")
# What programs take a password with: redis-cli and mysql, curl.
_LETTER = re.compile(r"""(?<![\w\-])-(?:a[ ]?|[pP]|u[ ]?[^\s:"',]+:)["']?([^\s"',]+)""")
# What stands for a variable that is not set; of `${KEY:?why}` nothing does.
_DEFAULT = re.compile(r"\$\{([\w]+):?(?:[-+]([^{}$]*)|\?[^{}$]*)\}")
_URL = re.compile(r"://[^\s/:@'\"]*:(?!\d+/)([^\s@'\"]+)@")
# What stands where a value would, and is none: a variable, an alias, a block's head, a comment.
_NO_VALUE = tuple("$*|>#")
# `secrets` itself is a key of Compose, and lists names; a shell's working directories are in every path.
_NO_SECRET = frozenset(("secrets", "PWD", "OLDPWD"))


def is_secret(key: str) -> bool:
    """Return whether a key's name says that its value is a secret."""
    return key not in _NO_SECRET and bool(_KEY.search(key)) and not _POINTER.search(key)


def url_ranges(text: str) -> set[tuple[int, int]]:
    """Return where the passwords of URLs stand in a text, as (start, end) of its characters."""
    return {match.span(1) for match in _URL.finditer(text)}


def assigned(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a command sets what is secret: `--password x`, `PGPASSWORD=x`, `-a x`, `-u name:x`."""
    for match in _FLAG.finditer(text):
        if is_secret(match[1]):
            yield match.span(2)
    for match in _ASSIGNMENT.finditer(text):
        if is_secret(match[1]):
            yield match.span(2)
    yield from (match.span(1) for match in _LETTER.finditer(text))


def secret_ranges(line: str) -> set[tuple[int, int]]:
    """Return where a line of a file shows secrets by its form, as (start, end) of its characters.

    Secret are the values of keys whose names say so, and passwords in URLs. A variable (`${DB_PASSWORD}`)
    is only a name, and stays.
    """
    ranges = url_ranges(line)
    ranges.update(match.span(2) for match in _FLAG.finditer(line) if is_secret(match[1]))
    defaults = {match.start(1): match for match in _DEFAULT.finditer(line)}
    for match in _PAIR.finditer(line):
        start = match.end()
        default = defaults.get(match.start())
        if default is not None:
            if is_secret(match[1]) and default[2]:
                ranges.add(default.span(2))
            continue
        if is_secret(match[1]) and line[start:] and not line.startswith(_NO_VALUE, start):
            ranges.add(_value(line, start, quoted_before=line[match.start() - 1 : match.start()]))
    return ranges


def _value(line: str, start: int, *, quoted_before: str) -> tuple[int, int]:
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
    before = line[:start]
    flow = before.count("{") > before.count("}") or before.count("[") > before.count("]")
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
