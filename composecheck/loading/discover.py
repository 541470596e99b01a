"""Which files, which environment, which name: what `docker compose` finds out before it reads YAML."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from composecheck.errors import SourceError, UsageError
from composecheck.loading.options import Variables
from composecheck.named import NamedTuple
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from composecheck.loading.findings import Findings
    from composecheck.loading.options import Options

FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
STDIN = Path("-")
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


class Selection(NamedTuple):
    """What is to be loaded; `given_name` is from `-p` or COMPOSE_PROJECT_NAME, else None."""

    paths: tuple[Path, ...]  # absolute; STDIN for standard input
    directory: Path
    variables: Variables  # the environment, with what env files add to it
    profiles: tuple[str, ...]
    given_name: str | None
    env_files: tuple[str, ...]
    named: frozenset[str]  # services whose own profiles are enabled


def discover(options: Options, findings: Findings) -> Selection:
    """Return what the options and the environment select.

    Raises UsageError for a path that does not exist, where there is no Compose file, and for a
    name that Compose does not take.
    """
    disk = options.disk or Disk()
    folder = Path(options.folder or disk.folder).absolute()
    environment = dict(os.environ if options.environment is None else options.environment)
    environment.setdefault("PWD", str(folder))  # not every shell exports it
    env_files = options.env_files or tuple(_split(environment.get("COMPOSE_ENV_FILES", "")))
    files = [_absolute(folder, file) for file in options.files]
    wanted = Path(folder, options.project_directory) if options.project_directory else None

    # The environment files say where the Compose files are, and these where the default one is.
    known = Variables(environment, {})
    first = _environment(known, env_files, folder, wanted or _folder_of(files, folder), findings, disk=disk)
    if not files:
        separator = first.values.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        named = first.values.get("COMPOSE_FILE", "").split(separator)
        files = [_absolute(folder, file) for file in named if file]
    if not files:
        files = _default_files(wanted or folder, disk)
    directory = wanted or _folder_of(files, folder)
    final = first if env_files else _environment(first, env_files, folder, directory, findings, disk=disk)
    for file in files:
        if file is not STDIN and not disk.exists(file):
            raise disk.error(str(file), "no such file")
    return Selection(
        tuple(files),
        Path(os.path.normpath(directory)),
        final,
        options.profiles or tuple(_split(final.values.get("COMPOSE_PROFILES", ""))),
        _given_name(options.name, final.values),
        options.env_files,
        frozenset(options.services),
    )


def normal_name(text: str) -> str:
    """Return a project name as Compose normalises it: lower case, without what is not allowed."""
    return re.sub(r"[^a-z0-9_-]", "", text.lower()).lstrip("_-")


def _given_name(option: str | None, environment: dict[str, str]) -> str | None:
    name = option or environment.get("COMPOSE_PROJECT_NAME") or None
    if name is not None and name != normal_name(name):
        where = "" if option else " (from COMPOSE_PROJECT_NAME)"
        raise UsageError(
            f"invalid project name '{name}'{where}: use lower-case letters, digits, hyphens and underscores,"
            " starting with a letter or digit"
        )
    return name


def _absolute(folder: Path, file: str) -> Path:
    return STDIN if file == "-" else Path(os.path.normpath(folder / file))


def _folder_of(files: list[Path], folder: Path) -> Path:
    return next((file.parent for file in files if file is not STDIN), folder)


def _default_files(folder: Path, disk: Disk) -> list[Path]:
    for candidate in (folder, *folder.parents):
        found = [candidate / name for name in FILES if disk.exists(candidate / name)]
        if found:
            overrides = [candidate / name for name in OVERRIDES if disk.exists(candidate / name)]
            return found[:1] + overrides[:1]
    raise UsageError(f"no Compose file in '{folder}' or above it: looked for {', '.join(FILES)}")


def _environment(
    environment: Variables,
    env_files: tuple[str, ...],
    folder: Path,
    directory: Path,
    findings: Findings,
    *,
    disk: Disk,
) -> Variables:
    """Return the environment with what env files add: the given ones, else the project's `.env`."""
    paths = [Path(folder, file) for file in env_files]
    if not paths and not _disabled(environment.values) and disk.is_file(directory / ".env"):
        paths = [directory / ".env"]
    for path in paths:
        if not disk.exists(path):
            disk.read(path)  # raises the reason
    return with_env_files(environment, paths, findings, disk, pipe=bool(env_files))


def with_env_files(
    environment: Variables,
    paths: Sequence[str | PathLike[str]],
    findings: Findings,
    disk: Disk,
    *,
    pipe: bool = False,
) -> Variables:
    """Return an environment with what env files add to it: a later file goes over an earlier one."""
    if not paths:
        return environment
    from composecheck.loading.dotenv import DotenvError, parse_dotenv

    added = Variables({}, {})
    for path in paths:
        try:
            added = parse_dotenv(disk.read(path, pipe=pipe), environment.values.get, added)
        except DotenvError as error:
            findings.error(error.rule, str(error), error.span)
        except SourceError as error:
            findings.unreadable("invalid-env-file", error)
    places = {key: place for key, place in added.places.items() if key not in environment.values}
    return Variables({**added.values, **environment.values}, {**places, **environment.places})


def _disabled(environment: dict[str, str]) -> bool:
    value = environment.get("COMPOSE_DISABLE_ENV_FILE")
    if value is None or value in _FALSE:
        return False
    if value in _TRUE:
        return True
    raise UsageError(f"COMPOSE_DISABLE_ENV_FILE is '{value}', which is neither true nor false")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
