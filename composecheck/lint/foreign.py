"""What the files of a project lead to outside of its repository, and keeping that out of what is told.

Such a file is read, as Docker Compose reads it, and what is wrong with it is told by place and rule. Its text
is not shown: whoever sends a change to a repository could have any file printed of the machine that checks.
"""

from __future__ import annotations

import re

from composecheck.errors import UsageError
from composecheck.findings.diagnostic import Edit, Fix, Related, ordered
from composecheck.loading.grounds import grounds_of
from composecheck.named import TYPE_CHECKING
from composecheck.settings import settle
from composecheck.text.disk import Disk
from composecheck.text.source import Source, whole

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report
    from composecheck.loading.options import Options
    from composecheck.settings import Settings
    from composecheck.text.source import Span

_WORD = r"[^\W_]+"
# Of a text that a variable has put together of several no end of a word tells where the other begins.
_SHORTEST_PART = 4
_LONGEST_WORD = 200
_ESCAPE = r"\\[A-Za-z0-9]"
_NOT_SHOWN = "not shown)"
_INSTEAD = (
    "see 'composecheck explain {rule}'; where you name a folder that holds all of it, its text is shown"
)
_WITHHELD = "(from outside the repository)"
_HERE = "the other place"
# What stands in every other file, and in every other message.
_COMMON = frozenset(
    "a an and are as at be but by can do does file files folder for from given has have here if in into is "  # noqa: SIM905 - words
    "it its may more no not of on one or other s so such t than that the them then there they this to until "
    "up what where which who with without".split()
)


# What errors of usage say.
_ERROR = (
    "cannot read no such file invalid project name from compose_project_name use lower case letters digits "
    "hyphens underscores starting letter digit the configuration does not exist there is no rule"
)


class Foreign:
    """The texts of a check that are not its project's own."""

    def __init__(self, options: Options, sources: Iterable[Source] | None = None) -> None:
        disk = options.disk or Disk()
        grounds = grounds_of(options, disk)
        self.fixed = grounds.is_repository  # what is outside of it no fix changes
        self.grounds = "the repository" if self.fixed else "the project's folder"
        self._own: list[Source] = []
        self._foreign: list[Source] = []
        for source in disk.sources if sources is None else sources:
            own = grounds.hold(source.real) or disk.given(source.real)
            (self._own if own else self._foreign).append(source)
        self._listed = [
            name for folder, names in disk.listed.items() if not grounds.hold(folder) for name in names
        ]
        self._paths = [disk.folder, grounds.folder, *(source.shown for source in disk.sources)]
        self._words: set[str] | None = None
        self._known: set[str] = set()
        self._told: dict[str, bool] = {}
        self._names: dict[str, int] = {}
        self._blank: dict[str, Source] = {}

    def __bool__(self) -> bool:
        return bool(self._foreign or self._listed)

    def has(self, source: Source) -> bool:
        """Return whether a file is foreign."""
        return any(source.real == each.real for each in self._foreign)

    def may_show(self, text: str, known: Iterable[str] = ()) -> bool:
        """Return whether a text has nothing of the foreign ones in it that the project's own have not.

        `known` are words that it may have by itself.
        """
        foreign, known = self._foreign_words(), _COMMON.union(known)
        return not any(word not in known and self._shows(word, foreign) for word in words(text))

    def named(self, text: str) -> str:
        """Return a name or another short text, or what stands for it: the same for the same."""
        if self.may_show(text):
            return text
        number = self._names.setdefault(text, len(self._names) + 1)
        return _WITHHELD if number == 1 else f"{_WITHHELD} {number}"

    def without(self, span: Span) -> Span:
        """Return a place in a file that has no text."""
        source = span.source
        blank = self._blank.get(source.path)
        if blank is None:
            blank = Source(source.path, "", real=source.real, shown=source.shown, withheld=True)
            self._blank[source.path] = blank
        return span._replace(source=blank)

    def _shows(self, word: str, foreign: set[str]) -> bool:
        """Return whether a word is foreign, or holds a part that is."""
        found = self._told.get(word)
        if found is None:
            found = word not in self._known and (
                word in foreign
                or len(word) > _LONGEST_WORD
                or any(
                    word[start:end] in foreign
                    for start in range(len(word) - _SHORTEST_PART + 1)
                    for end in range(start + _SHORTEST_PART, len(word) + 1)
                )
            )
            self._told[word] = found
        return found

    def _foreign_words(self) -> set[str]:
        if self._words is None:
            self._known = {
                word
                for text in (*(source.text for source in self._own), *self._paths)
                for word in words(text)
            }
            texts = [*(source.text for source in self._foreign), *self._listed]
            texts += [re.sub(_ESCAPE, " ", text) for text in texts if "\\" in text]
            self._words = {word for text in texts for word in words(text)} - self._known - _COMMON
        return self._words


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, as they are compared."""
    return (match[0] for match in re.finditer(_WORD, text.casefold()))


def settled(
    options: Options, config: str | os.PathLike[str] | Settings | None, given: Settings
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the settings of a project, and what is wrong with its configuration, as `settle` does."""
    if options.disk is None:
        options = options._replace(disk=Disk())
    try:
        settings, wrong = settle(options, config, given)
    except UsageError as error:
        raise sheltered_error(error, options) from None
    foreign = Foreign(options)
    return settings, ordered(_told(found, foreign) for found in wrong) if foreign else wrong


