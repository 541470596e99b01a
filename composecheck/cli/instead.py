"""What to type in place of a command that is not there: Docker Compose has some that composecheck has not."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_COMPOSE = "`docker compose {}` does that, also on a stack of composecheck's"
_INSTEAD = {
    "convert": "`composecheck config` prints the resolved project",
    "create": "`composecheck up --no-start` does that",
    "ls": "`docker compose ls` lists projects; `composecheck -p NAME ps` shows one",
    "rm": "`composecheck down SERVICE` removes the containers of a service",
    "scale": "`composecheck up --scale SERVICE=NUM` does that",
    "version": "`composecheck --version` prints it",
    "volumes": "`composecheck config --volumes` lists those of the file",
    "top": "`docker compose top` does that, and `composecheck exec SERVICE ps` where the image has it",
    "events": "`composecheck logs -f` and `composecheck wait` follow a stack; `docker compose events` is all",
    "help": "`composecheck --help` lists them, and `composecheck COMMAND --help` shows one's options",
}
_OF_COMPOSE = frozenset(
    "alpha attach bridge commit cp export pause publish push stats unpause watch".split()  # noqa: SIM905 - words
)


def instead(command: str, commands: Collection[str]) -> str:
    """Return what does what a command that is not there would do, or which one is meant."""
    if command in _INSTEAD:
        return _INSTEAD[command]
    if command in _OF_COMPOSE:
        return _COMPOSE.format(command)
    from composecheck.text.spelling import did_you_mean

    meant = did_you_mean(command, commands, loosely=True)
    return f"{meant} There are " + ", ".join(commands) if meant else f"there are {', '.join(commands)}"
