"""What an engine says of a start beforehand, over snapshots: no engine is asked here."""

from __future__ import annotations

import json
from functools import partial

import pytest

from composecheck import lint, preflight
from composecheck.cli import main
from composecheck.engine.simulated.session import Simulated
from composecheck.errors import EngineError
from composecheck.facts import Facts
from composecheck.findings.catalogue import ELSEWHERE
from composecheck.findings.errors import PreflightError
from composecheck.loading.options import Options
from composecheck.snapshot import Snapshot, serves

from .engine_yml import snapshot


@pytest.fixture
def report(tmp_path):
    """Return a function that holds a project against an engine, both as text."""

    def examined(text, engine, *, services=None, compose="5", **settings):
        (tmp_path / "compose.yml").write_text(text)
        seen = snapshot(engine) if isinstance(engine, str) else engine
        options = Options(folder=tmp_path, name="p", environment={}, compose=compose)
        live = seen and partial(preflight.examine, snapshot=seen, services=services, everything=True)
        return lint.examine(options, lint.Settings(**settings), live=live)

    return examined


@pytest.fixture
def found(report):
    """Return a function that gives what is found of the rules on engines: severity, line, message."""

    def examined(text, engine, **options):
        return [
            (d.severity, d.span.line, d.message)
            for d in report(text, engine, **options).diagnostics
            if ELSEWHERE.get(d.rule) == "engine"
        ]

    return examined


def service(*lines, image="nginx:1"):
    return (
        "\n".join(["services:", "  web:", f"    image: {image}", *(f"    {line}" for line in lines)]) + "\n"
    )


def holding(port, **labels):
    return f"containers: [{json.dumps({'name': 'holder', 'ports': [port], **labels})}]"


# Ports


