"""What the modules that every start imports need of typing, which takes 3 ms to import.

`NamedTuple` is as typing's, in a third of its time: that one compiles the annotation of each field
by itself, of forty classes' fields, to keep a text.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "NamedTuple"]

TYPE_CHECKING = False  # a type checker takes it for true by its name

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

    class _Statement(type):
        """Makes the named tuple that a class statement describes."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace["__annotations__"]
            defaults = [namespace[field] for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            for key, value in namespace.items():
                if key not in fields:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Statement):
        """The base of a class statement that describes a named tuple."""
