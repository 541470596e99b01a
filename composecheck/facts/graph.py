"""The order of a graph of services, and its cycles; all in linear time.

A graph is a mapping of each name to the names that it depends on. Names that are only depended on
may be left out of the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

Edges = Mapping[str, Iterable[str]]


def order(edges: Edges) -> tuple[str, ...]:
    """Return the names, each after all that it depends on; graphlib.CycleError where none is."""
    return tuple(TopologicalSorter(edges).static_order())


def acyclic(edges: Edges) -> bool:
    """Return whether there is an order at all."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return False
    return True


def cycles(edges: Edges) -> tuple[frozenset[str], ...]:
    """Return the groups of names that all depend on each other, in the order of the names.

    Each is a strongly connected component, the whole of what has to be untangled: the paths in it
    can be exponentially many, and are never walked. Empty for a graph that has an order.
    """
    if acyclic(edges):
        return ()
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph(
        (name, other) for name, others in edges.items() for other in others
    )
    groups = [
        frozenset(group)
        for group in networkx.strongly_connected_components(graph)
        if len(group) > 1 or any(graph.has_edge(name, name) for name in group)
    ]
    return tuple(sorted(groups, key=sorted))
