"""Advice that is followed: it ends its finding, and brings no other one, a note neither."""

import re
from pathlib import Path

import pytest

from composecheck import check
from composecheck.knowledge import shipped

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


WAITED = (
    "services:\n  web: {{image: 'web:1', depends_on: {{job: {{condition: service_healthy}}}}}}\n"
    "  job: {{{body}}}\n"
)


def remedy_of(folder, body, dockerfile=None):
    """Return the remedy for a service that is waited for and has no healthcheck."""
    file = folder / "compose.yml"
    file.write_text(WAITED.format(body=body))
    if dockerfile is not None:
        (folder / "Dockerfile").write_text(dockerfile)
    follow_all(folder, file)
    (found,) = [d for d in check(file, environment={}).diagnostics if d.rule == "healthy-without-healthcheck"]
    return found.remedy


@pytest.mark.parametrize(
    "command",
    [
        "celery -A shop worker -l info",
        "celery -A shop beat",
        "bundle exec sidekiq",
        "rq worker high low",
        "php artisan queue:work --tries=3",
        "node worker.js",
        "python -m shop.consumer",
        "python manage.py qcluster",
        "sh -c 'exec celery -A shop worker'",
    ],
)
@pytest.mark.parametrize("more", ["", ", expose: [8000]", ", environment: {PORT: '8000'}"])
def test_a_worker_listens_nowhere(command, more, tmp_path):
    remedy = remedy_of(tmp_path, f'build: ., command: "{command}"{more}', "FROM python:3.12\nEXPOSE 8000\n")
    assert "listens on no port" in remedy
    assert "test:" not in remedy


def test_a_port_of_udp_is_not_asked_by_tcp(tmp_path):
    remedy = remedy_of(tmp_path, "build: ., command: ./run, expose: [5000/udp]", "FROM python:3.12\n")
    assert "5000" not in remedy


@pytest.mark.parametrize("command", ["python -m shop.other", "./run", "sleep-then-go 5"])
def test_the_port_of_an_image_is_not_that_of_another_command(command, tmp_path):
    remedy = remedy_of(tmp_path, f"build: ., command: {command}", "FROM python:3.12\nEXPOSE 8000\n")
    assert "port 8000 is its image's" in remedy
    assert "test:" not in remedy


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn shop.wsgi --workers 4",
        "python manage.py runserver 0.0.0.0:8000",
        "python -m shop.other --listen :8000",
        "sh -c 'celery -A shop worker & exec uvicorn shop:app'",
        "npm run dev",
        "node server.js",
    ],
)
def test_a_server_takes_the_port_of_its_image(command, tmp_path):
    remedy = remedy_of(tmp_path, f'build: ., command: "{command}"', "FROM python:3.12\nEXPOSE 8000\n")
    assert "'127.0.0.1', 8000" in remedy


@pytest.mark.parametrize(
    "body",
    [
        "image: 'mongo:7', command: mongosh --host db --eval 'rs.initiate()'",
        "image: 'postgres:16', command: psql -h db -f /seed.sql",
        "image: 'mysql:8.4', command: mysql -h db -u root app",
        "image: 'minio/mc', entrypoint: sh -c 'mc alias set a http://s3:9000 b c; mc mb a/b; exit 0'",
        "image: 'confluentinc/cp-kafka:7.5.0', command: kafka-topics --create --topic a",
        "image: 'curlimages/curl:8.8.0', command: curl -fs http://api/",
    ],
)
@pytest.mark.parametrize(("policy", "again"), [("", False), (", restart: always", True)])
def test_of_what_ends_the_end_is_to_be_waited_for(body, policy, again, tmp_path):
    remedy = remedy_of(tmp_path, body + policy)
    assert "condition: service_completed_successfully" in remedy
    assert ("restart: on-failure" in remedy) is again
    assert "test:" not in remedy


@pytest.mark.parametrize("built", [False, True])
def test_a_healthcheck_that_is_offered_outlasts_the_first_start(built, tmp_path):
    image = "confluentinc/cp-kafka-connect:7.5.0"
    body = "build: ." if built else f"image: '{image}'"
    remedy = remedy_of(tmp_path, body, f"FROM {image}\n")
    assert "test:" in remedy


@pytest.mark.parametrize("built", [False, True])
def test_so_it_does_for_every_family(built, tmp_path):
    file = tmp_path / "compose.yml"
    short = []
    for family in shipped().families():
        image = f"{family.images[0]}:1"
        body = "build: {dockerfile_inline: FROM " + image + "}" if built else f"image: '{image}'"
        file.write_text(WAITED.format(body=body))
        for found in check(file, environment={}).diagnostics:
            text = followed(found)
            if found.rule == "healthy-without-healthcheck" and text and "test:" in text:
                (tmp_path / "further.yml").write_text(text)
                after = check(file, tmp_path / "further.yml", environment={}).diagnostics
                short += [family.name for each in after if each.rule == "healthcheck-budget-too-short"]
    assert short == []


@pytest.mark.parametrize("dockerfile", ["FROM gcr.io/distroless/static\n", "FROM scratch\nCOPY app /app\n"])
def test_nothing_is_installed_where_there_is_nothing(dockerfile, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services: {api: {build: ., healthcheck: {test: [CMD, wget, -q, 'http://127.0.0.1/']}}}\n"
    )
    (tmp_path / "Dockerfile").write_text(dockerfile)
    (found,) = [d for d in check(file, environment={}).diagnostics if d.rule == "healthcheck-missing-tool"]
    assert "install" not in found.remedy
    assert "let the program itself ask" in found.remedy
    assert "x-readiness" in found.remedy


@pytest.mark.parametrize(
    ("base", "tool"), [("python:3.12-slim", "python"), ("node:22-slim", "node"), ("node:22-alpine", "node")]
)
def test_what_a_base_has_is_offered_for_what_it_lacks(base, tool, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services: {api: {build: ., healthcheck: {test: [CMD, curl, -f, 'http://127.0.0.1:8000/']}}}\n"
    )
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\nEXPOSE 8000\nCMD serve\n")
    (found,) = [d for d in check(file, environment={}).diagnostics if d.rule == "healthcheck-missing-tool"]
    assert f'use what it has: ["CMD", "{tool}"' in found.remedy


@pytest.mark.parametrize(
    ("entry", "rule"),
    [("depends_on: [db], ", "unguarded-dependency"), ("", "undeclared-dependency")],
)
@pytest.mark.parametrize(
    ("test", "retries", "first"),
    [
        ("mysqladmin ping -h 127.0.0.1", 5, "healthcheck-budget-too-short in line 5: add 'start_period: "),
        ("nothing -h db", 200, None),
    ],
)
def test_a_healthcheck_that_is_not_sound_is_to_be_mended_first(entry, rule, test, retries, first, tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n"
        f"  web: {{image: 'web:1', {entry}environment: {{DB_HOST: 'mysql://db:3306/a'}}}}\n"
        "  db:\n    image: mysql:8.4\n"
        f"    healthcheck: {{test: {test}, interval: 1s, retries: {retries}}}\n"
        "    environment: {MYSQL_ROOT_PASSWORD: a}\n"
    )
    (found,) = [d for d in check(file, environment={}).diagnostics if d.rule == rule]
    if first is None:
        assert found.remedy.startswith("wait for its healthcheck")
    else:
        assert found.remedy.startswith(f"mend the healthcheck of 'db' first ({first}")
        assert "), then wait for its healthcheck" in found.remedy