@pytest.mark.parametrize(
    ("published", "held"),
    [
        ("8080:80", "8080"),
        ("8080:80", "127.0.0.1:8080"),
        ("8080:80", "[::1]:8080"),
        ("127.0.0.1:8080:80", "8080"),
        ("127.0.0.1:8080:80", "0.0.0.0:8080"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080"),
        ("0.0.0.0:8080:80", "127.0.0.1:8080"),
        ("[::]:8080:80", "[::1]:8080"),
        ("[0:0:0:0:0:0:0:1]:8080:80", "[::1]:8080"),
        ("127.0.0.1:8080:80", "[::ffff:127.0.0.1]:8080"),
        ("8080:80/udp", "8080/udp"),
        ("8080-8081:80-81", "8081"),
        ("8080-8081:80", "8080-8081"),
    ],
)
def test_port_that_somebody_else_has_is_found(found, published, held):
    engine = f"containers: [{{name: holder, ports: {json.dumps(ports_of(held))}}}]"
    ((severity, line, message),) = found(service(f'ports: ["{published}"]'), engine)
    assert (severity, line) == ("error", 4)
    assert "in use by container 'holder'" in message


def ports_of(text):
    first, _, last = text.partition("-")
    return [first, last] if last else [first]


@pytest.mark.parametrize(
    ("published", "held"),
    [
        ("8080:80", "8081"),
        ("8080:80", "8080/udp"),
        ("8080:80/udp", "8080"),
        ("127.0.0.1:8080:80", "127.0.0.2:8080"),
        ("127.0.0.1:8080:80", "[::1]:8080"),
        ("0.0.0.0:8080:80", "[::]:8080"),
        ("[::1]:8080:80", "0.0.0.0:8080"),
        ("80", "80"),
        ("127.0.0.1::80", "80"),
        ("0:80", "80"),
        ("8080-8081:80", "8080"),
    ],
)
def test_port_that_leaves_room_is_not_found(found, published, held):
    assert found(service(f'ports: ["{published}"]'), holding(held)) == []


def test_holder_is_named_with_its_service_and_project(found):
    ((_, _, message),) = found(service('ports: ["8080:80"]'), holding("8080", project="shop", service="api"))
    assert message == (
        "service 'web': host port 8080 is in use by container 'holder' (service 'api' of project 'shop')"
    )


def test_own_container_and_what_listens_for_it_are_in_nobodys_way(found):
    engine = """
containers: [{name: p-web-1, project: p, service: web, ports: ["8080", "[::]:8080"]}]
processes: [{port: "0.0.0.0:8080", holder: process 'docker-proxy' (pid 1)}, {port: "[::]:8080"}]
"""
    assert found(service('ports: ["8080:80"]'), engine) == []


def test_service_of_the_same_project_that_is_not_started_now_is_in_the_way(found):
    text = service('ports: ["8080:80"]') + "  api: {image: api:1}\n"
    engine = holding("8080", project="p", service="api")
    assert found(text, engine) == []  # it is made anew, or what differs is told
    assert len(found(text, engine, services=["web"])) == 1


def test_container_of_a_service_that_the_file_no_longer_has_is_in_the_way(found):
    assert len(found(service('ports: ["8080:80"]'), holding("8080", project="p", service="old"))) == 1


def test_process_is_named_by_the_snapshot(found):
    ((_, _, message),) = found(
        service('ports: ["8080:80"]'), "processes: [{port: '8080', holder: process 'sshd' (pid 7)}]"
    )
    assert message.endswith("in use by process 'sshd' (pid 7)")


def test_process_that_may_not_be_named_is_another_one(found):
    ((_, _, message),) = found(service('ports: ["8080:80"]'), "processes: [{port: '127.0.0.1:8080'}]")
    assert message.endswith("host port 8080 is in use by another process")


def test_range_needs_a_free_port_for_each_replica(found):
    engine = "containers: [{name: a, ports: ['9000', '9001']}]"
    assert found(service("scale: 2", 'ports: ["9000-9003:80"]'), engine) == []
    ((severity, line, message),) = found(service("scale: 3", 'ports: ["9000-9003:80"]'), engine)
    assert (severity, line) == ("error", 5)
    assert "no room in host ports 9000-9003: 9000 is in use" in message


def test_own_replicas_count_as_room_in_a_range(found):
    engine = """
containers:
  - {name: p-web-1, project: p, service: web, ports: ['9000']}
  - {name: other, ports: ['9002']}
"""
    assert found(service("scale: 2", 'ports: ["9000-9002:80"]'), engine) == []


def test_ports_of_one_entry_are_one_finding(found):
    engine = "containers: [{name: a, ports: ['9000', '9001', '9005']}]"
    ((_, _, message),) = found(service('ports: ["9000-9003:9000-9003"]'), engine)
    assert "host port 9000 and 1 more is in use" in message


@pytest.mark.parametrize("lines", [["network_mode: host"], ["network_mode: none"], ["scale: 0"]])
def test_service_that_publishes_nothing_takes_no_port(found, lines):
    assert found(service('ports: ["8080:80"]', *lines), holding("8080")) == []


def test_service_that_no_profile_enables_takes_no_port(found):
    text = service('ports: ["8080:80"]', "profiles: [debug]") + "  api: {image: api:1}\n"
    assert found(text, holding("8080")) == []


def test_port_is_pointed_at_where_it_is_published(report):
    text = service("ports:", "  - target: 80", '    published: "8080"', "    host_ip: 127.0.0.1")
    (diagnostic,) = report(text, holding("8080")).diagnostics
    assert diagnostic.span.line == 6
    assert diagnostic.message.startswith("service 'web': host port 127.0.0.1:8080 is")


# Subnets

NETWORK = """services:
  web:
    image: nginx:1
    networks: [n]
networks:
  n:
    %s
    ipam:
      config:
        - subnet: %s
"""


@pytest.mark.parametrize("there", ["172.30.0.0/16", "172.30.4.0/24", "172.30.4.128/25", "172.0.0.0/8"])
def test_subnet_that_overlaps_a_network_is_refused(found, there):
    engine = f"networks: [{{name: a, subnets: [10.0.0.0/8]}}, {{name: b, project: s, subnets: [{there}]}}]"
    ((severity, line, message),) = found(NETWORK % ("internal: false", "172.30.4.0/24"), engine)
    assert (severity, line) == ("error", 10)
    assert message == (
        f"subnet 172.30.4.0/24 of network 'n' overlaps with {there} of network 'b' of project 's'"
    )


@pytest.mark.parametrize(
    ("line", "engine"),
    [
        ("internal: false", "networks: [{name: a, subnets: [172.30.5.0/24, 172.30.3.0/24]}]"),
        ("internal: false", "networks: [{name: a, subnets: ['fd00::/8']}]"),
        ("internal: false", "networks: [{name: p_n, project: p, subnets: [172.30.4.0/24]}]"),
        ("internal: false", "networks: [{name: a, local: false, subnets: [172.30.4.0/24]}]"),
        ("internal: false", "routes: [{subnet: 0.0.0.0/0, interface: eth0}]"),
        ("internal: false", "routes: [{subnet: 172.30.5.0/24, interface: eth0}]"),
        ("driver: macvlan", "routes: [{subnet: 172.30.4.0/24, interface: eth0}]"),
        ("driver: overlay", "networks: [{name: a, subnets: [172.30.4.0/24]}]"),
    ],
)
def test_subnet_that_is_free_is_not_found(found, line, engine):
    assert found(NETWORK % (line, "172.30.4.0/24"), engine) == []


def test_network_that_no_service_joins_is_not_made(found):
    text = (NETWORK % ("internal: false", "172.30.4.0/24")).replace("    networks: [n]\n", "")
    assert found(text, "networks: [{name: a, subnets: [172.30.4.0/24]}]") == []


@pytest.mark.parametrize("route", ["172.30.4.0/24", "172.16.0.0/12", "172.30.4.9/32"])
def test_subnet_over_a_route_of_the_machine_is_a_warning(found, route):
    ((severity, line, message),) = found(
        NETWORK % ("internal: false", "172.30.4.0/24"), f"routes: [{{subnet: {route}, interface: tun0}}]"
    )
    assert (severity, line) == ("warning", 10)
    assert message.endswith(f"overlaps with {route}, a route of this machine by 'tun0'")


def test_subnet_of_ipv6_is_held_against_those_of_ipv6(found):
    engine = "networks: [{name: a, subnets: ['fd00:1::/32']}]"
    ((severity, _, _),) = found(NETWORK % ("enable_ipv6: true", "fd00:1:2::/64"), engine)
    assert severity == "error"


# What is external

EXTERNAL = """services:
  db:
    image: postgres:16
    networks: [n]
    volumes: [vol:/data]
networks:
  n: {external: true}
volumes:
  vol:
    external: true
    name: data
"""


def test_external_things_that_are_missing_are_all_told(found):
    assert found(EXTERNAL, "networks: [{name: host}]\nvolumes: []") == [
        ("error", 7, "network 'n' is external and does not exist"),
        ("error", 11, "volume 'data' is external and does not exist"),
    ]


def test_external_things_that_are_there_are_not_found(found):
    assert found(EXTERNAL, "networks: [{name: n}]\nvolumes: [data]") == []
    assert found(EXTERNAL.replace("{external: true}", "{external: true, name: abc}"),
                 "networks: [{name: n, id: abc}]\nvolumes: [data]") == []  # fmt: skip


def test_external_things_that_nobody_uses_are_not_needed(found):
    text = EXTERNAL.replace("    networks: [n]\n    volumes: [vol:/data]\n", "")
    assert found(text, "networks: []\nvolumes: []") == []


def test_engine_that_was_not_asked_is_not_held_to_have_nothing(found):
    assert found(EXTERNAL, Snapshot()) == []


def test_overlay_network_may_be_one_of_another_node(found):
    text = EXTERNAL.replace("{external: true}", "{external: true, driver: overlay}")
    assert [line for _, line, _ in found(text, "networks: []\nvolumes: [data]\nswarm: true")] == []
    assert [line for _, line, _ in found(text, "networks: []\nvolumes: [data]")] == [7]


def test_name_that_is_nearly_right_is_told(report):
    found = report(EXTERNAL, "networks: [{name: n}]\nvolumes: [datta]").diagnostics
    (diagnostic,) = [d for d in found if d.rule == "missing-external-volume"]
    assert "did you mean 'datta'?" in diagnostic.remedy


# Images


def test_image_that_may_not_be_pulled_is_an_error(report):
    (diagnostic,) = report(service("pull_policy: never"), "images: {}").diagnostics
    assert (diagnostic.severity, diagnostic.span.line) == ("error", 3)
    assert [related.span.line for related in diagnostic.related] == [4]


@pytest.mark.parametrize("policy", ["missing", "always", "daily", "if_not_present"])
def test_image_that_will_be_pulled_is_a_note(found, policy):
    ((severity, line, message),) = found(service(f"pull_policy: {policy}"), "images: {'nginx:1': null}")
    assert (severity, line) == ("note", 3)
    assert message.endswith("is not on this engine: it will be pulled")


@pytest.mark.parametrize(("lines", "severity"), [(["pull_policy: never"], "error"), ([], "note")])
def test_image_for_another_platform_is_as_good_as_none(found, lines, severity):
    text = service("platform: linux/arm64", *lines)
    ((said, _, message),) = found(text, "images: {'nginx:1': linux/amd64}")
    assert said == severity
    assert "is on this engine for linux/amd64, not for linux/arm64" in message


@pytest.mark.parametrize("lines", [["pull_policy: never"], ["platform: linux/amd64"], ["scale: 0"]])
def test_image_that_is_there_is_not_found(found, lines):
    assert found(service(*lines), "images: {'nginx:1': linux/amd64}") == []


def test_image_that_a_service_builds_is_not_missing(found):
    text = (
        service("pull_policy: never")
        + "  built:\n    image: nginx:1\n    build: {dockerfile_inline: FROM x}\n"
    )
    assert found(text, "images: {}") == []


def test_image_of_a_service_without_replicas_is_not_needed(found):
    assert found(service("pull_policy: never", "scale: 0"), "images: {}") == []


@pytest.mark.parametrize(
    ("there", "wanted", "answer"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/x86_64", True),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm64", "linux/aarch64", True),
        ("linux/amd64", "linux/arm64", False),
        ("linux/amd64", "windows/amd64", False),
        ("linux/amd64", "linux", True),
        ("", "linux/arm64", True),
    ],
)
def test_platform_serves(there, wanted, answer):
    assert serves(there, wanted) == answer


