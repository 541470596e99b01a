"""Which project is meant: what the command line and the environment say."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.model.project import Project
    from composecheck.text.disk import Disk
    from composecheck.text.source import Span


class Options(NamedTuple):
    """What selects and shapes a project; the fields are `docker compose`'s own options.

    `environment` None is the process's own; `folder` None is the current one, where discovery
    starts. `compose` is the generation of Docker Compose that reads the files, a name of `DIALECTS`.
    Without `interpolate` variables stay as they are written. `disk` is what files are read through, each
    once; None is one of its own for each check. `named` are the files and folders, by absolute paths, that
    the user has named; None: all `files`. `guessed` are those of `files` of which nobody has said that they
    belong to the others.
    """

    files: tuple[str, ...] = ()
    name: str | None = None
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()  # named ones enable their own profiles
    project_directory: str | None = None
    environment: Mapping[str, str] | None = None
    folder: str | PathLike[str] | None = None
    compose: str = "5"
    interpolate: bool = True
    disk: Disk | None = None
    named: tuple[str, ...] | None = None
    guessed: tuple[str, ...] = ()

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables of the environment that is meant."""
        return os.environ if self.environment is None else self.environment


class Variables(NamedTuple):
    """Variables by name, and the places of those that stand in an env file."""

    values: dict[str, str]
    places: dict[str, Span]


class Loaded(NamedTuple):
    """As much of a Project as could be read (None: nothing), and everything that was found."""

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
