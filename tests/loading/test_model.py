"""Inline YAML becomes the typed model."""

from __future__ import annotations

import pytest

from composecheck.model.links import build_contexts


def test_port_in_each_form(service):
    ports = service("""
ports:
  - 80
  - "8080:80/udp"
  - "127.0.0.1:9000-9001:90-91"
  - "7000-7009:70"
  - {target: 60, published: "6000", host_ip: "::1", mode: host, protocol: tcp}
""").ports
    assert [(p.target, p.published, p.host_ip, p.protocol, p.mode) for p in ports] == [
        (80, None, None, "tcp", "ingress"),
        (80, (8080, 8080), None, "udp", "ingress"),
        (90, (9000, 9000), "127.0.0.1", "tcp", "ingress"),
        (91, (9001, 9001), "127.0.0.1", "tcp", "ingress"),
        (70, (7000, 7009), None, "tcp", "ingress"),
        (60, (6000, 6000), "::1", "tcp", "host"),
    ]


def test_port_of_a_range_stands_where_the_range_is_written(service):
    assert [port.node.span.text for port in service("ports: ['8000-8001:80-81']").ports] == [
        "'8000-8001:80-81'"
    ] * 2


def test_mounts(service, tmp_path):
    mounts = service(
        "volumes: [data:/d, './x:/y:ro', /z, {type: tmpfs, target: /t}]\ntmpfs: ['/run:size=1m']"
    ).mounts
    assert [(m.type, m.source, m.target, m.read_only) for m in mounts] == [
        ("volume", "data", "/d", False),
        ("bind", str(tmp_path / "project" / "x"), "/y", True),
        ("volume", None, "/z", False),
        ("tmpfs", None, "/t", False),
        ("tmpfs", None, "/run", False),
    ]


def _said(dependency):
    return (
        dependency.condition,
        dependency.required,
        dependency.restart,
        dependency.implicit,
        dependency.retry,
    )


def test_dependencies_short_and_long(load):
    project = load("""
services:
  a: {image: x, depends_on: [b]}
  b: {image: x, depends_on: {c: {condition: service_healthy, restart: true, required: false}}}
  c: {image: x}
""").project
    (short,) = project.services["a"].depends_on.values()
    assert _said(short) == ("service_started", True, False, None, None)
    assert (short.node.span.text, short.node.span.line) == ("b", 3)
    (long,) = project.services["b"].depends_on.values()
    assert _said(long) == ("service_healthy", False, True, None, None)


@pytest.mark.parametrize(
    ("body", "implicit", "restart"),
    [
        ("links: [t]", "links", True),
        ("links: ['t:alias']", "links", True),
        ("network_mode: service:t", "network_mode", True),
        ("ipc: service:t", "ipc", True),
        ("pid: service:t", "pid", True),
        ("volumes_from: [t]", "volumes_from", False),
        ("volumes_from: ['t:ro']", "volumes_from", False),
    ],
)
def test_implied_dependency_stands_at_the_key_that_implies_it(service, body, implicit, restart):
    dependency = service(body).depends_on["t"]
    assert (dependency.implicit, dependency.restart, dependency.condition) == (
        implicit,
        restart,
        "service_started",
    )
    assert "t" in dependency.node.span.text


def test_written_dependency_goes_before_an_implied_one(service):
    dependency = service("links: [t]\ndepends_on: {t: {condition: service_healthy}}").depends_on["t"]
    assert (dependency.implicit, dependency.condition) == (None, "service_healthy")


