"""How high services stand above those that depend on nobody."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def heights(dependencies: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return of each service the longest way down, by the names of those that it depends on.

    There is none of one in a circle, nor of what depends on that.
    """
    dependents: dict[str, list[str]] = {name: [] for name in dependencies}
    open_ = dict.fromkeys(dependencies, 0)
    for name, others in dependencies.items():
        for other in others:
            if other in dependents:
                dependents[other].append(name)
                open_[name] += 1
    found = {name: 0 for name, count in open_.items() if not count}
    ready = [*found]
    for name in ready:
        for dependent in dependents[name]:
            found[dependent] = max(found.get(dependent, 0), found[name] + 1)
            open_[dependent] -= 1
            if not open_[dependent]:
                ready.append(dependent)
    return {name: found[name] for name in ready}


class Order:
    """Who depends on whom, by names, as far down as it goes."""

    __slots__ = ("_dependencies", "_heights")

    def __init__(self, dependencies: Mapping[str, Iterable[str]]) -> None:
        self._dependencies = dependencies
        self._heights = heights(dependencies)

    def leads(self, name: str, other: str) -> bool:
        """Return whether a service is another one, or depends on it, be it by way of others."""
        seen, left = set[str](), [name]
        height = self._heights.get(other)
        while left:
            name = left.pop()
            if name == other:
                return True
            own = self._heights.get(name)
            # What is no higher depends on it by no way.
            if own is not None and (height is None or own <= height):
                continue
            if name not in seen and name in self._dependencies:
                seen.add(name)
                left += self._dependencies[name]
        return False
