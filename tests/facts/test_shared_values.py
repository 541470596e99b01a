"""A value that several programs are given is used by those whose sources read its variable."""

import pytest

from composecheck import check

COMPOSE = """\
services:
  orders:
    build: ./orders
    depends_on: [store]
    {given}
  mails:
    build: ./mails
    depends_on: [store]
    {given}
  store: {{image: 'mongo:7'}}
"""
ENV_FILE = "env_file: shared.env"


@pytest.fixture
def severities(tmp_path):
    """Return by the dependent how severe its missing wait is; `sources` are files of 'orders'."""

    def found(given, sources, head="", dockerfile="FROM scratch\nCOPY . .\n"):
        (tmp_path / "compose.yml").write_text(head + COMPOSE.format(given=given))
        (tmp_path / "shared.env").write_text("STORE_URI=mongodb://store:27017/a\n")
        for name in ("orders", "mails"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "Dockerfile").write_text(dockerfile)
            (tmp_path / name / "main.ts").write_text("connect(process.env.STORE_URI)\n")
        for path, text in sources.items():
            (tmp_path / "orders" / path).write_text(text)
        return {
            d.service: d.severity
            for d in check(tmp_path / "compose.yml", environment={}).diagnostics
            if d.rule == "unguarded-dependency"
        }

    return found


UNREAD = {"main.ts": "listen(process.env.PORT)\n"}


def test_service_whose_sources_do_not_read_a_shared_value_is_a_note(severities):
    assert severities(ENV_FILE, UNREAD) == {"orders": "note", "mails": "warning"}


def test_value_of_an_anchor_is_shared_too(severities):
    head = "x-env: &env {STORE_URI: 'mongodb://store:27017/a'}\n"
    assert severities("environment: *env", UNREAD, head) == {"orders": "note", "mails": "warning"}


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"main.ts": "connect(config.storeUri)\n"},
        {"main.ts": "connect(settings.store_uri)\n"},
        {"main.ts": "\n", "conf.yml": "url: ${store.uri}\n"},
        {"main.ts": "connect('mongodb://store:27017')\n"},
    ],
)
def test_service_whose_sources_read_it_in_any_spelling_or_name_the_host_stays_a_warning(severities, sources):
    assert severities(ENV_FILE, sources) == {"orders": "warning", "mails": "warning"}


def test_sources_that_are_not_all_read_prove_nothing(severities):
    assert severities(ENV_FILE, UNREAD, dockerfile="FROM scratch\nCOPY app.jar .\n")["orders"] == "warning"


def test_value_of_its_own_needs_no_source(severities):
    own = "environment: {STORE_URI: 'mongodb://store:27017/a'}"
    assert severities(own, UNREAD) == {"orders": "warning", "mails": "warning"}


def test_variable_that_frameworks_look_for_needs_no_source(severities):
    head = "x-env: &env {SPRING_DATA_MONGODB_URI: 'mongodb://store:27017/a'}\n"
    assert severities("environment: *env", UNREAD, head) == {"orders": "warning", "mails": "warning"}


@pytest.mark.parametrize(
    ("variables", "severity"),
    [
        ("BUS_TYPE: redis, BUS_REDIS_HOST: store", "warning"),
        ("BUS_TYPE: memory, BUS_REDIS_HOST: store", "note"),
        ("Bus__Provider: RabbitMQ, Bus__Redis__Host: store", "note"),
        ("BUS_TYPE: redis-cluster, BUS_REDIS_HOST: store", "warning"),
        ("BUS_TYPE: '', BUS_REDIS_HOST: store", "warning"),
        ("BUS_TYPE: memory, BUS_HOST: store", "warning"),
        ("BUS_TYPE: memory, BUS_PRIMARY_HOST: store", "warning"),
        ("OTHER_TYPE: memory, BUS_REDIS_HOST: store", "warning"),
        ("BUS_TYPE: memory, BUS_REDIS_HOST: store, STORE_HOST: store", "warning"),
    ],
)
def test_software_that_another_variable_does_not_choose_is_not_used(tmp_path, variables, severity):
    file = tmp_path / "compose.yml"
    app = f"image: 'acme/app:1', environment: {{{variables}}}"
    store = "  store: {image: 'redis:7'}\n"
    file.write_text(f"services:\n  app: {{{app}, depends_on: [store]}}\n{store}")
    found = [d.severity for d in check(file, environment={}).diagnostics if d.rule == "unguarded-dependency"]
    assert found == [severity]
    file.write_text(f"services:\n  app: {{{app}}}\n{store}")
    found = [d.rule for d in check(file, environment={}).diagnostics if d.severity == "warning"]
    assert found == (["undeclared-dependency"] if severity == "warning" else [])
