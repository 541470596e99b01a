"""The body of a container, where Compose's rules are not what one would think."""

from __future__ import annotations

import pytest

from composecheck.engine.docker.body import References, container_request
from composecheck.facts import Facts
from composecheck.loading import Options, load_project


@pytest.fixture
def body(tmp_path):
    def make(service: str, *, proxies=None, at_once=False, rest: str = "", environment=None):
        file = tmp_path / "compose.yml"
        file.write_text(f"name: p\nservices:\n  a:\n    image: x\n    {service}\n  b: {{image: x}}\n{rest}")
        project, diagnostics = load_project(
            Options(files=(str(file),), environment={"SET": "here"} | (environment or {}))
        )
        assert not [d for d in diagnostics if d.severity == "error"], diagnostics
        return container_request(
            project,
            project.services["a"],
            1,
            labels={},
            proxies=proxies or {},
            references=References(lambda name: f"id-of-{name}", lambda name: [f"p-{name}-1"]),
            all_networks_at_once=at_once,
        )

    return make


@pytest.mark.parametrize(
    ("service", "policy"),
    [
        ("init: true", {"Name": "", "MaximumRetryCount": 0}),
        ("restart: always", {"Name": "always", "MaximumRetryCount": 0}),
        ("restart: on-failure:3", {"Name": "on-failure", "MaximumRetryCount": 3}),
        (f"restart: on-failure:{'9' * 5000}", {"Name": "on-failure", "MaximumRetryCount": 2**63 - 1}),
        ("deploy: {restart_policy: {condition: any}}", {"Name": "always", "MaximumRetryCount": 0}),
        ("deploy: {restart_policy: {condition: none}}", {"Name": "no", "MaximumRetryCount": 0}),
        ("deploy: {restart_policy: {}}\n    restart: always", {"Name": "", "MaximumRetryCount": 0}),
    ],
)  # fmt: skip
def test_the_restart_policy_of_deploy_wins_even_when_it_is_empty(body, service, policy):
    assert body(service).body["HostConfig"]["RestartPolicy"] == policy


@pytest.mark.parametrize(
    ("service", "entrypoint", "command"),
    [
        ("init: true", None, None),
        ("command: null", None, None),
        ("command: []", None, []),
        ("entrypoint: []", [], None),
        ("entrypoint: ''", [], None),
        ('command: echo "a b" c', None, ["echo", "a b", "c"]),
    ],
)
def test_an_empty_entrypoint_clears_the_image_s_and_a_null_keeps_it(body, service, entrypoint, command):
    made = body(service).body
    assert (made["Entrypoint"], made["Cmd"]) == (entrypoint, command)


def test_proxies_of_the_docker_configuration_are_overridden_key_by_key(body):
    made = body(
        "environment: {HTTP_PROXY: mine, SET: , UNSET: }", proxies={"HTTP_PROXY": "x", "http_proxy": "x"}
    )
    assert made.body["Env"] == ["HTTP_PROXY=mine", "http_proxy=x", "SET=here", "UNSET"]


def test_limits_of_deploy_win(body):
    made = body("mem_limit: 1m\n    deploy: {resources: {limits: {memory: 2m, cpus: '0.1'}}}").body[
        "HostConfig"
    ]
    assert (made["Memory"], made["NanoCpus"]) == (2 * 1024 * 1024, 100_000_000)


def test_ports_keep_a_range_and_no_number_is_the_engine_s_choice(body):
    made = body("ports: ['8000-8002:80', '81', '127.0.0.1:82:82/udp']").body
    assert made["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": "8000-8002"}],
        "81/tcp": [{"HostIp": "", "HostPort": ""}],
        "82/udp": [{"HostIp": "127.0.0.1", "HostPort": "82"}],
    }


def test_ranges_of_expose_are_taken_apart(body):
    assert set(body("expose: ['80', '90-92/udp']").body["ExposedPorts"]) == {
        "80/tcp",
        "90/udp",
        "91/udp",
        "92/udp",
    }


