"""Who starts after whom is found at once where the heights tell, and by search where they do not."""

import random

import pytest

from composecheck.facts import Facts
from composecheck.facts.heights import heights
from composecheck.lint import check


def test_a_height_is_that_of_the_longest_way_down():
    graph = {"a": ["b", "c"], "b": ["c"], "c": ["gone"], "d": []}
    assert heights(graph) == {"a": 2, "b": 1, "c": 0, "d": 0}


def test_a_circle_and_what_depends_on_it_have_no_height():
    graph = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": [], "e": ["e"]}
    assert heights(graph) == {"d": 0}


@pytest.mark.parametrize("seed", range(12))
def test_who_starts_after_whom(seed, tmp_path):
    chance = random.Random(seed)  # noqa: S311 - the same ones every time
    names = [f"s{n}" for n in range(9)]
    graph = {name: chance.sample(names, chance.randint(0, 2)) for name in names}
    if seed % 2:  # without circles
        graph = {name: [other for other in others if other < name] for name, others in graph.items()}
    rows = (f"  {name}: {{image: x, depends_on: [{', '.join(others)}]}}\n" for name, others in graph.items())
    (tmp_path / "compose.yml").write_text("services:\n" + "".join(rows))
    facts = Facts(check(tmp_path / "compose.yml", environment={}).project)
    for one in names:
        below, left = {one}, [one]
        while left:
            more = set(graph[left.pop()]) - below
            below |= more
            left += more
        for other in names:
            after = facts.starts_after(facts.services[one], facts.services[other])
            assert after == (other in below)
