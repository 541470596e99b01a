"""Texts as reports show them: what would steer a terminal, or hide, stands there as an escape."""

from __future__ import annotations

import re

TAB = "    "
# What counts as printable and shows nothing: fillers, the blank of Braille, what joins and shapes letters.
_HIDDEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0]"


def visible(text: str) -> str:
    r"""Return lines of which every character shows: `\x1b`, `\u202e`; a tab is blanks, line ends stay."""
    if _shows(text):
        return text
    return "\n".join(one_line(line) for line in text.replace("\t", TAB).split("\n"))


def one_line(text: str) -> str:
    """Return a text as one line of which every character shows, line ends and tabs too."""
    return text if _shows(text) else "".join([char if _shows(char) else _escape(char) for char in text])


def to_json(data: object) -> str:
    """Return data as JSON of which every character shows; what is read from it is what was there."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    if _shows(text.replace("\n", "")):
        return text
    # Outside of its strings JSON has nothing to hide but the ends of its lines.
    return "".join([char if char == "\n" or _shows(char) else json.dumps(char)[1:-1] for char in text])


def _shows(text: str) -> bool:
    return text.isprintable() and (text.isascii() or re.search(_HIDDEN, text) is None)


def _escape(char: str) -> str:
    if char.isprintable():
        return f"\\u{ord(char):04x}"
    return char.encode("unicode_escape").decode()