# Names


def test_container_name_that_is_taken_is_found_running_or_not(found):
    text = service("container_name: front")
    ((severity, line, message),) = found(text, "containers: [{name: front, project: shop, service: web}]")
    assert (severity, line) == ("error", 4)
    assert message == (
        "the container name 'front' of service 'web' is in use by service 'web' of project 'shop'"
    )


def test_name_that_compose_gives_may_be_taken_too(found):
    ((_, line, message),) = found(service("scale: 3"), "containers: [{name: p-web-2}]")
    assert line == 2
    assert message == (
        "the container name 'p-web-2' of service 'web' is in use by a container that Compose did not make"
    )


@pytest.mark.parametrize("holder", ["{name: front, project: p, service: web}", "{name: back}"])
def test_container_of_ones_own_or_of_another_name_is_not_found(found, holder):
    assert found(service("container_name: front"), f"containers: [{holder}]") == []


def test_one_off_container_is_not_the_services_own(found):
    assert len(found(service("container_name: front"), "containers: [{name: front, project: p}]")) == 1


# Versions

OLD = 'api_version: "1.41"\nversion: 20.10.24'
HEALTH = "healthcheck: {test: [CMD, 'true'], start_period: 9s, start_interval: 1s}"


@pytest.mark.parametrize(
    ("line", "rest", "api", "severity"),
    [
        (HEALTH, "", "1.44", "warning"),
        ("networks: {n: {interface_name: e}}", "networks: {n: }", "1.49", "error"),
        ("networks: {n: {gw_priority: 1}}", "networks: {n: }", "1.48", "warning"),
        ("networks: {m: , n: {mac_address: '02:42:ac:11:00:07'}}", "networks: {n: , m: }", "1.44", "warning"),
        ("volumes: [{type: image, source: x, target: /x}]", "", "1.48", "error"),
        ("volumes: [{type: volume, source: v, target: /v, volume: {subpath: s}}]", "volumes: {v: }", "1.45",
         "warning"),
        ("volumes: [{type: bind, source: /v, target: /v, bind: {recursive: readonly}, read_only: true}]", "",
         "1.44", "warning"),
        ("annotations: {a: b}", "", "1.43", "warning"),
        ("networks: [n]", "networks: {n: {enable_ipv4: false}}", "1.47", "warning"),
        ("networks: [n]", "networks: {n: {enable_ipv6: true}}", "1.46", "error"),
    ],
)  # fmt: skip
def test_key_that_an_older_engine_does_not_know_is_found_there_alone(found, line, rest, api, severity):
    text = service(line) + rest
    ((said, _, message),) = found(text, OLD)
    assert said == severity
    assert "or later; this one is 20.10.24: " in message
    before = ".".join(["1", str(int(api.partition(".")[2]) - 1)])
    assert len(found(text, f'api_version: "{before}"')) == 1
    assert found(text, f'api_version: "{api}"') == []
    assert found(text, Snapshot()) == []


