"""What may make a start worse that waits for a healthcheck: for a person to allow."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.knowledge import Probing
    from composecheck.model.project import Dependency, Healthcheck, Service

TIMING = "timing"
WRITTEN = "a condition that is written"
# How long a server of which nothing is known may take, in seconds.
_UNKNOWN = 60.0
# Where entrypoints look for what fills an empty store.
_FILLING = r"(?i)initdb|/[\w-]*entrypoint-(?:init|start)|/initial[-_.]?data"
_SHELL_VARIABLE = r"\$\$\{?(\w+)"
_SPLIT = r"[\s*?\[\]]"


def said(dependency: Dependency | None) -> str:
    """Return what a fix changes that gives an entry of `depends_on` another condition, "" for nothing."""
    if dependency is None or not dependency.says("condition"):
        return ""
    origin = dependency.origin("condition")
    if origin is not None and origin.kind == "implied":
        return ""
    return "" if dependency.place("condition") == dependency.key_place() else WRITTEN


def waiting_for(facts: Facts, target: Service, healthcheck: Healthcheck) -> str:
    """Return what changes where a service waits for a healthcheck that is there, "" where all is well."""
    from composecheck.facts.schedule import is_slow, probing

    own = target.healthcheck
    whole = healthcheck if own is None or own is healthcheck else own.over(healthcheck)
    family = facts.images.known(target) or facts.images.likely(target)
    needed = family.first_boot[1] if family is not None and family.first_boot is not None else _UNKNOWN
    short = probing(whole).refused < needed
    return TIMING if short or is_slow(facts, target, whole) or _is_filled(target) else ""


def probing_newly(facts: Facts, target: Service) -> str:
    """Return what changes where a service gets its first healthcheck, "" where all is well.

    What is filled first takes as long as that takes, and a store of an earlier start may lack what an image
    gives a new one.
    """
    from composecheck.facts.first_start import earlier

    family = facts.images.likely(target)
    old = family is not None and bool(family.data) and earlier(facts, target, family)
    return TIMING if old or _is_filled(target) else ""


def fits(facts: Facts, service: Service, probing: Probing) -> bool:
    """Return whether a family's probe fits what a service's image is, and its container, for certain."""
    text = " ".join(probing.test)
    if service.says("image") and "$" in service.place("image").text:
        return False
    if "HOSTNAME" in text and (service.network_mode is not None or service.says("uts")):
        return False
    from composecheck.facts.answers import variables

    given = variables(facts, service)
    words = (given.get(name) or "" for name in re.findall(_SHELL_VARIABLE, text))
    return not any(re.search(_SPLIT, word) for word in words)


def _is_filled(target: Service) -> bool:
    return any(re.search(_FILLING, mount.target) for mount in target.mounts) or any(
        re.search(_FILLING, given.target or "") for given in target.configs
    )
