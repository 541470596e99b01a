"""Lines for a person, whether or not anybody still reads them."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_SAYING = threading.RLock()  # a signal may come while its own thread is at it


def say(line: str, stream: TextIO | None = None) -> None:
    """Print a line to a stream, stderr by default; a reader who went away stops nothing.

    What is under way goes on without its report: a stack is not left half removed because `head`
    had seen enough, or a disk is full. Lines of several threads do not run into each other.
    """
    stream = stream or sys.stderr
    if stream is None:
        return  # closed before the program began
    with _SAYING:
        try:
            stream.write(line + "\n")
            stream.flush()
        except RuntimeError:  # a signal's line amid another one
            with suppress(OSError):
                os.write(2, line.encode(errors="backslashreplace") + b"\n")
        except (OSError, ValueError):
            # Nothing more can be written there, and Python would try once more at the end.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def show_cursor() -> None:
    """Show a terminal's cursor, which a live view hides."""
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, b"\033[?25h")


def open_streams() -> None:
    """Open what was closed before the program began, lest a file of ours becomes its output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free is this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - a descriptor, for good
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def write(path: str, text: str) -> None:
    """Write a file whole or not at all; UsageError where it cannot be written."""
    data = text.encode("utf-8", "backslashreplace") + b"\n"
    target = Path(os.path.realpath(path))  # a link stays one
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a pipe or a device is written to, not replaced
            return
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with beside.open("xb") as file:
                file.write(data)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {(error.strerror or str(error)).lower()}") from None
