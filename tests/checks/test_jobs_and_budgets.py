"""Jobs that end, servers that never do, and how long a start may take."""

import pytest

from composecheck import check
from composecheck.facts.commands.jobs import ends, is_job
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.settings import Settings


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, line) of what a rule finds in a file."""

    def find(rule, text, **settings):
        (tmp_path / "compose.yml").write_text(text)
        given = Settings(**settings) if settings else None
        report = examine(Options(folder=tmp_path, environment={}), given=given)
        return [(d.severity, d.span.line) for d in report.diagnostics if d.rule == rule]

    return find


@pytest.fixture
def service(tmp_path):
    """Returns a service that has these keys."""

    def make(body):
        (tmp_path / "compose.yml").write_text(f"services:\n  a: {{image: x, {body}}}\n")
        return examine(Options(folder=tmp_path, environment={})).project.services["a"]

    return make


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("alembic upgrade head", True),
        ("python manage.py migrate --noinput", True),
        ("bundle exec rails db:migrate", True),
        ("npx prisma migrate deploy", True),
        ("[sh, -c, 'until pg_isready -h db; do sleep 1; done; psql -f /x.sql']", True),
        ("[bash, -lc, 'flask db upgrade && echo done']", True),
        ("./wait-for-it.sh db:5432 -- alembic upgrade head", True),
        ("[sh, -c, 'mc alias set m http://minio:9000 a b; mc mb m/x; exit 0']", True),
        ("sleep infinity", False),
        ("tail -f /dev/null", False),
        ("[sh, -c, 'while true; do backup; sleep 60; done']", False),
        ("[sh, -c, 'apk add jq; while [ 1 -eq 1 ]; do sleep 60; done']", False),
        ("[sh, -c, 'apk add jq; while [[ 1 ]]; do sleep 60; done']", False),
        ("[sh, -c, 'apk add jq; while test x = x; do sleep 60; done']", False),
        ("[sh, -c, 'apk add jq; while sleep 60; do :; done']", False),
        ("[sh, -c, 'apk add jq; while echo x; sleep 60; do date; done']", False),
        ("[sh, -c, 'apk add jq; while date && sleep 60; do echo x; done']", False),
        ("[sh, -c, 'apk add jq; until ! sleep 60; do echo x; done']", False),
        ("[sh, -c, 'while true; test -f /done; do sleep 60; done']", True),
        ("[sh, -c, 'while sleep 60; do test -f /done && break; done']", True),
        ("[sh, -c, 'while sleep 5 && pg_isready; do echo x; done']", True),
        ("[sh, -c, 'alembic upgrade head; exec sleep infinity']", False),
        ("[sh, -c, 'python manage.py migrate && gunicorn app']", False),
        ("[sh, -c, 'python manage.py migrate && serve app']", None),
        ("gunicorn --version", None),
        ("[sh, -c, 'npm install && npm run dev']", None),
        ("./wait-for-it.sh db:5432 -- uvicorn app", False),
        ("dockerize -wait tcp://db:5432 worker", None),
        ("sleep 3600", None),
        ("[cd, /app, '&&', celery, worker]", None),
        ("[cd, /app;, celery, worker]", None),
        ("[sh, -c, 'f() { alembic upgrade head; }; f']", True),
        ("[sh, -c, 'while true; do echo x && break; done']", True),
        ("python app.py", None),
        ("migrate-and-serve", None),
        ("[sh, start.sh]", None),
    ],
)
def test_command_that_surely_ends_is_told_from_one_that_never_does(service, command, answer):
    assert ends(service(f"command: {command}")) is answer


def test_image_tells_where_the_command_is_its_own(service):
    assert ends(service("init: true"), True) is True
    assert ends(service("init: true"), False) is False
    assert ends(service("init: true")) is None
    assert ends(service("command: --config x"), False) is False
    assert ends(service("command: something"), False) is None
    assert ends(service("entrypoint: []"), False) is None


@pytest.mark.parametrize(
    "body",
    ["restart: always", "healthcheck: {test: x}", "deploy: {restart_policy: {condition: any}}"],
)
def test_service_that_is_to_go_on_is_no_job(service, body):
    assert not is_job(service(f"command: alembic upgrade head, {body}"))


JOB = "services:\n  job: {image: x, command: alembic upgrade head%s}\n  api: {image: x%s}\n"


def test_job_whose_program_runs_beside_it_is_a_warning(found):
    assert found("one-shot-not-awaited", JOB % ("", "")) == [("warning", 2)]
    assert found("one-shot-not-awaited", JOB % (", restart: on-failure", "")) == [("warning", 2)]


MAKES = """\
services:
  job: {{image: 'tool:1', entrypoint: [sh, -c], command: ['psql -h {at} -f a.sql && echo done'], {job}}}
  {at}: {{image: '{image}'}}
{other}
volumes: {{made: , other: }}
"""


@pytest.mark.parametrize(
    ("job", "other", "severity"),
    [
        ("", "", "note"),
        ("", "  app: {image: 'app:1'}", "note"),
        ("depends_on: [db]", "  app: {image: 'app:1', depends_on: [db]}", "warning"),
        ("depends_on: [db]", "  app: {image: 'app:1', environment: {A: 'postgres://db/a'}}", "warning"),
        ("depends_on: [db]", "  ui: {image: 'grafana/grafana:11.0.0', depends_on: [db]}", "note"),
        ("depends_on: [app]", "  app: {image: 'app:1', depends_on: [db]}", "note"),
        ("volumes: ['made:/made']", "  ui: {image: 'nginx:1.27', volumes: ['made:/made']}", "warning"),
        ("volumes: ['made:/made:ro']", "  ui: {image: 'nginx:1.27', volumes: ['made:/made']}", "note"),
        ("volumes: ['made:/made']", "  ui: {image: 'nginx:1.27', volumes: ['other:/made']}", "note"),
        ("volumes: ['./made:/made']", "  ui: {image: 'nginx:1.27', volumes: ['./made:/made:ro']}", "warning"),
        (
            "volumes: ['./compose.yml:/a']",
            "  ui: {image: 'nginx:1.27', volumes: ['./compose.yml:/a']}",
            "note",
        ),
        ("volumes: ['/var/run:/a']", "  ui: {image: 'nginx:1.27', volumes: ['/var/run:/a']}", "note"),
    ],
)
def test_job_is_a_warning_where_somebody_seems_to_need_it(found, job, other, severity):
    text = MAKES.format(at="db", image="postgres:16", job=job, other=other)
    assert found("one-shot-not-awaited", text) == [(severity, 2)]


@pytest.mark.parametrize(
    "image", ["minio/minio:RELEASE.2025-01-20T14-49-07Z", "redis:7", "apache/kafka:4.0.0"]
)
def test_job_for_what_is_asked_later_is_a_note(found, image):
    other = "  app: {image: 'app:1', depends_on: [at]}"
    assert found(
        "one-shot-not-awaited", MAKES.format(at="at", image=image, job="depends_on: [at]", other=other)
    ) == [("note", 2)]


def test_job_that_works_on_a_server_of_its_own_image_is_needed_by_nobody(found):
    text = JOB.replace(
        "command: alembic upgrade head%s", "command: alembic upgrade head, depends_on: [api]%s"
    )
    assert found("one-shot-not-awaited", text % ("", "")) == [("note", 2)]


@pytest.mark.parametrize(
    ("condition", "severity"), [("service_completed_successfully", "note"), ("service_started", "warning")]
)
def test_job_is_needed_by_no_other_job_of_its_image(found, condition, severity):
    text = (
        JOB.partition("  api")[0] % ""
        + "  tool: {image: x, command: do-something}\n"
        + f"  web: {{image: w, depends_on: {{tool: {{condition: {condition}}}}}}}\n"
    )
    assert found("one-shot-not-awaited", text) == [(severity, 2)]


def test_who_needs_a_job_is_named(tmp_path):
    (tmp_path / "compose.yml").write_text(JOB % ("", ""))
    (finding,) = examine(Options(folder=tmp_path, environment={})).diagnostics[:1]
    assert "'api', which runs the same program, does not wait for its end" in finding.message
    assert finding.remedy == "let 'api' depend on it with 'condition: service_completed_successfully'"


@pytest.mark.parametrize(
    "text",
    [
        JOB % ("", ", depends_on: {job: {condition: service_completed_successfully}}"),
        JOB % (", profiles: [tools]", ""),
        JOB % (", scale: 0", ""),
        JOB % (", restart: always", ""),
        "services:\n  job: {image: x, command: alembic upgrade head}\n",
    ],
)
def test_job_that_somebody_waits_for_or_that_is_alone_is_none(found, text):
    assert found("one-shot-not-awaited", text) == []


def test_job_that_is_only_ordered_is_to_be_waited_for_to_its_end(tmp_path):
    (tmp_path / "compose.yml").write_text(JOB % ("", ", depends_on: [job]"))
    (finding,) = (
        d
        for d in examine(Options(folder=tmp_path, environment={})).diagnostics
        if d.rule == "unguarded-dependency"
    )
    assert "service_completed_successfully" in finding.remedy


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("image: redis:7", 5),
        ("image: x, command: sleep infinity", 5),
        ("image: redis:7, command: --appendonly yes", 5),
        ("image: x", None),
        ("image: redis:7, command: redis-server --save 60 1", 5),
        ("image: x, command: [sh, -c, 'migrate; exec gunicorn app:main']", 5),
        ("image: redis:7, command: redis-server --version", None),
        ("image: redis:7, command: redis-cli -h cache flushall", None),
        ("image: redis:7, entrypoint: [sh, -c, 'redis-cli ping']", None),
    ],
)
def test_completion_of_a_server_never_comes(found, target, line):
    text = (
        "services:\n  api:\n    image: a\n    depends_on:\n"
        f"      job: {{condition: service_completed_successfully}}\n  job: {{{target}}}\n"
    )
    assert found("completed-never-ends", text) == ([("error", line)] if line else [])


MYSQL = (
    "services:\n  api: {image: a, depends_on: {db: {condition: %s}}}\n  db:\n    image: mysql:8.4\n"
    "    healthcheck:\n      test: [CMD, mysqladmin, ping, -h, 127.0.0.1]\n%s"
)


@pytest.mark.parametrize(
    ("condition", "times", "expected"),
    [
        ("service_healthy", "      interval: 1s\n      retries: 3\n", [("warning", 5)]),
        ("service_healthy", "      interval: 1s\n", [("warning", 5)]),
        ("service_started", "      interval: 1s\n      retries: 3\n", [("note", 5)]),
        ("service_healthy", "      interval: 1s\n      retries: 40\n", [("note", 5)]),
        ("service_healthy", "      interval: 1s\n      start_period: 90s\n", []),
        ("service_healthy", "      interval: 10s\n      retries: 10\n", []),
    ],
)
def test_healthcheck_is_held_against_the_first_start(found, condition, times, expected):
    assert found("healthcheck-budget-too-short", MYSQL % (condition, times)) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("      interval: 10s\n", [("note", 7)]),
        ("", [("note", 5)]),
        ("      interval: 5s\n", []),
        ("      interval: 30s\n      start_period: 60s\n      start_interval: 1s\n", []),
        ("      interval: 30s\n      start_period: 60s\n", []),
    ],
)
def test_first_probe_that_comes_late_is_a_note(found, times, expected):
    assert found("slow-healthcheck", MYSQL % ("service_healthy", times)) == expected


def test_rare_probe_that_nobody_waits_for_is_none(found):
    assert found("slow-healthcheck", MYSQL % ("service_started", "      interval: 30s\n")) == []


CHAIN = """\
services:
  a: {image: a, depends_on: {b: {condition: service_healthy}, c: {condition: service_healthy}}}
  b:
    image: b
    depends_on: {d: {condition: service_healthy}}
    healthcheck: {test: x, interval: 1s, timeout: 1s, retries: 10}
  c:
    image: c
    healthcheck: {test: x, interval: 1s, timeout: 1s, retries: 15}
  d:
    image: d
    healthcheck: {test: x, interval: 2s, timeout: 1s, retries: 10}
