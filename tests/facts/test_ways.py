"""The table of the ways in which a dependency is safe: whoever shows one finds all its words there."""

from composecheck.facts import guards
from composecheck.facts.guards import WAYS
from composecheck.model import service
from composecheck.report.graph import dot, mermaid, svg

from ..aliases import values_of


def test_every_kind_of_guard_has_its_words():
    assert set(WAYS) == set(values_of(guards, "Kind"))
    assert all(way.label for way in WAYS.values())
    assert all(way.never for way in WAYS.values() if way.condition is not None)


def test_every_condition_that_holds_anything_back_is_the_guard_of_one_way():
    conditions = [way.condition for way in WAYS.values() if way.condition is not None]
    assert sorted([*conditions, "service_started"]) == sorted(values_of(service, "Condition"))


def test_every_line_has_a_look_in_every_picture():
    lines = {*values_of(guards, "Line"), "implicit", "absent"}
    assert {way.line for way in WAYS.values()} <= lines
    assert lines == set(dot._COLORS) == set(mermaid._COLORS) == set(svg._KINDS)
