"""Which claims to the host's ports exclude each other."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composecheck.lint import check, examine
from composecheck.loading.options import Options

HOST_PORTS = {
    "duplicate-host-port", "too-few-host-ports", "host-port-in-range", "host-network-port",
    "host-network-with-replicas",
}  # fmt: skip


@pytest.fixture
def findings(tmp_path):
    """Return the (severity, service, message) of each port of the host that is short; services by port."""

    def find(**services):
        file = tmp_path / "compose.yml"
        file.write_text(document(services))
        return [
            (d.severity, d.service, d.message)
            for d in check(file, environment={}).diagnostics
            if d.rule in HOST_PORTS
        ]

    return find


def document(services):
    made = {
        name: {"image": "x", **(keys if isinstance(keys, dict) else {"ports": keys})}
        for name, keys in services.items()
    }
    return json.dumps({"services": made})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8080:80", "8080:81"),
        ("8080:80", "127.0.0.1:8080:80"),
        ("127.0.0.1:8080:80", "8080:80"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080:81"),
        ("0.0.0.0:8080:80", "127.0.0.1:8080:80"),
        ("8080:80", "0.0.0.0:8080:80"),
        ("8080:80", "[::]:8080:80"),
        ("[::]:8080:80", "[::1]:8080:80"),
        ("[::1]:8080:80", "[0:0::1]:8080:80"),
        ("[::1]:8080:80", "8080:80"),
        ("8080:80/udp", "8080:81/udp"),
        ("8080-8082:80-82", "8081:80"),
        ("8080-8082:80-82", "8082-8084:80-82"),
        ("8080:80", {"target": 80, "published": "8080"}),
        ({"target": 80, "published": 8080, "host_ip": "127.0.0.1"}, "127.0.0.1:8080:80"),
    ],
)
def test_same_port_is_an_error(findings, one, other):
    ((severity, service, message),) = findings(a=[one], b=[other])
    assert (severity, service) == ("error", "b")
    assert "services 'a' and 'b' both publish port" in message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8080:80", "8081:80"),
        ("8080:80", "8080:80/udp"),
        ("127.0.0.1:8080:80", "127.0.0.2:8080:80"),
        ("0.0.0.0:8080:80", "[::]:8080:80"),
        ("127.0.0.1:8080:80", "[::]:8080:80"),
        ("127.0.0.1:8080:80", "[::1]:8080:80"),
        ("80", "80"),
        ("0:80", "0:81"),
        ("8080-8082:80-82", "8083:80"),
        ("8080-8082:80", "8081-8083:80"),
        ("8080:80", {"target": 80}),
    ],
)
def test_other_port_is_none(findings, one, other):
    assert findings(a=[one], b=[other]) == []


def test_two_ranges_are_one_finding(findings):
    ((_, service, message),) = findings(a=["10000-10100:10000-10100/udp"], b=["10050-10150:10050-10150/udp"])
    assert service == "b"
    assert message == "services 'a' and 'b' both publish ports 10050-10100/udp"
    found = findings(a=["8001:1"], b=["8000-8003:8000-8003"], c=["8000-8003:8000-8003"])
    assert [message for _, _, message in found] == [
        "services 'a', 'b' and 'c' all publish port 8001",
        "services 'b' and 'c' both publish port 8000 and 2 more",
    ]


@pytest.mark.slow
def test_ranges_of_many_ports_are_told_of_in_few_findings(findings):
    assert len(findings(a=["1-20000:1-20000"], b=["1-20000:1-20000"], c=["1-20000:1-20000"])) == 1


def test_range_of_a_service_that_runs_several_times_is_one_finding(findings):
    assert len(findings(a={"ports": ["8000-8010:8000-8010"], "scale": 2})) == 1


def test_port_that_one_service_publishes_twice(findings):
    ((_, _, message),) = findings(a=["8080:80", "8080:81"])
    assert message == "service 'a' publishes port 8080 twice"
    ((_, _, message),) = findings(a=["8080:80", "127.0.0.1:8080:80"])
    assert message == "service 'a' publishes port 127.0.0.1:8080 twice ('a' as 8080)"


def test_all_addresses_written_in_two_ways_are_one_binding(findings):
    assert findings(a=["8080:80", "0.0.0.0:8080:80"]) == []


def test_replicas_need_a_port_each(findings):
    ((severity, _, message),) = findings(a={"ports": ["8080:80"], "scale": 3})
    assert severity == "error"
    assert message == "service 'a' runs 3 times, but port 8080 has room for 1"
    assert findings(a={"ports": ["8080-8082:80"], "deploy": {"replicas": 3}}) == []
    ((severity, _, message),) = findings(a={"ports": ["8080-8082:80"], "deploy": {"replicas": 4}})
    assert message == "service 'a' runs 4 times, but port 8080-8082 has room for 3"


def test_range_in_which_others_leave_too_little_room(findings):
    ((severity, service, message),) = findings(a={"ports": ["8080-8081:80"], "scale": 2}, b=["8081:80"])
    assert (severity, service) == ("error", "a")
    assert message == "service 'a' runs 2 times, but port 8080-8081 has room for 1"


@pytest.mark.parametrize(
    ("services", "left_out"),
    [
        ({"a": ["80-81:1"], "b": ["80-81:1"]}, []),
        ({"a": ["80-81:1"], "b": ["80-81:1"], "c": ["80-81:1"]}, ["c"]),
        ({"a": {"ports": ["80-81:1"], "scale": 2}, "b": ["80-81:1"]}, ["b"]),
        ({"a": {"ports": ["80-81:1"], "scale": 2}, "b": ["80-82:1"]}, []),
        ({"a": {"ports": ["80-81:1"], "scale": 2}, "b": ["81-82:1"]}, []),
        ({"a": ["80-81:1"], "b": ["80-81:1"], "c": ["80-81:1/udp"]}, []),
        ({"a": ["127.0.0.1:80-81:1"], "b": ["127.0.0.2:80-81:1"], "c": ["127.0.0.3:80-81:1"]}, []),
        ({"a": ["80-81:1"], "b": ["80-81:1"], "c": {"ports": ["80-81:1"], "profiles": ["x"]}}, []),
        ({"a": ["80-82:1"], "b": ["80-82:1"], "c": ["81:1"]}, []),
    ],
)
def test_ranges_that_together_are_too_short(findings, services, left_out):
    assert [service for severity, service, _ in findings(**services) if severity == "error"] == left_out


def test_range_that_may_take_the_port_of_another_races(findings):
    ((severity, service, message),) = findings(a=["8080-8082:80"], b=["8081:80"])
    assert (severity, service) == ("warning", "a")
    assert message == "service 'a' may get port 8081 of its range 8080-8082, which 'b' needs"


@pytest.mark.parametrize(
    "keys",
    [{"network_mode": "host", "ports": ["8080:81"]}, {"network_mode": "none"}, {"scale": 0}],
)
def test_service_that_takes_no_port_is_passed_over(findings, keys):
    assert findings(a={"ports": ["8080:80"], **keys}, b=["8080:80"]) == []


def test_port_of_many_is_one_finding_with_all_places(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(document({name: ["8080:80", "81:81"] if name < "d" else ["8080:80"] for name in "abcde"}))
    found = [d for d in check(file, environment={}).diagnostics if d.rule == "duplicate-host-port"]
    assert [(d.service, d.message) for d in found] == [
        ("b", "services 'a' and 4 more all publish port 8080"),
        ("b", "services 'a', 'b' and 'c' all publish port 81"),
    ]
    assert [one.message for one in found[0].related] == [
        "'a' takes it here", "and 'c' here", "and 'd' here", "and 'e' here"
    ]  # fmt: skip


def test_those_that_profiles_leave_out_are_told_apart(findings):
    found = findings(a=["8080:80"], b=["8080:80"], c=profiled("x"), d=profiled("y"), e=profiled("y"))
    assert [(severity, service) for severity, service, _ in found] == [
        ("error", "b"), ("warning", "c"), ("warning", "d")
    ]  # fmt: skip


def profiled(*profiles, ports="8080:80"):
    return {"ports": [ports], "profiles": list(profiles)}


def test_services_whose_profiles_exclude_each_other_may_share_a_port(findings):
    assert findings(a=profiled("x"), b=profiled("y")) == []
    assert findings(a=profiled("x", ports="8080-8081:80"), b=profiled("y")) == []


def test_service_that_a_profile_adds_is_told_of_the_port_that_is_taken(findings):
    ((severity, service, message),) = findings(a=profiled("debug"), b=["8080:80"])
    assert (severity, service) == ("warning", "a")
    assert message == "services 'b' and 'a' both publish port 8080 (with profile 'debug')"


def test_services_that_share_a_profile_collide_past_one_that_does_not(findings):
    found = findings(a=profiled("x"), b=profiled("y"), c=profiled("y", "z"))
    assert [(severity, service) for severity, service, _ in found] == [("warning", "c")]
    assert "'b' and 'c'" in found[0][2]


def test_range_may_take_the_port_of_a_service_that_a_profile_adds(findings):
    ((severity, service, message),) = findings(a=["8080-8081:80"], b=profiled("debug", ports="8081:80"))
    assert (severity, service) == ("warning", "a")
    assert message.endswith("which 'b' needs (with profile 'debug')")


def hosted(**keys):
    return {"network_mode": "host", **keys}


REDIS = {"image": "redis:7"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (hosted(**REDIS), ["6379:80"]),
        (hosted(**REDIS), ["127.0.0.1:6379:6379"]),
        (hosted(expose=["80"]), ["80:8080"]),
        (hosted(expose=["80/udp"]), ["80:8080/udp"]),
        (hosted(ports=["8080:80"]), ["80:8080"]),
        (hosted(**REDIS), hosted(**REDIS)),
        (hosted(**REDIS, command="redis-server --save ''"), ["6379:80"]),
    ],
)
def test_program_in_the_network_of_the_host_takes_its_port(findings, one, other):
    ((severity, service, message),) = findings(a=one, b=other)
    assert (severity, service) == ("warning", "b")
    assert "in the host's network" in message or "both listen on port 6379 of the host" in message
    if isinstance(other, list):
        ((severity, service, _),) = findings(b=other, a=one)
        assert (severity, service) == ("warning", "b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (hosted(**REDIS), ["6380:6379"]),
        (hosted(**REDIS), ["6379:6379/udp"]),
        (hosted(**REDIS, command="redis-server --port 7000"), ["6379:80"]),
        (hosted(**REDIS, environment={"REDIS_PORT": "7000"}), ["6379:80"]),
        (hosted(**REDIS, volumes=["./redis.conf:/etc/redis.conf"]), ["6379:80"]),
        (hosted(**REDIS, expose=["7000"]), ["6379:80"]),
        (hosted(image="own:1"), ["80:80"]),
        (hosted(expose=["80"]), ["80:80/udp"]),
        (hosted(**REDIS), hosted(**REDIS, command="redis-server --port 7000")),
        (hosted(**REDIS, profiles=["x"]), hosted(**REDIS, profiles=["y"])),
    ],
)
def test_program_in_the_network_of_the_host_may_listen_elsewhere(findings, one, other):
    assert findings(a=one, b=other) == []


def test_program_in_the_network_of_the_host_runs_once(findings):
    ((severity, _, message),) = findings(a=hosted(**REDIS, scale=2))
    assert severity == "warning"
    assert message == "service 'a' runs 2 times in the host's network, where one can listen on port 6379"


def told(rule, *files, **options):
    return [
        (d.severity, Path(d.span.source.shown).name, d.span.line)
        for d in check(*files, **options).diagnostics
        if d.rule == rule
    ]


@pytest.mark.parametrize(
    ("over", "found"),
    [
        (["8081:80"], True),
        (["127.0.0.1:8081:80"], True),
        (["8081-8082:80-81"], True),
        (["8080:80"], False),
        (["80"], False),
        (["8081:81"], False),
        (["8081:80/udp"], False),
    ],
)
def test_port_that_an_override_appends(tmp_path, over, found):
    base, other = tmp_path / "base.yml", tmp_path / "over.yml"
    base.write_text(document({"a": ["8080:80"]}))
    other.write_text(json.dumps({"services": {"a": {"ports": over}}}))
    expected = [("note", "over.yml", 1)] if found else []
    assert told("appended-port", base, other, environment={}) == expected
    text = f"services: {{a: {{ports: !override {json.dumps(over)}}}}}"
    other.write_text(text)
    assert told("appended-port", base, other, environment={}) == []


def test_port_that_one_file_publishes_twice_is_meant(tmp_path):
    base, other = tmp_path / "base.yml", tmp_path / "over.yml"
    base.write_text(document({"a": ["8080:80", "8081:80"], "b": {}}))
    other.write_text(json.dumps({"services": {"b": {"ports": ["9080:80", "9081:80"]}}}))
    assert told("appended-port", base, other, environment={}) == []


@pytest.mark.parametrize(
    ("port", "severities"),
    [
        ('"${PORT}:80"', ["warning"]),
        ("$PORT:80", ["warning"]),
        ('"127.0.0.1:${PORT}:80"', ["warning"]),
        ('"${ADDRESS:-127.0.0.1}:${PORT}:80"', ["warning"]),
        ('"${PORT}:80/udp"', ["warning"]),
        ("{target: 80, published: '${PORT}'}", ["warning"]),
        ("{target: 80, published: $PORT}", ["warning"]),
        ('"${PORT:-}:80"', ["note"]),
        ('"${PORT-}:80"', ["note"]),
        ('"${PORT:-8080}:80"', []),
        ('"${SET}:80"', []),
        ('"80${PORT}:80"', []),
        ('"${PREFIX}80"', []),
        ('"80"', []),
        ('":80"', []),
        ('"0:80"', []),
        ("{target: 80}", []),
    ],
)
def test_port_that_an_unset_variable_leaves_to_chance(tmp_path, port, severities):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  a:\n    image: x\n    ports:\n      - {port}\n")
    found = told("random-host-port", file, environment={"SET": "8080"})
    assert found == [(severity, "compose.yml", 5) for severity in severities]


def test_ports_of_a_service_that_variables_leave_to_chance_are_one_finding(tmp_path):
    (tmp_path / "compose.yml").write_text(
        "services:\n  a:\n    image: x\n    ports:\n      - '${A}:80'\n      - '${B}:81'\n"
        "      - '${A}:80/udp'\n      - '${E:-}:82'\n      - '1:1'\n  b: {image: y, ports: ['${A}:83']}\n"
    )
    report = check(tmp_path / "compose.yml", environment={})
    found = [d for d in report.diagnostics if d.rule == "random-host-port"]
    assert [(d.severity, d.span.line, [one.span.line for one in d.related]) for d in found] == [
        ("warning", 5, [6, 7]),
        ("note", 8, []),
        ("warning", 10, []),
    ]
    assert found[0].message == (
        "the variables 'A' and 'B' are not set: 3 ports of service 'a' are published on random ports"
    )
    assert found[0].remedy == (
        "set them, or give each a default, as '${A:-80}'; write only '80' where a random port is meant"
    )


def test_port_awaits_the_env_file_of_which_there_is_an_example(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text("services: {a: {image: x, ports: ['${PORT}:80']}}")
    (tmp_path / ".env.example").write_text("PORT=8080\n")
    assert told("random-host-port", file, environment={}) == [("note", "compose.yml", 1)]
    (tmp_path / ".env").write_text("PORT=\n")
    assert told("random-host-port", file, environment={}) == [("warning", "compose.yml", 1)]


ADDRESSES = st.sampled_from(["", "0.0.0.0:", "127.0.0.1:", "127.0.0.2:", "[::]:", "[::1]:"])


def excludes(one, other):
    """Say it again, pair by pair."""
    if one[1:] != other[1:]:
        return False
    first, second = one[0], other[0]
    if "" in (first, second) or first == second:
        return True
    if ("[" in first) != ("[" in second):
        return False
    return bool({first, second} & {"0.0.0.0:", "[::]:"})


@settings(max_examples=60, deadline=None)
@given(
    claims=st.lists(
        st.tuples(ADDRESSES, st.sampled_from([1, 2]), st.sampled_from(["tcp", "udp"])), max_size=6
    )
)
def test_against_every_pair(tmp_path_factory, claims):
    file = tmp_path_factory.mktemp("ports") / "compose.yml"
    services = {f"s{n}": [f"{a}{p}:80/{k}"] for n, (a, p, k) in enumerate(claims)}
    file.write_text(document(services))
    conflicts = [d for d in check(file, environment={}).diagnostics if d.rule in HOST_PORTS]
    found = {d.service for d in conflicts}
    found |= {
        one.message.split("'")[1] for d in conflicts for one in d.related if one.message.startswith("and")
    }
    expected = {f"s{j}" for i, j in combinations(range(len(claims)), 2) if excludes(claims[i], claims[j])}
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(
    fixed=st.lists(st.tuples(ADDRESSES, st.integers(1, 6)), max_size=6),
    wide=st.lists(st.tuples(ADDRESSES, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), max_size=1),
)
def test_ranges_against_every_port(tmp_path_factory, fixed, wide):
    file = tmp_path_factory.mktemp("ports") / "compose.yml"
    services = {f"f{n}": [f"{address}{port}:80"] for n, (address, port) in enumerate(fixed)}
    expected = {}
    for n, (address, first, more, replicas) in enumerate(wide):
        services[f"r{n}"] = {"ports": [f"{address}{first}-{first + more}:80"], "scale": replicas}
        taken = {
            port
            for other, port in fixed
            if first <= port <= first + more and excludes((address, 1), (other, 1))
        }
        if more + 1 - len(taken) < replicas:
            expected[f"r{n}"] = "error"
        elif taken:
            expected[f"r{n}"] = "warning"
    file.write_text(document(services))
    found = {
        d.service: d.severity
        for d in check(file, environment={}).diagnostics
        if d.rule in HOST_PORTS and d.service.startswith("r")
    }
    assert found == expected


def fits(containers, free):
    """Return whether each container gets one of its ports, by trying all."""
    if not containers:
        return True
    first, *others = containers
    return any(fits(others, free - {port}) for port in first & free)


@settings(max_examples=80, deadline=None)
@given(
    fixed=st.sets(st.integers(1, 6), max_size=2),
    wide=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2)), max_size=4),
)
def test_ranges_against_every_choice(tmp_path_factory, fixed, wide):
    file = tmp_path_factory.mktemp("ports") / "compose.yml"
    services = {f"f{port}": [f"{port}:80"] for port in fixed}
    containers = []
    for n, (first, more, replicas) in enumerate(wide):
        services[f"r{n}"] = {"ports": [f"{first}-{first + more}:80"], "scale": replicas}
        containers += [set(range(first, first + more + 1))] * replicas
    file.write_text(document(services))
    errors = [d for d in check(file, environment={}).diagnostics if d.severity == "error"]
    assert bool(errors) == (not fits(containers, set(range(1, 9)) - fixed))


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (
            {
                "compose.yml": "services: {a: {image: x, ports: ['127.0.0.1:80:80']}}",
                "compose.override.yml": "services: {a: {ports: ['0.0.0.0:80:80']}}",
            },
            "write 'ports: !override' in 'compose.override.yml'",
        ),
        (
            {"compose.yml": "services: {a: {image: x, ports: ['80:1']}, b: {extends: a, ports: ['81:1']}}"},
            "write 'ports: !override' with its own in 'b'",
        ),
        (
            {"compose.yml": "services: {b: {extends: a}, a: {image: x, ports: ['80:1']}}"},
            "write 'ports: !override' with its own in 'b'",
        ),
        (
            {"compose.yml": "services: {a: {image: x, ports: ['80:1']}, b: {image: x, ports: ['80:2']}}"},
            "publish another port",
        ),
        ({"compose.yml": "services: {a: {image: x, ports: ['80:1', '80:2']}}"}, "publish another port"),
        (
            {
                "compose.yml": "x-p: &p ['80:1']\n"
                "services: {a: {image: x, ports: *p}, b: {image: x, ports: *p}}"
            },
            "publish another port",
        ),
    ],
)
def test_port_that_was_to_be_replaced_is_mended_by_override(tmp_path, files, remedy):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = examine(Options(folder=tmp_path, environment={})).diagnostics
    (finding,) = [d for d in found if d.rule == "duplicate-host-port"]
    assert finding.remedy.replace(f"{tmp_path}/", "").startswith(remedy)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("services:\n  x-a: &a {restart: always}\n  b: {<<: *a, image: x}\n", "at the top level"),
        ("services:\n  a: {image: x}\n  networks: {n: {driver: bridge}}\n", "at the top level"),
        ("services:\n  a: {image: x}\n  b: {restart: always}\n", "write 'image:' or 'build:'"),
    ],
)
def test_what_is_no_service_belongs_at_the_top_level(tmp_path, text, remedy):
    (tmp_path / "compose.yml").write_text(text)
    found = examine(Options(folder=tmp_path, environment={})).diagnostics
    assert [remedy in d.remedy for d in found if d.rule == "missing-image"] == [True]
