"""The engine of a rule's example: its `engine.yml` as a Snapshot."""

from __future__ import annotations

import yaml

from composecheck.snapshot import Container, EngineNetwork, HeldPort, Listener, Route, Snapshot
from composecheck.text.units import parse_size

PLAIN = ("api_version", "version", "swarm", "ipv6_pools", "volumes", "images")


def snapshot(text: str) -> Snapshot:
    """Return the Snapshot that a text describes; what it does not speak of is not known."""
    said = yaml.safe_load(text)
    found = {key: said.pop(key) for key in PLAIN if key in said}
    if "containers" in said:
        found["containers"] = tuple(
            Container(**{**each, "ports": tuple(HeldPort(*port(p)) for p in each.get("ports", ()))})
            for each in said.pop("containers")
        )
    if "networks" in said:
        found["networks"] = tuple(
            EngineNetwork(**{**each, "subnets": tuple(each.get("subnets", ()))})
            for each in said.pop("networks")
        )
    if "processes" in said:
        processes = said.pop("processes")
        found["listeners"] = tuple(Listener(*port(each.pop("port")), **each) for each in processes)
    if "routes" in said:
        found["routes"] = tuple(Route(**each) for each in said.pop("routes"))
    if "free" in said:
        size = said.pop("free").replace("iB", "").replace(" ", "")
        found |= {"free": parse_size(size), "root": "/var/lib/docker"}
    assert not said, f"engine.yml knows no {sorted(said)}"
    return Snapshot(**found)


def port(text: str) -> tuple[int, str, str]:
    """Return the number, address and protocol of "8080", "127.0.0.1:8080" or "[::1]:53/udp"."""
    whole, _, protocol = str(text).partition("/")
    address, _, number = whole.rpartition(":")
    return int(number), address.strip("[]"), protocol or "tcp"
