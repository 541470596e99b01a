"""Networks, names in them and network modes: what fails or surprises, and what is as it should be."""

import json

import pytest

from composecheck import check

FOUND = (
    "conflicting-mac-address",
    "conflicting-restart-policy",
    "duplicate-alias",
    "duplicate-hostname",
    "generated-container-name",
    "internal-network-with-ports",
    "link-without-shared-network",
    "network-mode-conflict",
    "network-mode-with-ports",
    "read-only-content",
    "subnet-may-be-taken",
    "unset-secret-variable",
    "unsupported-per-replica",
    "unused-network",
)


@pytest.fixture
def findings(tmp_path):
    """Return the (rule, severity, service) of each finding; services by their keys beside `image`."""

    def find(services, *, environment=None, **sections):
        file = tmp_path / "compose.yml"
        made = {name: {"image": name, **keys} for name, keys in services.items()}
        file.write_text(json.dumps({"name": "p", "services": made, **sections}, indent=1))
        report = check(file, environment=environment or {})
        return [(d.rule, d.severity, d.service) for d in report.diagnostics if d.rule in FOUND]

    return find


def joined(network="default", *aliases, **keys):
    return {"networks": {network: {"aliases": list(aliases)} if aliases else None}, **keys}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, joined("default", "one")),
        ({}, joined("default", "ONE")),
        ({"container_name": "known"}, joined("default", "known")),
        ({"hostname": "known"}, joined("default", "known")),
        ({}, joined("default", "one", profiles=["debug"])),
    ],
)
def test_alias_that_stands_for_two_is_a_warning(findings, one, other):
    assert findings({"one": one, "other": other}) == [("duplicate-alias", "warning", "other")]


def test_alias_is_to_blame_and_not_the_name_that_it_takes(findings):
    assert findings({"one": joined("default", "other"), "other": {}}) == [
        ("duplicate-alias", "warning", "one")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (joined("a", "q"), joined("b", "q")),
        (joined("a", "one"), joined("b")),
        (joined("a", "q", profiles=["x"]), joined("a", "q", profiles=["y"])),
        (joined("a", "q", scale=3), joined("a", "r")),
        (joined("a", "q"), joined("a", "q", scale=0)),
        (joined("a", "q"), {"network_mode": "host", "hostname": "q"}),
        (joined("a", hostname="q"), joined("b", hostname="q")),
        (joined("a", hostname="one", container_name="one"), joined("b")),
        (joined("a", hostname="one"), joined("a", hostname="other")),
    ],
)
def test_name_that_stands_for_one_is_left_alone(findings, one, other):
    services = {"one": one, "other": other}
    assert findings({**services, "c": joined("a"), "d": joined("b")}, networks={"a": {}, "b": {}}) == []


def test_services_of_one_program_may_share_a_name(findings):
    shared = {"image": "api:1", **joined("default", "api")}
    assert findings({"blue": shared, "green": shared}) == [("duplicate-alias", "note", "green")]
    both = {"image": "api:1", "hostname": "api"}
    assert findings({"blue": both, "green": both}) == [("duplicate-hostname", "note", "green")]


def test_alias_is_told_of_once_in_each_network(findings):
    both = {"networks": {key: {"aliases": ["q"]} for key in "ab"}}
    found = findings({"one": both, "other": both}, networks={"a": {}, "b": {}})
    assert found == [("duplicate-alias", "note", "other")] * 2


@pytest.mark.parametrize("profiles", [[], ["debug"]])
def test_alias_that_both_give_themselves_is_a_note(findings, profiles):
    services = {"one": joined("default", "q"), "other": joined("default", "q", profiles=profiles)}
    assert findings(services) == [("duplicate-alias", "note", "other")]


@pytest.mark.parametrize(
    ("images", "severity"),
    [
        (("postgres:14", "postgres:16"), "warning"),
        (("postgres:16", "postgres:16"), "note"),
        (("postgres:16", "api:1"), "note"),
        (("api:1", "worker:1"), "note"),
    ],
)
def test_two_databases_are_not_meant_to_share_an_alias(findings, images, severity):
    one, other = ({"image": image, **joined("default", "q")} for image in images)
    services = {"one": one, "other": {**other, "command": "serve -p 1"}}
    assert findings(services) == [("duplicate-alias", severity, "other")]


def test_shared_alias_that_is_a_third_service_is_a_warning(findings):
    services = {"q": {}, "one": joined("default", "q"), "other": joined("default", "q")}
    assert findings(services) == [
        ("duplicate-alias", "warning", "one"),
        ("duplicate-alias", "warning", "other"),
    ]


