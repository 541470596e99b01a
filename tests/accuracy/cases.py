"""A case: the files of a project, and the lines that a perfect tool points at.

A case is a text file. Its head is a comment that says in a sentence what is wrong, or nearly so, then
lines `key: value`; each file of the project follows a line `=== path`. A line that is to be found ends
in `# !`, another that is as right in `# !?`. The marks are no part of the project.

The keys: `options` as on the command line, `environment` (`NAME=value ...`), `level` (`note` where the
defect is no more than that), `refused` (`yes` where docker compose refuses the project), `rule` (the
id that is expected), `mode` (`0600 path`: a file's permissions) and `crlf` (a file with Windows' line ends).

To add one, write `defects/KIND-NN.txt` or `clean/KIND-NN.txt`, KIND being a word or three for what may go
wrong and NN the next number of that kind:

    # The worker is told to call the cache by a name that nobody has.
    rule: unknown-host
    === compose.yml
    services:
      worker:
        image: acme/worker:1
        environment: {REDIS_HOST: chache} # !
      cache:
        image: redis:7.4

A defect has one mistake, at least one line with `# !`, and nothing else worth a warning: whatever is found
at lines without a mark and is no note counts against it. A near miss, in `clean`, has no mark, is right as it
stands, and looks like a mistake to whoever looks less closely; notes do not count. The rest of both is as
people write it: a restart policy or a healthcheck where one is needed, volumes for data, passwords that are
set. Write from what Compose, Docker and the software do, before looking at what composecheck says. Then

    python -m tests.accuracy KIND
    pytest --record tests/accuracy -k KIND

print what is found, and ask docker compose what it makes of it. A case that fails is right and stays, unless
its own author misread the software: then it goes, or its sentence is mended.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.settings import Settings
from composecheck.text.units import parse_duration

FOLDER = Path(__file__).parent
MARK = re.compile(r"\s*# (!\??)$")
FIELDS = {"-f": "files", "--file": "files", "--profile": "profiles", "--env-file": "env_files"}


class Case(NamedTuple):
    """A project, what is known of it, and its marked places as (file, line)."""

    name: str
    sentence: str
    head: dict[str, str]
    files: dict[str, str]
    first: frozenset[tuple[str, int]]
    accepted: frozenset[tuple[str, int]]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the project is read with."""
        return dict(word.split("=", 1) for word in shlex.split(self.head.get("environment", "")))

    def options(self, *known: str) -> list[str]:
        """Return the options of the head that are among those known, or all, as words."""
        words = shlex.split(self.head.get("options", ""))
        pairs = zip(words[::2], words[1::2], strict=True)
        return [word for pair in pairs if not known or pair[0] in known for word in pair]

    def write(self, folder: Path) -> None:
        """Make the project's files below a folder."""
        for path, text in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, newline="\r\n" if path == self.head.get("crlf") else "\n")
        if "mode" in self.head:
            mode, path = self.head["mode"].split()
            (folder / path).chmod(int(mode, 8))


class Finding(NamedTuple):
    """What a rule says, and of which place."""

    file: str
    line: int
    rule: str
    severity: str
    message: str


class Verdict(NamedTuple):
    """How what was found stands to what was to be found."""

    found: bool
    first: bool  # at the better of two places
    extra: list[Finding]
    notes: list[Finding]


def cases(kind: str) -> list[Case]:
    """Return the cases of a folder, `defects` or `clean`."""
    return [read(path) for path in sorted((FOLDER / kind).glob("*.txt"))]


def read(path: Path) -> Case:
    """Return a case without its marks."""
    head, *parts = re.split(r"^=== (\S+)\n", path.read_text(), flags=re.MULTILINE)
    sentence, *more = head.strip().split("\n")
    files, first, accepted = {}, set(), set()
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if match := MARK.search(line):
                (first if match[1] == "!" else accepted).add((name, number))
        files[name] = "\n".join(MARK.sub("", line) for line in lines)
    keys = dict(line.split(": ", 1) for line in more)
    return Case(path.stem, sentence.removeprefix("# "), keys, files, frozenset(first), frozenset(accepted))


def examined(case: Case, folder: Path) -> list[Finding]:
    """Return what is found in a case that is written to a folder."""
    case.write(folder)
    fields: dict[str, tuple[str, ...]] = {}
    given = Settings()
    words = case.options()
    for option, value in zip(words[::2], words[1::2], strict=True):
        if option in FIELDS:
            fields[FIELDS[option]] = (*fields.get(FIELDS[option], ()), value)
        elif option == "--compose":
            given = given._replace(compose=value)
        elif option == "--budget":
            given = given._replace(budget=parse_duration(value))
    report = examine(Options(folder=folder, environment=case.environment, **fields), given=given)
    return [
        Finding(
            Path(d.span.source.shown).resolve().relative_to(folder.resolve()).as_posix(),
            d.span.line,
            d.rule,
            d.severity,
            d.message,
        )
        for d in report.diagnostics
    ]


def judged(case: Case, findings: list[Finding]) -> Verdict:
    """Return whether the defect was found, and what else was."""
    places = case.first | case.accepted
    enough = ("error", "warning", "note") if case.head.get("level") == "note" else ("error", "warning")
    at = [finding for finding in findings if finding[:2] in places]
    right = [
        finding
        for finding in at
        if finding.severity in enough and case.head.get("rule", finding.rule) == finding.rule
    ]
    others = [finding for finding in findings if finding[:2] not in places]
    return Verdict(
        bool(right),
        any(finding[:2] in case.first for finding in right),
        [finding for finding in others if finding.severity != "note"],
        [finding for finding in others if finding.severity == "note"],
    )
