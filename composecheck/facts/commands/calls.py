"""What a process with some words has a shell read: a text behind -c, or a script of the project."""

from __future__ import annotations

import re

from composecheck.facts.commands.shells import is_shell, script_at
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts.commands.files import File, Files
    from composecheck.facts.commands.syntax import Script

# Commands that run the words behind their own: their options that take a value, and how many words
# are theirs.
RUNNERS = {
    "catatonit": ("", 0),
    "chpst": ("ubUeCpP/", 0),
    "chroot": ("", 1),
    "command": ("", 0),
    "dlv": ("", 1),
    "dumb-init": ("r", 0),
    "env": ("uCS", 0),
    "exec": ("a", 0),
    "gosu": ("", 1),
    "ionice": ("cn", 0),
    "nice": ("n", 0),
    "nohup": ("", 0),
    "runuser": ("ug", 0),
    "s6-setuidgid": ("", 1),
    "setpriv": ("", 0),
    "setsid": ("", 0),
    "stdbuf": ("ioe", 0),
    "su-exec": ("", 1),
    "sudo": ("ugCDhpRTU", 0),
    "time": ("fo", 0),
    "timeout": ("ks", 1),
    "tini": ("pe", 0),
    "tini-static": ("pe", 0),
}
# They run the scripts of a package.json.
_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun"))
_PROCFILE = r"(?m)^[\w-]+:[ \t]*(\S.*)$"
# They run the processes that a file names: where it lies if nothing says so, and the option that says it.
_PROCESSES = {
    "foreman": (("Procfile",), "-f", _PROCFILE),
    "honcho": (("Procfile",), "-f", _PROCFILE),
    "supervisord": (
        tuple(f"/etc/{path}supervisord.conf" for path in ("supervisor/conf.d/", "", "supervisor/")),
        "-c",
        r"(?m)^[ \t]*command[ \t]*=[ \t]*(\S.*)$",
    ),
}
_DURATION = r"(\d+(?:\.\d+)?)([smhd]?)"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Inner(NamedTuple):
    """What is run in the end, without what stands before it: its words, and its time limit in seconds.

    `replaces` says that the shell which runs it becomes it.
    """

    words: tuple[str, ...]
    limit: float | None = None
    replaces: bool = False
    assigned: tuple[str, ...] = ()


def inner(argv: Sequence[str]) -> Inner:
    """Return what the words of a process run, where others come first: exec, tini, env, gosu, timeout."""
    rest = [*argv]
    limit, replaces = None, False
    assigned: list[str] = []
    while rest:
        name = rest[0].rpartition("/")[2]
        if "=" in rest[0] and rest[0].partition("=")[0].isidentifier():
            assigned.append(rest.pop(0))
            continue
        if name not in RUNNERS:
            break
        valued, own = RUNNERS[name]
        replaces = replaces or name == "exec"
        del rest[0]
        pass_options(rest, valued)
        if name == "timeout" and rest:
            match = re.fullmatch(_DURATION, rest[0])
            if match is not None:
                seconds = float(match[1]) * _UNITS[match[2]]
                limit = seconds if limit is None else min(limit, seconds)
        del rest[:own]
    return Inner(tuple(rest), limit, replaces, tuple(assigned))


def pass_options(rest: list[str], valued: str) -> None:
    """Take the options from the front of some words; letters in `valued` take the next word as well."""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if len(option) == 2 and option[1] in valued and rest:
            del rest[0]


class Call(NamedTuple):
    """A script that a shell reads, and its words: $0, $1 and so on."""

    script: Script
    arguments: tuple[str, ...]
    file: File | None = None
    by: str | None = None  # the shell that is told to read the file, None where the file's first line says


def called(argv: Sequence[str], files: Files | None, folder: str | None = None) -> Call | None:
    """Return what a process has a shell read; None where that is nothing, or cannot be read here.

    `files` are those of the container that it runs in, and `folder` is the one where it is started.
    """
    words = inner(argv).words
    by = words[0].rpartition("/")[2] if words and is_shell(words[0]) else None
    operand = 0
    if by is not None:
        at = script_at(words)[1]
        if at < len(words):
            from composecheck.facts.commands.shell import read

            return Call(read(words[at]), tuple(words[at + 1 :]) or (words[0],))
        operand = _operand(words)
    file = None
    if files is not None and operand < len(words):
        file = files.at(words[operand], folder) if by is not None else None
        file = file or files.program(words[operand], folder)
    if file is None:
        return None
    from composecheck.facts.commands.shell import read

    return Call(read(file.text), words[operand:], file, by)


def scripts_among(argv: Sequence[str], files: Files | None) -> Iterator[str]:
    """Yield the texts of the project's scripts that a process runs: by its first words, and behind `--`."""
    for start in (0, *(number + 1 for number, word in enumerate(argv) if word == "--")):
        call = called(argv[start:], files) if argv[start:] else None
        if call is not None and call.file is not None:
            yield call.file.text


def packaged(argv: Sequence[str], files: Files | None, folder: str | None = None) -> Call | None:
    """Return the script of a package.json that a package manager runs: `npm start`, `yarn run serve`.

    A manager of processes runs those of its file, all at once.
    """
    words = inner(argv).words
    manager = words[0].rpartition("/")[2] if words and files is not None else ""
    if manager in _PROCESSES and files is not None:
        return _processes(manager, words, files, folder)
    if manager not in _MANAGERS or files is None:
        return None
    rest = [word for word in words[1:] if not word.startswith("-")]
    if rest[:1] and rest[0] in ("run", "run-script"):
        del rest[0]
    elif manager in ("npm", "bun") and rest[:1] not in (["start"], ["test"]):
        return None
    text = files.package_script(rest[0], folder) if rest else None
    if text is None:
        return None
    from composecheck.facts.commands.shell import read

    return Call(read(text), (manager,))


def _processes(manager: str, words: Sequence[str], files: Files, folder: str | None) -> Call | None:
    """Return what a manager of processes runs, as a shell would."""
    paths, option, pattern = _PROCESSES[manager]
    if option in words[:-1]:
        paths = (words[words.index(option) + 1],)
    text = next((found for path in paths if (found := files.text(path, folder)) is not None), None)
    commands = re.findall(pattern, text) if text is not None else []
    if not commands:
        return None
    from composecheck.facts.commands.shell import read

    return Call(read("\n".join(f"( {each} ) &" for each in commands)), (manager,))


def _operand(words: Sequence[str]) -> int:
    """Return where the file stands that a shell is told to read, behind the last word where none is."""
    named = False
    for at, word in enumerate(words[1:], 1):
        if named:
            named = False
        elif word.startswith(("-", "+")) and len(word) > 1:
            if word in ("-s", "--version", "--help"):
                break
            named = re.fullmatch(r"[-+]\w*[oO]", word) is not None or word in ("--rcfile", "--init-file")
        else:
            return at
    return len(words)