@pytest.mark.parametrize("other", [{"hostname": "one"}, {"hostname": "known"}, {"hostname": "host"}])
def test_hostname_of_another_service_is_a_warning(findings, other):
    one = {"container_name": "known", "hostname": "host"}
    assert findings({"one": one, "other": other}) == [("duplicate-hostname", "warning", "other")]


def pool(subnet, **keys):
    return {"ipam": {"config": [{"subnet": subnet}]}, **keys}


BOTH = {"one": joined("fixed"), "other": {}}


@pytest.mark.parametrize(
    ("services", "networks", "severity"),
    [
        (BOTH, {"fixed": pool("172.18.0.0/16")}, "warning"),
        (BOTH, {"fixed": pool("172.31.255.0/24")}, "warning"),
        (BOTH, {"fixed": pool("192.168.10.0/24")}, "note"),
        ({"one": joined("fixed")}, {"fixed": pool("172.17.0.0/24")}, "error"),
        ({"one": joined("fixed")}, {"fixed": pool("172.16.0.0/12")}, "error"),
        (
            {"one": joined("fixed"), "other": joined("auto")},
            {"fixed": pool("172.20.0.0/24"), "auto": {}},
            "warning",
        ),
        (
            {"one": joined("fixed"), "other": joined("auto", profiles=["x"])},
            {"fixed": pool("172.20.0.0/24"), "auto": {}},
            "warning",
        ),
        (
            {"one": joined("fixed"), "other": joined("auto")},
            {"fixed": pool("172.20.0.0/24"), "auto": pool("fd00::/64")},
            "warning",
        ),
    ],
)
def test_subnet_that_another_network_may_get(findings, services, networks, severity):
    assert findings(services, networks=networks) == [("subnet-may-be-taken", severity, None)]


def test_subnet_is_told_of_once_whatever_the_profiles(findings):
    services = {"one": joined("fixed"), "x": joined("a", profiles=["x"]), "y": joined("b", profiles=["y"])}
    networks = {"fixed": pool("172.20.0.0/24"), "a": {}, "b": {}}
    assert findings(services, networks=networks) == [("subnet-may-be-taken", "warning", None)]
    networks = {"fixed": pool("172.17.0.0/24"), "a": {}, "b": {}}
    assert findings(services, networks=networks) == [("subnet-may-be-taken", "error", None)]


@pytest.mark.parametrize(
    ("services", "networks"),
    [
        (BOTH, {"fixed": pool("10.80.0.0/24")}),
        (BOTH, {"fixed": pool("172.16.0.0/16")}),
        (BOTH, {"fixed": pool("172.32.0.0/16")}),
        (BOTH, {"fixed": pool("fd00::/64")}),
        ({"one": joined("fixed")}, {"fixed": pool("172.18.0.0/16")}),
        (BOTH, {"fixed": pool("172.18.0.0/16"), "default": pool("10.80.0.0/24")}),
        (BOTH, {"fixed": pool("172.18.0.0/16", driver="overlay")}),
        ({"one": joined("fixed"), "other": {"network_mode": "host"}}, {"fixed": pool("172.18.0.0/16")}),
        (
            {"one": joined("fixed"), "other": joined("out")},
            {"fixed": pool("172.18.0.0/16"), "out": {"external": True}},
        ),
    ],
)
def test_subnet_that_nobody_else_gets_is_left_alone(findings, services, networks):
    assert findings(services, networks=networks) == []


@pytest.mark.parametrize(
    ("keys", "rule", "severity"),
    [
        ({"network_mode": "service:b", "ports": ["80"]}, "network-mode-with-ports", "error"),
        ({"network_mode": "service:b", "expose": ["80"]}, "network-mode-with-ports", "error"),
        ({"network_mode": "container:x", "ports": ["80:80"]}, "network-mode-with-ports", "error"),
        ({"network_mode": "host", "ports": ["80:80"]}, "network-mode-with-ports", "warning"),
        ({"network_mode": "none", "ports": ["80:80"]}, "network-mode-with-ports", "warning"),
        ({"network_mode": "service:b", "hostname": "h"}, "network-mode-conflict", "error"),
        ({"network_mode": "service:b", "dns": "192.0.2.1"}, "network-mode-conflict", "error"),
        ({"network_mode": "service:b", "extra_hosts": ["h:192.0.2.1"]}, "network-mode-conflict", "error"),
        ({"network_mode": "service:b", "links": ["b"]}, "network-mode-conflict", "error"),
        ({"network_mode": "host", "links": ["b"]}, "network-mode-conflict", "error"),
        ({"network_mode": "host", "sysctls": {"net.core.somaxconn": 1}}, "network-mode-conflict", "error"),
        ({"network_mode": "host", "mac_address": "02:42:ac:11:00:02"}, "network-mode-conflict", "warning"),
    ],
)
def test_key_that_a_network_mode_rules_out(findings, keys, rule, severity):
    assert findings({"a": keys, "b": {}}) == [(rule, severity, "a")]


