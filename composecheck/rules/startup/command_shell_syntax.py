"""A service's command is written for a shell, and no shell reads it.

## What it does
Reports `&&`, `||`, `;`, pipes and redirections in a `command` or `entrypoint` that no shell reads. Of a
command that is one text Docker Compose keeps what stands before the first of them and drops the rest
without a word; in a list each is an argument like any other. And the words behind `sh -c` where the
script is only the first of them, as in `sh -c python app.py`: a warning; and a script that `sh` is given
without `-c`, which it takes for a file's name. The lists of a Dockerfile's `CMD` and `ENTRYPOINT` are read,
too.

## Why is this bad?
A Compose file's `command` is no shell script, as `CMD` in a Dockerfile may be. Of `migrate && serve` only
`migrate` is run, and the container ends with it; in a list the program is given `&&` as an argument that
it does not know. A redirection that is dropped is a warning, as the program runs all the same.

## Example
```yaml
services:
  web:
    image: web:1
    command: python manage.py migrate && python manage.py runserver  # command-shell-syntax
  worker:
    image: web:1
    command: ["cd", "/app", "&&", "celery", "worker"]  # command-shell-syntax
  report:
    image: web:1
    command: sh -c python report.py  # command-shell-syntax
```

## Use instead
```yaml
services:
  web:
    image: web:1
    command: sh -c "python manage.py migrate && python manage.py runserver"
  worker:
    image: web:1
    command: ["celery", "worker"]
    working_dir: /app
  report:
    image: web:1
    command: python report.py
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands.cut import FURTHER, cut
from composecheck.facts.commands.shells import OPERATOR, TAKE_OPERATORS, is_shell, script_at
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.redact import MASK, assigned, united, url_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Confidence, Severity
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error", "warning"), needs=("shell syntax",), since="0.1")

# Programs that put their words together, for a shell to read.
_JOINING = TAKE_OPERATORS | frozenset(("awk", "concurrently", "eval", "parallel", "ssh", "watch"))
_JOINED = r"\beval\b|-\w*c\s+[\"']?\$[@*]"  # what in a script does
_GIVEN = r"\$(?:[@*#\d]|\{[@*#\d])"
_OPTION = r"-\w|--[\w-]+"
_LONGEST = 60


class _Fault(NamedTuple):
    """A place, what is wrong there, what mends it, how bad it is and how sure."""

    place: Span
    message: str
    remedy: str
    severity: Severity = "error"
    confidence: Confidence = "certain"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each command of which a part is lost, or given to a program as it stands."""
    reported = set()
    for service in facts.services.values():
        for key, fault in _faults(facts, service):
            if fault.place not in reported:
                reported.add(fault.place)
                yield Finding(
                    fault.place,
                    f"the {key} of service '{service.name}' {fault.message}",
                    remedy=fault.remedy,
                    service=service.name,
                    severity=fault.severity,
                    confidence=fault.confidence,
                )


def _faults(facts: Facts, service: Service) -> Iterator[tuple[str, _Fault]]:
    """Yield the first fault of a service's entrypoint or command, with the key that it stands in."""
    words: list[tuple[str, Span]] = []
    for key in ("entrypoint", "command"):
        own = [*service.entries(key)]
        words += own
        # The words of a text have its place, those of a list have each their own.
        is_text = bool(own) and own[0][1] == service.place(key)
        fault = _dropped(service, key, own) if is_text else _argument(facts, service, own)
        if fault is not None:
            yield key, fault
            return
    fault = _unread_words(words) or _no_file(words)
    if fault is not None:
        yield ("command" if service.command else "entrypoint"), fault
    if fault is None and service.build is not None:
        yield from _of_dockerfile(facts, service)


def _of_dockerfile(facts: Facts, service: Service) -> Iterator[tuple[str, _Fault]]:
    """Yield the first operator in a list that a Dockerfile has its image start with."""
    built = facts.images.built(service)
    used = ("ENTRYPOINT", "CMD") if service.entrypoint is None and service.command is None else ()
    for keyword in used if built is not None else ():
        found = [each for each in built.instructions if each.keyword == keyword][-1:] if built else []
        for instruction in found:
            own = [(str(word.value), instruction.span) for word in instruction.exec_form or ()]
            fault = _argument(facts, service, own)
            if fault is not None:
                yield f"{keyword} in the Dockerfile", fault
                return


