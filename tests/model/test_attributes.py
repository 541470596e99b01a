"""What a file says is an attribute with its place; what nobody says costs nothing and is nothing."""

from __future__ import annotations

import pytest

from composecheck.loading import Options, load_project
from composecheck.model.attributes import EXTENSIONS
from composecheck.model.details import Ipam
from composecheck.model.project import Dependency, Healthcheck, Service
from composecheck.text.node import Node
from composecheck.text.source import Source, whole

EVERYTHING = """
name: p
services:
  web:
    image: x
    expose: [80, "8000-8010/udp"]
    read_only: true
    stop_grace_period: 1m30s
    mem_limit: 64m
    scale: 0
    links: [db, "db:database"]
    extra_hosts: {far: [10.0.0.1, "::1"]}
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    build: {context: ., args: {A: b}, additional_contexts: [other=../x]}
    deploy: {replicas: 3, resources: {limits: {memory: 1g}}}
    networks: {back: {ipv4_address: 10.1.0.5, aliases: [w, ww]}}
    configs: [c]
    x-mine: {a: 1}
  db: {image: y, network_mode: host, healthcheck: {interval: 5s}}
networks:
  back: {ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.1, aux_addresses: {a: 10.1.0.9}}]}}
configs: {c: {content: "1"}}
"""


@pytest.fixture
def project(tmp_path):
    def load(text):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        return load_project(Options(files=(str(file),), environment={})).project

    return load


@pytest.fixture
def whole_project(project):
    return project(EVERYTHING)


@pytest.fixture
def web(whole_project):
    return whole_project.services["web"]


def test_attributes_are_typed(web, whole_project):
    assert (web.read_only, web.privileged, web.init) == (True, False, None)
    assert (web.stop_grace_period, web.mem_limit, web.memswap_limit) == (90.0, 64 << 20, 0)
    assert web.expose == ("80", "8000-8010/udp")
    assert (web.scale, web.replicas, web.deploy.replicas) == (0, 0, 3)
    assert web.extra_hosts == {"far": ("10.0.0.1", "::1")}
    assert {name: (limit.soft, limit.hard, limit.single) for name, limit in web.ulimits.items()} == {
        "nproc": (5, 5, True),
        "nofile": (1, 2, False),
    }
    assert web.deploy.resources.limits.memory == 1 << 30
    assert web.deploy.resources.reservations is None
    assert web.networks["back"].ipv4_address == "10.1.0.5"
    (pool,) = whole_project.networks["back"].ipam.config
    assert (pool.subnet, pool.gateway, pool.aux_addresses) == ("10.1.0.0/24", "10.1.0.1", {"a": "10.1.0.9"})
    assert whole_project.configs["c"].content == "1"
    assert web.build.args == {"A": "b"}
    assert list(web.build.additional_contexts) == ["other"]


def test_every_value_has_its_place(web, whole_project):
    assert web.place("expose", 1).text == '"8000-8010/udp"'
    assert (web.place("read_only").text, web.key_place("read_only").text) == ("true", "read_only")
    assert web.place("deploy", "resources", "limits", "memory").text == "1g"
    assert web.key_place().text == "web"
    (pool,) = whole_project.networks["back"].ipam.config
    assert (pool.place("gateway").text, pool.place("aux_addresses", "a").text) == ("10.1.0.1", "10.1.0.9")
    assert [(text, place.text) for text, place in web.entries("links")] == [
        ("db", "db"),
        ("db:database", '"db:database"'),
    ]
    assert whole_project.key_place("configs").text == "configs"


def test_the_place_of_what_is_not_said_is_the_nearest_thing_above_it(web):
    assert web.key_place("deploy", "restart_policy", "condition").text == "deploy"
    assert web.place("expose", 7) == web.place("expose")
    assert web.place("hostname") == web.place()


def test_what_is_implied_nobody_says(web, whole_project, project):
    assert web.says("build", "context")
    assert not web.says("build", "dockerfile")
    assert web.build.dockerfile == "Dockerfile"
    assert not whole_project.networks["back"].says("name")
    assert (web.depends_on["db"].implicit, web.depends_on["db"].restart) == ("links", True)
    assert not whole_project.networks["back"].implied
    assert project("services: {a: {image: x}}").networks["default"].implied
    assert not project("services: {a: {image: x}}\nnetworks: {default: {}}").networks["default"].implied


def test_a_dependency_is_implied_by_the_key_whatever_happens_to_places(project):
    text = (
        "services: {a: {image: x, pid: &m 'service:b', ipc: *m, volumes_from: [c]}, b: &y {image: x}, c: *y}"
    )
    entries = project(text).services["a"].depends_on
    assert {name: entry.implicit for name, entry in entries.items()} == {"b": "ipc", "c": "volumes_from"}


def test_a_value_of_a_wrong_type_is_as_if_it_were_not_said(project):
    service = project(
        "services: {a: {image: [x], scale: many, tty: [], expose: 80, ports: [{target: no}], healthcheck: 5}}"
    ).services["a"]
    assert (service.image, service.scale, service.tty) == (None, None, False)
    assert (service.ports, service.healthcheck, service.replicas) == ((), None, 1)


def test_nothing_is_read_before_it_is_asked_for(web):
    assert web.__dict__.keys() <= {"name", "readiness", "retry"}
    assert web.networks is web.networks
    assert "networks" in web.__dict__


def test_items_are_what_compose_holds_in_its_order(web):
    items = dict(web.items())
    words = list(items)
    assert words == [*(word for word in Service.KEYS if word in items), EXTENSIONS]
    assert items[EXTENSIONS] == {"x-mine": {"a": 1}}
    assert items["command"] is None  # which is always written
    assert "hostname" not in items
    assert dict(web.deploy.items())["placement"].words() == set()


def test_a_copy_says_something_else(web):
    other = web.replace(name="api", read_only=False)
    assert (other.name, other.read_only, other.expose) == ("api", False, web.expose)
    assert (web.name, web.read_only) == ("web", True)
    assert "expose" not in web.without("expose").words()
    assert web.without("expose").expose == ()


def test_values_are_given_where_there_is_no_file():
    node = Node({}, whole(Source("compose.yml", "")))
    service = Service("a", node, replicas=2, depends_on={"b": Dependency("b", node, "service_healthy")})
    assert (service.replicas, service.depends_on["b"].condition, service.image) == (
        2,
        "service_healthy",
        None,
    )
    assert Ipam(node).config == ()


def test_a_healthcheck_completes_another():
    image = Healthcheck(None, ("CMD", "a"), interval=1.0, retries=3)
    node = Node({}, whole(Source("compose.yml", "")))
    merged = Healthcheck(node, interval=2.0).over(image)
    assert merged == Healthcheck(node, ("CMD", "a"), interval=2.0, retries=3)
    assert (merged.has_place, image.has_place) == (True, False)
