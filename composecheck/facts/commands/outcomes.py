"""With what a test can end: its exit status, as far as it hangs on no command of which one knows nothing."""

from __future__ import annotations

import re

from composecheck.facts.commands.shell import read
from composecheck.facts.commands.shells import script_in
from composecheck.facts.commands.syntax import steps
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts.commands.syntax import Step

# One command that says nothing of how it ends, and a code for its failure.
_FAILS = (
    r"\s*(?!(?:true|:|exit|echo|printf|sleep|false|\S*sh)\b)[\w./-]+(?:\s[^|&;\n]*)?"
    r"(?:\|\|\s*exit\s+[1-9]\d*\s*)?"
)
BOTH = frozenset((0, 1))
FINE = frozenset((0,))
# Whatever their arguments.
_SUCCEED = frozenset(("true", ":", "echo", "printf", "sleep"))
# As long as they read what is given to them, and no file.
_FILTERS = frozenset(("cat", "tee", "head", "tail", "sort", "uniq", "wc", "tr", "cut"))
_LISTS_ALL = r"-?[a-z]*(?:aux|axu|auxw+|ax|ef|fe|eaf)[a-z]*|-f"
PLAIN = r"[\w./: -]+"


def of_argv(argv: Sequence[str]) -> tuple[frozenset[int], str]:
    """Return with what a process can end, and why always with 0."""
    script = script_in(argv)
    if script is not None:
        return of_script(script, 1) if argv[0].endswith("sh") else (BOTH, "")
    status = _status(tuple(argv))
    return status, f": '{argv[0].rpartition('/')[2]}' does" if status == FINE else ""


def of_script(script: str, depth: int = 0) -> tuple[frozenset[int], str]:
    """Return with what a script can end, and why always with 0."""
    if re.fullmatch(_FAILS, script):
        return BOTH, ""  # as most do
    if depth > 3 or "pipefail" in script or re.search(r"\bset\s+-\w*e", script):
        return BOTH, ""
    commands = steps(read(script).body)
    if not commands:  # there is more to it; or nothing is left of a variable, which is told elsewhere
        return BOTH, ""
    live: frozenset[int] = FINE
    ended: frozenset[int] = frozenset()
    operator, why = ";", ""
    for pipeline in _pipelines(commands):
        words = pipeline[-1].words
        runs = operator == ";" or (0 if operator == "&&" else 1) in live
        kept = frozenset() if operator == ";" else live & frozenset((1 if operator == "&&" else 0,))
        if runs:
            entered = live if operator == ";" else live - kept
            if words[0] == "exit" and len(pipeline) == 1:
                code = words[1] if len(words) > 1 else "$?"
                ended |= entered if code == "$?" else _code(code)
                live = kept
            else:
                live = kept | _pipeline_status(pipeline, depth)
            shown = " ".join(words[:2] if words[0] == "exit" else words[:1])
            ends = operator == "||" and len(pipeline) == 1
            why = f": it ends in '|| {shown}'" if ends else f": '{shown}' decides, and does not fail"
        if not live:
            break
        after = pipeline[-1].after
        if after == "&":
            live = FINE
            why = ": it is left to run in the background"
        operator = after if after in ("&&", "||") else ";"
    return live | ended, why


def _code(text: str) -> frozenset[int]:
    return frozenset((min(int(text), 1),)) if text.isdecimal() else BOTH


def _pipelines(commands: Sequence[Step]) -> Iterator[list[Step]]:
    pipeline: list[Step] = []
    for command in commands:
        pipeline.append(command)
        if command.after != "|":
            yield pipeline
            pipeline = []
    if pipeline:
        yield pipeline


def _pipeline_status(pipeline: Sequence[Step], depth: int) -> frozenset[int]:
    words = pipeline[-1].words
    if len(pipeline) > 1 and _finds_itself(pipeline):
        return FINE

    script = script_in(words)
    if script is not None:
        inner = script.replace("\0", "$")
        return of_script(inner, depth + 1)[0] if words[0].endswith("sh") else BOTH
    return _status(words, piped=len(pipeline) > 1)


def _status(words: Sequence[str], *, piped: bool = False) -> frozenset[int]:
    """Return with what a command can end: 0, 1 for any failure, or either."""
    name, arguments = words[0].rpartition("/")[2], words[1:]
    if name == "false":
        return frozenset((1,))
    if name in _SUCCEED:
        # A redirection can fail, as that to /dev/tcp does on purpose.
        opens = any(word.startswith("/") and word != "/dev/null" for word in arguments)
        return BOTH if opens and name != "true" else FINE
    if piped and name in _FILTERS and all(word.startswith("-") or len(word) < 2 for word in arguments):
        return FINE
    return BOTH


def _finds_itself(pipeline: Sequence[Step]) -> bool:
    """Whether `ps` lists the very shell and `grep` that look for a word among its lines."""
    first, *filters = (command.words for command in pipeline)
    if first[0].rpartition("/")[2] != "ps" or not any(map(re.compile(_LISTS_ALL).fullmatch, first[1:])):
        return False
    for words in filters:
        if words[0] not in ("grep", "egrep", "fgrep"):
            return False
        patterns = [word for word in words[1:] if not word.startswith("-")]
        given = "".join(word.lstrip("-") for word in words[1:] if word.startswith("-"))
        if "v" in given or "x" in given or "f" in given or len(patterns) != 1:
            return False
        if not re.fullmatch(PLAIN, patterns[0]):
            return False
    return True
