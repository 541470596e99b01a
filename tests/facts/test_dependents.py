"""What is known of an image as a dependent makes a guard, as long as its own program runs."""

import pytest

from composecheck.facts import Facts
from composecheck.lint import check, load
from composecheck.settings import Settings

DEPENDENT = [
    {"on": ["postgres"], "asks": "waits", "for": 40, "variable": "WAIT", "program": ["run.sh"]},
    {"on": ["cache"], "asks": "retries", "for": 9, "variable": "MS", "unit": 0.001},
    {"on": ["broker"], "asks": "retries", "program": ["*"]},
    {"on": ["mysql"], "asks": "waits", "when": {"WAIT_DB": "(?i)(?!false$).*"}},
    {"on": ["search"], "asks": "once"},
    {"on": ["mongo"], "asks": "never"},
    {"on": ["minio"], "asks": "demand"},
]
OURS = {"ours": {"images": ["ours"], "kind": "application", "dependent": DEPENDENT}}


@pytest.fixture
def guard(tmp_path):
    """Return the guard of an edge from a service with some keys to one with an image."""

    def find(body, on="postgres:16", **files):
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "compose.yml").write_text(
            f"services:\n  a: {{{body}, depends_on: [b]}}\n  b: {{image: '{on}'}}\n"
        )
        project = load(tmp_path / "compose.yml", environment={}, config=Settings(images=OURS))
        facts = Facts(project)
        service = project.services["a"]
        return facts.guard(service, service.depends_on["b"])

    return find


@pytest.mark.parametrize(
    ("on", "kind", "limit"),
    [
        ("postgres:16", "image-wait", 40),
        ("registry.example/team/postgres:16", "image-wait", 40),
        ("redis:7", "image-retry", 9),
        ("nats:2", "image-retry", None),
        ("mysql:8", "image-wait", None),
        ("mongo:7", "order-only", None),
        ("minio/minio:RELEASE.2025-04-22T22-12-26Z", "on-demand", None),
        ("elasticsearch:8", "none", None),
        ("example/other:1", "none", None),
    ],
)
def test_the_first_entry_that_fits_the_dependency_counts(guard, on, kind, limit):
    found = guard("image: ours", on)
    assert (found.kind, found.limit) == (kind, limit)
    assert found.holds is (kind != "none")
    assert found.span.text == ("a" if kind == "none" else "image") or kind == "none"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("image: ours", "image-wait"),
        ("image: ours, command: --fast", "image-wait"),
        ("image: ours, command: [/opt/run.sh, --fast]", "image-wait"),
        ("image: ours, command: sh -c 'prepare && exec /opt/run.sh'", "image-wait"),
        ("image: ours, entrypoint: [tini, --, /opt/run.sh]", "image-wait"),
        ("image: ours, command: ours", "none"),
        ("image: ours, command: other", "none"),
        ("image: ours, entrypoint: /other", "none"),
        ("image: ours, entrypoint: []", "none"),
    ],
)
def test_an_entrypoint_that_waits_counts_where_it_runs(guard, body, kind):
    assert guard(body).kind == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("image: ours, command: ours serve", "image-retry"),
        ("image: ours, entrypoint: /usr/bin/ours", "image-retry"),
        ("image: ours, command: sh -c 'exec ours'", "image-retry"),
        ("image: ours, command: other", "none"),
        ("image: ours, command: sh -c 'other'", "none"),
    ],
)
def test_a_program_that_tries_again_counts_under_its_name(guard, body, kind):
    assert guard(body, "redis:7").kind == kind


def test_behind_an_images_own_entrypoint_any_command_may_do(guard):
    assert guard("image: ours, command: other", "nats:2").kind == "image-retry"
    assert guard("image: ours, entrypoint: /other", "nats:2").kind == "none"


@pytest.mark.parametrize(
    ("dockerfile", "kind"),
    [
        ("FROM ours\nCOPY plugin /\n", "image-wait"),
        ('FROM ours\nENTRYPOINT ["/opt/run.sh"]\n', "image-wait"),
        ('FROM ours\nENTRYPOINT ["/other"]\n', "none"),
        ('FROM ours\nCMD ["other"]\n', "none"),
        ("FROM ours AS one\nFROM scratch\nCOPY --from=one / /\n", "none"),
    ],
)
def test_an_image_that_begins_with_another_does_what_that_does(guard, dockerfile, kind):
    assert guard("build: .", Dockerfile=dockerfile).kind == kind


