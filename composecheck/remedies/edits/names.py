"""Edits of names and parts of values: a key taken out or spelt otherwise, a word in a scalar."""

from __future__ import annotations

from functools import lru_cache

from composecheck.findings.diagnostic import ANYTHING, GONE, Fix
from composecheck.named import TYPE_CHECKING
from composecheck.text.slips import slip_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from composecheck.remedies.edits.layout import Layout, Piece
    from composecheck.text.node import Node
    from composecheck.text.source import Span

    Making = Callable[[], Fix | None]
    Path = tuple[str, ...]


def respell(place: Span, name: str, meant: Callable[[], str | None], *paths: Path) -> Making:
    """Return the fix that writes in place of a misspelt name the one that is meant, where there is one."""

    def make() -> Fix | None:
        right = meant()
        return rename(place, name, right, *paths)() if right is not None else None

    return make


def rename(place: Span, old: str, new: str, *paths: Path, unsafe: str = "") -> Making:
    """Return the fix that writes another word in the scalar at a place, or in the text of it that a place is.

    `paths` lead to what becomes of that in the model; `unsafe` as a Fix has it. The word has to stand there
    once, and as it is: what a variable or an escape makes has no certain place.
    """

    def make() -> Fix | None:
        found = scalar_at(place)
        if found is None:
            return None
        layout, piece = found
        start, end = _between(layout, piece, place)
        raw = layout.text[start:end]
        if raw.count(old) != 1 or "$" in old or (piece.style == '"' and "\\" in raw):
            return None
        at = start + raw.index(old)
        if _goes_on(raw, raw.index(old), len(old)):
            return None
        whole = piece.value == old and piece.style == "" and not (old + new).isdecimal()
        edit = layout.replaced(piece, new) if whole else layout.edit(at, at + len(old), new)
        return Fix((edit,), dict.fromkeys(paths, ANYTHING), unsafe) if edit is not None else None

    return make


def declare(place: Span, section: str, name: str, document: Node) -> Fix | None:
    """Return the fix that adds a name to a section at the top of the file in which a place is."""
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(place.source)
    piece = layout.scalar_around(layout.offset(place))
    while piece is not None and piece.parent is not None:
        piece = piece.parent
    if piece is None or piece.kind != "mapping":
        return None
    names = piece.get(section)
    if names is not None and names.kind != "mapping":
        return None
    edits = (
        layout.appended(piece, {section: {name: {}}}) if names is None else layout.appended(names, {name: {}})
    )
    path = (section, name) if document.get(section) is not None else (section,)
    return Fix(tuple(edits), {path: ANYTHING}) if edits else None


def rename_key(place: Span, new: str, document: Node) -> Fix | None:
    """Return the fix that spells the key at a place of the files otherwise, None where that one is taken."""
    found = scalar_at(place)
    if found is None:
        return None
    layout, key = found
    if key.below is None or key.parent is None:
        return None
    others = [other.value for other in key.parent.children[::2] if other is not key]
    if new in others or any(slip_of(other, [new]) for other in others):
        return None
    edit = layout.replaced(key, new)
    paths = paths_of(document, place, key=True)
    changes = dict.fromkeys(paths, GONE) | {(*path[:-1], new): ANYTHING for path in paths}
    return Fix((edit,), changes) if edit is not None and paths else None


def remove_key(place: Span, document: Node) -> Fix | None:
    """Return the fix that takes out the key at a place of the files, with what stands under it."""
    found = scalar_at(place)
    if found is None:
        return None
    layout, key = found
    edit = layout.removed(key)
    paths = paths_of(document, place, key=True)
    return Fix((edit,), dict.fromkeys(paths, GONE)) if edit is not None and paths else None


def paths_of(document: Node, place: Span, *, key: bool = False) -> Sequence[Path]:
    """Return the paths of the model at which the scalar of a place stands: by an anchor, in several.

    Of a `key` they lead to what it stands over.
    """
    return _places(document).get((key, *_start(place)), ())


@lru_cache(maxsize=2)
def _places(document: Node) -> Mapping[tuple[bool, str, int, int], Sequence[Path]]:
    found: dict[tuple[bool, str, int, int], list[Path]] = {}
    waiting: list[tuple[Node, Path]] = [(document, ())]
    while waiting:
        node, path = waiting.pop()
        if path and not node.implied:
            if node.key_span is not None:
                found.setdefault((True, *_start(node.key_span)), []).append(path)
            if not isinstance(node.value, dict | list):
                found.setdefault((False, *_start(node.span)), []).append(path)
        children: Mapping[str, Node] = node.mapping or {str(n): item for n, item in enumerate(node.items)}
        waiting += [(child, (*path, key)) for key, child in children.items()]
    return found


def _start(span: Span) -> tuple[str, int, int]:
    return span.source.real, span.line, span.column


def scalar_at(place: Span) -> tuple[Layout, Piece] | None:
    """Return the scalar that begins at a place or has it in it."""
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(place.source)
    start = layout.offset(place)
    piece = layout.scalars.get(start) or layout.scalar_around(start)
    if piece is None or piece.style in ("|", ">"):
        return None
    return layout, piece


def _between(layout: Layout, piece: Piece, place: Span) -> tuple[int, int]:
    """Return the offsets of a place that is a part of a scalar; of one that is not, those of the scalar."""
    start = layout.offset(place)
    end = layout.offset(place._replace(line=place.end_line, column=place.end_column))
    return (start, end) if piece.start <= start < end <= piece.end else (piece.start, piece.end)


def _goes_on(text: str, at: int, length: int) -> bool:
    """Return whether what stands at a place is only a part of a longer word."""
    before, after = text[at - 1 : at] if at else "", text[at + length : at + length + 1]
    return any(each.isalnum() or each in "_$-." for each in (before, after) if each)
