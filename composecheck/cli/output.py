"""Lines for a person, whether or not anybody still reads them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from composecheck.errors import UsageError


def say(line: str, stream: TextIO | None = None) -> None:
    """Print a line to a stream, stderr by default; a reader who went away stops nothing.

    What is under way goes on without its report: a stack is not left half removed because `head`
    had seen enough.
    """
    stream = stream or sys.stderr
    try:
        print(line, file=stream, flush=True)
    except OSError:
        # Nothing more can be written there, and Python would try once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