def test_start_interval_is_refused_by_the_older_generation(found):
    ((severity, line, message),) = found(service(HEALTH), OLD, compose="2.40")
    assert (severity, line) == ("error", 4)
    assert message.endswith("docker compose refuses it")


def test_two_mac_addresses_are_refused_by_the_older_generation(found):
    text = service("networks: {m: {mac_address: '02:42:ac:11:00:08'}, n: {mac_address: '02:42:ac:11:00:07'}}")
    text += "networks: {n: , m: }\n"
    assert [severity for severity, _, _ in found(text, OLD, compose="2.40")] == ["error"]
    assert [severity for severity, _, _ in found(text, OLD)] == ["warning"]


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("healthcheck: {test: [CMD, 'true'], start_period: 9s, interval: 1s}", ""),
        ("networks: {n: {gw_priority: 0}}", "networks: {n: }"),
        ("networks: {n: {mac_address: '02:42:ac:11:00:07'}}", "networks: {n: }"),
        ("volumes: [{type: bind, source: /v, target: /v, bind: {recursive: writable}}]", ""),
        ("networks: [n]", "networks: {n: {enable_ipv4: true}}"),
        ("networks: [n]", "networks: {n: {enable_ipv6: true, ipam: {config: [{subnet: 'fd00:7::/64'}]}}}"),
        ("networks: [n]", "networks: {n: {enable_ipv6: true, ipam: {driver: mine}}}"),
        ("networks: [n]", "networks: {n: {external: true, name: a}}"),
    ],
)
def test_what_an_older_engine_does_as_well_is_not_found(found, line, rest):
    assert found(service(line) + rest, OLD) == []


