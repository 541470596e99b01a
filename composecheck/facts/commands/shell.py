"""Shell text, read: its statements, each at its place.

The grammar is tree-sitter's (of bash, which holds that of sh); its trees become the few shapes of `syntax`.
What it cannot make sense of is left out, and the text is then not `whole`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from composecheck.facts.commands.plain import plain
from composecheck.facts.commands.syntax import (
    DOLLAR,
    Arm,
    Background,
    Block,
    Branch,
    Chain,
    Command,
    Function,
    Group,
    Loop,
    Negated,
    Pipeline,
    Script,
    Statement,
)
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from tree_sitter import Node, Parser

# A longer text is read in pieces: on what is no script the parser may need time and memory by the square of
# its length. No more is read than fits into four of them.
LONGEST = 1 << 14
_MOST = 1 << 16
# Not within a here-document, as far as its next line tells: no bracket, no word that ends it.
_BORDER = r"(?m)^(?:\}|fi|done|esac)[ \t]*\n(?![ \t]+\S|[\]})]|\w+[ \t]*$)"
# What is nested deeper is left out: no script is, and all that looks at one may go down by recursion.
_DEEPEST = 50
_ESCAPED = r"\\([$`\"\\\n])"
_EXPANDED = frozenset(("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"))
_WORDS = _EXPANDED | frozenset(
    """word number string raw_string ansi_c_string translated_string concatenation process_substitution
    brace_expression extglob_pattern regex array variable_assignment variable_name subscript
    special_variable_name""".split()  # noqa: SIM905 - words
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@lru_cache(maxsize=256)
def read(text: str) -> Script:
    """Return the statements of a text; projects have few that differ."""
    return plain(text) or parsed(text)


def parsed(text: str) -> Script:
    """Return the statements of a text as the grammar has them."""
    # One byte each, so that the parser's offsets are those of the text. It does not know `<>`, nor that no
    # `;` is needed between `)` and `do`; and a NUL, which no script has, costs it much time.
    masked = re.sub(r"(?<=\)) (?=do\b|then\b)", ";", text.replace("<>", ">>").replace("\0", "?"))
    body: list[Statement] = []
    end, whole = 0, True
    for start, end in _pieces(text):
        root = _parser().parse(masked[start:end].encode("ascii", "replace")).root_node
        body.extend(_Reader(text, start).block(root.children, 0))
        whole = whole and not root.has_error
    return Script(text, tuple(body), whole and end == len(text))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of a text begin and end that are read one by one: of most there is one.

    They end where a function or a block does that begins at a line's beginning.
    """
    start = 0
    while len(text) - start > LONGEST and start < _MOST:
        last = None
        for match in re.compile(_BORDER).finditer(text, start + LONGEST // 4, start + LONGEST):
            last = match
        end = last.end() if last is not None else text.rfind("\n", start, start + LONGEST) + 1
        yield start, end or start + LONGEST
        if last is None:
            return
        start = end
    if start < _MOST:
        yield start, len(text)


@cache
def _parser() -> Parser:
    """Return the parser of shell text."""
    library = _extension("tree_sitter")
    parser: Parser = library.Parser(library.Language(_extension("tree_sitter_bash").language()))
    return parser


def _extension(package: str) -> Any:
    """Return what a package is written in C for, without what it imports besides, which takes up to 20 ms."""
    import os
    from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, PathFinder

    found = PathFinder.find_spec(package)
    for folder in (found.submodule_search_locations if found is not None else None) or ():
        for suffix in EXTENSION_SUFFIXES:
            path = os.path.join(folder, f"_binding{suffix}")
            if os.path.isfile(path):
                loader = ExtensionFileLoader(f"{package}._binding", path)
                module = loader.create_module(ModuleSpec(loader.name, loader, origin=path))
                loader.exec_module(module)
                return module
    from importlib import import_module

    return import_module(package)


class _Reader:
    """Makes the shapes of `syntax` from the tree of a text."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._start = start  # of the piece that the tree is of

    def block(self, nodes: Iterable[Node], depth: int) -> Block:
        """Return the statements among some nodes."""
        found: list[Statement] = []
        for node in nodes:
            if node.type == "&" and found:
                found[-1] = Background(found[-1])
            elif node.type == "ERROR":
                found.extend(self.block(node.children, depth + 1) if depth < _DEEPEST else ())
            elif node.is_named:
                statement = self.statement(node, depth + 1)
                if statement is not None:
                    found.append(statement)
        return tuple(found)

    def statement(self, node: Node, depth: int) -> Statement | None:  # noqa: PLR0911 - one a kind of node
        """Return the statement that a node is, None where it is none."""
        if depth > _DEEPEST:
            return None
        kind = node.type
        if kind in _SIMPLE:
            return self._command(node)
        if kind in ("subshell", "compound_statement"):
            if node.children and node.children[0].type == "((":
                return Command(("((", self._raw(node)[2:-2], "))"), *self._span(node))
            return Group(self.block(node.children, depth))
        if kind in ("while_statement", "for_statement", "c_style_for_statement"):
            return self._loop(node, depth)
        if kind == "if_statement":
            return Branch("if", tuple(self._arms(node, depth)))
        if kind == "case_statement":
            items = [child for child in node.children if child.type == "case_item"]
            return Branch("case", tuple(Arm((), self._after(item, ")", depth)) for item in items))
        if kind == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is None or body is None:
                return None
            inner = self.statement(body, depth)
            block = inner.body if isinstance(inner, Group) else () if inner is None else (inner,)
            return Function(self.word(name), block, *self._span(node))
        return self._composed(node, depth)

    def _composed(self, node: Node, depth: int) -> Statement | None:
        if node.type == "negated_command":
            inner = self.block(node.children, depth)
            return Negated(inner[0]) if inner else None
        if node.type == "list":
            return self._chain(node, depth)
        if node.type == "pipeline":
            parts = self.block(node.children, depth)
            return Pipeline(parts) if len(parts) > 1 else parts[0] if parts else None
        if node.type == "redirected_statement":
            return self._redirected(node, depth)
        return None

    def _command(self, node: Node) -> Command | None:
        if node.type == "test_command":
            words = tuple(self._test(node))
        elif node.type == "command":
            words = tuple(
                self.word(child.children[0] if child.type == "command_name" and child.children else child)
                for child in node.children
                if child.type in _WORDS or child.type == "command_name"
            )
        else:
            # An assignment, or a builtin that the grammar has a rule for: export, local, unset.
            nodes = [node] if node.type == "variable_assignment" else node.children
            words = tuple(self.word(child) for child in nodes)
        redirects = tuple(self._targets(node))
        if redirects and not "".join(words[:1]):
            words = (":", *words[1:])  # the parser names a command that is none: `< file`
        return Command(words, *self._span(node), redirects, self._given(node)) if words else None

    def _targets(self, node: Node) -> Iterator[str]:
        """Yield the files that redirections among a node's children name."""
        for child in node.children:
            if child.type == "file_redirect":
                yield from (self.word(each) for each in child.children_by_field_name("destination"))

    def _test(self, node: Node) -> Iterable[str]:
        """Yield the words of `[ ... ]`, operators too."""
        waiting = [*reversed(node.children)]
        while waiting:
            child = waiting.pop()
            if child.type in _WORDS or not child.children:
                yield self.word(child)
            else:
                waiting.extend(reversed(child.children))

    def _chain(self, node: Node, depth: int) -> Statement | None:
        """Return a list whose left end is nested once for each operator."""
        parts: list[Node] = []
        operators: list[str] = []
        at: Node | None = node
        while at is not None and at.type == "list":
            statements = [child for child in at.children if child.is_named]
            operators.extend(child.type for child in at.children if child.type in ("&&", "||"))
            parts.extend(reversed(statements[1:]))
            at = statements[0] if statements else None
        parts.extend(() if at is None else (at,))
        made = [self.statement(part, depth + 1) for part in reversed(parts)]
        return _chained([part for part in made if part is not None], operators[::-1])

    def _loop(self, node: Node, depth: int) -> Statement:
        word = self._raw(node.children[0])
        body = node.child_by_field_name("body")
        end = body.start_byte if body is not None else node.end_byte
        before = [child for child in node.children[1:] if child.start_byte < end]
        block = self.block(body.children, depth) if body is not None else ()
        if node.type == "while_statement":
            condition = self.block(before, depth)
            return Loop(word, condition, block, *self._span(node))
        if node.type == "for_statement":
            over = tuple(self.word(child) for child in before if child.type in _WORDS)
        else:
            over = (self._slice(node.children[0].end_byte, end),)
        return Loop(word, (), block, *self._span(node), over)

    def _arms(self, node: Node, depth: int) -> Iterable[Arm]:
        then = next((child.start_byte for child in node.children if child.type == "then"), node.start_byte)
        clauses = ("elif_clause", "else_clause")
        inner = [child for child in node.children[1:] if child.type not in clauses]
        condition = [child for child in inner if child.start_byte < then]
        yield Arm(self.block(condition, depth), self.block(inner[len(condition) :], depth))
        for child in node.children:
            if child.type == "else_clause":
                yield Arm((), self.block(child.children[1:], depth))
            elif child.type == "elif_clause" and depth < _DEEPEST:
                yield from self._arms(child, depth + 1)

    def _after(self, node: Node, mark: str, depth: int) -> Block:
        at = next((at for at, child in enumerate(node.children) if child.type == mark), -1)
        return self.block(node.children[at + 1 :], depth)

    def _redirected(self, node: Node, depth: int) -> Statement | None:
        body = node.child_by_field_name("body")
        made = self.statement(body, depth) if body is not None else None
        targets: list[str] = []
        behind: list[Node] = []
        waiting = [child for child in node.children if child is not body][::-1]
        while waiting:
            child = waiting.pop()
            if child.type == "file_redirect":
                targets.extend(self.word(each) for each in child.children_by_field_name("destination"))
            elif child.type in ("heredoc_redirect", "ERROR"):
                waiting.extend(reversed(child.children))
            elif child.type in _BEHIND and (body is None or child.start_byte >= body.end_byte):
                behind.append(child)
        if targets:
            made = Command((":",), *self._span(node)) if made is None else made
            made = _with_redirects(made, tuple(targets))
        if isinstance(made, Command):
            made = made._replace(text=made.text or self._given(node))
        # What stands behind the head of a here-document is a part of it to the grammar.
        operator = ""
        for child in behind:
            if child.type in ("&&", "||"):
                operator = child.type
                continue
            more = self.statement(child, depth + 1)
            if more is None:
                continue
            if made is None:
                made = more
            elif child.type == "pipeline" and not operator:
                made = Pipeline((made, *(more.parts if isinstance(more, Pipeline) else (more,))))
            else:
                made = _chained([made, more], [operator or "&&"])
        return made

    def _given(self, node: Node) -> str:
        """Return what a here-document or a here-string among a node's children gives a command to read."""
        for child in node.children:
            if child.type == "herestring_redirect":
                return self.word(child.children[-1])
            start = next((each for each in child.children if each.type == "heredoc_start"), None)
            if start is not None:
                end = next((each for each in child.children if each.type == "heredoc_end"), child)
                body = self._slice(start.end_byte, end.start_byte).partition("\n")[2]
                # Where its end is quoted, nothing in it is expanded.
                return body.replace("$", DOLLAR) if re.search(r"[\\'\"]", self._raw(start)) else body
        return ""

    def word(self, node: Node) -> str:  # noqa: PLR0911 - one a kind of node
        """Return a word without its quotes."""
        kind = node.type
        if kind == "raw_string":
            return self._raw(node)[1:-1].replace("$", DOLLAR)
        if kind in ("string", "translated_string"):
            return self._string(node)
        if kind == "concatenation":
            return "".join([self.word(child) for child in node.children])
        if kind == "variable_assignment":
            value = node.child_by_field_name("value")
            if value is None:
                return self._raw(node)
            return self._slice(node.start_byte, value.start_byte) + self.word(value)
        text = self._raw(node)
        if kind in ("word", "extglob_pattern", "regex") and "\\" in text:
            return re.sub(r"(?s)\\(\n|.)", lambda match: match[1].strip("\n").replace("$", DOLLAR), text)
        if kind == "ansi_c_string":
            text = re.sub(r"(?s)\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[2:-1])
            return text.replace("$", DOLLAR)
        return text

    def _string(self, node: Node) -> str:
        if node.type == "translated_string":
            return "".join([self.word(child) for child in node.children if child.type == "string"])
        made: list[str] = []
        at = node.start_byte + 1
        end = node.end_byte - 1 if node.children[-1].type == '"' else node.end_byte
        for child in node.children:
            if child.type in _EXPANDED:
                made.extend((self._unescaped(at, child.start_byte), self._raw(child)))
                at = child.end_byte
        return "".join((*made, self._unescaped(at, end)))

    def _unescaped(self, start: int, end: int) -> str:
        text = self._slice(start, end)
        if "\\" not in text:
            return text
        return re.sub(_ESCAPED, lambda match: match[1].strip("\n").replace("$", DOLLAR), text)

    def _slice(self, start: int, end: int) -> str:
        return self._text[self._start + start : self._start + end]

    def _raw(self, node: Node) -> str:
        start, end = self._span(node)
        return self._text[start:end]

    def _span(self, node: Node) -> tuple[int, int]:
        return self._start + node.start_byte, self._start + node.end_byte


_SIMPLE = frozenset(
    """command declaration_command unset_command variable_assignment variable_assignments
    test_command""".split()  # noqa: SIM905 - words
)
_BEHIND = _SIMPLE | frozenset(
    """&& || pipeline subshell compound_statement while_statement for_statement c_style_for_statement
    if_statement case_statement function_definition negated_command list
    redirected_statement""".split()  # noqa: SIM905 - words
)


def _chained(parts: Sequence[Statement], operators: Sequence[str]) -> Statement | None:
    """Return statements with operators between them, in one row."""
    if len(parts) < 2:
        return parts[0] if parts else None
    first, *others = parts
    if isinstance(first, Chain):
        return Chain((*first.parts, *others), (*first.operators, *operators))
    return Chain(tuple(parts), tuple(operators[: len(parts) - 1]))


def _with_redirects(statement: Statement, targets: tuple[str, ...]) -> Statement:
    """Return a statement that is redirected, the last one of a list."""
    if isinstance(statement, Command):
        return statement._replace(redirects=(*statement.redirects, *targets))
    if isinstance(statement, Chain | Pipeline):
        *others, last = statement.parts
        return statement._replace(parts=(*others, _with_redirects(last, targets)))
    if isinstance(statement, Negated):
        return Negated(_with_redirects(statement.body, targets))
    return Group((statement,), targets)
