"""`extends`: a service over another one, of the same file or of another, and that over its own base.

What is inherited keeps its place in the file that it comes from; its origin is the `extends` that
brought it.
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck.findings.diagnostic import Related
from composecheck.loading.merge import marked, merge, without
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Origin
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.loading.findings import Findings
    from composecheck.text.node import Node

# A chain of bases that is longer than any real one, and far from what Python's own stack holds.
MAX_CHAIN = 100


class Services(NamedTuple):
    """The services of one file as they are written, and what `!reset` and `!override` drop there.

    `imported` are those that the file's `include` brought.
    """

    file: str
    written: dict[str, Node]
    dropped: tuple[tuple[str, ...], ...]
    extended: dict[str, Node]  # those whose bases are known: filled on the way
    imported: frozenset[str] = frozenset()


class _Link(NamedTuple):
    """One step of a chain of bases."""

    file: str
    name: str
    place: Node  # its `extends`


class Extension:
    """Puts services over what they extend.

    `open_file` gives the services of another file, and `shown` a path as reports show it.
    """

    def __init__(
        self,
        open_file: Callable[[Node], Services | None],
        findings: Findings,
        shown: Callable[[str], str],
    ) -> None:
        self._open_file = open_file
        self._findings = findings
        self._shown = shown

    def of(self, services: Services) -> dict[str, Node]:
        """Return the services of a file, each with what it inherits and without `extends`."""
        return {name: self._extended(services, name, ()) for name in services.written}

    def _extended(self, services: Services, name: str, chain: tuple[_Link, ...]) -> Node:
        known = services.extended.get(name)
        if known is None:
            known = services.extended[name] = self._extend(services, name, chain)
        return known

    def _extend(self, services: Services, name: str, chain: tuple[_Link, ...]) -> Node:
        node = services.written[name]
        extends = node.get("extends")
        wanted = _wanted(extends)
        if extends is None or wanted is None:  # what it says otherwise is the schema's to refuse
            return node
        own = without(node, ("extends",))
        link = _Link(services.file, name, extends)
        if len(chain) >= MAX_CHAIN:
            message = f"services extend each other in a chain of more than {MAX_CHAIN}"
            self._findings.error("document-limit", message, extends.span, "extend fewer", service=name)
            return own
        if any(link[:2] == other[:2] for other in chain):
            self._cycle(link, chain)
            return own
        target, file = wanted
        base = self._base(services, target, file, (*chain, link))
        if base is None:
            return own
        if not isinstance(base.value, dict):
            return node  # Compose leaves a service as it is that extends nothing
        if services.imported and file is None and target.value in services.imported:
            self._findings.differs("include_first", target.span, name)
        return self._over(base, own, services, link)

    def _base(
        self, services: Services, target: Node, file: Node | None, chain: tuple[_Link, ...]
    ) -> Node | None:
        opened = services if file is None else self._open_file(file)
        if opened is None:  # and that is a finding already
            return None
        name = str(target.value)
        if name not in opened.written:
            self._undefined(target, opened, chain[-1])
            return None
        if not isinstance(opened.written[name].value, dict | None):
            self._no_service(name, opened.written[name])
            return None
        if file is None and opened.written[name].get("extends") and _drops(opened, name):
            self._findings.differs("tags_in_extends", opened.written[name].mapping["extends"].place, name)
        return self._extended(opened, name, chain)

    def _over(self, base: Node, own: Node, services: Services, link: _Link) -> Node:
        inherited = marked(base, own, Origin("extends", link.place.span)).mapping
        base = own.replace({**inherited})
        for path in _drops(services, link.name):
            base = without(base, path)
        merged = merge(base, own, self._findings, ("services", link.name))
        return own.replace(merged.value)

    def _cycle(self, link: _Link, chain: tuple[_Link, ...]) -> None:
        start = next(at for at, other in enumerate(chain) if other[:2] == link[:2])
        names = " -> ".join(f"'{one.name}'" for one in (*chain[start:], link))
        # Wherever the circle is entered, it is told at the first of its places.
        first, *others = sorted(chain[start:], key=lambda one: (one.file, one.place.span.line))
        self._findings.error(
            "extends-cycle",
            f"services extend each other in a circle: {names}",
            first.place.span,
            "take one of the 'extends' out",
            service=first.name,
            related=[Related(one.place.span, "and here") for one in others],
        )

    def _no_service(self, name: str, node: Node) -> None:
        # Of those that nobody extends, Compose does not care in another file.
        message = f"service '{name}' must be a mapping"
        self._findings.error(
            "invalid-type", message, node.span, "give it an 'image' or a 'build'", service=name
        )
        self._findings.refuse(node.span)

    def _undefined(self, target: Node, opened: Services, link: _Link) -> None:
        from composecheck.text.slips import slip_of

        where = "" if opened.file == link.file else f" in '{self._shown(opened.file)}'"
        self._findings.error(
            "undefined-extends",
            f"service '{link.name}' extends '{target.value}', which is not defined{where}",
            target.span,
            did_you_mean(str(target.value), opened.written)
            or "define it, or mend the name"
            + ("; of another file: 'extends: {file: ..., service: ...}'" if not where else ""),
            service=link.name,
            meant=slip_of(str(target.value), opened.written, but=[link.name]) or "",
        )


def _wanted(extends: Node | None) -> tuple[Node, Node | None] | None:
    """Return the service that is extended and the file that it is in; None where neither can be read."""
    if extends is None:
        return None
    if isinstance(extends.value, str):
        return extends, None
    service, file = extends.get("service"), extends.get("file")
    if service is None or not isinstance(service.value, str):
        return None
    if file is None or file.value is None:
        return service, None
    return (service, file) if isinstance(file.value, str) else None


def _drops(services: Services, name: str) -> list[tuple[str, ...]]:
    """Return what a service's tags take out of its base, as paths in it."""
    return [path[2:] for path in services.dropped if path[:2] == ("services", name) and path[2:]]
