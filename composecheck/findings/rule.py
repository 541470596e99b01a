"""What a rule says of itself, and what it yields."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from composecheck.findings.diagnostic import Confidence, Fix, Related, Severity
    from composecheck.text.source import Span

    FoundBy = Literal["rules", "loading", "engine", "settings"]
    # A definition, what a path leads to, a file that is named, or a host.
    Lack = Literal["definition", "path", "file", "host"]


class Rule(NamedTuple):
    """Everything that composecheck has to know of a rule, beside what its manual tells people.

    `severities` are those that its findings may have, the usual one first, and `since` is the release
    that brought it. `needs` are keys of services, of the file ("top-level ...") or of what
    `composecheck.rules.presence` sees: where a project has none of them, the rule has nothing to say and
    is not imported. Where `found_by` is not "rules", the module is the manual alone, and the finding
    comes from the loader, from what an engine says before a start, or from the settings and comments.
    """

    severities: tuple[Severity, ...]
    since: str
    needs: tuple[str, ...] = ()
    confidence: Confidence = "certain"  # how sure its findings usually are
    found_by: FoundBy = "rules"
    refused: bool = False  # docker compose refuses a file in which it finds an error
    partial: bool = False  # with it, a part of the project could not be read
    whole: bool = False  # has nothing to say where a part of the project could not be read
    unread: bool = False  # the file could not be read as YAML at all: nothing hides it
    on_values: bool = False  # judges values, which a variable that is not filled in may yet change
    off: bool = False  # runs only where a configuration selects it
    lacks: Lack | None = None  # what it misses may be another file's, of which this one is the other half
    live: bool = False  # an engine that is asked decides it anew
    succeeds: bool = False  # a healthcheck in which it finds something still succeeds in time
    mended: bool = False  # found by the loader, and mended by a fix of `remedies.edits.loaded`
    remedy: str = ""  # what mends it where its place alone tells no more
    template: bool = False  # the text of which another one is to be made is told by it
    options: tuple[str, ...] = ()  # the keys of the configuration that it follows
    compose: str = "5"  # the generation of Docker Compose to which its examples hold


class Finding(NamedTuple):
    """What a rule yields: a place, the fact, and what mends it; the runner makes a Diagnostic of it.

    `severity` and `confidence` are given where they are not the rule's usual ones; what is only possible is
    a note, whatever the severity. `fix` gives None where the text is laid out so that the change cannot be
    made. `awaits` is the service whose healthcheck the remedy tells to wait for.
    """

    place: Span
    message: str
    remedy: str = ""
    service: str | None = None
    related: tuple[Related, ...] = ()
    fix: Callable[[], Fix | None] | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    awaits: str = ""
