"""Static addresses and subnets: what the engine refuses, and what is as good."""

import pytest

from composecheck import check


@pytest.fixture
def findings(tmp_path):
    """Return the (rule, severity, line) of each finding in services and networks."""

    def find(services, networks):
        file = tmp_path / "compose.yml"
        file.write_text(f"services:\n{services}networks:\n{networks}")
        return [(d.rule, d.severity, d.span.line) for d in check(file, environment={}).diagnostics]

    return find


def joined(address, key="ipv4_address", name="s", network="n"):
    return f"  {name}: {{image: x, networks: {{{network}: {{{key}: '{address}'}}}}}}\n"


def pool(subnet, more="", *, name="n", keys=""):
    return f"  {name}: {{{keys}ipam: {{config: [{{subnet: '{subnet}'{more}}}]}}}}\n"


@pytest.mark.parametrize(
    ("services", "networks", "rule"),
    [
        (joined("10.9.1.5"), pool("10.9.0.0/24"), "address-outside-subnet"),
        (joined("10.9.0.0"), pool("10.9.0.0/24"), "reserved-address"),
        (joined("10.9.0.1"), pool("10.9.0.0/24"), "reserved-address"),
        (joined("10.9.0.1"), pool("10.9.0.0/24", keys="internal: true, "), "reserved-address"),
        (joined("10.9.0.255"), pool("10.9.0.0/24"), "reserved-address"),
        (joined("10.9.0.7"), pool("10.9.0.0/24", ", gateway: 10.9.0.7"), "reserved-address"),
        (joined("10.9.0.7"), pool("10.9.0.0/24", ", aux_addresses: {a: 10.9.0.7}"), "reserved-address"),
        (joined("10.9.0.7"), "  n:\n", "address-without-subnet"),
        (joined("10.9.0.7"), "  n: {ipam: {driver: default}}\n", "address-without-subnet"),
        (joined("10.9.0"), pool("10.9.0.0/24"), "invalid-address"),
        (joined("fd00::5"), pool("fd00::/64"), "invalid-address"),
        (joined("10.9.0.5", "ipv6_address"), pool("10.9.0.0/24"), "invalid-address"),
        (joined("fd01::5", "ipv6_address"), pool("fd00::/64"), "address-outside-subnet"),
        (joined("fd00::1", "ipv6_address"), pool("fd00::/64"), "reserved-address"),
        (joined("02:42:ac:11:00", "mac_address"), pool("10.9.0.0/24"), "invalid-address"),
    ],
)
def test_address_that_the_engine_refuses_is_an_error(findings, services, networks, rule):
    assert findings(services, networks) == [(rule, "error", 2)]


@pytest.mark.parametrize(
    ("services", "networks"),
    [
        (joined("10.9.0.5"), pool("10.9.0.0/24")),
        (joined("10.9.0.1"), pool("10.9.0.0/24", ", gateway: 10.9.0.254")),
        (joined("10.9.0.1"), pool("10.9.0.0/24", ", ip_range: 10.9.0.128/25")),
        (joined("10.9.0.1"), pool("10.9.0.0/24", keys="driver: macvlan, ")),
        (joined("10.9.0.7"), "  n: {external: true}\n"),
        (joined("10.9.0.7"), "  n: {driver: weave}\n"),
        (joined("10.9.0.7"), "  n: {ipam: {driver: infoblox}}\n"),
        (joined("fd00::5", "ipv6_address"), pool("FD00:0::/64")),
        (joined("02:42:AC:11:00:02", "mac_address"), pool("10.9.0.0/24")),
        (joined("0242.ac11.0002", "mac_address"), pool("10.9.0.0/24")),
        (
            joined("10.9.0.5") + joined("10.9.0.5", name="t", network="m"),
            pool("10.9.0.0/24") + "  m: {external: true}\n",
        ),
        (
            joined("10.9.0.5") + "  t: {image: x, scale: 0, networks: {n: {ipv4_address: 10.9.0.5}}}\n",
            pool("10.9.0.0/24"),
        ),
    ],
)
def test_address_that_the_engine_takes_is_left_alone(findings, services, networks):
    assert findings(services, networks) == []


def test_address_of_a_service_that_runs_twice_is_an_error(findings):
    service = "  s: {image: x, scale: 2, networks: {n: {ipv4_address: 10.9.0.5}}}\n"
    assert findings(service, pool("10.9.0.0/24")) == [("duplicate-address", "error", 2)]


def test_address_is_the_same_under_two_keys_of_one_network(findings):
    services = joined("10.9.0.5") + joined("10.9.0.5", name="t", network="m")
    networks = pool("10.9.0.0/24", keys="name: x, ") + pool("10.9.0.0/24", keys="name: x, ", name="m")
    assert findings(services, networks) == [("duplicate-address", "error", 3)]


OTHERS = ("conflicting-external", "unused-network")
USERS = "  a: {image: x, networks: [n]}\n  b: {image: x, networks: [m]}\n"


@pytest.mark.parametrize(
    ("networks", "lines"),
    [
        (pool("10.9.0.0/24") + pool("10.9.0.0/16", name="m"), [6]),
        (pool("10.9.0.0/24") + pool("10.9.1.0/24", name="m"), []),
        (pool("10.9.0.0/24") + pool("fd00::/64", name="m"), []),
        (pool("10.9.0.0/24", keys="name: x, ") + pool("10.9.0.0/24", keys="name: x, ", name="m"), []),
        (pool("10.9.0.0/24") + pool("10.9.0.0/24", keys="external: true, ", name="m"), []),
        (pool("10.9.0.0/24") + pool("10.9.0.0/24", keys="driver: overlay, ", name="m"), []),
        (pool("10.9.0.0/24") + pool("10.10.0.0/24", name="m") + pool("10.9.0.0/24", name="unused"), []),
        (pool("10.9.0.0/24'}, {subnet: '10.9.0.128/25") + "  m:\n", [5]),
    ],
)
def test_subnets_overlap_in_networks_that_the_engine_makes(findings, networks, lines):
    found = [each for each in findings(USERS, networks) if each[0] not in OTHERS]
    assert found == [("overlapping-subnets", "error", line) for line in lines]


@pytest.mark.parametrize(
    ("networks", "severity"),
    [
        (pool("10.9.0.0"), "error"),
        (pool("10.9.0.0/33"), "error"),
        (pool("10.9.0.5/24"), "warning"),
        (pool("10.9.0.0/24", ", ip_range: '10.9'"), "error"),
        (pool("10.9.0.0/24", ", gateway: none"), "error"),
        (pool("10.9.0.0/24", ", aux_addresses: {a: b}"), "error"),
    ],
)
def test_pool_that_cannot_be_read_is_invalid(findings, networks, severity):
    service = "  a: {image: x, networks: [n]}\n"
    assert findings(service, networks) == [("invalid-address", severity, 4)]


def test_gateway_outside_the_subnet_is_an_error(findings):
    network = pool("10.9.0.0/24", ", gateway: 10.8.0.1")
    assert findings("  a: {image: x, networks: [n]}\n", network) == [("address-outside-subnet", "error", 4)]
