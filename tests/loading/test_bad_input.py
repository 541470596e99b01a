"""Whatever is in a file, loading says what is wrong and where, and never breaks down."""

from __future__ import annotations

import os

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composecheck.errors import UsageError
from composecheck.loading import Options, load_project
from composecheck.loading.schema_fast import read_schema
from composecheck.text.disk import MAX_BYTES

S = "services:\n  s:\n    image: x\n    "


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(1, 1, "empty-project")]),
        ("# nothing\n", [(1, 1, "empty-project")]),
        ("null\n", [(1, 1, "empty-project")]),
        ("{}\n", [(1, 1, "empty-project")]),
        ("- a\n", [(1, 1, "empty-project")]),
        ("just text\n", [(1, 1, "empty-project")]),
        ("x-a: 1\n", [(1, 1, "empty-project")]),
        ("services: [\n", [(2, 1, "invalid-yaml")]),
        ("services:\n\ta: {image: x}\n", [(2, 1, "invalid-yaml")]),
        (S + "ports: *nope\n", [(4, 12, "invalid-yaml")]),
        (S + "labels: {a: 2024-01-01}\n", [(4, 17, "invalid-yaml")]),
        (S + "image: y\n", [(4, 5, "duplicate-key")]),
        (S + "labels: {1: a}\n", [(4, 14, "non-string-key")]),
        ("1: a\nservices: {s: {image: x}}\n", [(1, 1, "non-string-key")]),
        (S + "imagee: y\n", [(4, 5, "unknown-key")]),
        (S + "hostname: [a]\n", [(4, 15, "invalid-type")]),
        (S + "scale: many\n", [(4, 12, "invalid-type")]),
        (S + "ports: ['80:x']\n", [(4, 13, "invalid-value")]),
        (S + "ports: ['8000-8001:80-82']\n", [(4, 13, "invalid-value")]),
        (S + "ports: [{target: 80, host_ip: x}]\n", [(4, 35, "invalid-host-ip")]),
        (S + "ports: ['localhost:80:80']\n", [(4, 13, "invalid-host-ip")]),
        (S + "gpus: [{count: 1, device_ids: [a]}]\n", [(4, 13, "conflicting-device-count")]),
        (
            S + "develop: {watch: [{path: '', action: rebuild}]}\n",
            [(4, 30, "missing-watch-path")],
        ),
        (S + "volumes: ['aa::b']\n", [(4, 15, "invalid-value")]),
        (S + "volumes: [{type: bind, target: /x}]\n", [(4, 15, "missing-key")]),
        (S + "stop_grace_period: soon\n", [(4, 24, "invalid-value")]),
        (S + "mem_limit: much\n", [(4, 16, "invalid-value")]),
        (S + "command: echo 'a\n", [(4, 14, "invalid-value")]),
        (S + "devices: ['a:b:c:d']\n", [(4, 15, "invalid-value")]),
        (S + "extra_hosts: [':1.1.1.1']\n", [(4, 19, "invalid-value")]),
        (S + "environment: ['A =1']\n", [(4, 19, "invalid-value")]),
        (S + "env_file: none.env\n", [(4, 15, "missing-env-file")]),
        (S + "label_file: none.env\n", [(4, 17, "missing-env-file")]),
        (S + "hostname: ${NOT:?set it}\n", [(4, 15, "required-variable")]),
        (S + "hostname: ${\n", [(4, 15, "invalid-interpolation")]),
        ("name: '@'\nservices: {s: {image: x}}\n", [(1, 7, "invalid-project-name")]),
        ("services: {s: {extends: t}}\n", [(1, 25, "undefined-extends")]),
        ("include: [a.yml]\nservices: {s: {image: x}}\n", [(1, 11, "missing-file")]),
        ("version: '3'\nservices: {s: {image: x}}\n", [(1, 1, "obsolete-version")]),
        (
            "services: {s: {image: x}}\nvolumes: {v: {external: true, driver: d}}\n",
            [(2, 31, "conflicting-external")],
        ),
        (
            "services: {s: {image: x}}\nvolumes: {v: {external: {name: a}, name: b}}\n",
            [(2, 32, "conflicting-external")],
        ),
        (
            "services: {s: {image: x}}\nsecrets: {v: {file: a, environment: b}}\n",
            [(2, 24, "conflicting-content")],
        ),
        ("services: {s: {image: x}}\nconfigs: {v: {}}\n", [(2, 11, "missing-content")]),
    ],
)
def test_fault_is_one_finding_at_its_place(findings, text, found):
    assert findings(text) == found