@pytest.mark.parametrize(
    "keys",
    [
        {"network_mode": "bridge", "ports": ["80:80"]},
        {"network_mode": "service:b", "ports": []},
        {"network_mode": "service:b", "dns_search": "example"},
        {"network_mode": "host", "hostname": "h", "dns": "192.0.2.1", "extra_hosts": ["h:192.0.2.1"]},
        {"network_mode": "host", "sysctls": {"kernel.msgmax": 1}},
        {"network_mode": "host", "expose": ["80"]},
    ],
)
def test_key_that_a_network_mode_takes_is_left_alone(findings, keys):
    assert findings({"a": keys, "b": {}}) == []


INNER, OUTER = {"internal": True}, {}


@pytest.mark.parametrize(
    ("networks", "found"),
    [
        ({"a": INNER}, True),
        ({"a": INNER, "b": INNER}, True),
        ({"a": INNER, "b": OUTER}, False),
        ({"a": OUTER}, False),
        ({"a": INNER, "b": {"external": True}}, False),
        ({"a": {"internal": True, "driver": "overlay"}}, False),
    ],
)
def test_ports_are_out_of_reach_where_all_networks_are_internal(findings, networks, found):
    service = {"ports": ["80:80"], "networks": list(networks)}
    expected = [("internal-network-with-ports", "warning", "s")] if found else []
    assert findings({"s": service}, networks=networks) == expected
    assert findings({"s": {"networks": list(networks)}}, networks=networks) == []


def test_link_to_a_service_of_another_network_leads_nowhere(findings):
    networks = {"a": {}, "b": {}}
    one = joined("a", links=["other:o"])
    assert findings({"one": one, "other": joined("b")}, networks=networks) == [
        ("link-without-shared-network", "warning", "one")
    ]
    assert findings({"one": one, "other": {"networks": ["a", "b"]}}, networks=networks) == []
    assert findings({"one": {"links": ["other"]}, "other": {}}) == []


@pytest.mark.parametrize(
    "services",
    [
        {"s": joined("n", profiles=["x"])},
        {"s": {"build": {"context": ".", "network": "n"}}},
        {"s": {"build": {"context": ".", "network": "p_n"}}},
        {"s": {"network_mode": "p_n"}},
    ],
)
def test_network_that_anything_names_is_used(findings, services):
    assert findings(services, networks={"n": {}}) == []


def test_network_that_nothing_names_is_unused(findings):
    assert findings({"s": {}}, networks={"n": {}}) == [("unused-network", "note", None)]
    assert findings({"s": {}}, networks={"default": {"internal": False}}) == []
    assert findings({"s": {"network_mode": "host"}}, networks={"default": {"internal": False}}) == [
        ("unused-network", "note", None)
    ]


MAC, OTHER = "02:42:ac:11:00:02", "02:42:ac:11:00:03"


@pytest.mark.parametrize(
    ("networks", "found"),
    [
        ({"a": {"mac_address": OTHER}}, True),
        ({"a": {"mac_address": MAC.upper()}}, True),
        ({"a": {"mac_address": MAC}}, False),
        ({"a": None, "b": {"mac_address": OTHER}}, False),
        ({"a": None, "b": {"mac_address": OTHER, "priority": 1}}, True),
        ({"b": {"mac_address": OTHER}, "a": {"mac_address": MAC}}, False),
    ],
)
def test_mac_address_is_that_of_the_main_network(findings, networks, found):
    service = {"mac_address": MAC, "networks": networks}
    expected = [("conflicting-mac-address", "error", "s")] if found else []
    assert findings({"s": service}, networks={key: {} for key in networks}) == expected


@pytest.mark.parametrize(
    ("service", "secret", "environment", "rules"),
    [
        ({"read_only": True}, {"environment": "A"}, {"A": "x"}, ["read-only-content"]),
        ({"read_only": True}, {"environment": "A"}, {"A": ""}, []),
        ({"read_only": False}, {"environment": "A"}, {"A": "x"}, []),
        ({"read_only": True}, {"file": "compose.yml"}, {}, []),
        ({}, {"environment": "A"}, {}, ["unset-secret-variable"]),
        ({}, {"environment": "A"}, {"A": ""}, []),
        ({"scale": 0}, {"environment": "A"}, {}, []),
    ],
)
def test_secret_that_cannot_be_given(findings, service, secret, environment, rules):
    found = findings({"s": {"secrets": ["x"], **service}}, environment=environment, secrets={"x": secret})
    # Where it runs, the variable may well be set.
    severities = {"read-only-content": "error", "unset-secret-variable": "note"}
    assert found == [(rule, severities[rule], "s") for rule in rules]
    assert findings({"s": service}, secrets={"x": secret}) == []


