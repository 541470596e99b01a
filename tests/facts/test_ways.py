"""The table of the ways in which a dependency is safe: whoever shows one finds all its words there."""

from typing import get_args

from composecheck.facts.guards import WAYS, Kind, Line
from composecheck.model.project import Condition
from composecheck.report.graph import dot, mermaid, svg


def test_every_kind_of_guard_has_its_words():
    assert set(WAYS) == set(get_args(Kind))
    assert all(way.label for way in WAYS.values())
    assert all(way.never for way in WAYS.values() if way.condition is not None)


def test_every_condition_that_holds_anything_back_is_the_guard_of_one_way():
    conditions = [way.condition for way in WAYS.values() if way.condition is not None]
    assert sorted([*conditions, "service_started"]) == sorted(get_args(Condition))


def test_every_line_has_a_look_in_every_picture():
    lines = {*get_args(Line), "implicit", "absent"}
    assert {way.line for way in WAYS.values()} <= lines
    assert lines == set(dot._COLORS) == set(mermaid._COLORS) == set(svg._KINDS)
