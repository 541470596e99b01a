"""Our NamedTuple is typing's in all but what it costs to make."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing

import pytest

from composecheck.named import NamedTuple


class Ours(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str | None = None

    @property
    def sum(self) -> int:
        """Both."""
        return self.x + self.y

    def moved(self, by: int) -> Ours:
        """Return it elsewhere."""
        return self._replace(x=self.x + by)


class Theirs(typing.NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str | None = None

    @property
    def sum(self) -> int:
        """Both."""
        return self.x + self.y

    def moved(self, by: int) -> Theirs:
        """Return it elsewhere."""
        return self._replace(x=self.x + by)


@pytest.mark.parametrize(
    "attribute", ["_fields", "_field_defaults", "__doc__", "__module__", "__slots__", "__mro__"]
)
def test_class_is_as_typing_makes_it(attribute):
    ours, theirs = getattr(Ours, attribute), getattr(Theirs, attribute)
    assert ours == theirs if attribute != "__mro__" else ours[1:] == theirs[1:]


def test_hints_are_those_of_the_statement():
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)


def test_values_are_as_typing_makes_them():
    ours, theirs = Ours(1, name="a"), Theirs(1, name="a")
    assert ours == theirs == (1, 2, "a")
    assert repr(ours) == "Ours(x=1, y=2, name='a')"
    assert (ours.sum, ours.moved(3)) == (theirs.sum, theirs.moved(3))
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours  # noqa: S301 - our own


@pytest.mark.parametrize(
    "wrong",
    [
        lambda point: point(),
        lambda point: point(1, 2, "a", 3),
        lambda point: point(1, z=3),
        lambda point: point(1, x=3),
        lambda point: point._make([1]),
        lambda point: point(1)._replace(z=3),
    ],
)
def test_wrong_values_are_refused_as_typing_refuses_them(wrong):
    errors = []
    for point in (Ours, Theirs):
        with pytest.raises((TypeError, ValueError)) as caught:
            wrong(point)
        errors.append(str(caught.value).replace(point.__name__, "Point"))
    assert errors[0] == errors[1]


def test_ways_to_ask_a_class_are_those_of_typing():
    ours, theirs = (inspect.signature(point).parameters for point in (Ours, Theirs))
    assert [(one.name, one.default) for one in ours.values()] == [
        (one.name, one.default) for one in theirs.values()
    ]
    assert Ours._make((1, 2, None)) == Ours(1)
    assert Ours(1)._asdict() == Theirs(1)._asdict() == {"x": 1, "y": 2, "name": None}
    match Ours(1, 3):
        case Ours(x, y):
            assert (x, y) == (1, 3)
