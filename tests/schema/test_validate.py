"""What is found in a document, in which words, and where."""
# ruff: noqa: E501 - a finding is one line, as it is printed

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from composecheck.loading.validate import validate


def test_the_file_with_every_key_is_valid(complete, node):
    assert validate(node(complete)) == []


@pytest.mark.parametrize(
    "service",
    [
        {
            "pre_start": [
                {"command": "migrate", "image": "app:1", "per_replica": False, "environment": ["A=1"]}
            ]
        },
        {"pre_start": [{}]},
        {"build": {"no_cache_filter": ["builder"]}},
        {"build": {"no_cache_filter": "builder"}},
    ],
)
def test_keys_of_compose_5_are_known(node, service):
    assert validate(node({"services": {"web": {"image": "nginx:1", **service}}})) == []


# The document, and one line for each finding: place, rule, service, message, remedy.
FINDINGS = [
    (
        "services: {web: {image: a, prots: [80]}}",
        "1:28 unknown-key web: service 'web' has the unknown key 'prots'; did you mean 'ports'?",
    ),
    (
        "services: {web: {image: a, container-name: b}}",
        "1:28 unknown-key web: service 'web' has the unknown key 'container-name'; did you mean 'container_name'?",
    ),
    (
        "Services: {}",
        "1:1 unknown-key -: the file has the unknown key 'Services'; did you mean 'services'?",
    ),
    (
        "image: nginx",
        "1:1 unknown-key -: the file has the unknown key 'image'; 'image' belongs in a service: mind the indentation",
    ),
    (
        "services: {web: {build: {context: ., environment: {}}}}",
        "1:38 unknown-key web: 'build' of service 'web' has the unknown key 'environment'; "
        "'environment' belongs in service 'web' itself: mind the indentation",
    ),
    (
        "services: {web: {image: a, secrets: [{source: b, quelle: c}]}}\nsecrets: {b: {file: c}}",
        "1:50 unknown-key web: 'secrets[0]' of service 'web' has the unknown key 'quelle'; "
        "known here: 'source', 'target', 'uid', 'gid', 'mode'",
    ),
    (
        "services: {db: {image: a, healthcheck: {retries: three}}}",
        "1:50 invalid-type db: 'healthcheck.retries' of service 'db' must be a number, not the text 'three'; "
        "write a number",
    ),
    (
        "services: {web: {image: a, user: 1000}}",
        "1:34 invalid-type web: 'user' of service 'web' must be text, not the number 1000; put it in quotes",
    ),
    (
        "services: {web: {image: a, ports: '80:80'}}",
        "1:35 invalid-type web: 'ports' of service 'web' must be a list, not the text '80:80'; write it as a list",
    ),
    (
        "services: {web: }",
        "1:12 invalid-type web: service 'web' must be a mapping, but it has no value; "
        "give it a value or remove the key",
    ),
    (
        "networks: {n: {driver: 5}}",
        "1:24 invalid-type -: 'driver' of network 'n' must be text, not the number 5; put it in quotes",
    ),
    (
        "include: {path: a}",
        "1:10 invalid-type -: 'include' must be a list, not a mapping; write a list",
    ),
    (
        "services: {web: {image: a, depends_on: 3}}",
        "1:40 invalid-type web: 'depends_on' of service 'web' must be a list of services, "
        "or a mapping with conditions, not the number 3; write a list of services, or a mapping with conditions",
    ),
    (
        "services: {web: {image: a, depends_on: {db: {condition: healthy}}}}",
        "1:57 invalid-value web: 'depends_on.db.condition' of service 'web' must be 'service_started', "
        "'service_healthy' or 'service_completed_successfully', not the text 'healthy'; "
        "did you mean 'service_healthy'?",
    ),
    (
        "services: {web: {image: a, stop_grace_period: 10 seconds}}",
        "1:47 invalid-value web: 'stop_grace_period' of service 'web' must be a duration such as '30s' or '1m30s', "
        "not the text '10 seconds'; write a duration such as '30s' or '1m30s'",
    ),
    (
        "services: {web: {image: a, mem_limit: 64x}}",
        "1:39 invalid-value web: 'mem_limit' of service 'web' must be a size such as '512k' or '64m', "
        "not the text '64x'; write a size such as '512k' or '64m'",
    ),
    (
        "services: {web: {image: a, cpu_percent: 200}}",
        "1:41 invalid-value web: 'cpu_percent' of service 'web' must be a whole number from 0 to 100, "
        "not the number 200; write a whole number from 0 to 100",
    ),
    (
        "services: {web: {image: a, security_opt: [b, c, b]}}",
        "1:49 invalid-value web: 'security_opt[2]' of service 'web' repeats 'b'; remove one of them",
    ),
    (
        "services: {a b: {image: a}}",
        "1:12 invalid-value -: the key 'a b' in 'services' must be a service name of letters, digits, '.', '_' and '-'; "
        "use a service name of letters, digits, '.', '_' and '-'",
    ),
    (
        "services: {web: {image: a, depends_on: {db: {restart: true}}}}",
        "1:41 missing-key web: 'depends_on.db' of service 'web' lacks the key 'condition'; add 'condition'",
    ),
    (
        "services: {web: {image: a, volumes: [{target: /a}]}}",
        "1:38 missing-key web: 'volumes[0]' of service 'web' lacks the key 'type'; add 'type'",
    ),
    (
        "services: {web: {image: a, x-readiness: {}}}",
        "1:28 missing-key web: 'x-readiness' of service 'web' must have exactly one of "
        "'exec', 'tcpSocket', 'httpGet' or 'log', but it has none; "
        "add 'exec', 'tcpSocket', 'httpGet' or 'log'",
    ),
    (
        "services: {web: {image: a, x-readiness: {log: a, exec: [b]}}}",
        "1:28 missing-key web: 'x-readiness' of service 'web' must have exactly one of "
        "'exec', 'tcpSocket', 'httpGet' or 'log', not 'exec' and 'log'; take the others out",
    ),
    (
        "services: {web: {image: a, x-retry: {attempts: 0}}}",
        "1:48 invalid-value web: 'x-retry.attempts' of service 'web' must be a whole number from 1, not the number 0; "
        "write a whole number from 1",
    ),
    (
        "version: '3'\nservices: {}",
        "1:1 obsolete-version -: the key 'version' is obsolete and has no effect; remove it",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FINDINGS)
def test_a_fault_is_said_in_one_line_at_its_place(read, text, expected):
    assert [_line(d) for d in validate(read(text))] == [expected]


def _line(d):
    remedy = f"; {d.remedy}" if d.remedy else ""
    return f"{d.span.line}:{d.span.column} {d.rule} {d.service or '-'}: {d.message}{remedy}"


def test_all_faults_are_found_in_the_order_of_their_places(read):
    found = validate(
        read(
            dedent("""\
                services:
                  web:
                    prots: []
                    image: 5
                  db:
                    image: postgres:16
                    healthcheck: {interval: fast, tries: 3}
                networks:
                  n: {driver: true}
                """)
        )
    )
    assert [(d.span.line, d.rule) for d in found] == [
        (3, "unknown-key"),
        (4, "invalid-type"),
        (7, "invalid-value"),
        (7, "unknown-key"),
        (9, "invalid-type"),
    ]


def test_a_choice_is_explained_by_the_branch_that_the_values_type_means(read):
    long = validate(read("services: {web: {image: a, ports: [{target: 80, publish: 81}]}}"))
    assert [d.message for d in long] == ["'ports[0]' of service 'web' has the unknown key 'publish'"]
    short = validate(read("services: {web: {image: a, environment: [A=1, 5]}}"))
    assert [d.message for d in short] == ["'environment[1]' of service 'web' must be text, not the number 5"]


@pytest.mark.parametrize(
    ("service", "place", "related"),
    [
        ("{image: i, user: *number}", "2:34", "1:23 the anchored value"),
        ("{image: i, healthcheck: *check}", "1:51", "2:41 the alias that stands for it"),
        ("{image: i, healthcheck: {<<: *check}}", "1:51", "2:46 merged in here"),
    ],
)
def test_a_fault_in_a_value_from_elsewhere_tells_both_places(read, service, place, related):
    anchors = "x-a: {number: &number 5, check: &check {interval: 5}}"
    (found,) = validate(read(f"{anchors}\nservices: {{web: {service}}}"))
    assert f"{found.span.line}:{found.span.column}" == place
    assert [f"{r.span.line}:{r.span.column} {r.message}" for r in found.related] == [related]


def test_the_same_document_gives_the_same_findings(complete, node):
    spoilt = {**complete, "services": {name: {**s, "imge": 1} for name, s in complete["services"].items()}}
    first = [_line(d) for d in validate(node(spoilt))]
    assert len(first) == len(complete["services"])
    assert first == [_line(d) for d in validate(node(spoilt))]


def test_a_valid_document_imports_no_jsonschema():
    program = """
import sys
from composecheck.loading.validate import validate
from composecheck.text.node import Node
from composecheck.text.source import Source, whole
nowhere = whole(Source("compose.yml", ""))
assert validate(Node({"services": Node({}, nowhere)}, nowhere)) == []
assert not {"jsonschema", "referencing", "difflib"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program], check=True)