def _no_file(own: Sequence[tuple[str, Span]]) -> _Fault | None:
    """Return a script that a shell takes for the name of a file, as no -c stands before it."""
    if len(own) != 2 or not is_shell(own[0][0]) or len(own[1][0].split()) < 2:
        return None
    shell, script = own[0][0].rpartition("/")[2], own[1][0]
    return _Fault(
        own[1][1],
        f"has '{shell}' look for a file called '{_short(script)}'",
        f"write '{shell} -c' before it",
        "error",
        "likely",
    )


def _dropped(service: Service, key: str, own: Sequence[tuple[str, Span]]) -> _Fault | None:
    """Return what Compose drops of a command that is one text."""
    lost = cut(service, key)
    if lost is None:
        return None
    kept = " ".join(word for word, _ in own)
    return _Fault(
        service.place(key),
        f"ends at '{lost.operator}', for no shell reads it: '{_short(kept)}' is run, "
        f"and '{_short(lost.dropped)}' is dropped",
        "put the word in quotes" if lost.within else _by_shell(lost.text),
        "error" if lost.operator in FURTHER else "warning",
    )


def _by_shell(text: str) -> str:
    """Return how a shell comes to read a text."""
    if re.match(r"\S*sh\s+-\w*c\s", text):
        return "put all that stands behind '-c' in quotes"
    if "\n" in text.strip() or len(text) > _LONGEST or ("'" in text and '"' in text):
        return 'have a shell read it: sh -c "..."'
    text = _short(text)
    quote = "'" if '"' in text else '"'
    return f"have a shell read it: sh -c {quote}{text.strip()}{quote}"


def _argument(facts: Facts, service: Service, own: Sequence[tuple[str, Span]]) -> _Fault | None:
    """Return the first operator that is an argument in a list."""
    words = [word for word, _ in own]
    at = next((at for at in range(1, len(words)) if _is_operator(words[at - 1], words[at])), None)
    if at is None or any(map(_is_joining, words)) or _is_joined(facts, service):
        return None
    shell, script = script_at(words)
    operator, program = words[at], words[0].rpartition("/")[2]
    return _Fault(
        own[at][1],
        f"gives '{operator}' to {'the shell' if shell < script < at else _short(repr(program))}"
        " as an argument, for no shell reads it",
        f'write it as one text that a shell reads: ["sh", "-c", "... {operator} ..."]',
        "error" if operator in FURTHER else "warning",
        "likely",
    )


def _is_joining(word: str) -> bool:
    return word.rpartition("/")[2] in _JOINING or word in ("-exec", "-execdir")


def _is_operator(before: str, word: str) -> bool:
    """Return whether a word is an operator, and no delimiter that an option takes."""
    return re.fullmatch(OPERATOR, word) is not None and not (
        len(word) == 1 and re.fullmatch(_OPTION, before) is not None
    )


def _is_joined(facts: Facts, service: Service) -> bool:
    """Return whether the script that a service starts with puts its words together for a shell to read."""
    call = facts.call(service)
    return call is not None and re.search(_JOINED, call.script.text) is not None


def _unread_words(own: Sequence[tuple[str, Span]]) -> _Fault | None:
    """Return what stands behind a shell's script that is one word and takes no others."""
    words = [word for word, _ in own]
    shell, at = script_at(words)
    if at + 1 >= len(words):
        return None
    script, rest = words[at], " ".join(words[at + 1 :])
    if len(script.split()) != 1 or re.search(_GIVEN, script):
        return None
    name = words[shell].rpartition("/")[2]
    return _Fault(
        own[at + 1][1],
        f"has '{name}' run '{_short(script)}' alone: behind '-c' one word is the script, "
        f"and '{_short(rest)}' is not read",
        f"put the whole script in quotes, or leave '{name} -c' out",
        "warning",
        "likely",
    )


def _short(text: str) -> str:
    """Return the beginning of a command as it may be shown, without what is secret."""
    text = " ".join(text.split())
    for first, last in reversed([*united(sorted({*assigned(text), *url_ranges(text)}))]):
        text = text[:first] + MASK + text[last:]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