@pytest.mark.parametrize(
    ("value", "on", "limit"),
    [
        ("5", "postgres:16", 5),
        ("2m", "postgres:16", 120),
        ("", "postgres:16", 40),
        ("soon", "postgres:16", 40),
    ],
)
def test_a_variable_sets_the_bound(guard, value, on, limit):
    assert guard(f"image: ours, environment: {{WAIT: '{value}'}}", on).limit == limit


def test_a_variables_number_has_a_unit(guard):
    assert guard("image: ours, environment: {MS: 2500}", "redis:7").limit == 2.5


def test_an_entry_may_hold_only_with_a_variable(guard):
    assert guard("image: ours, environment: {WAIT_DB: 'False'}", "mysql:8").kind == "none"
    assert guard("image: ours, environment: {WAIT_DB: 'yes'}", "mysql:8").kind == "image-wait"


def test_what_the_file_says_goes_before_what_is_known(guard):
    assert guard("image: ours, restart: always").kind == "restart"
    assert guard("image: ours, x-retry: {}").kind == "x-retry"
    assert guard("image: ours, command: wait-for-it b:5432 -- ours").kind == "wrapper"


@pytest.mark.parametrize(
    ("on", "body", "severity"),
    [
        ("postgres:16", "environment: {WAIT: 3}", "warning"),  # usually 3s, 30s on a slow machine
        ("postgres:16", "environment: {WAIT: 10}", "note"),
        ("postgres:16", "environment: {WAIT: 30}", None),
        ("postgres:16", "restart: always, environment: {WAIT: 1}", None),
        ("redis:7", "environment: {MS: 800}", "warning"),
        ("nats:2", "init: true", None),
    ],
)
def test_a_bound_is_held_against_the_first_start_of_the_dependency(tmp_path, on, body, severity):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  a: {{image: ours, {body}, depends_on: [b]}}\n  b: {{image: '{on}'}}\n")
    found = [
        d
        for d in check(file, environment={}, config=Settings(images=OURS)).diagnostics
        if d.rule in ("retry-too-short", "unguarded-dependency")
    ]
    assert [(d.rule, d.severity) for d in found] == ([("retry-too-short", severity)] if severity else [])
    if "WAIT: 3}" in body:
        assert found[0].message == (
            "service 'a' waits 3s at most for 'b', and then gives up, but the first start of 'b' takes 3s, "
            "and up to 30s on a slow machine"
        )
        assert "'WAIT' says how long" in found[0].remedy


def test_a_job_is_not_asked_until_it_answers(guard):
    assert guard("image: ours", "redis:7', command: 'alembic upgrade head").kind == "none"


def test_a_command_that_names_the_dependency_connects_to_it(guard):
    assert guard("image: 'postgres:16'", "mysql:8").kind == "order-only"
    assert guard("image: 'postgres:16', command: postgres -c fsync=off", "mysql:8").kind == "order-only"
    replica = "command: [bash, -c, 'pg_basebackup -h b -D /data; exec docker-entrypoint.sh postgres']"
    assert guard(f"image: 'postgres:16', {replica}").kind == "none"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("spring.datasource.platform=mysql\ndb.url.0=jdbc:mysql://b:3306/nacos\n", "none"),
        ("nacos.core.auth.enabled=true\n", "order-only"),
    ],
)
def test_a_file_in_place_of_variables_tells_an_image_whom_to_ask(guard, tmp_path, text, kind):
    (tmp_path / "own.properties").write_text(text)
    body = "image: nacos/nacos-server:v2.2.0, environment: {MODE: standalone}"
    mount = "volumes: ['./own.properties:/home/nacos/conf/application.properties']"
    assert guard(f"{body}, {mount}", "mysql:8").kind == kind


@pytest.mark.parametrize(
    ("image", "on", "kind"),
    [
        ("registry.example/ops/grafana:11", "prom/prometheus:v2", "on-demand"),
        ("registry.example/team/nacos-server:2.2.0", "mysql:8", "none"),
        ("team/kafka-ui", "apache/kafka:3.8.0", "image-retry"),
        ("team/grafana-sync", "prom/prometheus:v2", "none"),
        ("team/hub", "redis:7", "none"),
        ("team/video", "selenium/standalone-chrome", "none"),
    ],
)
def test_an_image_of_somebody_elses_is_what_its_whole_name_says(guard, image, on, kind):
    assert guard(f"image: '{image}'", on).kind == kind


@pytest.mark.parametrize(
    ("entrypoint", "kind", "limit"),
    [
        ("/usr/bin/tini -- wait-for-it b:9200 -- /docker-entrypoint.sh", "image-retry", None),
        ("/usr/bin/tini -- wait-for-it b:9200 --strict -- /docker-entrypoint.sh", "wrapper", 15),
        ("/usr/bin/tini -- wait-for-it b:9200 -- /own.sh", "wrapper", 15),
    ],
)
def test_what_asks_again_may_start_after_a_wait_that_was_too_short(guard, entrypoint, kind, limit):
    found = guard(f"image: 'graylog/graylog:4.0', entrypoint: {entrypoint}", "elasticsearch:8.15.0")
    assert (found.kind, found.limit) == (kind, limit)


