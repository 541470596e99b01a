"""Hosts and ports of env files: whose they are, and which of them are the host's own."""

from __future__ import annotations

import pytest

from composecheck import check

MOUNT = "volumes: [d:/var/lib/postgresql/data]"


@pytest.fixture
def told(tmp_path):
    """Return what some rules find in a project, as (rule, severity, service)."""

    def tell(compose, env="", *rules):
        (tmp_path / "compose.yml").write_text(compose)
        (tmp_path / ".env").write_text(env)
        return [
            (d.rule, d.severity, d.service)
            for d in check(tmp_path / "compose.yml", environment={}).diagnostics
            if d.rule in rules
        ]

    return tell


PUBLISHED = "published-port-between-services"
FINDER = "  finder: {image: 'finder:1', ports: [%s]}\n"
TAKES = "services:\n  app: {image: 'app:1', env_file: .env}\n"
PAIR = "FIND_HOST=finder\nFIND_PORT=1201\n"


@pytest.mark.parametrize(
    "port",
    [
        "'${FIND_PORT}:9201'",
        "'127.0.0.1:$FIND_PORT:9201'",
        "'${FIND_PORT:-1201}:9201'",
        "'127.0.0.1:${FIND_PORT}:9201/tcp'",
        "{target: 9201, published: '${FIND_PORT}'}",
    ],
)
def test_port_that_the_file_publishes_by_the_variable_is_the_hosts(told, port):
    assert told(TAKES + FINDER % port, PAIR, PUBLISHED) == []


def test_port_that_the_file_publishes_by_another_variable_is_none_to_connect_to(told):
    assert told(TAKES + FINDER % "'1201:9201'", PAIR, PUBLISHED) == [(PUBLISHED, "warning", "app")]
    env = PAIR + "OTHER=1201\n"
    assert told(TAKES + FINDER % "'${OTHER}:9201'", env, PUBLISHED) == [(PUBLISHED, "warning", "app")]


def test_url_with_the_published_port_is_wrong_in_an_env_file_too(told):
    env = "FIND_PORT=1201\nFIND_URL=tcp://finder:1201\n"
    assert told(TAKES + FINDER % "'${FIND_PORT}:9201'", env, PUBLISHED) == [(PUBLISHED, "warning", "app")]


def test_pair_that_the_file_itself_gives_a_service_is_a_warning(told):
    text = (
        "services:\n  app: {image: 'app:1', environment: {DB_HOST: db, DB_PORT: '${DB_PORT}'}}\n"
        f"  db: {{image: 'postgres:16', ports: ['${{DB_PORT}}:5432'], {MOUNT}}}\nvolumes: {{d: {{}}}}\n"
    )
    assert told(text, "DB_PORT=5433\n", PUBLISHED) == [(PUBLISHED, "warning", "app")]
    assert told(text, "DB_PORT=5432\n", PUBLISHED) == []
    wrong = text.replace("'${DB_PORT}'}", "5433}").replace("${DB_PORT}:", "5433:")
    assert told(wrong, "", PUBLISHED) == [(PUBLISHED, "error", "app")]


def test_pair_that_several_programs_are_given_is_a_note(told):
    text = TAKES + "  other: {image: 'other:1', env_file: .env}\n" + FINDER % "'1201:9201'"
    assert told(text, PAIR, PUBLISHED) == [(PUBLISHED, "note", "app")]


def test_pair_that_several_workers_of_one_program_are_given_is_a_warning(told):
    text = TAKES + "  worker: {image: 'app:1', env_file: .env}\n" + FINDER % "'1201:9201'"
    assert told(text, PAIR, PUBLISHED) == [(PUBLISHED, "warning", "app")]


QUEUE = "QUEUE_URL=amqp://queue:5672\n"
STORES = [
    "redis:7",
    "postgres:16",
    "mongo:7",
    "nginx:1",
    "rabbitmq:4",
    "minio/minio:RELEASE.2025-01-20T14-49-07Z",
]


@pytest.mark.parametrize("image", STORES)
def test_store_that_shares_an_env_file_is_not_who_connects(told, image):
    text = (
        f"services:\n  a: {{image: '{image}', env_file: .env}}\n  app: {{image: 'app:1', env_file: .env}}\n"
    )
    assert told(text, QUEUE, "unknown-host") == [("unknown-host", "warning", "app")]
    alone = f"services:\n  a: {{image: '{image}', env_file: .env}}\n  app: {{image: 'app:1'}}\n"
    assert told(alone, QUEUE, "unknown-host") == []