def test_config_with_content_is_copied_as_well(findings):
    configs = {"x": {"content": "text"}}
    found = findings({"s": {"read_only": True, "configs": ["x"]}}, configs=configs)
    assert found == [("read-only-content", "error", "s")]
    assert findings({"s": {"configs": ["x"]}}, configs=configs) == []


def test_variable_of_an_included_secret_may_be_set_there(findings, tmp_path):
    folder = tmp_path / "part"
    folder.mkdir()
    (folder / ".env").write_text("TOKEN=x\n")
    (folder / "compose.yml").write_text(
        "services: {t: {image: t, secrets: [x]}}\nsecrets: {x: {environment: TOKEN}}"
    )
    assert findings({"s": {}}, include=["part/compose.yml"]) == []


@pytest.mark.parametrize(
    ("restart", "policy", "found"),
    [
        ("always", {"condition": "none"}, True),
        ("always", {"condition": "on-failure"}, True),
        ("always", {"delay": "5s"}, True),
        ("no", {"condition": "any"}, True),
        ("always", {"condition": "any"}, False),
        ("unless-stopped", {"condition": "any"}, False),
        ("no", {"condition": "none"}, False),
        ("on-failure:3", {"condition": "on-failure", "max_attempts": 3}, False),
    ],
)
def test_restart_is_the_same_in_deploy(findings, restart, policy, found):
    service = {"restart": restart, "deploy": {"restart_policy": policy}}
    expected = [("conflicting-restart-policy", "warning", "s")] if found else []
    assert findings({"s": service}) == expected


@pytest.mark.parametrize(
    ("name", "other", "found"),
    [
        ("p-db-1", {}, True),
        ("p-db-2", {"scale": 2}, True),
        ("p-db-2", {}, False),
        ("p-db-01", {}, False),
        ("p-db", {}, False),
        ("q-db-1", {}, False),
        ("p-db-1", {"container_name": "db"}, False),
        ("p-db-1", {"scale": 0}, False),
    ],
)
def test_container_name_that_compose_would_give_to_another(findings, name, other, found):
    expected = [("generated-container-name", "error", "s")] if found else []
    assert findings({"s": {"container_name": name}, "db": other}) == expected


def test_step_for_each_replica_is_not_supported(findings):
    steps = [{"command": ["a"]}, {"command": ["b"], "per_replica": True}]
    assert findings({"s": {"pre_start": steps}}) == [("unsupported-per-replica", "error", "s")]
    assert findings({"s": {"pre_start": [{"command": ["a"], "per_replica": False}]}}) == []


APART = "  {name}: {{image: '{image}', networks: [edge]}}\nnetworks: {{edge: {{}}}}\n"


@pytest.mark.parametrize(
    ("dependent", "severity"),
    [
        ("{image: 'nextcloud:29-fpm', depends_on: [proxy]}", "note"),
        ("{image: 'grafana/grafana:11.0.0', depends_on: [proxy]}", "note"),
        ("{image: 'own:1', depends_on: [proxy], environment: {COLOUR: red}}", "note"),
        ("{image: 'own:1', depends_on: [proxy], environment: {URL: 'http://proxy:80'}}", "warning"),
        ("{image: 'own:1', depends_on: [proxy], command: serve proxy}", "warning"),
        ("{image: 'own:1', depends_on: [proxy]}", "warning"),
        ("{image: 'nextcloud:29-fpm', depends_on: {proxy: {condition: service_healthy}}}", None),
        ("{image: 'own:1', depends_on: {proxy: {condition: service_completed_successfully}}}", None),
    ],
)
def test_order_without_a_connection_is_a_note(tmp_path, dependent, severity):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  app: {dependent}\n" + APART.format(name="proxy", image="proxy:1"))
    found = [d.severity for d in check(file, environment={}).diagnostics if d.rule == "no-shared-network"]
    assert found == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("networks", "other", "first"),
    [
        ({"shop": None}, "shop", "write 'shop'"),
        ({"shop": None, "mail": None}, "shop", "add"),
        ({"shop": None}, "e2e", "add"),
        ({"e2ee": None}, "e2ee", "did you mean 'e2ee'?"),
    ],
)
def test_the_one_network_that_is_defined_is_named_where_others_are_in_it(tmp_path, networks, other, first):
    services = {"db": {"image": "db", "networks": ["e2e"]}, "app": {"image": "app", "networks": [other]}}
    (tmp_path / "compose.yml").write_text(json.dumps({"services": services, "networks": networks}))
    found = check(tmp_path / "compose.yml", environment={}).diagnostics
    remedy = next(d.remedy for d in found if d.rule == "undefined-network" and d.service == "db")
    assert remedy.startswith(first)