@pytest.mark.parametrize(
    ("text", "healthcheck"),
    [
        ("{test: curl x}", (("CMD-SHELL", "curl x"),)),
        ("{test: [CMD, a, b], retries: 4}", (("CMD", "a", "b"), None, None, None, None, 4)),
        ("{disable: true}", (("NONE",),)),
        ("{test: [NONE]}", (("NONE",),)),
        (
            "{test: a, interval: 1m30s, timeout: 500ms, start_period: 1h, start_interval: 0.5s}",
            (("CMD-SHELL", "a"), 90.0, 0.5, 3600.0, 0.5),
        ),
        ("{interval: 5s}", (None, 5.0)),
    ],
)
def test_healthcheck(service, text, healthcheck):
    model = service(f"healthcheck: {text}").healthcheck
    values = (
        model.test, model.interval, model.timeout, model.start_period, model.start_interval, model.retries
    )  # fmt: skip
    assert values == healthcheck + (None,) * (len(values) - len(healthcheck))


@pytest.mark.parametrize(
    ("body", "restart"),
    [
        ("hostname: h", ("no", None)),
        ('restart: "no"', ("no", None)),
        ("restart: always", ("always", None)),
        ("restart: any", ("always", None)),
        ("restart: none", ("no", None)),
        ("restart: on-failure", ("on-failure", None)),
        ("restart: on-failure:0", ("on-failure", None)),
        ("restart: on-failure:5", ("on-failure", 5)),
        ("restart: on-failure:+05", ("on-failure", 5)),
        ("restart: on-failure:3:4", ("on-failure", None)),  # no number, and so none
        ("restart: on-failure:10000000000", ("on-failure", 10**10)),
        (f"restart: on-failure:{'9' * 5000}", ("on-failure", 2**63 - 1)),
        ("restart: unless-stopped", ("unless-stopped", None)),
        ("deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}", ("on-failure", 3)),
        ("deploy: {restart_policy: {condition: any}}", ("always", None)),
        ("restart: always\ndeploy: {restart_policy: {condition: none}}", ("no", None)),
        ("restart: always\ndeploy: {restart_policy: {}}", ("no", None)),
    ],
)
def test_restart(service, body, restart):
    model = service(body)
    assert (model.restart, model.max_retries) == restart


@pytest.mark.parametrize(
    ("body", "replicas"), [("hostname: h", 1), ("scale: 3", 3), ("deploy: {replicas: 0}", 0)]
)
def test_replicas(service, body, replicas):
    assert service(body).replicas == replicas


def test_build(service, tmp_path):
    folder = tmp_path / "project"
    short = service("build: ./api").build
    assert (short.context, short.dockerfile, short.target) == (str(folder / "api"), "Dockerfile", None)
    long = service(
        "build: {context: .., dockerfile: D, target: t, args: [A=1, SET, NOT]}", environment={"SET": "s"}
    ).build
    assert (long.context, long.dockerfile, long.target) == (str(tmp_path), "D", "t")
    assert long.args == {"A": "1", "SET": "s"}
    assert service("build: https://example.org/a.git").build.context == "https://example.org/a.git"


def test_commands(service):
    model = service("command: a 'b c'\nentrypoint: []")
    assert (model.command, model.entrypoint) == (("a", "b c"), ())
    assert service("hostname: h").command is None


def test_environment_from_every_place(service):
    model = service(
        "env_file: [a.env, b.env]\nenvironment: [OWN=1, B, FROM_OUTSIDE, NOWHERE]",
        files={"a.env": "A=a\nB=a\nC=a\n", "b.env": "C=b\nOWN=b\nD=$C\n"},
        environment={"FROM_OUTSIDE": "o"},
    )
    assert model.environment == {
        "A": "a",
        "B": None,
        "C": "b",
        "D": "b",
        "OWN": "1",
        "FROM_OUTSIDE": "o",
        "NOWHERE": None,
    }


def test_env_file_of_a_disabled_service_is_not_read(load):
    loaded = load("services: {s: {image: x}, t: {image: x, profiles: [p], env_file: none.env}}")
    assert loaded.diagnostics == ()
    assert list(loaded.project.disabled) == ["t"]