def test_store_that_shares_an_anchor_is_not_who_connects(told):
    text = (
        "x-env: &env {QUEUE_URL: 'amqp://broker:5672'}\nservices:\n"
        "  cache: {image: 'redis:7', environment: *env}\n  app: {image: 'app:1', environment: *env}\n"
    )
    assert told(text, "", "unknown-host") == [("unknown-host", "warning", "app")]


def test_broker_knows_the_variables_of_its_own_software(told):
    text = (
        "services:\n  broker: {image: 'confluentinc/cp-kafka:7.9.0', env_file: .env}\n"
        "  app: {image: 'app:1'}\n"
    )
    env = "KAFKA_ZOOKEEPER_CONNECT=zookeeper:2181\n"
    assert told(text, env, "unknown-host") == [("unknown-host", "warning", "broker")]


UNKNOWN = "unknown-host"
WEB = (
    "services:\n  web: {image: 'web:1', %s}\n  db: {image: 'postgres:16', tmpfs: /var/lib/postgresql/data}\n"
)


@pytest.mark.parametrize(
    "body",
    [
        "environment: {API_URL: 'http://api:9321'}",
        "environment: {DB_URL: '${DB_URL:-postgres://app@database-two:5432/x}'}",
        "environment: {REDIS_HOST: '${REDIS_HOST:-redis}'}",
        "environment: {REDIS_HOST: '${REDIS_HOST-redis}'}",
        "environment: {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4317'}",
    ],
)
def test_host_of_an_optional_part_is_a_note(told, body):
    assert told(WEB % body, "", UNKNOWN) == [(UNKNOWN, "note", "web")]


@pytest.mark.parametrize(
    "body",
    [
        "environment: {REDIS_HOST: redis}",
        "environment: {REDIS_URL: 'redis://redis:6379'}",
        "environment: {DB_HOST: '${DB_HOST:-dbb}'}",
        "environment: {DB_HOST: '${DB_HOST}'}",
        "command: 'serve --upstream http://api:9321'",
    ],
)
def test_host_that_is_needed_or_nearly_right_is_a_warning(told, body):
    assert told(WEB % body, "DB_HOST=dbb\n", UNKNOWN) == [(UNKNOWN, "warning", "web")]


def test_host_that_several_programs_are_given_is_a_note(told):
    text = WEB % "env_file: .env" + "  api: {image: 'api:1', env_file: .env}\n"
    assert told(text, "REDIS_HOST=redis\n", UNKNOWN) == [(UNKNOWN, "note", "web")]
    text = text.replace("api:1", "web:1")
    assert told(text, "REDIS_HOST=redis\n", UNKNOWN) == [(UNKNOWN, "warning", "web")]


def test_files_of_which_each_service_asks_for_others_are_a_snippet(told):
    text = (
        "services:\n  proxy: {image: 'rest:1', environment: {BROKERS: 'broker:9092'}}\n"
        "  ui: {image: 'ui:1', environment: {BROKERS: 'broker:9092'}}\n"
    )
    assert {severity for _, severity, _ in told(text, "", UNKNOWN)} == {"note"}


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("mainRegistry: {image: 'acme/schema-registry:7'", "SCHEMA_REGISTRY_HOST_NAME: registry"),
        ("rabbit: {image: 'acme/rabbit:1'", "RABBIT_HOST: rabbit-main"),
        ("worker-redis: {image: 'w:1'", "REDIS_HOST: cache-one"),
        ("app: {image: 'app:1'", "REDIS_HOST: ignored"),
    ],
)
def test_variable_that_says_what_a_service_calls_itself_is_no_connection(told, service, variable):
    text = f"services:\n  {service}, environment: {{{variable}}}}}\n  other: {{image: 'other:1'}}\n"
    assert told(text, "", UNKNOWN) == []


def test_port_that_everybody_takes_names_nobody(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  web: {image: 'web:1', command: 'serve http://fits:8080'}\n"
        "  zoo: {image: 'zoo:1', ports: ['8080:8080']}\n  cat: {image: 'cat:1', expose: [8083]}\n"
    )
    (one,) = [d for d in check(file, environment={}).diagnostics if d.rule == UNKNOWN]
    assert one.remedy == "name one of the services, or a host by its full name"
    file.write_text(file.read_text().replace("fits:8080", "fits:8083"))
    (one,) = [d for d in check(file, environment={}).diagnostics if d.rule == UNKNOWN]
    assert one.remedy == "did you mean 'cat', which listens on port 8083?"
