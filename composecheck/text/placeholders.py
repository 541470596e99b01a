"""Words that stand for what somebody is yet to put in their place."""

from __future__ import annotations

import re

_PLACEHOLDER = (
    r"(?:\w+[_-])?place[_-]?holder|change[_-]?(?:me|this|it)|(?:to[_-])?be[_-]?replaced|replace[_-]?me"
    r"|__\w*[a-z0-9]__|@\w+@|<[^<>/]+>"
)


def is_placeholder(word: str) -> bool:
    """Return whether a word says of itself that it is to be replaced."""
    return re.fullmatch(_PLACEHOLDER, word, re.IGNORECASE) is not None