def test_one_run_tells_everything(findings):
    found = findings(S + "foo: 1\n    ports: ['x']\n    scale: y\n    labels: {1: a, b: 2, b: 3}\n")
    assert [(line, rule) for line, _, rule in found] == [
        (4, "unknown-key"),
        (5, "invalid-value"),
        (6, "invalid-type"),
        (7, "non-string-key"),
        (7, "duplicate-key"),
    ]


def test_broken_value_is_left_out_and_the_rest_read(load):
    service = load(S + "ports: ['x', '80:80']\n    hostname: [a]\n    restart: always\n").project.services[
        "s"
    ]
    assert [port.target for port in service.ports] == [80]
    assert (service.image, service.restart) == ("x", "always")


def test_broken_service_is_left_out_and_the_rest_read(load):
    loaded = load("services: {a: 5, b: {image: x}}\n")
    assert list(loaded.project.services) == ["b"]


def test_what_stands_before_the_end_of_yaml_is_read_and_checked(load):
    loaded = load("services:\n  a: {image: x, foo: 1}\n  b:\n    labels: [\n  c: {image: y}\n")
    assert list(loaded.project.services) == ["a"]
    assert [d.rule for d in loaded.diagnostics] == ["unknown-key", "invalid-yaml"]


def test_text_without_yaml_gives_no_project(load):
    assert load("{").project is None


def test_bytes_that_are_not_utf8_have_their_place(findings):
    assert findings("services:\n  é: ".encode() + b"\xff\n") == [(2, 6, "invalid-encoding")]


def test_byte_order_mark_is_dropped(load):
    assert load(b"\xef\xbb\xbf" + S.encode()).project.services["s"].image == "x"


def test_folder_is_a_finding(tmp_path):
    (tmp_path / "compose.yml").mkdir()
    loaded = load_project(Options(files=("compose.yml",), folder=tmp_path, environment={}))
    assert [(d.rule, "folder" in d.message) for d in loaded.diagnostics] == [("unreadable-file", True)]
    assert loaded.project is None


def test_file_that_cannot_be_read_is_a_finding(tmp_path):
    # Reading its own memory from the start is refused even to root.
    loaded = load_project(Options(files=("/proc/self/mem",), folder=tmp_path, environment={}))
    assert [d.rule for d in loaded.diagnostics] == ["unreadable-file"]


def test_dangling_link_does_not_exist(tmp_path):
    (tmp_path / "compose.yml").symlink_to("nowhere")
    with pytest.raises(UsageError, match="no such file"):
        load_project(Options(files=("compose.yml",), folder=tmp_path, environment={}))


def test_path_through_a_file_does_not_exist(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError, match="no such file"):
        load_project(Options(files=("a/compose.yml",), folder=tmp_path, environment={}))


@pytest.mark.slow
def test_ten_megabytes_are_read(load):
    services = "".join(f"  s{n}: {{image: x, labels: {{a: '{'y' * 480}'}}}}\n" for n in range(20_000))
    loaded = load("services:\n" + services)
    assert len(services) > 10_000_000
    assert loaded.diagnostics == ()
    assert len(loaded.project.services) == 20_000


def test_larger_file_than_the_limit_is_refused_by_name(load):
    loaded = load(b"#" * (MAX_BYTES + 1))
    assert [d.rule for d in loaded.diagnostics] == ["document-limit"]


