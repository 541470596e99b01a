"""What is to be told and how: by the configuration, and by the command line over it.

The configuration is read by a module of its own, which is imported where there is one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from composecheck.errors import UsageError
from composecheck.loading.discover import discover
from composecheck.loading.findings import Findings
from composecheck.rules import IDS, OFF, meant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from composecheck.diagnostic import Diagnostic, Severity
    from composecheck.loading.options import Options
    from composecheck.settings.exceptions import Exemption

FailOn = Literal["error", "warning", "note", "never"]

FILES = (".composecheck.yaml", ".composecheck.yml")
PYPROJECT = "pyproject.toml"
# Most have no table of ours, and the parser of TOML costs more than a small project to check.
_TABLE = re.compile(rb"""^\s*\[.*composecheck|^[\s{]*["']?(?:tool|composecheck)\b""", re.MULTILINE)


class Settings(NamedTuple):
    """Which rules run, how severe what they find is, and what makes a check fail.

    `select` None is every rule that is not off by default; `compose` None leaves the generation of
    Docker Compose to the options. `path` is the configuration's file.
    """

    select: Collection[str] | None = None
    extend_select: Collection[str] = ()
    ignore: Collection[str] = ()
    severity: Mapping[str, Severity | Literal["off"]] = {}
    exceptions: tuple[Exemption, ...] = ()
    fail_on: FailOn = "warning"
    compose: str | None = None
    path: Path | None = None

    def enabled(self, rule: str) -> bool:
        """Return whether a rule is to run; a severity switches on what is off by default."""
        severity = self.severity.get(rule)
        if rule in self.ignore or severity == "off":
            return False
        if rule in self.extend_select:
            return True
        if self.select is not None:
            return rule in self.select
        return rule not in OFF or severity is not None


class Given(NamedTuple):
    """What the command line says; it beats the configuration."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn | None = None
    compose: str | None = None


def settle(
    options: Options, config: str | os.PathLike[str] | Settings | None, given: Given
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the settings of a project, and what is wrong with its configuration.

    `config` None takes what is found in the project's folder or above. Raises UsageError for a
    configuration that does not exist, for rules that there are not, and as discovery does.
    """
    _known((*given.select, *given.ignore))
    if isinstance(config, Settings):
        exempt = [rule for exemption in config.exceptions for rule in exemption.rules]
        _known((*(config.select or ()), *config.extend_select, *config.ignore, *config.severity, *exempt))
        return _over(config, given), ()
    if config is not None:
        paths = [Path(options.folder or Path.cwd(), config)]
        if not paths[0].exists():
            raise UsageError(f"the configuration '{config}' does not exist")
    else:
        paths = _find(project_directory(options))
    if not paths:
        return _over(Settings(), given), ()
    from composecheck.settings.read import read_settings

    settings, diagnostics = read_settings(paths)
    return _over(settings, given), diagnostics


def project_directory(options: Options) -> Path:
    """Return the project's folder, as discovery finds it.

    Environment files that can be read only once, such as pipes, are left for the loader.
    """
    environment = dict(os.environ if options.environment is None else options.environment)
    folder = Path(options.folder or Path.cwd())
    named = options.env_files or tuple(
        file for part in environment.pop("COMPOSE_ENV_FILES", "").split(",") if (file := part.strip())
    )
    files = tuple(file for file in named if (folder / file).is_file())
    if named and not files:
        environment["COMPOSE_DISABLE_ENV_FILE"] = "1"
    return discover(options._replace(env_files=files, environment=environment), Findings()).directory


def _find(directory: Path) -> list[Path]:
    """Return the configuration of the nearest folder that has one, up to the repository's root.

    More than one in a folder is for the reader to refuse.
    """
    for folder in (directory, *directory.parents):
        found = [folder / name for name in FILES if os.path.exists(f"{folder}/{name}")]  # noqa: PTH110 - cheaper
        if os.path.exists(pyproject := f"{folder}/{PYPROJECT}") and _has_table(pyproject):  # noqa: PTH110 - as above
            found.append(folder / PYPROJECT)
        if found:
            return found
        if os.path.exists(f"{folder}/.git"):  # noqa: PTH110 - as above
            break
    return []


def _has_table(path: str) -> bool:
    try:
        data = Path(path).read_bytes()
    except OSError:  # a folder, or somebody else's
        return False
    if _TABLE.search(data) is None:
        return False
    from composecheck.settings.read import has_table

    return has_table(data)


def _over(settings: Settings, given: Given) -> Settings:
    """Return settings with what the command line says: rules that it selects are on, and no others."""
    settings = settings._replace(
        ignore=frozenset((*settings.ignore, *given.ignore)),
        fail_on=given.fail_on or settings.fail_on,
        compose=given.compose or settings.compose,
    )
    if not given.select:
        return settings
    return settings._replace(
        select=frozenset(given.select),
        extend_select=(),
        ignore=frozenset(given.ignore),
        severity={rule: severity for rule, severity in settings.severity.items() if severity != "off"},
    )


def _known(rules: Iterable[str]) -> None:
    """Raise UsageError for ids that are no rule's."""
    unknown = [rule for rule in rules if rule not in IDS]
    if unknown:
        raise UsageError("\n".join(f"there is no rule '{rule}'; {meant(rule)}" for rule in unknown))
