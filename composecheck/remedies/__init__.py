"""What mends a finding, in words and in YAML that fits the file at hand."""

from __future__ import annotations

import json
import re

from composecheck.knowledge import Probing
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

_UNKNOWN = Probing(("CMD", "..."))
# What in a command may change where or how a server answers.
_SPECIAL = r"(?i)port|pass|tls|ssl|sock|listen|bind|auth|acl|conf|^-p|sh$|[;&|$]"
_CONFIGURATION = (".conf", ".cnf", ".ini", ".toml", ".yml", ".yaml")


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


def certain(service: Service, family: Family | None) -> Probing | None:
    """Return the healthcheck that works for a service for certain, as it is configured here; else None.

    Who gives the image another command, or files in place of its configuration, may have given it
    another port, a password or TLS.
    """
    if family is None or family.healthcheck is None or service.entrypoint is not None:
        return None
    if any(re.search(_SPECIAL, word) for word in service.command or ()):
        return None
    if any(
        mount.target.startswith("/etc/") or mount.target.endswith(_CONFIGURATION) for mount in service.mounts
    ):
        return None
    return family.healthcheck


def indented(text: str) -> str:
    """Return lines set off by two blanks, as a block under a sentence."""
    return "\n".join(f"  {line}" for line in text.split("\n"))
