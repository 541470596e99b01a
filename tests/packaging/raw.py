"""The places of a source where a raw node is read, or what is written in place of what it means."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What reads a Node, and what reads the mapping of a part's keys to their Nodes.
_OF_NODES = frozenset(("get", "mapping", "items", "plain", "value"))
_OF_WRITTEN = frozenset(("get", "items", "keys", "values"))
_AS_IT_STANDS = frozenset(("as_written", "as_held"))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def raw_reads(text: str) -> list[int]:
    """Return the lines that read a node or a written key, also by a name that either was given before."""
    return sorted(_Scope(ast.parse(text), {}).reads())


class _Scope:
    """A function, a class or the module, and the names in it that stand for nodes or for written keys."""

    def __init__(self, tree: ast.AST, names: dict[str, str]) -> None:
        self.tree = tree
        self.names = dict(names)
        own = list(self._own(tree))
        self.inner = [each for each in own if isinstance(each, _SCOPES)]
        self.nodes = [each for each in own if not isinstance(each, _SCOPES)]
        for _ in range(2):  # a name of a name, whatever the order of the lines
            for node in self.nodes:
                self._learn(node)

    def _own(self, tree: ast.AST) -> Iterator[ast.AST]:
        """Yield what stands in a scope itself, and the scopes in it without what is in these."""
        for child in ast.iter_child_nodes(tree):
            yield child
            if not isinstance(child, _SCOPES):
                yield from self._own(child)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._bind(node.target, node.value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            kinds = {kind for each in _elements(node.iter) if (kind := self.kind(each))}
            if kinds and isinstance(node.target, ast.Name):
                self.names[node.target.id] = kinds.pop()

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, each in zip(target.elts, value.elts, strict=False):
                self._bind(one, each)
        elif isinstance(target, ast.Name) and (kind := self.kind(value)):
            self.names[target.id] = kind

    def kind(self, value: ast.AST) -> str:
        """Return "node" or "written" for what an expression may be, "" for anything else."""
        if isinstance(value, ast.Name):
            return self.names.get(value.id, "")
        if isinstance(value, ast.Attribute) and value.attr in ("node", "written"):
            # What an object has of itself, and the names that are written in a project.
            of = value.value
            other = isinstance(of, ast.Name) and of.id == "self"
            other = other or (isinstance(of, ast.Attribute) and of.attr == "names")
            return "" if other and value.attr == "written" else value.attr
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "getattr":
            name = value.args[1].value if isinstance(value.args[1], ast.Constant) else ""
            return name if name in ("node", "written") else ""
        if isinstance(value, ast.NamedExpr):
            return self.kind(value.value)
        parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else []
        parts = value.values if isinstance(value, ast.BoolOp) else parts
        return next(filter(None, map(self.kind, parts)), "")

    def reads(self) -> Iterator[int]:
        """Yield the line of each read."""
        for node in self.nodes:
            if isinstance(node, ast.Attribute):
                kind = self.kind(node.value)
                read = (kind == "node" and node.attr in _OF_NODES) or (
                    kind == "written" and node.attr in _OF_WRITTEN
                )
                if read or node.attr in _AS_IT_STANDS:
                    yield node.lineno
            elif isinstance(node, ast.Subscript) and self.kind(node.value) == "written":
                yield node.lineno
            elif isinstance(node, (ast.For, ast.comprehension)) and self.kind(node.iter) == "written":
                yield node.iter.lineno
            elif isinstance(node, ast.Compare):
                looked = zip(node.ops, node.comparators, strict=True)
                if any(isinstance(op, (ast.In, ast.NotIn)) and self.kind(e) == "written" for op, e in looked):
                    yield node.lineno
        for tree in self.inner:
            yield from _Scope(tree, self.names).reads()


def _elements(value: ast.AST) -> list[ast.AST]:
    if isinstance(value, (ast.Tuple, ast.List, ast.Set)):
        return value.elts
    return [value.elt] if isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) else []
