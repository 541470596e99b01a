"""The grammar of `.env` and `env_file`, as Compose reads it.

`KEY=value` and `KEY: value`, a bare `KEY` inherited, `export`, comments, and values without
quotes, in single quotes (literal) or in double quotes (escapes, several lines); variables are
replaced in all but the single-quoted.
"""

from __future__ import annotations

import re

from composecheck.loading.interpolate import (
    MAX_ADDED,
    LimitError,
    RequiredError,
    TemplateError,
    substitute,
)
from composecheck.loading.options import Variables
from composecheck.named import TYPE_CHECKING
from composecheck.text.source import within

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.loading.findings import Findings
    from composecheck.text.source import Source, Span

# Far above any real one, and read in some five seconds.
MAX_ENV_BYTES = 5_000_000
_BLANK = " \t\v\f\r\x85\xa0"
_EXPORT = re.compile(r"export\s+")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LETTERS |= {'"': '"', "\\": "\\", "$": "$$"}


class DotenvError(ValueError):
    """A line that is none of this grammar, with its place and the rule that says so."""

    def __init__(self, message: str, span: Span, rule: str = "invalid-env-file", remedy: str = "") -> None:
        super().__init__(message)
        self.span = span
        self.rule = rule
        self.remedy = remedy


def parse_dotenv(
    source: Source,
    lookup: Callable[[str], str | None],
    before: Variables | None = None,
    findings: Findings | None = None,
) -> Variables:
    """Return the variables of an env file; `lookup` goes before the file's own in replacements.

    `before` holds what files before this one gave, and `findings` hear of variables in values that are not
    set. Raises DotenvError.
    """
    values, places = before or ({}, {})
    return _Parser(source, lookup, dict(values), dict(places), findings).parse()


def parse_raw(source: Source, lookup: Callable[[str], str | None]) -> Variables:
    """Return the variables of an env file in `format: raw`: `docker run`'s, where nothing is special.

    `lookup` gives a bare `KEY` its value. Raises DotenvError.
    """
    variables = Variables({}, {})
    begin = 0
    for line in source.text.split("\n"):
        here, begin = begin, begin + len(line) + 1
        text = line.removesuffix("\r").lstrip()
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        start = here + len(line) - len(line.lstrip())
        if not key or " " in key or "\t" in key:
            fault = f"the name '{key}' contains a space" if key else "there is no name before '='"
            raise DotenvError(fault, within(source, start, start + len(key or "=")))
        inherited = value if equals else lookup(key)
        if inherited is not None:
            variables.values[key] = inherited
            variables.places[key] = within(source, start, start + len(text))
    return variables


class _Parser:
    def __init__(
        self,
        source: Source,
        lookup: Callable[[str], str | None],
        values: dict[str, str],
        places: dict[str, Span],
        findings: Findings | None = None,
    ) -> None:
        self._source = source
        self._text = source.text
        self._lookup = lookup
        self._variables = values
        self._places = places
        self._findings = findings
        self._at = 0
        self._added = 0

    def parse(self) -> Variables:
        while self._statement():
            place = self._here()
            key, inherited = self._key()
            if not inherited:
                self._variables[key] = self._value()
                self._places[key] = place
            elif (value := self._lookup(key)) is not None:
                self._variables[key] = value
                self._places.pop(key, None)
        return Variables(self._variables, self._places)

    def _here(self) -> Span:
        """Return the place of the statement that starts here: the rest of its line."""
        text = self._text[self._at : self._line_end()].rstrip()
        return within(self._source, self._at, self._at + len(text))

    def _statement(self) -> bool:
        """Go to where the next statement starts; False at the end."""
        while self._at < len(self._text):
            if self._text[self._at].isspace():
                self._at += 1
            elif self._text[self._at] == "#":
                self._at = self._line_end()
            else:
                return True
        return False

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _key(self) -> tuple[str, bool]:
        export = _EXPORT.match(self._text, self._at)
        if export:
            self._at = export.end()
        start = self._at
        for at in range(start, len(self._text)):
            character = self._text[at]
            if character in "=:\n":
                key = self._text[start:at].rstrip()
                if " " in key:
                    raise self._error(f"the key '{key}' contains a space", start, at)
                self._at = at + 1
                while self._at < len(self._text) and self._text[self._at] in _BLANK:
                    self._at += 1
                return key, character == "\n"
            if not (character.isalnum() or character in _BLANK or character in "_.-[]"):
                raise self._error(
                    f"unexpected character '{character}' in the name of a variable", start, at + 1
                )
        key = self._text[start:].rstrip()
        self._at = len(self._text)
        if " " in key:
            raise self._error(f"the key '{key}' contains a space", start, self._at)
        return key, True

    def _value(self) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote in ('"', "'") and quote:
            return self._quoted(quote)
        start, end = self._at, self._line_end()
        self._at = end + 1
        value = self._text[start:end].partition(" #")[0].rstrip()
        return self._expand(value, start, end)

    def _quoted(self, quote: str) -> str:
        start = self._at
        characters: list[str] = []
        at = start + 1
        while at < len(self._text):
            character = self._text[at]
            if character == quote:
                self._at = at + 1
                value = "".join(characters)
                if quote == "'":
                    return value
                return self._expand(_ESCAPE.sub(_unescape, value), start, self._at)
            if character == "\\":
                following = self._text[at + 1 : at + 2]
                characters.append(following if following == quote else "\\" + following)
                at += 2
                continue
            characters.append(character)
            at += 1
        raise self._error("a quoted value has no end", start, self._line_end(), "close the quote")

    def _expand(self, value: str, start: int, end: int) -> str:
        def lookup(name: str) -> str | None:
            outer = self._lookup(name)
            return self._variables.get(name) if outer is None else outer

        def unset(name: str) -> None:
            if self._findings is not None:
                self._findings.unset(name, within(self._source, start, end), value, in_env_file=True)

        try:
            expanded = substitute(value, lookup, unset)
            self._added += len(expanded)
            if self._added > MAX_ADDED:
                raise LimitError(f"variables make more than {MAX_ADDED} characters of this file")
        except LimitError as error:
            raise DotenvError(str(error), within(self._source, start, end), "document-limit") from None
        except TemplateError:
            # What stands there may be a part of a secret.
            message = "a '${' in this value opens no variable"
            mend = "write '${NAME:-default}', or the value in single quotes where a dollar sign is meant"
            raise self._error(message, start, end, mend) from None
        except RequiredError as error:
            raise self._error(str(error), start, end) from None
        return expanded

    def _error(self, message: str, start: int, end: int, remedy: str = "") -> DotenvError:
        return DotenvError(message, within(self._source, start, end), remedy=remedy)


def _unescape(match: re.Match[str]) -> str:
    escape = match[0][1:]
    if not escape.startswith("0"):
        return _LETTERS.get(escape, match[0])
    octal = escape[1:]
    if len(octal) == 3 and not set(octal) & set("89") and int(octal, 8) < 256:
        return chr(int(octal, 8))
    return "\\" + octal
