"""What an interpreter imports, and what of it is argparse's own doing."""

from __future__ import annotations

import subprocess
import sys
from functools import cache


@cache
def of_argparse() -> frozenset[str]:
    """Return the modules that come with argparse: since 3.14 it colours, with dataclasses and inspect."""
    code = "import argparse, sys\nif sys.version_info >= (3, 14): import _colorize\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())
