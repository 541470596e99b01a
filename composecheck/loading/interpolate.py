"""Variables in values (never in keys): `$V`, `${V}`, defaults, alternatives and required ones."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.node import Node, Origin
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from composecheck.loading.findings import Findings
    from composecheck.loading.options import Variables
    from composecheck.model.dialect import Dialect

# `${A:-${B:-...}}` deeper than any real file.
MAX_NESTING = 50
# Characters of one value, and of all together, once variables are replaced: eight times what Linux lets
# a variable hold, and as much as a file may. A line of `A=$A$A` doubles what the one above it gave.
MAX_VALUE = 1_000_000
MAX_ADDED = 50_000_000

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATOR = re.compile(r"(:?)([-+?])")


class TemplateError(ValueError):
    """A `${` that opens no variable; `template` is its text, up to the brace that would close it."""

    def __init__(self, template: str) -> None:
        super().__init__(template)
        self.template = template


class LimitError(ValueError):
    """A value of which variables make more than any file holds, or that nests them too deep."""


class TooLargeError(ValueError):
    """A number that no machine word holds."""


class RequiredError(ValueError):
    """A variable that must be set and is not; the text is what the file says to that."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"the required variable '{name}' is missing a value{': ' if text else ''}{text}")
        self.name = name


def _ignore(_what: object) -> None:
    """Hear of nothing."""


class _Scope(NamedTuple):
    """Where variables have their values, who hears of the rest, and how deep we are."""

    lookup: Callable[[str], str | None]
    unset: Callable[[str], None]
    unused: Callable[[Callable[[], object]], None]
    blank: Callable[[str], None] = _ignore
    depth: int = 0


def substitute(
    text: str,
    lookup: Callable[[str], str | None],
    unset: Callable[[str], None] = _ignore,
    unused: Callable[[Callable[[], object]], None] = _ignore,
    blank: Callable[[str], None] = _ignore,
) -> str:
    """Return a text with its variables replaced; `unset` hears of each that has no value.

    `blank` hears of each for which nothing stands, whatever the reason. A default, alternative or error
    text is evaluated only when it is used; `unused` is given what would evaluate one that is not. Raises
    TemplateError, RequiredError or LimitError.
    """
    return _substitute(text, _Scope(lookup, unset, unused, blank))


def _substitute(text: str, scope: _Scope) -> str:
    parts, at, length = [], 0, 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        replacement, at = _variable(text, dollar, scope)
        parts.append(replacement)
        length += len(replacement)
        if length > MAX_VALUE:
            raise LimitError(f"variables make this value longer than {MAX_VALUE} characters")
    return "".join([*parts, text[at:]])


def _variable(text: str, dollar: int, scope: _Scope) -> tuple[str, int]:
    """Return what stands for the variable at a dollar sign, and where the text goes on."""
    at = dollar + 1
    if text.startswith("$", at):
        return "$", at + 1
    if text.startswith("{", at):
        end = _end(text, at)
        return _operate(text[at + 1 : end], scope), end + 1
    name = _NAME.match(text, at)
    if name is None:
        return "$", at
    return _value(name[0], scope), name.end()


def _operate(inner: str, scope: _Scope) -> str:
    name = _NAME.match(inner)
    if name is None:
        raise TemplateError(f"${{{inner}}}")
    if scope.depth > MAX_NESTING:
        raise LimitError(f"variables are nested deeper than {MAX_NESTING} levels")
    if name.end() == len(inner):
        return _value(name[0], scope)
    operator = _OPERATOR.match(inner, name.end())
    if operator is None:
        raise TemplateError(f"${{{inner}}}")
    colon, kind = operator.groups()
    text, deeper = inner[operator.end() :], scope._replace(depth=scope.depth + 1)
    value = scope.lookup(name[0])
    given = value is not None and (value != "" or not colon)
    if given != (kind == "+"):
        if "$" in text:
            scope.unused(lambda: _substitute(text, deeper))
        return _filled(name[0], value or "", scope)
    words = _substitute(text, deeper)
    if kind == "?":
        raise RequiredError(name[0], words)
    return words if "$" in text else _filled(name[0], words, scope)


def _value(name: str, scope: _Scope) -> str:
    value = scope.lookup(name)
    if value is None:
        scope.unset(name)
    return _filled(name, value or "", scope)


def _filled(name: str, text: str, scope: _Scope) -> str:
    """Return what stands for a variable, once it has been told where that is nothing."""
    if not text:
        scope.blank(name)
    return text


