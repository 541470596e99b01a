"""The smallest project that still shows what a large one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .trees import Alias, Anchor, Raw, Tagged
from .values import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .projects import Project

_TRIES = 250


def smallest(project: Project, shows: Callable[[Project], object]) -> Project:
    """Return a project that `shows` still holds for, with as much as possible taken out."""
    tries = 0
    found = True
    while found and tries < _TRIES:
        found = False
        for candidate in _smaller(project):
            tries += 1
            if shows(candidate):
                project, found = candidate, True
                break
            if tries >= _TRIES:
                break
    return project


def _smaller(project: Project) -> Iterator[Project]:
    for name in project.files:
        yield project._replace(files={other: c for other, c in project.files.items() if other != name})
    for at in range(0, len(project.arguments), 2):
        yield project._replace(arguments=project.arguments[:at] + project.arguments[at + 2 :])
    for name in project.environment:
        if name not in ENVIRONMENT:
            yield project._replace(environment={n: v for n, v in project.environment.items() if n != name})
    for name, content in project.files.items():
        lines = content.split("\n") if isinstance(content, str) else []
        smaller = (
            ("\n".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines)))
            if isinstance(content, str)
            else _trees(content)
        )
        for candidate in smaller:
            yield project._replace(files={**project.files, name: candidate})


def _trees(tree: Any) -> Iterator[Any]:
    """Yield a value with one thing less in it: the larger things first."""
    if isinstance(tree, Anchor | Tagged):
        yield tree.value
        yield from (tree._replace(value=inner) for inner in _trees(tree.value))
    elif isinstance(tree, Alias | Raw):
        return
    elif isinstance(tree, dict):
        for key in tree:
            yield {other: inner for other, inner in tree.items() if other != key}
        for key, value in tree.items():
            yield from ({**tree, key: inner} for inner in _trees(value))
    elif isinstance(tree, list):
        for at in range(len(tree)):
            yield tree[:at] + tree[at + 1 :]
        for at, value in enumerate(tree):
            yield from ([*tree[:at], inner, *tree[at + 1 :]] for inner in _trees(value))
