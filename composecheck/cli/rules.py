"""`composecheck rules`."""

from __future__ import annotations

from composecheck.findings.catalogue import GROUPS, OFF
from composecheck.named import TYPE_CHECKING
from composecheck.rules import described, module

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add nothing: `rules` lists them all."""


def run(_: argparse.Namespace) -> int:
    """Print each group, and in it each rule's id, its severity, and what it finds.

    The severity is the usual one of its findings, or "off" for a rule that has to be switched on.
    """
    widest = max(map(len, GROUPS))
    shown = ""
    for name, group in sorted(GROUPS.items(), key=lambda rule: rule[1]):  # stable: ids stay in order
        if group != shown:
            print(f"{chr(10) if shown else ''}{group}: {described(group)}")
            shown = group
        rule = module(name)
        severity = "off" if name in OFF else rule.RULE.severities[0]
        print(f"  {name:{widest}}  {severity:7}  {rule.__doc__.partition(chr(10))[0]}")
    return 0
