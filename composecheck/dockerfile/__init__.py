"""Dockerfiles, as far as a Compose project needs them: what the built image will bring with it.

`parse` takes a file apart into instructions, `stages` follows them from stage to stage. What only
the base image could tell stays unknown, and is never guessed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from composecheck.dockerfile.parse import parse
from composecheck.dockerfile.stages import Built, follow, stages
from composecheck.errors import SourceError
from composecheck.text.disk import Disk
from composecheck.text.source import Source

if TYPE_CHECKING:
    from composecheck.model.project import Build
    from composecheck.text.node import Node

__all__ = ["Built", "built"]

_LIMIT = 1 << 20


def built(build: Build) -> Built | None:
    """Return what a build's Dockerfile says of its image.

    None where it cannot be read here: a remote context, no such file, no such target.
    """
    source = _source(build)
    if source is None:
        return None
    found = stages(parse(source), {key: value for key, value in build.args.items() if value is not None})
    image = follow(found, build.target)
    if image is not None and image.healthcheck is not None and build.dockerfile_inline is not None:
        # The lines of an inline Dockerfile are not the Compose file's: its key stands for them.
        return image._replace(healthcheck=image.healthcheck.at(_inline(build)))
    return image


def _inline(build: Build) -> Node:
    return build.node.get("dockerfile_inline") or build.node


def _source(build: Build) -> Source | None:
    if build.dockerfile_inline is not None:
        return Source("dockerfile_inline", build.dockerfile_inline)
    path = Path(build.context) / build.dockerfile
    # A pipe or a device would be waited for.
    if not path.is_absolute() or not os.path.isfile(path):  # noqa: PTH113 - Path raises on a loop of links
        return None
    try:
        return Disk().read(path, limit=_LIMIT)
    except SourceError:
        return None
