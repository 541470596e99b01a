"""What is wrong with the image families of a configuration that the schema takes."""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import Diagnostic, Related
from composecheck.knowledge import shipped
from composecheck.loading.schema_fast import read_schema
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.text.node import Node

_RULE = "invalid-configuration"


def wrong(images: Node) -> Iterator[Diagnostic]:
    """Yield what is wrong with families: likenesses, patterns, checks, and images of two families."""
    families = images.mapping
    known = [*families, *shipped().names()]
    owners: dict[str, tuple[str, Node]] = {}
    for name, family in families.items():
        like = family.get("like")
        if like is not None and like.value not in known:
            message = f"there is no image family '{like.value}' for '{name}' to be like"
            remedy = did_you_mean(str(like.value), known, loosely=True) or "'composecheck images' lists them"
            yield Diagnostic(_RULE, "error", message, like.span, remedy)
        elif not _has_kind(name, families):
            message, remedy = f"the image family '{name}' lacks the key 'kind'", "add 'kind', or 'like'"
            yield Diagnostic(_RULE, "error", message, family.place, remedy)
        for image in family.mapping["images"].items:
            owner, first = owners.setdefault(str(image.value), (name, image))
            if owner != name:
                message = f"the image '{image.value}' belongs to '{owner}' already"
                remedy, there = "remove it from one of them", (Related(first.span, "there"),)
                yield Diagnostic(_RULE, "error", message, image.span, remedy, related=there)
        variants = family.get("variants")
        for facts in (family, *(variants.items if variants is not None else ())):
            yield from _wrong_patterns(facts)
            yield from _wrong_check(facts)
            yield from _wrong_names(facts, known)


def _has_kind(name: str, families: Mapping[str, Node]) -> bool:
    """Whether a family, or one that it is like, says its kind; all that are shipped do."""
    seen: set[str] = set()
    while name in families and name not in seen:
        seen.add(name)
        if "kind" in families[name].mapping:
            return True
        like = families[name].get("like")
        if like is None or like.value == name:
            break
        name = str(like.value)
    return name in shipped().names()


def _wrong_patterns(facts: Node) -> Iterator[Diagnostic]:
    for pattern in _patterns(facts):
        try:
            re.compile(str(pattern.value))
        except (re.error, OverflowError, RecursionError) as error:
            message = f"'{pattern.value}' is not a regular expression: {error}"
            remedy = "mend it; the whole tag, name or value has to match"
            yield Diagnostic(_RULE, "error", message, pattern.span, remedy)


def _patterns(facts: Node) -> Iterator[Node]:
    yield from filter(None, (facts.get("tag"), facts.get("image")))
    for asking in _askings(facts):
        when = asking.get("when")
        yield from when.mapping.values() if when is not None else ()


def _askings(facts: Node) -> Sequence[Node]:
    dependent = facts.get("dependent")
    return dependent.items if dependent is not None else ()


def _wrong_names(facts: Node, families: Sequence[str]) -> Iterator[Diagnostic]:
    """Yield what a family is said to depend on that is neither a family nor a kind of them."""
    for asking in _askings(facts):
        on = asking.get("on")
        for name in on.items if on is not None else ():
            known = [*families, *_kinds()]
            if name.value not in known:
                message = f"there is no image family '{name.value}' to depend on, and no kind of them"
                remedy = (
                    did_you_mean(str(name.value), known, loosely=True) or "'composecheck images' lists both"
                )
                yield Diagnostic(_RULE, "error", message, name.span, remedy)


def _kinds() -> list[str]:
    kinds: list[str] = read_schema("knowledge.schema.json")["$defs"]["kind"]["enum"]
    return kinds


def _wrong_check(facts: Node) -> Iterator[Diagnostic]:
    healthcheck = facts.get("healthcheck")
    test = healthcheck.get("test") if healthcheck is not None else None
    if test is None:
        return
    kind, *rest = test.items
    if kind.value not in ("CMD", "CMD-SHELL"):
        message = f"a healthcheck's test starts with 'CMD' or 'CMD-SHELL', not with '{kind.value}'"
        remedy = "write 'CMD' before a command and its arguments"
        yield Diagnostic(_RULE, "error", message, kind.span, remedy)
    elif kind.value == "CMD-SHELL" and len(rest) > 1:
        message = "a 'CMD-SHELL' test is one text, and the shell gets no more than that"
        yield Diagnostic(_RULE, "error", message, rest[1].span, "write one text, or 'CMD'")
