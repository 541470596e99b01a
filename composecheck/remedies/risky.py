"""What may make a start worse that waits for a healthcheck: for a person to allow."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.guards import Guard
    from composecheck.findings.diagnostic import Fix
    from composecheck.knowledge import Probing
    from composecheck.model.project import Dependency, Healthcheck, Service

TIMING = "timing"
AFTER_A_JOB = "what starts after a job that fails"
CALLED_BACK = "who answers whom"
LEFT_OUT = "what starts where a file is left out"
NEVER_READY = "what starts beside one that is never ready"
PASSING = "a test that may pass today"
WRITTEN = "a condition that is written"
_AND = " and "
# How long a server of which nothing is known may take, in seconds.
_UNKNOWN = 120.0
# The ways of one that has begun, and is not ready before its dependency is.
_TRYING = ("wrapper", "image-wait", "image-retry", "x-retry", "none")
# Where entrypoints look for what fills an empty store.
_FILLING = r"(?i)initdb|/[\w-]*entrypoint-(?:init|start)|/initial[-_.]?data"
_FAILING = r"\|\|\s*(?:exit\s+[1-9]\d*|false)\s*;?\s*$"
_SHELL_VARIABLE = r"\$\$\{?(\w+)"
_AUTHENTICATES = r"(?i)\s-a\s|auth|--pass|\$"
_PORT = r"(?:-[pP]|--port|:)[\s=]*(\d{2,5})(?![\w.:])"
_SPLIT = r"[\s*?\[\]]"


def said(dependency: Dependency | None) -> str:
    """Return what a fix changes that gives an entry of `depends_on` another condition, "" for nothing."""
    if dependency is None or not dependency.says("condition"):
        return ""
    origin = dependency.origin("condition")
    if origin is not None and origin.kind == "implied":
        return ""
    return "" if dependency.place("condition") == dependency.key_place() else WRITTEN


def without_decision(fix: Fix) -> Fix:
    """Return a fix as it is where nobody has decided for the condition that it takes away."""
    return fix._replace(unsafe=_AND.join(each for each in fix.unsafe.split(_AND) if each != WRITTEN))


def is_decided(fix: Fix) -> bool:
    """Return whether a fix takes away a condition that is written."""
    return WRITTEN in fix.unsafe.split(_AND)


def both(*reasons: str) -> str:
    """Return what is said of a fix that changes several things, "" for none."""
    return _AND.join(dict.fromkeys(filter(None, reasons)))


def passing(script: str | None) -> str:
    """Return what changes where a test gets another command, of which one fails today, "" for nothing.

    A script fails with it, unless there is something else in it that decides.
    """
    return PASSING if re.search(r"[|;&\n]", re.sub(_FAILING, "", script or "")) is not None else ""


def ending(facts: Facts, target: Service, *, awaited: bool) -> str:
    """Return what changes where a service waits for a job's end, "" where all is well.

    A job that fails would then keep from starting what gets along with that today. So others wait for its
    end already (`awaited`), or it is tried again, or nothing says that it may fail: on purpose, at its second
    run, or because what it needs is not there yet.
    """
    from composecheck.facts.commands.jobs import may_fail, may_fail_again
    from composecheck.facts.restart import restart_policy

    if awaited or restart_policy(target).after_failure:
        return ""
    early = any(guard.is_missing for _, guard in _guards(facts, target))
    early = early or facts.connections.asks_undeclared(target)
    return AFTER_A_JOB if early or may_fail(facts, target) or may_fail_again(facts, target) else ""


def left_out(facts: Facts, dependency: Dependency, target: Service, healthcheck: Healthcheck | None) -> str:
    """Return what changes where a wait's file is taken without those that are laid over it, "" for nothing.

    What makes the wait come true is a healthcheck, or for a job what it runs.
    """
    places = [target.place(key) for key in ("image", "build") if target.says(key)]
    if healthcheck is None:
        places += [target.place(key) for key in ("command", "entrypoint") if target.says(key)]
    elif healthcheck.has_place:
        places.append(healthcheck.key_place())
    base = dependency.key_place()
    return LEFT_OUT if any(facts.project.is_laid_over(place, base) for place in places) else ""


def calls_back(facts: Facts, dependent: Service, target: Service) -> str:
    """Return what changes where a service waits for one that is told a URL of it, "" where all is well."""
    return CALLED_BACK if facts.connections.is_shown(target, dependent) is not None else ""


def waiting_for(facts: Facts, target: Service, healthcheck: Healthcheck) -> str:
    """Return what changes where a service waits for a healthcheck that is there, "" where all is well."""
    from composecheck.facts.schedule import is_slow, probing

    if _asks_elsewhere(facts, target, healthcheck):
        return NEVER_READY
    test = next((each for each in facts.tests if each.service is target), None)
    if test is not None and any(map(facts.project.blank, (test.place, *test.places))):
        return NEVER_READY
    own = target.healthcheck
    whole = healthcheck if own is None or own is healthcheck else own.over(healthcheck)
    short = probing(whole).refused < _boot(facts, target, _UNKNOWN) + _waits_first(facts, target)
    return TIMING if short or is_slow(facts, target, whole) or is_filled(target) else ""


def probing_newly(facts: Facts, target: Service) -> str:
    """Return what changes where a service gets its first healthcheck, "" where all is well.

    What is filled first takes as long as that takes, and a store of an earlier start may lack what an image
    gives a new one.
    """
    from composecheck.facts.first_start import earlier

    family = facts.images.likely(target)
    old = family is not None and bool(family.data) and earlier(facts, target, family)
    return TIMING if old or is_filled(target) else ""


def fits(facts: Facts, service: Service, probing: Probing) -> bool:
    """Return whether a family's probe fits what a service's image is, and its container, for certain."""
    text = " ".join(probing.test)
    if service.says("image"):
        place = service.place("image")
        if "$" in place.text or facts.project.is_laid_over(place, service.key_place()):
            return False
    if "HOSTNAME" in text and (service.network_mode is not None or service.says("uts")):
        return False
    from composecheck.facts.answers import variables

    given = variables(facts, service)
    words = (given.get(name) or "" for name in re.findall(_SHELL_VARIABLE, text))
    return not any(re.search(_SPLIT, word) for word in words)


def _boot(facts: Facts, service: Service, unknown: float) -> float:
    """Return how long a service's first start may take at most, in seconds."""
    family = facts.images.known(service) or facts.images.likely(service)
    return family.first_boot[1] if family is not None and family.first_boot is not None else unknown