def _end(text: str, opening: int) -> int:
    """Return where the brace closes that opens a variable: in its line, else it opens none.

    As in Compose, every brace counts and the character after an opening one does not; where they
    do not balance, the last one of the line closes.
    """
    depth, at = 0, opening
    line_end = text.find("\n", opening)
    line_end = len(text) if line_end < 0 else line_end
    while at < line_end:
        if text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        elif text[at] == "{":
            depth += 1
            at += 1
        at += 1
    last = text.rfind("}", opening, line_end)
    if last < 0:
        raise TemplateError(text[opening - 1 : line_end])
    return last


class Interpolation:
    """Replaces variables in documents; says of an unset one once, where it is first used."""

    def __init__(self, variables: Variables, findings: Findings, dialect: Dialect) -> None:
        self._variables = variables
        self._findings = findings
        self._dialect = dialect
        self._added = 0

    def document(self, node: Node) -> Node:
        """Return a document with its variables replaced, and texts cast where numbers are wanted."""
        if "$" in node.span.source.text:
            node = self._walk(node)
        return self._cast(node, _DOCUMENT)

    def _walk(self, node: Node) -> Node:
        value = node.value
        if isinstance(value, str):
            return self._scalar(node, value) if "$" in value else node
        if isinstance(value, dict):
            changed = {key: new for key, old in value.items() if (new := self._walk(old)) is not old}
            return node.replace({**value, **changed}) if changed else node
        if isinstance(value, list):
            items = [self._walk(old) for old in value]
            return node.replace(items) if any(map(_is_not, items, value)) else node
        return node

    def _scalar(self, node: Node, text: str) -> Node:
        def unset(name: str) -> None:
            self._findings.unset(name, _variable_span(node.span, name), text)

        def unused(evaluate: Callable[[], object]) -> None:
            if not self._dialect.lazy_defaults:
                evaluate()
                return
            try:
                evaluate()
            except (TemplateError, RequiredError, LimitError):
                self._findings.differs("lazy_defaults", node.span)

        values, places = self._variables
        used: list[str] = []
        blank: dict[str, bool] = {}
        lookup = values.get
        if places:

            def lookup(name: str, _default: None = None) -> str | None:  # type: ignore[misc]
                used.append(name)
                return values.get(name)

        def nothing(name: str) -> None:
            blank[name] = name in values

        try:
            filled = self._counted(substitute(text, lookup, unset, unused, nothing))
        except (LimitError, TemplateError, RequiredError) as error:
            self._fault(node, error)
            return node
        if blank:
            self._findings.blank(node.span, blank)
        return self._sourced(node.replace(filled), used)

    def _fault(self, node: Node, error: LimitError | TemplateError | RequiredError) -> None:
        """Say why a variable cannot be replaced, and that the value stays as it is written."""
        span = node.span
        if isinstance(error, LimitError):
            self._findings.error("document-limit", str(error), span, "write less with variables")
        elif isinstance(error, RequiredError):
            self._findings.required(error.name, str(error), _variable_span(span, error.name))
        else:
            from composecheck.loading.templates import told

            key = node.key_span.text if node.key_span is not None else str(node.value).partition("=")[0]
            message, remedy = told(error.template, key.strip("\"'"))
            self._findings.error("invalid-interpolation", message, _part(span, error.template), remedy)
        self._findings.unfilled(span)

    def _counted(self, text: str) -> str:
        self._added += len(text)
        if self._added > MAX_ADDED:
            raise LimitError(f"variables make more than {MAX_ADDED} characters of this project")
        return text

    def _sourced(self, node: Node, used: list[str]) -> Node:
        """Return a value with the place in an env file that it came from."""
        place = next((self._variables.places[name] for name in used if name in self._variables.places), None)
        if place is None:
            return node
        return Node(node.value, node.span, node.key_span, Origin("variable", place, node.origin))

    def _cast(self, node: Node, wanted: Any) -> Node:
        value = node.value
        if isinstance(wanted, dict):
            if isinstance(value, dict):
                each = wanted.get("*")
                keys = value if each is not None else [key for key in wanted if key in value]
                changed = {
                    key: new
                    for key in keys
                    if (new := self._cast(value[key], wanted.get(key, each))) is not value[key]
                }
                return node.replace({**value, **changed}) if changed else node
            if isinstance(value, list) and "[]" in wanted:
                items = [self._cast(item, wanted["[]"]) for item in value]
                return node.replace(items) if any(map(_is_not, items, value)) else node
            return node
        return self._cast_scalar(node, value, wanted) if isinstance(value, str) else node

    def _cast_scalar(self, node: Node, text: str, wanted: Callable[[str], Any]) -> Node:
        try:
            value = wanted(text)
            difference = _DIFFERS.get(wanted)
            if difference is None:
                return node.replace(value)
            name, casts = difference
            self._findings.differs(name, node.span)
            return node.replace(value) if casts(self._dialect) else node
        except TooLargeError:
            message = f"the number '{text}' is too large"
            self._findings.error("invalid-value", message, node.span, "write a smaller one")
            self._findings.refuse(node.span)
        except ValueError:
            pass  # the schema refuses this text, in better words
        return node


