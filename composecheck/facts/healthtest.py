"""What the tests of healthchecks run: their commands, and whom those ask.

A test is one command, or a script for the shell. Its commands come with their variables filled in,
as far as the files tell them; UNKNOWN stands for what only the container could tell.
"""

from __future__ import annotations

from composecheck.facts.commands.runs import runs_of, script_runs
from composecheck.facts.commands.shells import script_in
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run
    from composecheck.model.project import Service
    from composecheck.text.source import Span


class Test:
    """The test of a service's healthcheck.

    `words` are those behind CMD or CMD-SHELL, and `places` where each of them stands; `place` is that of
    the whole, in a Dockerfile its instruction. `in_dockerfile` says that it stands in one.
    """

    __slots__ = (
        "_runs",
        "_script",
        "by_shell",
        "in_dockerfile",
        "place",
        "places",
        "service",
        "text",
        "words",
    )

    def __init__(
        self,
        service: Service,
        place: Span,
        words: tuple[str, ...],
        places: tuple[Span, ...],
        *,
        by_shell: bool,
        in_dockerfile: bool,
    ) -> None:
        self.service = service
        self.place = place
        self.words = words
        self.places = places
        self.by_shell = by_shell  # whether the engine has the image's shell run it
        self.in_dockerfile = in_dockerfile
        self.text = " ".join(words)  # what a look at it can spare the reading
        self._runs: tuple[Run, ...] | None = None
        self._script: tuple[str | None] | None = None

    @property
    def script(self) -> str | None:
        """What a shell is to run, None where there is none."""
        if self._script is None:
            self._script = (self.words[0] if self.by_shell else script_in(self.words),)
        return self._script[0]

    @property
    def script_place(self) -> Span:
        """The word that the script stands in, the first one where there is none."""
        return self.places[0 if self.script is None else self.words.index(self.script)]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The commands that it runs, in the order in which they are written."""
        if self._runs is None:
            values = {key: value for key, value in self.service.environment.items() if value is not None}
            self._runs = tuple(
                script_runs(self.script, self.script_place, values, 0)
                if self.script is not None
                # The place of a command is where its first word stands.
                else runs_of(self.words, self.places[0], {}, values, 0)
            )
        return self._runs

    def place_holding(self, text: str, command: Span) -> Span:
        """Return the place of the word that holds a text; of a script's command that of `command`."""
        if self.script is not None:
            return command
        return next(
            (place for word, place in zip(self.words, self.places, strict=True) if text in word), command
        )


def tests(facts: Facts) -> Iterator[Test]:
    """Yield the tests of the healthchecks that the Compose files state, and those of Dockerfiles."""
    for service in facts.services.values():
        if service.healthcheck is None and service.build is None:
            continue
        healthcheck = facts.images.stated_healthcheck(service)
        if healthcheck is None or healthcheck == "unknown" or not healthcheck.test or healthcheck.disabled:
            continue
        if healthcheck is service.healthcheck:
            place, entries = healthcheck.place("test"), [*healthcheck.entries("test")]
        else:
            place = healthcheck.place()
            entries = [(word, place) for word in healthcheck.test]
        if len(entries) > 1 and entries[0][0] in ("CMD", "CMD-SHELL"):
            words, places = zip(*entries[1:], strict=True)
            yield Test(
                service,
                place,
                words,
                places,
                by_shell=entries[0][0] == "CMD-SHELL",
                in_dockerfile=healthcheck is not service.healthcheck,
            )