def test_the_primary_network_has_the_highest_priority_then_the_first_name(body):
    rest = "networks: {m: , n: , o: }\n"
    made = body("networks: {o: , n: {priority: 5}, m: }", rest=rest)
    assert made.body["HostConfig"]["NetworkMode"] == "p_n"
    assert list(made.body["NetworkingConfig"]["EndpointsConfig"]) == ["p_n"]
    assert [end.network for end in made.more_networks] == ["p_m", "p_o"]
    newer = body("networks: {o: , n: {priority: 5}, m: }", rest=rest, at_once=True)
    assert list(newer.body["NetworkingConfig"]["EndpointsConfig"]) == ["p_n", "p_m", "p_o"]
    assert newer.more_networks == ()


def test_a_mac_address_belongs_to_the_endpoint_on_newer_engines(body):
    service = "mac_address: '02:42:ac:11:00:07'"
    assert body(service).body["MacAddress"] == "02:42:ac:11:00:07"
    newer = body(service, at_once=True).body
    assert "MacAddress" not in newer
    assert newer["NetworkingConfig"]["EndpointsConfig"]["p_default"]["MacAddress"] == "02:42:ac:11:00:07"


def test_a_link_is_sent_three_ways(body):
    assert body("links: ['b:alias']").body["HostConfig"]["Links"] == [
        "p-b-1:alias", "p-b-1:b-1", "p-b-1:p-b-1"
    ]  # fmt: skip


def test_a_service_in_a_namespace_is_its_container(body):
    host = body(
        "network_mode: service:b\n    pid: service:b\n    volumes_from: ['b:ro', 'container:z']"
    ).body["HostConfig"]
    assert (host["NetworkMode"], host["PidMode"]) == ("container:id-of-b", "container:id-of-b")
    assert host["VolumesFrom"] == ["id-of-b:ro", "z"]


def test_start_interval_goes_as_nanoseconds(body):
    made = body("healthcheck: {test: x, start_period: 1m, start_interval: 500ms}").body["Healthcheck"]
    assert made == {"Test": ["CMD-SHELL", "x"], "StartPeriod": 60_000_000_000, "StartInterval": 500_000_000}


def test_a_disabled_healthcheck_is_none(body):
    assert body("healthcheck: {disable: true}").body["Healthcheck"]["Test"] == ["NONE"]


def test_gpus_are_asked_for_as_devices(body):
    assert body("gpus: all").body["HostConfig"]["DeviceRequests"] == [
        {"Driver": "", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": None}
    ]


def test_a_device_by_its_qualified_name_is_a_request_of_that_kind(body):
    host = body("devices: ['vendor.example/class=name', '/dev/null']").body["HostConfig"]
    assert host["DeviceRequests"] == [{"Driver": "cdi", "DeviceIDs": ["vendor.example/class=name"]}]
    assert [device["PathOnHost"] for device in host["Devices"]] == ["/dev/null"]


def test_the_engine_is_told_the_names_that_rules_know(body, tmp_path):
    body("networks: {default: {aliases: [other]}}\n    container_name: mine\n    hostname: host")
    project = load_project(Options(files=(str(tmp_path / "compose.yml"),), environment={}))[0]
    for service in project.services.values():
        names = {name.text for name in Facts(project).names.of(service)}
        request = container_request(
            project,
            service,
            1,
            labels={},
            proxies={},
            references=References(str, list),
            all_networks_at_once=True,
        )
        ends = request.body["NetworkingConfig"]["EndpointsConfig"].values()
        told = {request.name, *(alias for end in ends for alias in end["Aliases"])}
        assert told | {request.body["Hostname"]} - {""} == names


def test_compatibility_has_the_names_of_compose_1(body):
    links = "links: ['b:other']"
    assert body(links).name == "p-a-1"
    request = body(links, environment={"COMPOSE_COMPATIBILITY": "1"})
    assert request.name == "p_a_1"
    assert request.body["HostConfig"]["Links"] == ["p-b-1:other", "p-b-1:b_1", "p-b-1:p_b_1"]
