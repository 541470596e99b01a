"""What is asked about a host while a process is followed, which it need not be for each of them."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from composecheck.facts.commands.hosts import Hosts
    from composecheck.facts.commands.turns import Turns
    from composecheck.facts.commands.waits import Wait

    Answer = bool | str | tuple[int, ...]
    Question = tuple[str, str | Turns]  # what is asked, and of which words or script


class Asked:
    """Hosts that remember what they were asked, in order, and what they answered."""

    __slots__ = ("_hosts", "answers", "asked")

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self.answers: dict[Question, Answer] = {}
        self.asked: list[Question] = []  # each time

    @property
    def kind(self) -> str:
        """The kind of thing that they are."""
        return str(self._answer(("kind", "")))

    def among(self, words: Iterable[str]) -> bool:
        """Whether one of the words names one of them."""
        return bool(self._answer(("among", " ".join(words))))

    def are_called(self, name: str) -> bool:
        """Whether the name within that of a script or function means them."""
        return bool(self._answer(("called", name)))

    def are_asked(self, text: str) -> bool:
        """Whether the text of a program names them, or what they are."""
        return bool(self._answer(("asked", text)))

    def concerned(self, turns: Turns) -> tuple[int, ...]:
        """Return the numbers of the statements of a script that have to be followed for them."""
        numbers = self._answer(("concerned", turns))
        return numbers if isinstance(numbers, tuple) else ()

    def _answer(self, question: Question) -> Answer:
        self.asked.append(question)
        if question not in self.answers:
            self.answers[question] = _answer(self._hosts, question)
        return self.answers[question]


class Outcome(NamedTuple):
    """How a process waits for hosts with certain answers."""

    wait: Wait | None


class _Asking(NamedTuple):
    question: Question
    ways: dict[Answer, _Asking | Outcome]


class Outcomes:
    """How a process waits, by what hosts answer: the same questions have to come until an answer differs."""

    __slots__ = ("_start",)

    def __init__(self) -> None:
        self._start: dict[Answer, _Asking | Outcome] = {}

    def of(self, hosts: Hosts) -> Outcome | None:
        """Return what is known for hosts, None where hosts with their answers have not been here."""
        at = self._start.get("")
        while isinstance(at, _Asking):
            at = at.ways.get(_answer(hosts, at.question))
        return at

    def add(self, answers: Mapping[Question, Answer], wait: Wait | None) -> None:
        """Remember what hosts with these answers have led to."""
        ways = self._start
        last: Answer = ""
        for question, answer in answers.items():
            at = ways.get(last)
            if not isinstance(at, _Asking):
                at = ways[last] = _Asking(question, {})
            ways, last = at.ways, answer
        ways[last] = Outcome(wait)


def _answer(hosts: Hosts, question: Question) -> Answer:
    what, words = question
    if not isinstance(words, str):
        return words.of(hosts.known_by)
    if what == "among":
        return hosts.among((words,))
    if what == "asked":
        return hosts.are_asked(words)
    return hosts.are_called(words) if what == "called" else hosts.kind