def sheltered(report: Report, options: Options, sources: Iterable[Source] | None = None) -> Report:
    """Return a report without anything of foreign texts; `sources` are what was read, else the Disk's."""
    foreign = Foreign(options, sources)
    if not foreign:
        return report
    suppressed = tuple(one._replace(diagnostic=_told(one.diagnostic, foreign)) for one in report.suppressed)
    told = ordered(_told(diagnostic, foreign) for diagnostic in report.diagnostics)
    return report._replace(diagnostics=told, suppressed=suppressed)


def sheltered_error(error: UsageError, options: Options) -> UsageError:
    """Return an error without anything of foreign texts, and without the secrets of the environment."""
    foreign = Foreign(options)
    if not foreign or foreign.may_show(str(error), words(_ERROR)):
        from composecheck.text.secrets import Secrets, secrets_of

        text = Secrets(None, secrets_of(options.variables)).mask(str(error))
        return error if text == str(error) else UsageError(text)
    return UsageError(
        "what is wrong with the project is not shown: it names text from outside the repository"
    )


def is_withheld(diagnostic: Diagnostic) -> bool:
    """Return whether a finding says no more than its place and its rule."""
    return diagnostic.message.endswith(_NOT_SHOWN)


def _told(diagnostic: Diagnostic, foreign: Foreign) -> Diagnostic:
    """Return a finding that says no more than its place and its rule where it would show what is foreign."""
    manual = _manual(diagnostic.rule)
    known = set(words(f"{manual} {diagnostic.rule}"))
    elsewhere = foreign.has(diagnostic.span.source)
    if diagnostic.service is not None and not foreign.may_show(diagnostic.service):
        diagnostic = diagnostic._replace(service=None)
    if elsewhere or not foreign.may_show(f"{diagnostic.message}\n{diagnostic.remedy}", known):
        sentence = manual.strip().partition("\n")[0].rstrip(".")
        shown = not elsewhere and foreign.may_show(diagnostic.remedy, known)
        diagnostic = diagnostic._replace(
            message=f"{sentence[:1].lower()}{sentence[1:]} "
            f"(its text is outside {foreign.grounds} and {_NOT_SHOWN}",
            remedy=diagnostic.remedy if shown else _INSTEAD.format(rule=diagnostic.rule),
        )
    if diagnostic.fix is not None:
        diagnostic = diagnostic._replace(fix=_fix(diagnostic.fix, foreign, known))
    if elsewhere:
        return diagnostic._replace(span=foreign.without(diagnostic.span), related=())
    return diagnostic._replace(related=tuple(_related(one, foreign, known) for one in diagnostic.related))


def _related(one: Related, foreign: Foreign, known: set[str]) -> Related:
    span = foreign.without(one.span) if foreign.has(one.span.source) else one.span
    return Related(span, one.message if foreign.may_show(one.message, known) else _HERE)


def _fix(make: Callable[[], Fix | None], foreign: Foreign, known: set[str]) -> Callable[[], Fix | None]:
    """Return what makes a fix, but none that writes down what is foreign.

    Where there is a repository, nothing outside of it is changed.
    """

    def made() -> Fix | None:
        fix = make()
        if fix is None:
            return None
        away = [foreign.has(edit.span.source) for edit in fix.edits]
        edits = [
            Edit(whole(foreign.without(edit.span).source), "") if foreign.fixed and outside else edit
            for edit, outside in zip(fix.edits, away, strict=True)
        ]
        own = (edit.text for edit, outside in zip(edits, away, strict=True) if not outside)
        if not all(foreign.may_show(text, known) for text in own):
            return None
        return fix._replace(edits=tuple(edits))

    return made


def _manual(rule: str) -> str:
    from composecheck.rules import module

    return module(rule).__doc__