def _waits_first(facts: Facts, service: Service) -> float:
    """Return how long a service may have to try until what it needs is there, while it is probed already."""
    tried = (each for each, guard in _guards(facts, service) if guard.kind in _TRYING)
    return max((_boot(facts, each, 0.0) for each in tried), default=0.0)


def _guards(facts: Facts, service: Service) -> Iterator[tuple[Service, Guard]]:
    """Yield what a service says that it depends on, and what makes that safe."""
    for entry in service.depends_on.values():
        if entry.implicit is None and entry.service in facts.services:
            yield facts.services[entry.service], facts.guard(service, entry)


def _asks_elsewhere(facts: Facts, target: Service, healthcheck: Healthcheck) -> bool:
    """Whether a healthcheck asks where the server that the image is known for does not answer."""
    family = facts.images.known(target)
    text = " ".join(healthcheck.test or ())
    if family is None or family.healthcheck is None or not any(tool in text for tool in family.tools):
        return False
    from composecheck.facts.answers import answer, usual_port

    found = answer(facts, target, family)
    if found.locked and "PONG" in text and re.search(_AUTHENTICATES, text) is None:
        return True
    usual = usual_port(family)
    moved = found.port not in (None, usual)
    said = {int(number) for number in re.findall(_PORT, text)}
    return (found.port or usual) not in said if moved or said else False


def is_filled(target: Service) -> bool:
    """Return whether a service's first start fills its store with what is mounted for that."""
    places = (
        *(mount.target for mount in target.mounts),
        *(grant.target or "" for grant in (*target.configs, *target.secrets)),
    )
    return any(re.search(_FILLING, place) for place in places)
