"""A command written as one text, taken apart as Compose does it (go-shellwords): no shell runs it."""

from __future__ import annotations


def split_words(text: str) -> list[str]:
    """Return the words of a command; ValueError where quotes or parentheses do not close.

    A backslash escapes, quotes join, nothing is expanded, and the command ends at the first
    unquoted `;`, `&`, `|`, `<` or `>`.
    """
    words: list[str] = []
    word: list[str] = []
    started = escaped = False
    quote = ""  # what is open: one of ' " ` and ( for $(
    for character in text:
        if escaped:
            word.append(character)
            started, escaped = True, False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == "\\":
            word.append(character)
        elif character in " \t\r\n":
            if quote:
                word.append(character)
            elif started:
                words.append("".join(word))
                word, started = [], False
        elif character in "\"'" and quote in ("", character):
            started, quote = True, "" if quote else character
        elif not quote and character in ";&|<>":
            if character == ">" and word[:1] and word[0].isdigit():
                started = False  # a file descriptor, not a word
            break
        else:
            quote = _parenthesis(character, quote, word)
            word.append(character)
            started = True
    if started:
        words.append("".join(word))
    if quote or escaped:
        raise ValueError(f"'{text}' is not a command: a quote, a parenthesis or a backslash is left open")
    return words


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
