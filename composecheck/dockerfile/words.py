"""What stands behind an instruction, into flags and words: positions in the logical line."""

from __future__ import annotations

import json
import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_WORD = re.compile(r"\S+")


class Word(NamedTuple):
    """A word between two positions, and what it means; of most words that is the text itself."""

    start: int
    end: int
    value: str


def leading_flags(text: str, start: int) -> tuple[list[Word], int]:
    """Return the leading words that are flags, without their quotes, and where the rest begins."""
    flags: list[Word] = []
    while True:
        while start < len(text) and text[start].isspace():
            start += 1
        if not text.startswith("--", start):
            return flags, start
        end, value = _quoted_word(text, start, "\\", keep=False)
        if value == "--":
            return flags, end
        flags.append(Word(start, end, value))
        start = end


def words(text: str, start: int) -> Iterator[Word]:
    """Yield the words between blanks, in which quotes mean nothing."""
    for match in _WORD.finditer(text, start):
        yield Word(match.start(), match.end(), match[0])


def quoted_words(text: str, start: int, escape: str) -> Iterator[Word]:
    """Yield the words between blanks that stand in no quotes; quotes and escapes stay as they are."""
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        end, value = _quoted_word(text, start, escape, keep=True)
        yield Word(start, end, value)
        start = end


def exec_form(text: str, start: int) -> list[Word] | None:
    """Return the words of the exec form, a JSON array of strings; None for the shell form, bad JSON too."""
    if not text.startswith("[", start):
        return None
    try:
        values = json.loads(text[start:])
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    places = _STRING.finditer(text, start)
    return [Word(place.start(), place.end(), value) for place, value in zip(places, values, strict=False)]


def _quoted_word(text: str, start: int, escape: str, *, keep: bool) -> tuple[int, str]:
    """Return where a word ends, and its text; without `keep` quotes and escapes are taken out of it."""
    value: list[str] = []
    quote = ""
    at = start
    while at < len(text):
        character = text[at]
        if not quote and character.isspace():
            break
        if character == escape and quote != "'":
            value.append(text[at : at + 2] if keep else text[at + 1 : at + 2])
            at += 2
            continue
        if character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
        else:
            value.append(character)
            at += 1
            continue
        value.append(character * keep)
        at += 1
    return min(at, len(text)), "".join(value)