"""


def test_budget_is_held_against_the_longest_chain(found):
    # b and d, one after the other: 20 s + 30 s; c, 30 s, beside them
    assert found("wait-exceeds-budget", CHAIN, budget=50.0) == []
    assert found("wait-exceeds-budget", CHAIN, budget=49.0) == [("error", 12)]
    assert found("wait-exceeds-budget", CHAIN) == []


def test_chain_of_many_services_is_added_up_without_recursion(found):
    links = "".join(
        f"  s{n}: {{image: x, healthcheck: {{test: x, interval: 1s, timeout: 1s, retries: 1}}, "
        f"depends_on: {{s{n - 1}: {{condition: service_healthy}}}}}}\n"
        for n in range(1, 1500)
    )
    text = f"services:\n  s0: {{image: x, healthcheck: {{test: x, interval: 3s, retries: 9}}}}\n{links}"
    assert found("wait-exceeds-budget", text, budget=3000.0) == [("error", 2)]


def test_restart_as_the_only_guard_is_told_to_who_asks(found):
    text = "services:\n  a: {image: a, restart: always, depends_on: [b]}\n  b: {image: b}\n"
    assert found("guarded-by-restart", text) == []
    assert found("guarded-by-restart", text, select=("guarded-by-restart",)) == [("warning", 2)]


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        (
            "image: x, command: alembic upgrade head, restart: always",
            "write 'restart: on-failure' in 'job', which ends by itself",
        ),
        (
            "image: x, restart: always",
            "write 'restart: on-failure' in 'job' if it is a job; if it is to go on running, give 'job' a "
            "healthcheck and wait with 'service_healthy'",
        ),
        (
            "image: redis:7",
            "'job' goes on running: give 'job' a healthcheck and wait with 'service_healthy'",
        ),
    ],
)
def test_remedy_of_a_completion_that_never_comes_knows_what_ends(tmp_path, target, remedy):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  api:\n    image: a\n    depends_on:\n"
        f"      job: {{condition: service_completed_successfully}}\n  job: {{{target}}}\n"
    )
    found = [d.remedy for d in check(file, environment={}).diagnostics if d.rule == "completed-never-ends"]
    assert found == [remedy]


@pytest.mark.parametrize(
    "command",
    [
        "psql -h db -c 'select 1'",
        "pg_dump -h db",
        "sh -c 'until pg_isready -h db; do sleep 1; done; psql -h db'",
    ],
)
def test_client_in_the_image_of_a_database_is_none(tmp_path, command):
    file = tmp_path / "compose.yml"
    file.write_text(f'services:\n  job: {{image: "postgres:16", command: "{command}"}}\n  db: {{image: x}}\n')
    rules = {d.rule for d in check(file, environment={}).diagnostics}
    assert rules.isdisjoint(("missing-image-environment", "data-store-without-volume"))
    file.write_text('services:\n  db: {image: "postgres:16", command: postgres -c fsync=off}\n')
    rules = {d.rule for d in check(file, environment={}).diagnostics}
    assert rules >= {"missing-image-environment", "data-store-without-volume"}
