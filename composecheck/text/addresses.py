"""Hosts that mean the machine itself, and addresses that mean all that it has."""

from __future__ import annotations

import re

# All addresses to who listens there: of both families, of IPv4, of IPv6. Who connects there comes to itself.
ALL, ALL_IPV4, ALL_IPV6 = "", "0.0.0.0", "::"  # noqa: S104 - what files and engines say
EVERY = (ALL, ALL_IPV4, ALL_IPV6)

# What finds a loopback host in a command, in lower case: RFC 6761 has all names below `localhost` mean it.
LOOPBACK = r"(?:[\w-]+\.)*localhost|localhost\.localdomain|ip6-localhost|127(?:\.\d{1,3}){1,3}|::1"
# The same with all addresses, to which one may connect as well: "0" is IPv4's.
ITSELF = rf"{LOOPBACK}|0(?:\.0\.0\.0)?|::"


def is_loopback(host: str) -> bool:
    """Return whether a host is what every machine, and every container, calls itself."""
    return re.fullmatch(LOOPBACK, _plain(host)) is not None


def is_itself(host: str) -> bool:
    """Return whether who connects to a host comes to itself: loopback, and all addresses."""
    return re.fullmatch(ITSELF, _plain(host)) is not None


def _plain(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")
