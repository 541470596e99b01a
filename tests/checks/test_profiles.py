"""What is said of services that the active profiles leave out, and what is not."""

import pytest

from composecheck import check, load


@pytest.fixture
def findings(tmp_path):
    """Return (rule, severity, message) of each finding above a note in a document."""

    def find(text, **options):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        report = check(file, environment={}, **options)
        return [(d.rule, d.severity, d.message) for d in report.diagnostics if d.severity != "note"]

    return find


FAULTS = [
    ("networks: [nowhere]", "undefined-network"),
    ("volumes: ['nothing:/x']", "undefined-volume"),
    ("secrets: [nothing]", "undefined-secret"),
    ("depends_on: [nobody]", "undefined-dependency"),
    ("links: [nobody]", "undefined-link"),
    ("healthcheck: {test: [curl, localhost]}", "invalid-healthcheck-test"),
    ("scale: -1", "negative-replicas"),
    ("restart: sometimes", "invalid-restart-policy"),
    ("container_name: café", "invalid-container-name"),
    ("healthcheck: {test: x, start_interval: 1s}", "start-interval-without-start-period"),
    ("tmpfs: [/a, '/a:size=5']", "duplicate-mount-target"),
    ("container_name: xy, scale: 2", "container-name-with-replicas"),
]


@pytest.mark.parametrize(("key", "rule"), FAULTS)
def test_fault_that_waits_for_a_profile_is_a_warning_that_names_it(findings, key, rule):
    body = f"image: x, profiles: [debug], {key}"
    text = f"services:\n  web: {{image: x}}\n  tool: {{{body}}}\n"
    ((found, severity, message),) = findings(text)
    assert (found, severity) == (rule, "warning")
    assert message.endswith(" (with profile 'debug')")
    ((found, severity, message),) = findings(text, profiles=["debug"])
    assert (found, severity) == (rule, "error")
    assert "profile" not in message


@pytest.mark.parametrize(("key", "rule"), FAULTS)
def test_fault_that_waits_for_a_profile_stops_nobody(tmp_path, key, rule):
    body = f"image: x, profiles: [debug], {key}"
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  web: {{image: x}}\n  tool: {{{body}}}\n")
    assert load(file, environment={}).disabled.keys() == {"tool"}


def test_dependency_within_a_profile_is_not_hidden(findings):
    assert (
        findings(
            "services:\n"
            "  a: {image: x, restart: always, profiles: [p], depends_on: [b, c]}\n"
            "  b: {image: x, profiles: [p, q]}\n"
            "  c: {image: x}\n"
        )
        == []
    )


def test_dependency_in_another_profile_is_hidden(findings):
    text = (
        "services:\n"
        "  a: {image: x, restart: always, profiles: [p, q], depends_on: [b]}\n"
        "  b: {image: x, profiles: [q]}\n"
    )
    assert findings(text) == [
        (
            "hidden-dependency",
            "warning",
            "service 'a' depends on 'b', which only the profile 'q' enables (with profile 'p' or 'q')",
        )
    ]
    assert findings(text, profiles=["q"]) == []
    assert [found[:2] for found in findings(text, profiles=["p"])] == [("hidden-dependency", "error")]


@pytest.mark.parametrize(
    ("key", "clause"),
    [
        ("links: ['b:alias']", "depends on"),
        ("volumes_from: [b]", "depends on"),
        ("ipc: 'service:b'", "depends on"),
        (
            "network_mode: 'service:b', depends_on: {b: {condition: service_started, required: false}}",
            "is in the network namespace of",
        ),
        ("build: {context: ., additional_contexts: {b: 'service:b'}}", "is built with files of"),
    ],
)
def test_whatever_needs_a_hidden_service_says_so(findings, tmp_path, key, clause):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    text = f"services:\n  a: {{image: x, {key}}}\n  b: {{build: ., profiles: [p]}}\n"
    ((rule, severity, message),) = findings(text)
    assert (rule, severity) == ("hidden-dependency", "error")
    assert f"service 'a' {clause} 'b'" in message


def test_race_within_a_profile_is_told(findings):
    text = (
        "services:\n"
        "  a: {image: x, profiles: [p], depends_on: [b]}\n"
        "  b: {image: x, profiles: [p], healthcheck: {test: x}}\n"
    )
    assert [found[:2] for found in findings(text)] == [("unguarded-dependency", "warning")]
    assert [found[:2] for found in findings(text.replace("depends_on", "env_file: a.env, depends_on"))] == []


def test_optional_dependency_that_is_left_out_is_no_race(findings):
    optional = "{condition: service_started, required: false}"
    text = f"services:\n  a: {{image: x, depends_on: {{b: {optional}}}}}\n  b: {{image: x, profiles: [p]}}\n"
    assert findings(text) == []


def test_circle_that_a_profile_closes_is_told(findings):
    optional = "{condition: service_started, required: false}"
    text = (
        "services:\n"
        f"  a: {{image: x, restart: always, depends_on: {{b: {optional}}}}}\n"
        "  b: {image: x, restart: always, profiles: [p], depends_on: [a]}\n"
    )
    ((rule, severity, message),) = findings(text)
    assert (rule, severity) == ("dependency-cycle", "warning")
    assert message.endswith("a -> b -> a (with profile 'p')")


def test_circle_of_profiles_that_exclude_each_other_is_none(findings):
    optional = "{condition: service_started, required: false}"
    text = (
        "services:\n"
        f"  a: {{image: x, restart: always, profiles: [p], depends_on: {{b: {optional}}}}}\n"
        f"  b: {{image: x, restart: always, profiles: [q], depends_on: {{a: {optional}}}}}\n"
    )
    assert findings(text) == []


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (["p"], ["q"], []),
        (["p"], ["p", "q"], ["warning"]),
        ([], ["q"], ["warning"]),
        ([], [], ["error"]),
    ],
)
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("container_name: same", "duplicate-container-name"),
        ("networks: {n: {ipv4_address: 10.9.0.5}}", "duplicate-address"),
        ("ports: ['80:80']", "duplicate-host-port"),
    ],
)
def test_services_collide_where_they_can_be_active_together(findings, one, other, found, body, rule):
    text = (
        f"services:\n  a: {{image: x, profiles: {one}, {body}}}\n"
        f"  b: {{image: x, profiles: {other}, {body}}}\n"
        "networks: {n: {ipam: {config: [{subnet: 10.9.0.0/24}]}}}\n"
    )
    assert [(name, severity) for name, severity, _ in findings(text)] == [(rule, each) for each in found]


def test_active_services_collide_whatever_their_profiles(findings):
    text = (
        "services:\n  a: {image: x, profiles: [p], ports: ['80:80']}\n"
        "  b: {image: x, profiles: [q], ports: ['80:80']}\n"
    )
    found = findings(text, profiles=["p", "q"])
    assert [each[:2] for each in found] == [("duplicate-host-port", "error")]


@pytest.mark.parametrize(("one", "other", "count"), [("p", "q", 0), ("p", "p", 1)])
def test_networks_overlap_where_they_are_made_together(findings, one, other, count):
    text = (
        f"services:\n  a: {{image: x, profiles: [{one}], networks: [m]}}\n"
        f"  b: {{image: x, profiles: [{other}], networks: [n]}}\n"
        "networks:\n  m: {ipam: {config: [{subnet: 10.9.0.0/24}]}}\n"
        "  n: {ipam: {config: [{subnet: 10.9.0.0/16}]}}\n"
    )
    found = findings(text)
    assert [each[:2] for each in found] == [("overlapping-subnets", "warning")] * count