def to_bool(text: str) -> bool:
    """Return what a text says for a boolean; ValueError where it says none."""
    word = text.lower()
    if word in ("true", "y", "yes", "on"):
        return True
    if word in ("false", "n", "no", "off"):
        return False
    raise ValueError(text)


def to_dependency_flag(text: str) -> bool:
    """Return what a text says for a boolean of `depends_on`, where not every Compose takes a text."""
    return to_bool(text)


def to_negative_size(text: str) -> int:
    """Return a negative number of bytes; ValueError for any other text, which is read later."""
    if not text.startswith("-"):
        raise ValueError(text)
    return to_int(text)


def to_int(text: str) -> int:
    """Return a whole number written in decimal; ValueError else."""
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise ValueError(text)
    if len(text) > 20 or not -(1 << 63) <= int(text) < 1 << 63:
        raise TooLargeError(text)
    return int(text)


def to_float(text: str) -> float:
    """Return a number; ValueError else."""
    if text != text.strip():
        raise ValueError(text)
    number = float(text)
    if number in (float("inf"), -float("inf")) and "0" <= text[-1] <= "9":
        raise TooLargeError(text)
    return number


# Casts that not every generation makes: the key in DIFFERENCES, and which of them does.
_DIFFERS: dict[object, tuple[str, Callable[[Dialect], bool]]] = {
    to_dependency_flag: ("casts_depends_on", lambda dialect: dialect.casts_depends_on),
    to_negative_size: ("negative_sizes", lambda dialect: dialect.negative_sizes),
}

# Where Compose reads a text as a number or a boolean (compose-go, loader/interpolate.go).
_UPDATE = {"parallelism": to_int, "max_failure_ratio": to_float}
_SERVICE: dict[str, Any] = {
    **dict.fromkeys(
        ("cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares"), to_int
    ),
    **dict.fromkeys(("oom_score_adj", "pids_limit", "scale"), to_int),
    **dict.fromkeys(("cpu_percent", "cpus"), to_float),
    **dict.fromkeys(("init", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty"), to_bool),
    **dict.fromkeys(
        ("mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "shm_size"), to_negative_size
    ),
    "depends_on": {"*": {"required": to_dependency_flag, "restart": to_dependency_flag}},
    "deploy": {
        "replicas": to_int,
        "update_config": _UPDATE,
        "rollback_config": _UPDATE,
        "restart_policy": {"max_attempts": to_int},
        "placement": {"max_replicas_per_node": to_int},
    },
    "healthcheck": {"retries": to_int, "disable": to_bool},
    "ports": {"[]": {"target": to_int}},
    "ulimits": {"*": to_int},
    "volumes": {"[]": {"read_only": to_bool, "volume": {"nocopy": to_bool}}},
}
_EXTERNAL = {"*": {"external": to_bool}}
_DOCUMENT: dict[str, Any] = {
    "services": {"*": _SERVICE},
    "networks": {
        "*": dict.fromkeys(("external", "internal", "attachable", "enable_ipv4", "enable_ipv6"), to_bool)
    },
    "volumes": _EXTERNAL,
    "secrets": _EXTERNAL,
    "configs": _EXTERNAL,
}


def _is_not(one: object, other: object) -> bool:
    return one is not other


def _variable_span(span: Span, name: str) -> Span:
    """Return the place of a variable in a scalar, where it can be seen there; else the scalar's."""
    found = re.search(rf"\$\{{?{re.escape(name)}\b", span.text)
    if found is None or span.line != span.end_line:
        return span
    return _part_at(span, found.start(), len(found[0]) + found[0].startswith("${"))


def _part(span: Span, text: str) -> Span:
    """Return the place of a text in a scalar, where it can be seen there; else the scalar's."""
    at = span.text.find(text) if span.line == span.end_line else -1
    return span if at < 0 else _part_at(span, at, len(text))


def _part_at(span: Span, start: int, length: int) -> Span:
    column = span.column + start
    return Span(span.source, span.line, column, span.line, column + length)
