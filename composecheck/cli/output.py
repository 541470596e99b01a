"""Lines for a person, whether or not anybody still reads them."""

from __future__ import annotations

import os
import sys
from typing import TextIO


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