def test_what_is_for_its_clients_tells_a_store_nothing(guard, tmp_path):
    assert guard("image: 'postgres:16', environment: {REDIS_HOST: b}", "redis:7").kind == "order-only"
    (tmp_path / "shared.yml").write_text("jaeger: {host: b}\n")
    body = "image: 'mongo:7', volumes: ['./shared.yml:/config/shared.yml']"
    assert guard(body, "jaegertracing/all-in-one").kind == "order-only"


def test_who_only_lives_in_a_network_is_not_held_up_by_what_is_known_of_its_image(guard):
    found = guard("image: ours, network_mode: 'service:b'")
    assert found.kind == "order-only"
    assert "service:b" in found.span.text


@pytest.mark.parametrize(
    ("body", "on", "kind", "limit"),
    [
        # The pauses double, up to two minutes each; before 7.5 they were of a second.
        ("image: flyway/flyway:10, command: -connectRetries=60 migrate", "postgres:16", "image-retry", 2880),
        ("image: flyway/flyway:10, command: -connectRetries=5 migrate", "postgres:16", "image-retry", 30),
        ("image: flyway/flyway:10, command: -connectRetries=3 migrate", "postgres:16", "image-retry", 6),
        ("image: flyway/flyway:7.4.0, command: -connectRetries=60 migrate", "postgres:16", "image-retry", 60),
        ("image: flyway/flyway:10, command: -connectRetries=0 migrate", "postgres:16", "none", None),
        ("image: 'consul:1.15', command: agent -retry-join b", "consul:1.15", "image-retry", None),
        ("image: 'consul:1.15', command: agent -retry-join b -retry-max=2", "consul:1.15", "image-retry", 60),
        ("image: 'consul:1.15', command: agent -join b", "consul:1.15", "none", None),
        (
            "image: vaultwarden/server, environment: {DB_CONNECTION_RETRIES: '0'}",
            "postgres:16",
            "image-retry",
            None,
        ),
        (
            "image: vaultwarden/server, environment: {DB_CONNECTION_RETRIES: '2'}",
            "postgres:16",
            "image-retry",
            60,
        ),
    ],
)
def test_an_option_of_the_command_may_say_how_long_and_a_value_that_it_is_without_end(
    guard, body, on, kind, limit
):
    found = guard(body, on)
    assert (found.kind, found.limit) == (kind, limit)


def test_what_a_languages_program_does_it_does_in_an_image_of_ones_own(guard):
    assert guard("image: acme/mail, command: celery -A mail worker", "rabbitmq:3").kind == "image-retry"
    assert guard("image: acme/mail, command: mail", "rabbitmq:3").kind == "none"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("apache2-foreground", "on-demand"),
        ("sh -c 'exec apache2-foreground'", "on-demand"),
        ("sh -c 'php artisan migrate && apache2-foreground'", "none"),
        ("php artisan queue:work", "none"),
    ],
)
def test_a_server_that_asks_on_demand_does_so_where_nothing_asks_before_it(guard, command, kind):
    assert guard(f'image: "php:8.3-apache", command: "{command}"').kind == kind


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("npm start", "wrapper"),
        ("npm run start", "wrapper"),
        ("yarn start", "wrapper"),
        ("npm run other", "none"),
        ("npm run before", "wrapper"),
        ("npm", "none"),
    ],
)
def test_a_package_manager_runs_a_script_of_the_project(guard, command, kind, tmp_path):
    scripts = '"start": "wait-on tcp:b:5432 && node .", "other": "node .", "before": "node ."'
    scripts += ', "prebefore": "wait-on tcp:b:5432"'
    (tmp_path / "package.json").write_text(f'{{"scripts": {{{scripts}}}}}')
    assert guard(f"image: acme/web, working_dir: /app, volumes: ['.:/app'], command: {command}").kind == kind


def test_a_condition_that_is_none_says_nothing_of_the_start(tmp_path):
    (tmp_path / "compose.yml").write_text(
        "services:\n  a:\n    image: acme/a\n    depends_on: {b: {condition: service_health}}\n"
        "  b: {image: acme/b}\n"
    )
    found = check(tmp_path / "compose.yml", environment={}).diagnostics
    assert [each.rule for each in found if each.severity != "note"] == ["invalid-value"]
