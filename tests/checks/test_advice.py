"""Advice that is followed: it ends its finding, and brings no other one, a note neither."""

import re
from pathlib import Path

import pytest

from composecheck import check

from .test_rule_examples import examples, write

SNAPSHOTS = Path(__file__).parent / "snapshots"


def followed(diagnostic):
    """Return a remedy's YAML as what a further file says; None where it has none."""
    lines = [line for line in diagnostic.remedy.split("\n") if line.startswith("  ")]
    return "\n".join(["services:", *lines, ""]) if lines else None


def key(diagnostic):
    return diagnostic.rule, diagnostic.message


def follow_all(folder, *files):
    """Follow each remedy's YAML alone: its finding goes, and no other one comes. Return the remedies."""
    before = check(*files, environment={}).diagnostics
    texts = []
    for found in before:
        text = followed(found)
        if text is None:
            continue
        texts.append(text)
        (folder / "further.yml").write_text(text)
        after = check(*files, folder / "further.yml", environment={}).diagnostics
        assert key(found) not in map(key, after), text
        assert {key(each) for each in after} <= {key(each) for each in before}, text
    return texts


@pytest.mark.parametrize("example", list(examples()), ids=lambda e: f"{e.rule}-{e.number}-{e.heading}")
def test_what_remedies_of_examples_say_in_yaml_mends(example, tmp_path):
    write(example, tmp_path)
    files = [tmp_path / path for path in example.files if re.fullmatch(r"(docker-)?compose\.ya?ml", path)]
    follow_all(tmp_path, *files)


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
    "busybox:1.36": "wget",
}
PORTS = {"    ports: ['80:8000']\n": "", "    expose: [8000]\n": "", "": "EXPOSE 8000\n"}


@pytest.mark.parametrize("port", PORTS, ids=["ports", "expose", "EXPOSE"])
@pytest.mark.parametrize(("base", "tool"), RUNTIMES.items())
def test_a_service_of_ones_own_is_asked_with_what_its_base_has(base, tool, port, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {DB_HOST: api}, depends_on: [api]}\n"
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
        "services:\n  web: {image: 'web:1', environment: {DB_HOST: api}, depends_on: [api]}\n"
        "  api: {build: .}\n"
    )
    (tmp_path / "Dockerfile").write_text(dockerfile)
    assert follow_all(tmp_path, file) == []
    (found,) = [each for each in check(file, environment={}).diagnostics if each.severity == "warning"]
    assert words in found.remedy
    assert "test:" not in found.remedy


def test_what_a_dockerfile_installs_can_ask(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', environment: {DB_HOST: api}, depends_on: [api]}\n"
        "  api: {build: .}\n"
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


@pytest.mark.corpus
def test_advice_on_real_files_does(corpus, tmp_path):
    """What it says in YAML ends its finding, and brings no other one."""
    told = 0
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file, verdict = line.split("\t")[:2]
        if verdict != "invalid":
            told += len(follow_all(tmp_path, corpus / file))
    assert told >= 8
