"""Attributes of the model: what a key of a mapping says, typed, read when it is asked for.

A Part is one mapping of the document; a Key is one attribute of its class, and knows the key's kind: how
Compose holds the value. So the class statement of a Part is the table of its keys, in Compose's own
order. Sizes are in bytes, times in seconds. A value of a wrong type counts as not said, since
validation speaks of it.
"""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node
from composecheck.text.scalars import as_text
from composecheck.text.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, KeysView
    from typing import Any, Generic, Self, TypeVar

    from composecheck.text.node import Origin
    from composecheck.text.source import Span

    # A kind is the name of a scalar's reader, a class of Part (or its Late name) for a mapping with known
    # keys, [kind] for a list, {"*": kind} for a mapping with free keys. A "?" marks what is None where it is
    # not said, and is written even when it is zero or false; a "!" what is always written.
    Kind = Any

if TYPE_CHECKING:
    T = TypeVar("T")
    P = TypeVar("P", bound="Part")
else:
    T = P = None

    class Generic:
        """typing's own costs as much as a small file, at every start."""

        __slots__ = ()

        def __class_getitem__(cls, _: object) -> type:
            return cls


# The key under which `items` gives the "x-" keys that stand beside the known ones.
EXTENSIONS = "x-"
_NOTHING: dict[str, Node] = {}