def test_env_file_that_is_a_folder_is_a_finding(load, tmp_path):
    (tmp_path / "project" / "a.env").mkdir(parents=True)
    assert [d.rule for d in load(S + "env_file: a.env\n").diagnostics] == ["invalid-env-file"]


def test_env_file_that_is_not_utf8_is_a_finding(load, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".env").write_bytes(b"A=1\nB=\xff\n")
    (found,) = load(S).diagnostics
    assert (found.rule, found.span.line, found.span.column) == ("invalid-env-file", 2, 3)


def test_fault_in_an_env_file_lies_in_the_env_file(load):
    (found,) = load(S + "env_file: a.env\n", files={"a.env": "A=1\nB C=2\n"}).diagnostics
    assert (found.rule, os.path.basename(found.span.source.shown), found.span.line) == (  # noqa: PTH119
        "invalid-env-file",
        "a.env",
        2,
    )


def test_variables_that_double_each_other_are_refused_by_name(load):
    doubling = "Q=ab\n" + "Q=$Q$Q\n" * 60
    (found,) = load(S + "env_file: a.env\n", files={"a.env": doubling}).diagnostics
    assert (found.rule, os.path.basename(found.span.source.shown), found.span.line) == (  # noqa: PTH119
        "document-limit",
        "a.env",
        20,
    )


def test_long_variable_used_time_and_again_is_refused_by_name(load):
    labels = ", ".join(["$LONG"] * 100)
    found = load(S + f"hostname: '{labels}'\n", environment={"LONG": "x" * 20_000}).diagnostics
    assert [(d.rule, d.span.line, d.span.column) for d in found] == [("document-limit", 4, 15)]


@pytest.mark.parametrize(
    "line", ['env_file: "a\\0"', 'extends: {file: "a\\0", service: s}', 'label_file: "\\0"']
)
def test_null_character_in_a_path_is_a_finding(load, line):
    assert [d.severity for d in load(S + line + "\n").diagnostics] == ["error"]


def test_null_character_in_an_included_path_is_a_finding(load):
    assert "error" in [d.severity for d in load('include: ["a\\0"]\n' + S).diagnostics]


def test_diagnostics_are_sorted_and_the_same_every_time(load):
    text = S + "foo: 1\n    ports: [x]\n    bar: ${A} ${B:?}\n    labels: {1: a}\n"
    first = load(text).diagnostics
    assert [d.span[1:3] for d in first] == sorted(d.span[1:3] for d in first)
    assert [(d.rule, d.message) for d in load(text).diagnostics] == [(d.rule, d.message) for d in first]


