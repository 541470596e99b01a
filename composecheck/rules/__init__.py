"""The rules: one module each, in a folder by what it looks at.

A rule's id is its module's name in kebab case. The module's docstring is its manual, and the examples
in it are its tests; `RULE` says everything else of it, and `check(facts)` yields its findings, unless
they are found elsewhere. `composecheck.findings.catalogue` is generated from the rules, so that one that
cannot fire is not even imported.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from composecheck.findings.catalogue import GROUPS, NEEDS, REFUSED
from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Protocol

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Severity
    from composecheck.findings.rule import Finding, Rule

    class Module(Protocol):
        """A rule's module."""

        __doc__: str
        RULE: Rule

        def check(self, facts: Facts) -> Iterator[Finding]:
            """Yield the findings; absent where they are found elsewhere."""
            ...


@cache
def module(rule: str) -> Module:
    """Return the module of a rule, by its id."""
    found: Module = import_module(f"{__name__}.{GROUPS[rule]}.{rule.replace('-', '_')}")
    return found


def described(group: str) -> str:
    """Return what the rules of a group look at."""
    return str(import_module(f"{__name__}.{group}").__doc__).strip()


def meant(name: str, *, groups: bool = False) -> str:
    """Return which rule, or group of rules, may be meant by a name that is none's."""
    from composecheck.text.spelling import did_you_mean

    return (
        did_you_mean(name, [*GROUPS, *(set(GROUPS.values()) if groups else ())], loosely=True)
        or "'composecheck rules' lists them"
    )


def run(facts: Facts, *, without: Collection[str] = (), refused_only: bool = False) -> Iterator[Diagnostic]:
    """Yield what the rules find that have anything to look at, but those named in `without`."""
    found = [*_run(facts, without, refused_only=refused_only)]
    if any(each.awaits for each in found):
        from composecheck.findings.unsound import mended_first

        found = [*mended_first(found)]
    yield from found


def _run(facts: Facts, without: Collection[str], *, refused_only: bool) -> Iterator[Diagnostic]:
    from composecheck.rules.presence import present

    keys = present(facts, hosts=not refused_only)
    for rule, needs in NEEDS.items():
        if rule not in without and (rule in REFUSED or not refused_only) and not keys.isdisjoint(needs):
            yield from _diagnostics(rule, facts)


def _diagnostics(name: str, facts: Facts) -> Iterator[Diagnostic]:
    """Yield what a rule finds, with its id and severity.

    What is only possible is a note. What is wrong with a service that the active profiles leave out stops
    nobody who does not enable it: it is a warning at most, and says so.
    """
    found = module(name)
    usual, disabled = found.RULE.severities[0], facts.project.disabled
    for finding in found.check(facts):
        confidence = finding.confidence or found.RULE.confidence
        severity: Severity = "note" if confidence == "possible" else finding.severity or usual
        message, service = finding.message, finding.service
        if service is not None and service in disabled:
            severity = "warning" if severity == "error" else severity
            message += facts.profile_note(disabled[service])
        yield Diagnostic(
            name,
            severity,
            message,
            finding.place,
            finding.remedy,
            service,
            finding.related,
            finding.fix,
            confidence,
            awaits=finding.awaits,
        )
