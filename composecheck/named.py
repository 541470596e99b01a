"""What the modules that every start imports need of typing, which takes 3 ms to import.

`NamedTuple` is as typing's, in a fifth of its time: `collections.namedtuple`, over which that one is made,
compiles every class's `__new__` from text and makes its methods anew, and there are some seventy classes in a
small check. Here the methods are the same for all, and what makes a tuple is compiled once for each number
of fields, and then given their names.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "NamedTuple"]

TYPE_CHECKING = False  # a type checker takes it for true by its name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NamedTuple
else:
    from collections import _tuplegetter as field_getter  # C's, or what stands for it
    from functools import cache
    from types import FunctionType

    @cache
    def _maker(count: int) -> FunctionType:
        """Return what makes a tuple of so many fields of a class."""
        fields = "".join(f"f{n}, " for n in range(count))
        made: FunctionType = eval(f"lambda _cls, {fields}: _new(_cls, ({fields}))", {"_new": tuple.__new__})  # noqa: S307
        return made

    def _make(cls: Any, values: Iterable[object]) -> Any:
        """Make a tuple of as many values as there are fields."""
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self: Any, /, **values: object) -> Any:
        """Return the same with other values in some fields."""
        made = self._make(map(values.pop, self._fields, self))
        if values:
            raise ValueError(f"Got unexpected field names: {[*values]!r}")
        return made

    def _shown(self: Any) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({values})"

    def _asdict(self: Any) -> dict[str, object]:
        """Return the values by their fields."""
        return dict(zip(self._fields, self, strict=True))

    def _values(self: Any) -> tuple[object, ...]:
        """Return what copy and pickle make the same of."""
        return tuple(self)

    _METHODS = {
        "__slots__": (),
        "__repr__": _shown,
        "__getnewargs__": _values,
        "_make": classmethod(_make),
        "_replace": _replace,
        "__replace__": _replace,
        "_asdict": _asdict,
    }

    class _Statement(type):
        """Makes the named tuple that a class statement describes."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = (*namespace["__annotations__"],)
            defaults = {field: namespace[field] for field in fields if field in namespace}
            maker = _maker(len(fields))
            names = {"co_name": "__new__", "co_qualname": f"{name}.__new__"}
            code = maker.__code__.replace(co_varnames=("_cls", *fields), **names)
            return type(
                name,
                (tuple,),
                {
                    **_METHODS,
                    **namespace,
                    **{field: field_getter(n, "") for n, field in enumerate(fields)},
                    "_fields": fields,
                    "_field_defaults": defaults,
                    "__match_args__": fields,
                    "__new__": FunctionType(code, maker.__globals__, "__new__", (*defaults.values(),)),
                },
            )

    class NamedTuple(metaclass=_Statement):
        """The base of a class statement that describes a named tuple."""
