"""Which files, which environment, which name: what `docker compose` finds out before it reads YAML."""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError, UsageError
from composecheck.loading.options import Variables
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.loading.findings import Findings
    from composecheck.loading.options import Options

FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
STDIN = "-"
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


class Selection(NamedTuple):
    """What is to be loaded; `given_name` is from `-p` or COMPOSE_PROJECT_NAME, else None."""

    paths: tuple[str, ...]  # absolute; STDIN for standard input
    directory: str
    variables: Variables  # the environment, with what env files add to it
    profiles: tuple[str, ...]
    given_name: str | None
    env_files: tuple[str, ...]
    named: frozenset[str]  # services whose own profiles are enabled
    given: frozenset[str]  # those of the paths that the user named, on the command line or in COMPOSE_FILE


def discover(options: Options, findings: Findings) -> Selection:
    """Return what the options and the environment select.

    Raises UsageError for a path that does not exist, where there is no Compose file, and for a
    name that Compose does not take.
    """
    disk = options.disk or Disk()
    folder = os.path.abspath(options.folder or disk.folder)
    environment = dict(options.variables)
    environment.setdefault("PWD", folder)  # not every shell exports it
    env_files = options.env_files or tuple(_split(environment.get("COMPOSE_ENV_FILES", "")))
    files = [_absolute(folder, file) for file in options.files]
    given = frozenset(files if options.named is None else options.named)
    wanted = os.path.join(folder, options.project_directory) if options.project_directory else None

    # The environment files say where the Compose files are, and these where the default one is.
    known = Variables(environment, {})
    first = _environment(known, env_files, folder, wanted or _folder_of(files, folder), findings, disk=disk)
    if not files:
        separator = first.values.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        named = first.values.get("COMPOSE_FILE", "").split(separator)
        files = [_absolute(folder, file) for file in named if file]
        given |= frozenset(files if environment.get("COMPOSE_FILE") else ())
    if not files:
        files = _default_files(wanted or folder, disk)
    directory = wanted or _folder_of(files, folder)
    final = first if env_files else _environment(first, env_files, folder, directory, findings, disk=disk)
    for file in files:
        if file != STDIN and not disk.exists(file):
            raise disk.error(file, "no such file")
    return Selection(
        tuple(files),
        os.path.normpath(directory),
        final,
        options.profiles or tuple(_split(final.values.get("COMPOSE_PROFILES", ""))),
        _given_name(options.name, final.values),
        options.env_files,
        frozenset(options.services),
        given,
    )


def looks_like_compose(name: str) -> bool:
    """Return whether a file is a Compose file by its name: `docker-compose.prod.yml`, `compose-dev.yaml`."""
    return re.fullmatch(r"(?:docker-)?compose.*\.ya?ml", name, re.DOTALL) is not None


def may_be_pipe(path: str) -> bool:
    """Return whether a path that the user named may be a pipe: not by a link that somebody else made."""
    return not os.path.islink(path) or path.startswith(("/dev/", "/proc/"))


def normal_name(text: str) -> str:
    """Return a project name as Compose normalises it: lower case, without what is not allowed."""
    return re.sub(r"[^a-z0-9_-]", "", text.lower()).lstrip("_-")


def _given_name(option: str | None, environment: dict[str, str]) -> str | None:
    name = option or environment.get("COMPOSE_PROJECT_NAME") or None
    if name is not None and name != normal_name(name):
        from composecheck.text.visible import one_line

        where = "" if option else " (from COMPOSE_PROJECT_NAME)"
        raise UsageError(
            f"invalid project name '{one_line(name)}'{where}: use lower-case letters, digits, hyphens and"
            " underscores, starting with a letter or digit"
        )
    return name


def _absolute(folder: str, file: str) -> str:
    return STDIN if file == STDIN else os.path.normpath(os.path.join(folder, file))


def _folder_of(files: list[str], folder: str) -> str:
    return next((os.path.dirname(file) for file in files if file != STDIN), folder)


def _default_files(folder: str, disk: Disk) -> list[str]:
    candidate, above = "", folder
    while candidate != above:
        candidate, above = above, os.path.dirname(above)
        files = [path for name in FILES if disk.exists(path := os.path.join(candidate, name))]
        if files:
            overrides = [path for name in OVERRIDES if disk.exists(path := os.path.join(candidate, name))]
            return files[:1] + overrides[:1]
    raise UsageError(f"no Compose file in '{folder}' or above it: looked for {', '.join(FILES)}")


def _environment(
    environment: Variables,
    env_files: tuple[str, ...],
    folder: str,
    directory: str,
    findings: Findings,
    *,
    disk: Disk,
) -> Variables:
    """Return the environment with what env files add: the given ones, else the project's `.env`."""
    paths = [os.path.join(folder, file) for file in env_files]
    usual = os.path.join(directory, ".env")
    if not paths and not _disabled(environment.values) and disk.is_file(usual):
        paths = [usual]
    for path in paths:
        if not disk.exists(path):
            disk.read(path)  # raises the reason
    return with_env_files(environment, paths, findings, disk, pipe=bool(env_files))


def with_env_files(
    environment: Variables,
    paths: Sequence[str],
    findings: Findings,
    disk: Disk,
    *,
    pipe: bool = False,
) -> Variables:
    """Return an environment with what env files add to it: a later file goes over an earlier one."""
    if not paths:
        return environment
    from composecheck.loading.dotenv import MAX_ENV_BYTES, DotenvError, parse_dotenv

    added = Variables({}, {})
    for path in paths:
        try:
            source = disk.read(path, limit=MAX_ENV_BYTES, pipe=pipe and may_be_pipe(path))
            added = parse_dotenv(source, environment.values.get, added, findings)
        except DotenvError as error:
            findings.error(error.rule, str(error), error.span, error.remedy)
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