def test_network_that_is_there_needs_no_new_subnet(found):
    text = service("networks: [n]") + "networks: {n: {enable_ipv6: true}}\n"
    assert found(text, OLD + "\nnetworks: [{name: p_n}]") == []
    assert found(text, OLD + "\nipv6_pools: true") == []


# Disk


@pytest.mark.parametrize(
    ("free", "severity"), [("99MiB", "error"), ("100MiB", "warning"), ("1023MiB", "warning"), ("1GiB", None)]
)
def test_little_space_is_found(found, free, severity):
    seen = found(service(), f"free: {free}")
    assert [said for said, _, _ in seen] == ([severity] if severity else [])


# What is told


def test_all_is_told_in_one_report_with_what_the_files_say(report):
    text = service('ports: ["8080:80"]', "container_name: front", "depends_on: [gone]")
    whole = report(text, holding("8080").replace("holder", "front"))
    assert {d.rule for d in whole.diagnostics} == {
        "port-in-use", "container-name-in-use", "undefined-dependency"
    }  # fmt: skip


def test_comments_and_settings_decide_over_what_an_engine_says(report):
    text = service('ports: ["8080:80"]  # composecheck: ignore[port-in-use] it is stopped by then')
    engine = holding("8080")
    whole = report(text, engine)
    assert whole.diagnostics == ()
    assert [one.diagnostic.rule for one in whole.suppressed] == ["port-in-use"]
    plain = service('ports: ["8080:80"]')
    assert report(plain, engine, ignore=["port-in-use"]).diagnostics == ()
    assert report(plain, engine, severity={"port-in-use": "note"}).exit_code == 0
    assert [d.rule for d in report(plain, engine, select=["port-in-use"]).diagnostics] == ["port-in-use"]


