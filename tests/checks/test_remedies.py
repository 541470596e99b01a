"""Whatever is found, a remedy goes with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from composecheck.findings.catalogue import GROUPS
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.rules import module

from ..accuracy.cases import cases

SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").rglob("*.yml"))
DEFAULTS = frozenset(("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"))
EXAMPLE = re.compile(r"```yaml[^\n]*\n(.*?)```", re.DOTALL)
# What no rule's example and no case shows.
FAULTS = [
    b"services: [\n",
    b"services:\n\ta: {image: x}\n",
    b"services: {a: {image: \xff}}\n",
    b"services: {a: {image: 'x}}\n",
    b"- a\n",
    b"text\n",
    b"",
    b"services: {a: {image: x, scale: '99999999999999999999'}}\n",
    b"services: {a: {image: x, cpus: 1e400}}\n",
    b"services: {a: {image: x, env_file: bad.env}}\n",
    b"services: {a: {image: x, env_file: .}}\n",
    b"services: {a: {image: x, env_file: none.env}}\n",
    b"include: [none.yml, .]\nservices: {a: {image: x}}\n",
    b"services: {a: {extends: {file: ., service: b}}}\n",
    b"services: {a: {extends: b}, b: 5}\n",
    b"services: {a: !reset null}\n",
    b"services: {a: {image: x, read_only: maybe, stop_signal: {a: b}, ports: 5, init: x}}\n",
    b"services: {a: {image: x, colour: red, deploy: {restart_policy: {condition: never}}}}\n",
    b"services: {'a b': {image: x}}\n",
    b"services: {a: {image: x, build: {context: ., dockerfile: D, dockerfile_inline: FROM x}}}\n",
    b"services: {a: {image: x, networks: {n: {ipv4_address: 1.2, ipv6_address: x}}}}\nnetworks: {n: {}}\n",
]


def without_remedy(folder, environment=None):
    report = examine(Options(folder=folder, environment=environment or {}))
    return [(d.rule, d.message) for d in report.diagnostics if not d.remedy.strip()]


@pytest.mark.parametrize("kind", ["clean", "defects"])
def test_no_finding_of_a_case_lacks_a_remedy(tmp_path, kind):
    for case in cases(kind):
        folder = tmp_path / case.name
        folder.mkdir()
        case.write(folder)
        if not DEFAULTS.isdisjoint(case.files):
            assert without_remedy(folder, case.environment) == [], case.name


@pytest.mark.parametrize("rule", GROUPS)
def test_no_finding_of_an_example_lacks_a_remedy(tmp_path, rule):
    for text in EXAMPLE.findall(module(rule).__doc__):
        (tmp_path / "compose.yml").write_text(text)
        assert without_remedy(tmp_path) == []


@pytest.mark.parametrize("file", SNAPSHOTS, ids=lambda file: file.name)
def test_no_finding_of_a_snapshot_lacks_a_remedy(tmp_path, file):
    (tmp_path / "compose.yml").write_bytes(file.read_bytes())
    assert without_remedy(tmp_path) == []


<<<<<<< HEAD
@pytest.mark.parametrize("text", FAULTS)
def test_no_fault_lacks_a_remedy(tmp_path, text):
    (tmp_path / "compose.yml").write_bytes(text)
    (tmp_path / "bad.env").write_text("A='x\n")
    assert without_remedy(tmp_path) == []
    assert examine(Options(folder=tmp_path, environment={})).diagnostics
=======
def test_remedies_of_a_race_do(tmp_path):
    assert len(follow_all(tmp_path, SNAPSHOTS / "race.yml")) == 3


RUNTIMES = {
    "python:3.12-slim": "python",
    "node:22-alpine": "node",
    "php:8.3-fpm-alpine": "php",
    "ruby:3.3": "ruby",
    "eclipse-temurin:21-jre": "bash",
    "golang:1.22-alpine": "nc",
    "debian:12-slim": "bash",
    "alpine:3.20": "nc",
    "busybox:1.36": "nc",
}
PORTS = {"    ports: ['80:8000']\n": "", "    expose: [8000]\n": "", "": "EXPOSE 8000\n"}


@pytest.mark.parametrize("port", PORTS, ids=["ports", "expose", "EXPOSE"])
@pytest.mark.parametrize(("base", "tool"), RUNTIMES.items())
def test_a_service_of_ones_own_is_asked_with_what_its_base_has(base, tool, port, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {API: api}, depends_on: [api]}\n"
        f"  api:\n    build: .\n{port}"
    )
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\n{PORTS[port]}CMD serve\n")
    (text,) = follow_all(tmp_path, file)
    assert f'["CMD", "{tool}"' in text
    assert "8000" in text


@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("FROM scratch\nEXPOSE 80\nCOPY a /a\n", "neither a shell nor a client"),
        ("FROM gcr.io/distroless/static-debian12\nEXPOSE 80\n", "neither a shell nor a client"),
        ("FROM python:3.12\n", "no file names a port of it"),
        ("FROM registry.example/base:1\nEXPOSE 80\n", "can ask whether somebody answers on port 80"),
    ],
)
def test_where_nothing_is_known_there_are_words_and_no_yaml(dockerfile, words, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {API: api}, depends_on: [api]}\n  api: {build: .}\n"
    )
    (tmp_path / "Dockerfile").write_text(dockerfile)
    assert follow_all(tmp_path, file) == []
    (found,) = [each for each in check(file, environment={}).diagnostics if each.severity == "warning"]
    assert words in found.remedy
    assert "test:" not in found.remedy


def test_what_a_dockerfile_installs_can_ask(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {API: api}, depends_on: [api]}\n  api: {build: .}\n"
    )
    (tmp_path / "Dockerfile").write_text(
        "FROM registry.example/base:1\nRUN apt-get update && apt-get install -y curl\nEXPOSE 80\n"
    )
    (text,) = follow_all(tmp_path, file)
    assert '["CMD", "curl", "-fs"' in text


def test_the_port_by_which_others_call_it_is_its_own(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {API: 'http://api:8123/'}, depends_on: [api]}\n"
        "  api: {build: .}\n"
    )
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\n")
    (text,) = follow_all(tmp_path, file)
    assert "8123" in text


JOB = "  seed: {image: 'mongo:7', command: bash -c \"sleep 5 && mongosh --host db --eval 'a()'\", %s}\n"


@pytest.mark.parametrize(
    ("policy", "mend"),
    [
        ("restart: always", "restart: on-failure"),
        ("restart: unless-stopped", "restart: on-failure"),
        ("deploy: {restart_policy: {condition: any}}", "condition: on-failure"),
        ("restart: on-failure", "service_completed_successfully"),
        ("restart: 'no'", "service_completed_successfully"),
    ],
)
def test_a_job_that_its_policy_starts_again_is_made_to_end(policy, mend, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  app: {image: 'app:1', environment: {S: seed}, depends_on: [seed]}\n" + JOB % policy
    )
    (text,) = follow_all(tmp_path, file)
    assert mend in text
    assert "service_completed_successfully" in text
    assert "test:" not in text
    rules = {each.rule for each in check(file, environment={}).diagnostics}
    assert "data-store-without-volume" not in rules
>>>>>>> 07cd02b (remedies: the port by which others call a service is its own)
