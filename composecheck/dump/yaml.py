"""Plain data as YAML, byte for byte as Compose's library (go-yaml) writes it.

Blocks two spaces deep, lists too, and no line folded. A text is plain where it may be, in double
quotes where it would be read as something else, in single quotes where only its characters forbid
that, and a block where it has lines. What only readers of YAML 1.1 take for something else is in
double quotes of go-yaml v3 and in single ones of v4.
"""

from __future__ import annotations

import re

from composecheck.dump.numbers import yaml_number
from composecheck.named import TYPE_CHECKING
from composecheck.text.scalars import is_timestamp, resolve

if TYPE_CHECKING:
    from typing import Any

# Most texts: they can be nothing but texts, once they are none of the words below.
_SIMPLE = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.\-]*(?:[:=@+ ][A-Za-z0-9/_.\-]+)*", re.ASCII)
_WORDS = frozenset(
    "y Y yes Yes YES on On ON n N no No NO off Off OFF true True TRUE false False FALSE "  # noqa: SIM905 - words
    "null Null NULL".split()
)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)
_FORBIDDEN_FIRST = frozenset("#,[]{}&*!|>'\"%@`")
# What begins a key or a list before a space or the end, a comment, a document.
_INDICATOR = re.compile(r"^[-?]( |\Z)|:( |\Z)| #|^---|^\.\.\.")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f]")
_PLAIN_QUOTED = re.compile(r"[ !#-\[\]-~]*")
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
_LONGEST_KEY = 128  # in bytes; a longer one stands after a "?"


def dumps(value: Any, *, single: bool = False) -> str:
    """Return a mapping or a list as a document; `single` quotes as go-yaml v4 does."""
    lines: list[str] = []
    _Writer(lines, single=single).block("", "", value)
    return "\n".join([*lines, ""])


class _Writer:
    """Adds lines; texts that come again are looked at once."""

    def __init__(self, lines: list[str], *, single: bool) -> None:
        self._lines = lines
        self._single = single
        self._texts: dict[str, str] = {}

    def block(self, start: str, margin: str, value: Any) -> None:
        """Write a mapping or a list, its first line after `start`, the others after `margin`."""
        if isinstance(value, dict):
            for key, each in value.items():
                self._entry(start, margin, key, each)
                start = margin
        else:
            for each in value:
                self._value(start + "-", margin, each, compact=True)
                start = margin

    def _entry(self, start: str, margin: str, key: str, value: Any) -> None:
        if not _BREAK.search(key) and len(key.encode()) <= _LONGEST_KEY:
            self._value(f"{start}{self._text(key)}:", margin, value, compact=False)
        else:
            self._value(start + "?", margin, key, compact=True)
            self._value(margin + ":", margin, value, compact=True)

    def _value(self, start: str, margin: str, value: Any, *, compact: bool) -> None:
        """Write a value after its key or its dash; after a dash, the first line of a block goes on."""
        if isinstance(value, (dict, list)):
            inner = margin + "  "
            if not value:
                self._lines.append(f"{start} {'{}' if isinstance(value, dict) else '[]'}")
            elif compact:
                self.block(start + " ", inner, value)
            else:
                self._lines.append(start)
                self.block(inner, inner, value)
        elif isinstance(value, str) and "\n" in value:
            self._lines.append(f"{start} {_lines(value, margin + '  ')}")
        else:
            self._lines.append(f"{start} {self._scalar(value)}")

    def _scalar(self, value: Any) -> str:
        if isinstance(value, str):
            return self._text(value)
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        return yaml_number(value) if isinstance(value, float) else str(value)

    def _text(self, text: str) -> str:
        found = self._texts.get(text)
        if found is None:
            self._texts[text] = found = _one_line(text, single=self._single)
        return found


def _one_line(text: str, *, single: bool) -> str:
    """Return a text without a line's end as a scalar."""
    if _SIMPLE.fullmatch(text) and text not in _WORDS:
        return text
    if "\t" in text or _is_special(text) or _is_other(text):
        return _double(text)
    if _is_old(text):
        return f"'{text}'" if single else _double(text)
    if text[0] == " " or text[-1] == " " or text[0] in _FORBIDDEN_FIRST or _INDICATOR.search(text):
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    return text


def _is_other(text: str) -> bool:
    """Whether a plain scalar would be read as something else than a text."""
    return not isinstance(resolve(text), str) or is_timestamp(text)


def _is_old(text: str) -> bool:
    """Whether a reader of YAML 1.1 would take a text for a boolean, a number or a merge key."""
    return text in _WORDS or text == "<<" or _BASE_60.fullmatch(text) is not None


def _lines(text: str, margin: str) -> str:
    """Return a text with line ends as a block, or in quotes where a block would not keep it."""
    if text[-1] == " " or " \n" in text or _is_special(text):
        return _double(text)
    indent = "2" if text[0] in " \n" else ""
    chomp = "-" if text[-1] != "\n" else "+" if len(text) == 1 or text[-2] == "\n" else ""
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([f"|{indent}{chomp}", *(margin + line if line else "" for line in lines)])


def _is_special(text: str) -> bool:
    """Whether a text has what must be escaped: not so a tab and a line's end."""
    if text.isascii():
        return _CONTROL.search(text) is not None
    return not all(character in "\t\n" or _is_visible(character) for character in text)


def _is_visible(character: str) -> bool:
    """Whether a character stands for itself: ASCII's own, and those of the basic plane."""
    if character < "\x7f":
        return character >= " "
    return ("\xa0" <= character <= "\ud7ff" and character not in "\u2028\u2029") or (
        "\ue000" <= character <= "\ufffd" and character != "\ufeff"
    )


def _double(text: str) -> str:
    if _PLAIN_QUOTED.fullmatch(text):
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    escape = _ESCAPES.get(character)
    if escape is not None:
        return "\\" + escape
    if _is_visible(character):
        return character
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"