def test_comment_on_what_only_an_engine_tells_is_unused_only_where_one_was_asked(report):
    text = service('ports: ["8080:80"]  # composecheck: ignore[port-in-use] it is stopped by then')
    assert report(text, None).diagnostics == ()
    assert [d.rule for d in report(text, "containers: []").diagnostics] == ["unused-suppression"]


def test_value_from_an_anchor_says_where_it_came_from(report):
    text = """x-ports: &ports
  - "8080:80"
services:
  web:
    image: nginx:1
    ports: *ports
"""
    (diagnostic,) = report(text, holding("8080")).diagnostics
    assert diagnostic.span.line == 2
    assert [related.span.line for related in diagnostic.related] == [6]


def test_many_services_are_held_against_many_containers_in_no_time(found):
    """A thousand of each: each port is looked up once."""
    text = "services:\n" + "".join(
        f'  s{n}:\n    image: nginx:1\n    ports: ["{20000 + n}:80"]\n' for n in range(1000)
    )
    engine = "containers:\n" + "".join(f"  - {{name: c{n}, ports: ['{20000 + n}']}}\n" for n in range(1000))
    assert len(found(text, engine)) == 1000


def test_simulated_engine_has_room_unless_it_is_told_otherwise(tmp_path):
    (tmp_path / "compose.yml").write_text(service('ports: ["8080:80"]'))
    facts = Facts(lint.load(tmp_path / "compose.yml"))
    assert list(preflight.examine(facts, Simulated().survey(facts.project, ["web"]))) == []
    seen = snapshot(holding("8080"))
    engine = Simulated(snapshot=seen)
    found = preflight.examine(facts, engine.survey(facts.project, ["web"]))
    assert [diagnostic.rule for diagnostic in found] == ["port-in-use"]


def test_error_of_a_start_has_a_line_for_each_error(report):
    text = service('ports: ["8080:80"]', "container_name: front")
    error = PreflightError(report(text, holding("8080").replace("holder", "front")).diagnostics)
    assert error.exit_code == 3
    assert isinstance(error, EngineError)
    first, second = str(error).splitlines()
    assert "compose.yml:4:13: service 'web': host port 8080 is in use by container 'front'" in first
    assert "compose.yml:5:21: the container name 'front'" in second


# The command line


def test_files_are_told_of_even_where_there_is_no_engine(tmp_path, monkeypatch, capsys):
    (tmp_path / "compose.yml").write_text(service("depends_on: [gone]"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert main(["check", "--live"]) == 3
    out, err = capsys.readouterr()
    assert "undefined-dependency" in out
    assert "cannot reach a Docker Engine at unix:///nowhere/docker.sock" in err


def test_check_without_live_asks_nobody(tmp_path, monkeypatch):
    (tmp_path / "compose.yml").write_text(service())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert main(["check"]) == 0
