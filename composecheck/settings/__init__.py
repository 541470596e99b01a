"""What is to be told and how: by the configuration, and by the command line over it.

The configuration is read by a module of its own, which is imported where there is one.
"""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError, UsageError
from composecheck.findings.catalogue import GROUPS, OFF
from composecheck.loading.discover import discover
from composecheck.loading.findings import Findings
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from typing import Any, Literal

    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.loading.options import Options
    from composecheck.settings.exceptions import Exemption

    FailOn = Literal["error", "warning", "note", "never"]

FAIL_ON: tuple[FailOn, ...] = ("error", "warning", "note", "never")

FILES = (".composecheck.yaml", ".composecheck.yml")
PYPROJECT = "pyproject.toml"
# Most have no table of ours, and the parser of TOML costs more than a small project to check.
_TABLE = r"""(?m)^\s*\[.*composecheck|^[\s{]*["']?(?:tool|composecheck)\b"""


class Settings(NamedTuple):
    """Which rules run, how severe what they find is, and what makes a check fail.

    `select`, `extend_select` and `ignore` take ids and groups of rules; a group switches on none that is
    off by default. `select` None is every rule that is not off by default; a `fail_on` that is not said
    is "warning", and a `compose` the options' own. `path` is the configuration's file; `images` are
    families of images as `knowledge.schema.json` describes them, and `budget` is how many seconds a start
    may take. `projects` are the files of each project that the configuration names, as absolute paths.
    """

    select: Collection[str] | None = None
    extend_select: Collection[str] = ()
    ignore: Collection[str] = ()
    severity: Mapping[str, Severity | Literal["off"]] = {}
    exceptions: tuple[Exemption, ...] = ()
    fail_on: FailOn | None = None
    compose: str | None = None
    path: Path | None = None
    images: Mapping[str, Mapping[str, Any]] = {}
    budget: float | None = None
    projects: tuple[tuple[str, ...], ...] = ()

    @property
    def hides(self) -> bool:
        """Whether anything may keep a finding from being told, or change its severity."""
        return bool(
            self.select is not None or self.extend_select or self.ignore or self.severity or self.exceptions
        )

    def enabled(self, rule: str) -> bool:
        """Return whether a rule is to run; a severity switches on what is off by default."""
        severity, group = self.severity.get(rule), GROUPS[rule]
        if rule in self.ignore or group in self.ignore or severity == "off":
            return False
        if rule in self.extend_select or (self.select is not None and rule in self.select):
            return True
        if rule in OFF:
            return self.select is None and severity is not None
        return self.select is None or group in self.select or group in self.extend_select


def settle(
    options: Options,
    config: str | os.PathLike[str] | Settings | None,
    given: Settings | None = None,
    directory: str | None = None,
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the settings of a project, and what is wrong with its configuration.

    `config` None takes what is found in the project's folder or above; what is `given` on the command
    line (of the rules only `select` and `ignore`) beats it. `directory` is the project's folder, where
    discovery has found it. Raises UsageError for a configuration that
    does not exist, for rules that there are not, and as discovery does.
    """
    given = given or Settings()
    disk = options.disk or Disk()
    _known(given)
    if given.select is not None and given.ignore and not any(map(given.enabled, GROUPS)):
        raise UsageError("'ignore' takes out every rule that 'select' names: there is nothing to check")
    if isinstance(config, Settings):
        _known(config)
        return _over(config, given), ()
    if config is not None:
        paths = [os.path.abspath(config)]
        if not disk.exists(paths[0]):
            raise UsageError(f"the configuration '{config}' does not exist")
    else:
        if directory is None:
            directory = discover(options._replace(disk=disk), Findings()).directory
        paths = find(directory, disk)
    if not paths:
        return given, ()
    from composecheck.settings.read import read_settings

    settings, diagnostics = read_settings(paths, disk)
    return _over(settings, given), diagnostics


def find(directory: str, disk: Disk) -> list[str]:
    """Return the configuration of the nearest folder that has one, up to the repository's root.

    More than one in a folder is for the reader to refuse.
    """
    folder, above = "", directory
    while folder != above:
        folder = above
        found = [path for name in FILES if disk.exists(path := os.path.join(folder, name))]
        if disk.is_file(pyproject := os.path.join(folder, PYPROJECT)) and _has_table(pyproject, disk):
            found.append(pyproject)
        if found:
            return found
        if disk.exists(f"{folder}/.git"):
            break
        above = os.path.dirname(folder)
    return []


def may_name_projects(path: str, disk: Disk) -> bool:
    """Return whether a configuration may say `projects`: most do not, and need no parser to tell."""
    try:
        return "projects" in disk.read(path).text
    except SourceError:
        return False


def _has_table(path: str, disk: Disk) -> bool:
    try:
        text = disk.read(path).text
    except SourceError as error:
        if error.rule == "unreadable-file":  # somebody else's
            return False
        # What is no TOML may well be meant to configure us.
        return b"tool.composecheck" in disk.data(path)
    if re.search(_TABLE, text) is None:
        return False
    from composecheck.settings.read import has_table

    return has_table(text)


def _over(settings: Settings, given: Settings) -> Settings:
    """Return settings with what is given over them: the rules that it selects are on, and no others."""
    ignore = given.ignore
    if given.select is None:
        ignore = frozenset((*settings.ignore, *given.ignore))
    else:
        severity = {rule: severity for rule, severity in settings.severity.items() if severity != "off"}
        settings = settings._replace(select=given.select, extend_select=(), severity=severity)
    return settings._replace(
        ignore=ignore,
        fail_on=given.fail_on or settings.fail_on,
        compose=given.compose or settings.compose,
        budget=settings.budget if given.budget is None else given.budget,
    )


def _known(settings: Settings) -> None:
    """Raise UsageError for ids that are no rule's."""
    exempt = [rule for exemption in settings.exceptions for rule in exemption.rules]
    groups = set(GROUPS.values())
    chosen = (*(settings.select or ()), *settings.extend_select, *settings.ignore)
    unknown = dict.fromkeys((name for name in chosen if name not in GROUPS and name not in groups), True)
    unknown |= dict.fromkeys((rule for rule in (*settings.severity, *exempt) if rule not in GROUPS), False)
    if unknown:
        from composecheck.rules import meant

        raise UsageError(
            "\n".join(
                f"there is no rule '{name}'; {meant(name, groups=groups)}" for name, groups in unknown.items()
            )
        )
