"""`composecheck rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.rules import IDS, OFF, rule

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add nothing: `rules` lists them all."""


def run(_: argparse.Namespace) -> int:
    """Print each rule's id, its severity ("off" for one that has to be switched on), and what it finds."""
    widest = max(map(len, IDS))
    for name in IDS:
        module = rule(name)
        severity = "off" if name in OFF else module.SEVERITY
        print(f"{name:{widest}}  {severity:7}  {module.__doc__.partition(chr(10))[0]}")
    return 0
