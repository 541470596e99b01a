"""`composecheck rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.rules import IDS, rule

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add nothing: `rules` lists them all."""


def run(_: argparse.Namespace) -> int:
    """Print each rule's id, its severity, and what it finds."""
    widest = max(map(len, IDS))
    for name in IDS:
        module = rule(name)
        print(f"{name:{widest}}  {module.SEVERITY:7}  {module.__doc__.partition(chr(10))[0]}")
    return 0