class Part:
    """One mapping of the document; each of its keys is an attribute, read when it is first asked for.

    Whatever is given by name stands in place of what the Node says. `UNNAMED` is a type without names
    for JSON: Compose hashes its fields capitalised, even the empty ones.
    """

    __slots__ = ("__dict__", "node", "written")
    KEYS: dict[str, Key[Any]] = {}  # noqa: RUF012 - each class has its own
    UNNAMED = False

    def __init__(self, node: Node, **values: Any) -> None:
        self.node = node
        mapping = node.value if node is not None else None
        self.written: dict[str, Node] = mapping if type(mapping) is dict else _NOTHING
        for name, value in values.items():
            setattr(self, name, value)

    def __init_subclass__(cls) -> None:
        own = {
            key.word: key
            for key in vars(cls).values()
            if type(key) in _KEY_TYPES and not key.word.startswith("x-")
        }
        cls.KEYS = cls.KEYS | own

    def words(self) -> KeysView[str]:
        """Return the keys that are there, implied and unknown ones too."""
        return self.written.keys()

    def says(self, *path: str | int) -> bool:
        """Return whether somebody wrote what stands at a path; what is only implied nobody wrote."""
        node = below(self.node, path)
        return node is not None and not node.implied

    def has_value(self, *path: str | int) -> bool:
        """Return whether a value stands at a path, readable or not, that is no empty text."""
        node = below(self.node, path)
        return node is not None and node.value not in (None, "")

    def place(self, *path: str | int) -> Span:
        """Return where the value at a path of keys and positions is written, or the nearest thing above."""
        return nearest(self.node, path).span

    def key_place(self, *path: str | int) -> Span:
        """Return where the key at a path is written; the place of the value where it has no key."""
        return nearest(self.node, path).place

    def text(self, *path: str | int) -> str:
        """Return what stands in the file at a path; where that is an alias, what it stands for."""
        node = nearest(self.node, path)
        text, origin = node.span.text, node.origin
        while origin is not None and text.startswith("*"):
            if origin.kind == "anchor":
                text = origin.span.text
            origin = origin.before
        return text

    def origin(self, *path: str | int) -> Origin | None:
        """Return why the value at a path stands somewhere else than where it was written."""
        node = below(self.node, path)
        return node.origin if node is not None else None

    def origins(self) -> Iterator[Origin]:
        """Yield why values stand somewhere else than where they were written."""
        yield from (node.origin for node in self.node.mapping.values() if node.origin is not None)

    def entries(self, *path: str | int) -> Iterator[tuple[str, Span]]:
        """Yield the texts of a list and where each is written."""
        node = below(self.node, path)
        for item in node.items if node is not None else ():
            if isinstance(item.value, str):
                yield item.value, item.span

    def as_written(self, *path: str | int) -> Any:
        """Return what stands at a path as plain data, None where nothing does."""
        node = below(self.node, path)
        return node.plain() if node is not None else None

    def as_held(self, word: str) -> Any:
        """Return the value of a key as Compose holds it, which some attributes make something else of."""
        return self.KEYS[word].value(self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield the keys that are said, and those that Compose always writes, with their typed values.

        They come in Compose's order, the "x-" keys at the end under EXTENSIONS.
        """
        known = 0
        for word, key in self.KEYS.items():
            if word in self.written:
                known += 1
                if key.held_by_compose:
                    yield word, getattr(self, key.name) if key.make is None else key.value(self)
            elif key.always:
                yield word, key.zero(self)
        if known < len(self.written):
            extensions = {word: node.plain() for word, node in self.written.items() if word.startswith("x-")}
            if extensions:
                yield EXTENSIONS, extensions

    def replace(self, **values: Any) -> Self:
        """Return a copy that says something else."""
        copy = object.__new__(type(self))
        copy.node, copy.written = self.node, self.written
        copy.__dict__.update(self.__dict__, **values)
        return copy

    def without(self, *words: str) -> Self:
        """Return a copy in which some keys are not there."""
        copy = self.replace()
        copy.written = {word: node for word, node in self.written.items() if word not in words}
        for word in words:
            copy.__dict__.pop(word, None)
        return copy

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.node!r})"


def below(node: Node | None, path: tuple[str | int, ...]) -> Node | None:
    """Return the Node at a path, None where nothing is there."""
    for step in path:
        if node is None:
            return None
        if isinstance(step, int):
            items = node.items
            node = items[step] if step < len(items) else None
        else:
            node = node.mapping.get(step)
    return node


def nearest(node: Node, path: tuple[str | int, ...]) -> Node:
    """Return the Node at a path, or the last one on the way to it."""
    for step in path:
        inner = below(node, (step,))
        if inner is None:
            break
        node = inner
    return node


class Late:
    """A class of `details`, which is made when a file says what it is for."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def part(self) -> type[Part]:
        """The class itself."""
        from composecheck.model import details

        cls: type[Part] = getattr(details, self.name)
        return cls

    def __call__(self, *given: Any) -> Any:
        """Return a Part of the class."""
        return self.part(*given)


class Held:
    """The kind of a Part held by value: JSON always has it, YAML where it says something."""

    __slots__ = ("part",)

    def __init__(self, part: type[Part] | Late) -> None:
        self.part = part


class Key(Generic[T]):
    """An attribute: the value of the key of its name, kept in the Part once it has been read.

    `make` gives the attribute where it is another thing than the value that Compose holds, which
    `value` always gives. `word` is the key, where it is no name of Python's.
    """

    __slots__ = ("always", "held_by_compose", "kind", "make", "name", "none", "read", "word")

    def __init__(
        self,
        kind: Kind,
        read: Callable[[Node], T],
        none: Any,
        *,
        make: Callable[[Any], T] | None = None,
        word: str = "",
        held_by_compose: bool = True,
    ) -> None:
        self.kind = kind
        self.read = read
        self.none = none
        self.make = make
        self.word = word
        self.held_by_compose = held_by_compose
        self.always = type(kind) is Held or (type(kind) is str and (kind == "words" or kind[-1] == "!"))

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.word = self.word or name

    def __get__(self, part: Any, owner: type | None = None) -> T:
        """Return the attribute, which the Part has from now on: a Key has no `__set__`."""
        if part is None:
            return self  # type: ignore[return-value]  # a class is asked for its attributes by nobody else
        value: T
        if self.make is not None:
            value = self.make(part)
        elif self.word in part.written:
            value = self.value(part)
        else:
            value = self.none  # without a call, since most keys are asked for where they are not said
        setattr(part, self.name, value)
        return value

    def value(self, part: Part) -> Any:
        """Return what a Part says, as Compose holds it."""
        node = part.written.get(self.word)
        if node is None:
            return self.none
        try:
            return self.read(node)
        except (ValueError, TypeError, OverflowError):
            return self.none

    def zero(self, _part: Part) -> Any:
        """Return what is written where nothing is said."""
        return None if self.kind == "words" else "" if self.kind == "text!" else 0


class _HeldKey(Key["Any"]):
    """An attribute that is there even where nothing is said: a Part that says nothing."""

    __slots__ = ()

    def __get__(self, part: Any, owner: type | None = None) -> Any:
        if part is None:
            return self
        value = self.value(part)
        setattr(part, self.name, value)
        return value

    def value(self, part: Part) -> Any:
        node = part.written.get(self.word)
        return self.read(node) if node is not None and isinstance(node.value, dict) else self.zero(part)

    def zero(self, part: Part) -> Any:
        return self.read(Node({}, part.node.span, part.node.key_span))


_KEY_TYPES = (Key, _HeldKey)


class derived(Generic[T]):
    """An attribute that follows from others, worked out when it is first asked for."""

    __slots__ = ("function", "name")

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.name = function.__name__

    def __get__(self, part: Any, owner: type | None = None) -> T:
        """Return the attribute, which the Part has from now on."""
        if part is None:
            return self  # type: ignore[return-value]
        value = self.function(part)
        setattr(part, self.name, value)
        return value


def text(**more: Any) -> Key[str | None]:
    """Declare a text."""
    return Key("text", read_text, None, **more)


def given_text(**more: Any) -> Key[str]:
    """Declare a text that is always written; "" where it is not said."""
    return Key("text!", read_text, "", **more)


def scalar() -> Key[str | None]:
    """Declare a text that may be written as a number or a boolean."""
    return Key("text", read_scalar, None)


def word() -> Key[str]:
    """Declare a text that is hardly ever left out; "" where it is."""
    return Key("text", read_text, "")


def texts(**more: Any) -> Key[tuple[str, ...]]:
    """Declare a list of texts."""
    return Key(["text"], read_texts, (), **more)


def words(**more: Any) -> Key[tuple[str, ...] | None]:
    """Declare a command; None where it is not said."""
    return Key("words", read_words, None, **more)


def text_map(**more: Any) -> Key[dict[str, str]]:
    """Declare texts by name."""
    return Key({"*": "text"}, read_text_map, {}, **more)


def variables(**more: Any) -> Key[dict[str, str | None]]:
    """Declare texts by name; None for a name alone."""
    return Key({"*": "text?"}, read_text_map, {}, **more)


def text_lists() -> Key[dict[str, tuple[str, ...]]]:
    """Declare lists of texts by name."""
    return Key(
        {"*": ["text"]}, lambda node: {key: read_texts(each) for key, each in node.mapping.items()}, {}
    )


def flag(**more: Any) -> Key[bool]:
    """Declare a boolean; False where it is not said."""
    return Key("bool", read_flag, False, **more)


def optional_flag() -> Key[bool | None]:
    """Declare a boolean; None where it is not said."""
    return Key("bool?", read_flag, None)


def whole() -> Key[int]:
    """Declare a whole number; 0 where it is not said."""
    return Key("int", read_whole, 0)


def given_whole() -> Key[int]:
    """Declare a whole number that is always written."""
    return Key("int!", read_whole, 0)


def optional_whole(**more: Any) -> Key[int | None]:
    """Declare a whole number; None where it is not said."""
    return Key("int?", read_whole, None, **more)


def number() -> Key[float]:
    """Declare a number; 0 where it is not said."""
    return Key("float", read_number, 0.0)


def size() -> Key[int]:
    """Declare a size in bytes; 0 where it is not said."""
    return Key("bytes", read_size, 0)


def given_size() -> Key[int]:
    """Declare a size in bytes that is always written."""
    return Key("bytes!", read_size, 0)


def time() -> Key[float]:
    """Declare a time in seconds; 0 where it is not said."""
    return Key("time", read_time, 0.0)


def optional_time() -> Key[float | None]:
    """Declare a time in seconds; None where it is not said."""
    return Key("time?", read_time, None)


def permissions() -> Key[int | None]:
    """Declare the permissions of a file; None where they are not said."""
    return Key("octal", read_permissions, None)


def hosts() -> Key[dict[str, tuple[str, ...]]]:
    """Declare addresses by the name of a host."""
    return Key("hosts", lambda node: {key: read_texts(each) for key, each in node.mapping.items()}, {})


def part(cls: Callable[[Node], P]) -> Key[P | None]:
    """Declare a mapping with known keys; None where it is not said."""
    return Key(cls, lambda node: cls(node) if isinstance(node.value, dict) else None, None)


def held(cls: type[P] | Late) -> Key[P]:
    """Declare a mapping with known keys that is there in any case."""
    return _HeldKey(Held(cls), cls, None)


def parts(cls: Callable[[Node], P], **more: Any) -> Key[tuple[P, ...]]:
    """Declare a list of mappings with known keys."""

    def read(node: Node) -> tuple[P, ...]:
        return tuple([cls(item) for item in node.items if isinstance(item.value, dict)])

    return Key([cls], read, (), **more)


def named(cls: Callable[[str, Node], P], **more: Any) -> Key[dict[str, P]]:
    """Declare mappings with known keys, by name; one without a value says nothing."""
    return Key(
        {"*": cls}, lambda node: {key: cls(key, entry) for key, entry in node.mapping.items()}, {}, **more
    )


def read_text(node: Node) -> Any:
    """Return a text or None; raise TypeError or ValueError for another thing."""
    if node.value is None or isinstance(node.value, str):
        return node.value
    raise TypeError


def read_scalar(node: Node) -> str | None:
    """Return a scalar as Compose writes it where a text is wanted; raise TypeError for none."""
    value = node.value
    if isinstance(value, dict | list):
        raise TypeError
    return None if value is None else as_text(value)


def read_texts(node: Node) -> tuple[str, ...]:
    """Return the texts of a list, or one alone; what is no text is passed over."""
    items = node.value if isinstance(node.value, list) else [node]
    return tuple([item.value for item in items if isinstance(item.value, str)])


def read_words(node: Node) -> tuple[str, ...] | None:
    """Return the words of a command; what is no text is passed over."""
    return None if not isinstance(node.value, list) else read_texts(node)


def read_text_map(node: Node) -> Any:
    """Return the texts of a mapping, None among them; what is no text is passed over."""
    return {
        key: inner.value
        for key, inner in node.mapping.items()
        if isinstance(inner.value, str) or inner.value is None
    }


def read_flag(node: Node) -> Any:
    """Return a boolean; raise TypeError or ValueError for another thing."""
    value = node.value
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() in {"true", "yes", "on", "y", "1"}
    raise TypeError


def read_whole(node: Node) -> Any:
    """Return a whole number; raise TypeError or ValueError for another thing."""
    value = node.value
    if isinstance(value, bool) or value is None:
        raise TypeError
    return int(value)  # type: ignore[arg-type]  # a list or a mapping raises TypeError


def read_number(node: Node) -> float:
    """Return a number; raise TypeError or ValueError for another thing."""
    if isinstance(node.value, bool):
        raise TypeError
    return float(node.value or 0)  # type: ignore[arg-type]


def read_size(node: Node) -> int:
    """Return bytes; raise TypeError or ValueError for another thing."""
    value = node.value
    if isinstance(value, float):
        return 0  # Compose reads whole numbers and texts alone, and passes over this one
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise TypeError
    return int(value) if value.lstrip("-").isdigit() else parse_size(value)


def read_time(node: Node) -> Any:
    """Return seconds; raise TypeError or ValueError for another thing."""
    if not isinstance(node.value, str):
        raise TypeError
    return parse_duration(node.value)


def read_permissions(node: Node) -> int:
    """Return permissions, of which a text is octal; raise TypeError or ValueError for another thing."""
    value = node.value
    return int(value, 8) if isinstance(value, str) else int(value)  # type: ignore[arg-type]
