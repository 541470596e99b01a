import time
from graphlib import CycleError

import networkx  # noqa: F401 - so that no example of hypothesis pays for it
from hypothesis import given
from hypothesis import strategies as st

from composecheck.facts import graph

GRAPHS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=4), max_size=8
)


def ladder(layers):
    """Return a ladder of diamonds: two services a layer, each on both of the layer below."""
    return {
        f"{side}{n}": [f"{other}{n - 1}" for other in "ab"] if n else []
        for n in range(layers)
        for side in "ab"
    }


@given(GRAPHS)
def test_order_puts_each_after_what_it_depends_on_or_there_is_a_cycle(edges):
    try:
        order = graph.order(edges)
    except CycleError:
        assert not graph.acyclic(edges)
        assert graph.cycles(edges)
        return
    assert graph.cycles(edges) == ()
    place = {name: number for number, name in enumerate(order)}
    assert all(place[other] < place[name] for name, others in edges.items() for other in others)


def reaches(edges, start):
    seen, stack = set(), list(edges.get(start, ()))
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack.extend(edges.get(name, ()))
    return seen


@given(GRAPHS)
def test_cycles_are_the_groups_that_reach_each_other(edges):
    names = set(edges) | {other for others in edges.values() for other in others}
    expected = set()
    for name in names:
        group = frozenset(
            other for other in names if name in reaches(edges, other) and other in reaches(edges, name)
        )
        if group:
            expected.add(group)
    assert set(graph.cycles(edges)) == expected


@given(GRAPHS)
def test_cutting_every_cycle_leaves_an_order(edges):
    groups = graph.cycles(edges)
    cut = {
        name: [other for other in others if not any({name, other} <= group for group in groups)]
        for name, others in edges.items()
    }
    assert graph.acyclic(cut)


def test_diamond_ladder_of_forty_services_takes_milliseconds():
    edges = ladder(20)
    edges["a0"] = ["b19"]
    started = time.process_time()
    (group,) = graph.cycles(edges)
    assert time.process_time() - started < 1
    assert "a0" in group
    assert "b19" in group


def test_chain_of_ten_thousand_needs_no_recursion():
    edges = {str(n): [str(n + 1)] for n in range(10_000)}
    assert graph.order(edges)[0] == "10000"
    edges["10000"] = ["0"]
    assert [len(group) for group in graph.cycles(edges)] == [10_001]


def test_service_that_depends_on_itself_is_a_cycle():
    assert graph.cycles({"a": ["a"], "b": ["a"]}) == (frozenset("a"),)
