"""`composecheck explain ID`."""

from __future__ import annotations

from composecheck.errors import UsageError
from composecheck.findings.catalogue import GROUPS
from composecheck.named import TYPE_CHECKING
from composecheck.rules import meant, module

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the rule that is asked for."""
    parser.add_argument("rule", metavar="ID", help="a rule's id, such as unguarded-dependency")


def run(arguments: argparse.Namespace) -> int:
    """Print a rule's manual; UsageError for an id that there is not."""
    name = arguments.rule
    if name not in GROUPS:
        raise UsageError(f"there is no rule '{name}'; {meant(name)}")
    rule = module(name)
    print(f"{name} ({', '.join(rule.RULE.severities)})\n\n{rule.__doc__.strip()}")
    return 0
