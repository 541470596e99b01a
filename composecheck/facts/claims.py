"""What only one service can have, held against all others that may be active together with it."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from composecheck.model.project import Service


class Claims:
    """What services claim, each thing once, to be found by those that can be active together.

    Each claim stands under the profiles of its service, so that to find one costs the same however
    many there are.
    """

    __slots__ = ("_disabled", "_first")

    def __init__(self, disabled: Mapping[str, Service]) -> None:
        self._disabled = disabled
        self._first: dict[tuple[object, str], Any] = {}

    def first(self, thing: object, service: Service) -> Any:
        """Return the first claim to a thing by who can be active together with a service, else None."""
        for key in self.sought(service):
            claim = self._first.get((thing, key))
            if claim is not None:
                return claim
        return None

    def add(self, thing: object, service: Service, claim: object) -> None:
        """Add a claim; the first one stays where there are several."""
        for key in self.standing(service):
            self._first.setdefault((thing, key), claim)

    def standing(self, service: Service) -> tuple[str, ...]:
        """Return the groups that a service's claims stand in."""
        if not self._disabled:
            return (_ALWAYS,)
        if service.name in self._disabled:
            return (_EVER, *service.profiles)
        return (_EVER, _ALWAYS, *service.profiles) if service.profiles else (_EVER, _ALWAYS, _UNBOUND)

    def sought(self, service: Service) -> tuple[str, ...]:
        """Return the groups in which whatever a service excludes stands."""
        if not self._disabled:
            return (_ALWAYS,)
        if not service.profiles:
            return (_EVER,)
        own = (_UNBOUND, *service.profiles)
        return own if service.name in self._disabled else (_ALWAYS, *own)


# Beside the profiles, whose names cannot have a blank: whatever service, those that are active now,
# and those that no profile binds.
_EVER, _ALWAYS, _UNBOUND = " ever", " always", " unbound"