def test_networks_of_services(load):
    project = load("""
services:
  a: {image: x}
  b: {image: x, networks: [n]}
  c: {image: x, networks: {n: {aliases: [z], ipv4_address: 10.0.0.5, priority: 3}, default: }}
  d: {image: x, network_mode: host}
networks: {n: {internal: true, driver: bridge}, e: {external: true}}
""").project
    assert {name: list(service.networks) for name, service in project.services.items()} == {
        "a": ["default"],
        "b": ["n"],
        "c": ["n", "default"],
        "d": [],
    }
    joined = project.services["c"].networks["n"]
    assert (joined.aliases, joined.ipv4_address, joined.ipv6_address, joined.priority) == (
        ("z",),
        "10.0.0.5",
        None,
        3,
    )
    assert project.services["d"].network_mode == "host"
    assert {key: network.name for key, network in project.networks.items()} == {
        "n": "project_n",
        "e": "e",
        "default": "project_default",
    }
    assert (project.networks["n"].internal, project.networks["n"].driver) == (True, "bridge")
    assert project.networks["e"].external


def test_default_network_is_there_only_where_it_is_used(load):
    assert load("services: {a: {image: x, network_mode: none}}").project.networks == {}


def test_volumes(load):
    volumes = load(
        "services: {a: {image: x}}\nvolumes: {v: , w: {name: n, driver: d}, e: {external: true}}"
    ).project.volumes
    assert {key: (v.name, v.external, v.driver) for key, v in volumes.items()} == {
        "v": ("project_v", False, None),
        "w": ("n", False, "d"),
        "e": ("e", True, None),
    }


def test_service_knows_the_place_of_its_name(service):
    model = service("hostname: h")
    assert (model.key_place().text, model.place("hostname").text) == ("s", "h")


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("scale: 2\ndeploy: {replicas: 2}", ("scale", "2")),
        ("deploy: {replicas: 3}", ("replicas", "3")),
        ("deploy: {mode: replicated}", ("deploy", "{mode: replicated}")),
    ],
)
def test_replicas_stand_in_the_key_that_counts(service, body, written):
    model = service(body)
    path = model.replicas_path
    assert (model.key_place(*path).text, model.place(*path).text) == written


def test_condition_of_a_dependency_stands_where_it_is_written_or_at_the_entry(load):
    services = load("""
services:
  a: {image: x, depends_on: [s]}
  b: {image: x, depends_on: {s: {condition: service_healthy}}}
  s: {image: x}
""").project.services
    places = [services[name].depends_on["s"].condition_place.text for name in ("a", "b")]
    assert places == ["s", "service_healthy"]


def test_build_contexts_are_the_services_of_whose_files_it_takes_some(service):
    contexts = "{a: 'service:base', b: ./folder, c: 'docker-image://x'}"
    model = service(f"build: {{context: ., additional_contexts: {contexts}}}")
    assert [(c.service, c.place.text) for c in build_contexts(model)] == [("base", "'service:base'")]
    assert list(build_contexts(service("build: ."))) == []
    assert list(build_contexts(service("hostname: x"))) == []


def test_a_part_gives_what_is_written_whatever_it_means(service):
    model = service("cpus: 1\ntmpfs: [/tmp]")
    assert (model.as_written("cpus"), model.cpus) == (1, 1.0)
    assert model.as_written("tmpfs") == ["/tmp"]  # noqa: S108 - a path in the file
    assert model.as_written("deploy", "replicas") is None


def test_place_leads_through_anchor_and_merge(load):
    project = load("""
x-base: &base
  image: base
  healthcheck: &check {test: x}
services:
  a:
    <<: *base
  b:
    image: y
    healthcheck: *check
""").project
    merged = project.services["a"].node.mapping["image"]
    assert (merged.span.line, merged.origin.kind, merged.origin.span.line) == (3, "merge", 7)
    anchored = project.services["b"].node.mapping["healthcheck"]
    assert (anchored.span.line, anchored.origin.kind, anchored.origin.span.line) == (10, "anchor", 4)
