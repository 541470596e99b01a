"""What mends a finding, in words and in YAML that fits the file at hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from composecheck.knowledge import Probing
from composecheck.spelling import did_you_mean as did_you_mean  # noqa: PLC0414 - rules ask here for it

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.knowledge import Family
    from composecheck.project import Service

_UNKNOWN = Probing(("CMD", "..."))


def condition(dependent: str, dependency: str, word: str) -> str:
    """Return the `depends_on` entry with a condition, as YAML under `services`."""
    return f"{dependent}:\n  depends_on:\n    {dependency}:\n      condition: {word}"


def healthcheck(service: Service, family: Family | None) -> str:
    """Return a healthcheck for a service whose image seems to be of a family, as YAML under `services`."""
    known = (family.healthcheck if family is not None else None) or _UNKNOWN
    test = json.dumps(known.test, ensure_ascii=False) + (
        "  # a command that succeeds once it answers" if known is _UNKNOWN else ""
    )
    disabled = service.healthcheck is not None and service.healthcheck.disabled
    lines = [f"{service.name}:", "  healthcheck:", *(["    disable: false"] if disabled else [])]
    lines += [f"    test: {test}", f"    interval: {known.interval}", f"    timeout: {known.timeout}"]
    if known.start_period is not None:
        lines.append(f"    start_period: {known.start_period}")
    return "\n".join([*lines, f"    retries: {known.retries}"])


def listed(names: Iterable[str], word: Literal["and", "or"] = "and") -> str:
    """Return "'a', 'b' and 'c'"."""
    quoted = [f"'{name}'" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def indented(text: str) -> str:
    """Return lines set off by two blanks, as a block under a sentence."""
    return "\n".join(f"  {line}" for line in text.split("\n"))
