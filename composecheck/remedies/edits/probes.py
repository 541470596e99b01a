"""Edits of a healthcheck's test."""

from __future__ import annotations

import json
import re

from composecheck.findings.diagnostic import Fix
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from composecheck.model.project import Service
    from composecheck.remedies.edits.layout import Layout, Piece

    Making = Callable[[], Fix | None]

# What a shell takes for one word as it stands.
_PLAIN = r"[\w@%+=:,./{}$-]+"
_OPERATOR = r"&&|\|\|?|;|(?:\d|&)?(?:>>?|<)(?:&?\d|&-|/\S*)?"


def set_test(service: Service, words: Sequence[str]) -> Making:
    """Return the fix that writes a list in place of a service's test; its dollar signs are Compose's."""

    def make() -> Fix | None:
        written = _test_at(service)
        if written is None:
            return None
        layout, key, piece = written
        start = piece.start
        if piece.kind == "sequence" and not piece.style:
            start = layout.text.index(":", key.end) + 1
        text = json.dumps(list(words), ensure_ascii=False)
        edit = layout.edit(start, piece.end, text if start == piece.start else f" {text}")
        said = [word.replace("$$", "$") for word in words]
        return Fix((edit,), {("services", service.name, "healthcheck", "test"): said})

    return make


def by_shell(service: Service) -> Making:
    """Return the fix that has a shell run the words of a test, where it is clear how it would read them."""

    def make() -> Fix | None:
        written = _test_at(service)
        if written is None or written[2].kind != "sequence":
            return None
        first, *words = (child.value for child in written[2].children)
        if first != "CMD" or not words or any(child.kind != "scalar" for child in written[2].children):
            return None
        if len(words) > 1 and not all(map(_is_as_meant, words)):
            return None
        return set_test(service, ["CMD-SHELL", " ".join(words)])()

    return make


def without_quotes(service: Service) -> Making:
    """Return the fix that makes a list of a test that is one written as a text."""

    def make() -> Fix | None:
        import yaml

        written = _test_at(service)
        if written is None or written[2].kind != "scalar":
            return None
        try:
            words = yaml.safe_load(written[2].value)
        except yaml.YAMLError:
            return None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            return None
        return set_test(service, words)()

    return make


def without_first_word(service: Service) -> Making:
    """Return the fix that takes `CMD` from the front of a test that is a text."""

    def make() -> Fix | None:
        written = _test_at(service)
        if written is None or written[2].kind != "scalar":
            return None
        word, _, rest = written[2].value.strip().partition(" ")
        if word not in ("CMD", "CMD-SHELL") or not rest.strip() or rest.strip().startswith("["):
            return None
        return set_test(service, ["CMD-SHELL", rest.strip()])()

    return make


def _is_as_meant(word: str) -> bool:
    """Return whether a shell reads a word as it was meant, given that one was meant to read it."""
    parts = word.split()
    operators = [part for part in parts if re.fullmatch(_OPERATOR, part)]
    plain = all(part in operators or re.fullmatch(_PLAIN, part) for part in parts)
    return plain and (len(parts) == 1 or bool(operators))


def _test_at(service: Service) -> tuple[Layout, Piece, Piece] | None:
    """Return where a service's test is written, with its key; None where that is not in one piece."""
    from composecheck.remedies.edits.layout import layout_of

    node = service.node.get("healthcheck", "test")
    if node is None or node.key_span is None:
        return None
    layout = layout_of(node.key_span.source)
    key = layout.scalars.get(layout.offset(node.key_span))
    piece = key.below if key is not None else None
    if key is None or piece is None or piece.kind not in ("scalar", "sequence") or piece.style in ("|", ">"):
        return None
    between = layout.text[key.end : piece.end]
    if layout.text[piece.start : piece.start + 1] in ("&", "!") or re.search(r"\s#", between):
        return None
    return layout, key, piece
