"""A command written as one text, taken apart as Compose does it (go-shellwords): no shell runs it."""

from __future__ import annotations


def split_words(text: str) -> list[str]:
    """Return the words of a command; ValueError where quotes or parentheses do not close.

    A backslash escapes, quotes join, nothing is expanded, and the command ends at the first
    unquoted `;`, `&`, `|`, `<` or `>`.
    """
    return _split(text)[0]


def command_end(text: str) -> int:
    """Return the offset at which a command ends: that of an unquoted operator, else its length."""
    return _split(text)[1]


def _split(text: str) -> tuple[list[str], int]:
    words: list[str] = []
    word: list[str] | None = None  # None between words
    escaped = False
    quote = ""  # what is open: one of ' " ` and ( for $(
    end = len(text)
    for at, character in enumerate(text):
        if escaped or (character == "\\" and quote == "'"):
            word, escaped = word or [], False
            word.append(character)
        elif character == "\\":
            escaped = True
        elif character in " \t\r\n" and not quote:
            if word is not None:
                words.append("".join(word))
            word = None
        elif character in "\"'" and quote in ("", character):
            word, quote = word or [], "" if quote else character
        elif character in ";&|<>" and not quote:
            if character == ">" and word and word[0].isdigit():
                word = None  # a file descriptor, not a word
            end = at
            break
        else:
            word = word or []
            quote = _parenthesis(character, quote, word)
            word.append(character)
    if word is not None:
        words.append("".join(word))
    if quote or escaped:
        raise ValueError(f"'{text}' is not a command: a quote, a parenthesis or a backslash is left open")
    return words, end


def _parenthesis(character: str, quote: str, word: list[str]) -> str:
    """Return what is open after a backquote, a parenthesis or any other character."""
    if character == "`" and quote in ("", "`"):
        return "" if quote else "`"
    if character == ")" and quote in ("", "("):
        return "" if quote else "("
    if character == "(" and quote in ("", "("):
        if quote or word[-1:] != ["$"]:
            raise ValueError("a parenthesis in a command must follow a '$' or be in quotes")
        return "("
    return quote