def _keys(schema):
    """Yield every key that a schema names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _keys(inner)


KEYS = st.sampled_from(sorted({*_keys(read_schema("compose.schema.json")), "x-retry", "tcpSocket", "log"}))
ODD = [None, True, 0, -1, 1.5, 10**30, "", "a", "a=b", "=", "80:80", "[::1]:1:1", "5s", "1g", "./x:/y:ro"]
ODD += [
    ":",
    "~",
    "${",
    "${A}",
    "$A",
    "${A?}",
    "service:a",
    "on-failure:²",
    "é",
    "\u2028",
    "'",
    "(",
    "C:\\x",
    "0440",
]
ODD += ["9" * 5000, "on-failure:" + "9" * 5000, "9" * 400 + "g", "9" * 400 + "s", "a\0b", "nan", "1_0"]
VALUES = st.recursive(
    st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.just("a"), inner, max_size=4),
    max_leaves=8,
)
SECTIONS = st.fixed_dictionaries(
    {
        "services": st.dictionaries(
            st.sampled_from("ab"), st.dictionaries(KEYS, VALUES, max_size=5), max_size=2
        )
    },
    optional=dict.fromkeys(("networks", "volumes", "secrets", "configs", "name", "include", "x-a"), VALUES),
)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(st.lists(SECTIONS | VALUES, min_size=1, max_size=2))
def test_no_document_makes_a_traceback(load, documents):
    load(*(yaml.safe_dump(document, allow_unicode=True) for document in documents), profiles=("*",))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 200), st.text(alphabet="{}[]:-\n &*a<!'\"#|>\t%@?\x00$,é", max_size=4))
def test_no_text_makes_a_traceback(load, at, inserted):
    text = (
        S
        + "ports: [80, '81:81']\n    environment: &e {A: $B}\n    labels:\n      <<: *e\n"
        + "---\nvolumes:\n  v:\n"
    )
    load(text[:at] + inserted + text[at:])


def test_links_in_a_circle_are_no_file(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="no such file"):
        load_project(Options(files=("loop",), folder=tmp_path))
    with pytest.raises(UsageError, match="symbolic links"):
        load_project(Options(env_files=("loop",), folder=tmp_path))


def test_pipe_is_read_where_it_is_the_compose_file_alone(load, tmp_path):
    (tmp_path / "project").mkdir()
    os.mkfifo(tmp_path / "project" / "pipe")
    (found,) = load(S + "env_file: pipe\n").diagnostics
    assert found.rule == "invalid-env-file"
    assert found.message.endswith("pipe' cannot be read: is a pipe, not a file")
    reading, writing = os.pipe()
    os.write(writing, b"services: {s: {image: x}}")
    os.close(writing)
    try:
        loaded = load_project(Options(files=(f"/dev/fd/{reading}",), folder=tmp_path, name="p"))
    finally:
        os.close(reading)
    assert loaded.project.services["s"].image == "x"


def test_tab_is_shown_once(load):
    (found,) = load("services:\n\ta: {image: x}\n").diagnostics
    assert (found.message, found.related) == ("a tab cannot indent YAML", ())


V1 = "web:\n  build: .\n  links: [db]\ndb:\n  image: postgres:16\n"


@pytest.mark.parametrize(
    ("text", "line", "fact", "remedy"),
    [
        (
            V1,
            1,
            "'web' and 'db' stand at the top level, as in format version 1, which Compose no longer reads",
            "put all of them under 'services:'",
        ),
        (
            "version: '2'\n" + V1,
            2,
            "'web' and 'db' stand at the top level, as in format version 1, which Compose no longer reads",
            "put all of them under 'services:'",
        ),
        (
            "services:\n" + V1,
            2,
            "'web' and 'db' stand at the top level, and nothing under 'services'",
            "indent all of them, so that 'services' holds them",
        ),
        (
            "web: {image: x}\nvolumes: {d: {}}\n",
            1,
            "'web' stands at the top level, as in format version 1, which Compose no longer reads",
            "put it under 'services:'",
        ),
        (
            "".join(f"{name}: {{image: x}}\n" for name in "abcde"),
            1,
            "'a', 'b', 'c' and 2 more stand at the top level, as in format version 1, which Compose no "
            "longer reads",
            "put all of them under 'services:'",
        ),
        (
            "services: {a: {image: x}}\nb: {image: x}\n",
            2,
            "the file has the unknown key 'b'",
            "put 'b' under 'services:'",
        ),
    ],
)
def test_services_at_the_top_are_one_error(load, text, line, fact, remedy):
    (one,) = [d for d in load(text).diagnostics if d.severity != "note"]
    assert (one.rule, one.severity, one.span.line) == ("unknown-key", "error", line)
    assert (one.message, one.remedy) == (fact, remedy)


@pytest.mark.parametrize(
    "text",
    [
        "servces: {a: {image: x}}\n",
        "x-a: {image: x}\nservices: {a: {image: x}}\nnetwoks: {}\n",
        "defaults: {restart: always}\nservices: {a: {image: x}}\n",
    ],
)
def test_unknown_key_that_is_no_service_is_told_as_such(load, text):
    (one,) = [d for d in load(text).diagnostics if d.severity == "error"]
    assert one.message.startswith("the file has the unknown key '")


def test_project_without_services_is_told_where_nothing_else_is_wrong(findings):
    assert findings("networks: {a: {}}\n") == [(1, 1, "empty-project")]
    assert findings("networks: {a: {colour: red}}\n") == [(1, 16, "unknown-key")]
