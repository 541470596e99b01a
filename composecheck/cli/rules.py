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
    for number, group in enumerate(dict.fromkeys(GROUPS[name] for name in _by_group())):
        print(f"{'' if number == 0 else chr(10)}{group}: {described(group)}")
        for name in GROUPS:
            if GROUPS[name] == group:
                rule = module(name)
                severity = "off" if name in OFF else rule.RULE.severities[0]
                print(f"  {name:{widest}}  {severity:7}  {rule.__doc__.partition(chr(10))[0]}")
    return 0


def _by_group() -> list[str]:
    """Return all ids, those of one group together, the groups in the order of their names."""
    return sorted(GROUPS, key=lambda name: (GROUPS[name], name))
