"""Whose the program of a service is: the project's own, or somebody else's product."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.knowledge import plain_name, split
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.model.project import Service

# Registries that one rents for oneself, or runs; of others anybody may be the owner.
_RENTED = (
    r"(?:localhost|127\.0\.0\.1|.*\.(?:amazonaws\.com|azurecr\.io|pkg\.dev|example(?:\.\w+)?|local|internal))"
    r"(?::\d+)?"
)
# A variable that has no value by itself: whoever runs the file says where his image is.
_OPEN = r"\$(?:\w|\{\w+(?::?\?[^}]*)?\})"
_TAG = r":(?:\$\{[^}]*\}|[\w.$-])*[\"']?$"
# Owners that stand for whoever reads the file, and what programs are called by their part alone.
_OWNERS = (
    r"(?:my|your|our)|example|acme|company|corp(?:$|[-_.])|organi[sz]ation|user(?:name)?$|team|local|internal"
)
_PARTS = frozenset(
    """api app application backend consumer cron crud frontend jobs migrate migration migrations producer
    queue rest scheduler svc tasks worker workers""".split()  # noqa: SIM905 - words
)


def is_product(facts: Facts, service: Service) -> bool:
    """Return whether a service runs what somebody else has published: nothing here tells how it starts.

    One's own is what is built here, what a runtime's image is given, and an image that is named as one's own
    are: without an owner, with one that is an example or has what is built here, by a variable, on a rented
    registry, or by its part in an application (`shop/api`).
    """
    if service.build is not None or re.search(_OPEN, re.sub(_TAG, "", service.text("image"))):
        return False
    family = facts.images.likely(service)
    if family is not None:
        return family.kind != "runtime"
    path = owners(service.image or "")
    if (
        not path
        or re.fullmatch(_RENTED, path[0])
        or any(re.match(_OWNERS, each) for part in path for each in part.split("."))
    ):
        return False
    if _PARTS.issuperset(re.split(r"[-_.\d]+", plain_name(service.image))):
        return False
    return path not in facts.builders


def owners(image: str) -> tuple[str, ...]:
    """Return the registry and the owners of an image's name: of `ghcr.io/shop/api:1` the first two."""
    return (*split(image)[0].split("/")[:-1],)


def is_told_what_to_do(facts: Facts, service: Service) -> bool:
    """Return whether a service's command is a script or a client, and no options alone."""
    from composecheck.facts.commands.calls import scripts_among
    from composecheck.facts.commands.clients import addresses
    from composecheck.facts.commands.runs import runs_of
    from composecheck.facts.commands.shells import script_in

    words, _ = started(facts, service)
    if script_in(words) is not None or any(True for _ in scripts_among(words, facts.files(service))):
        return True
    environment = {name: value for name, value in service.environment.items() if value is not None}
    runs = runs_of(tuple(words), service.key_place(), {}, environment, 0) if words else ()
    return any(address.sure for run in runs for address in addresses(run))
