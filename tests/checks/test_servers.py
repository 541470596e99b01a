"""What services ask servers for that those do not have: addresses, databases, ports."""

import pytest

from composecheck.lint import examine
from composecheck.loading.options import Options


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, line) of what a rule finds in a file."""

    def find(rule, text, **files):
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        (tmp_path / "compose.yml").write_text(text)
        report = examine(Options(folder=tmp_path, environment={}))
        return [(d.severity, d.span.line) for d in report.diagnostics if d.rule == rule]

    return find


def two(server, client, more=""):
    """Return a file with a server `s`, whose keys begin in line 3, and a client `c` below it."""
    return "services:\n  s:\n{}  c:\n    image: c:1\n    restart: always\n{}{}".format(
        *("".join(f"    {line}\n" for line in body.splitlines()) for body in (server, client)), more
    )


def kafka(advertised, listeners="A://:9092,B://:29092", image="apache/kafka:3.9.0"):
    variables = f"  KAFKA_LISTENERS: {listeners}\n  KAFKA_ADVERTISED_LISTENERS: {advertised}"
    return f"image: {image}\nenvironment:\n{variables}"


ASKS = "environment: {BROKERS: 's:9092'}"


@pytest.mark.parametrize(
    "server",
    [
        kafka("A://localhost:9092"),
        kafka("A://127.0.0.1:9092,B://s:29092"),
        kafka("B://s:29092,A://localhost:19092"),
        kafka(
            "A://localhost:9092", "A://0.0.0.0:9092,CONTROLLER://0.0.0.0:9093", "confluentinc/cp-kafka:7.7.0"
        ),
        kafka("PLAINTEXT://localhost:9092", "''"),
        "image: wurstmeister/kafka:2\nenvironment:\n  A: b\n  KAFKA_ADVERTISED_HOST_NAME: localhost",
    ],
)
def test_listener_that_is_advertised_as_localhost_is_a_warning(found, server):
    assert found("advertised-localhost", two(server, ASKS)) == [("warning", 6)]


@pytest.mark.parametrize(
    "command",
    [
        "--kafka-addr i://0.0.0.0:9092 --advertise-kafka-addr i://localhost:9092",
        "--advertise-kafka-addr=localhost:9092",
    ],
)
def test_listener_of_redpanda_that_is_advertised_as_localhost_is_a_warning(found, command):
    server = f"image: redpandadata/redpanda:v24.1.1\ncommand: redpanda start {command}"
    assert found("advertised-localhost", two(server, ASKS)) == [("warning", 4)]


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (kafka("A://s:9092,B://localhost:29092"), ASKS),
        (kafka("A://localhost:9092,B://s:29092"), "environment: {BROKERS: 's:29092'}"),
        (kafka("A://localhost:9092"), "environment: {URL: 'http://x'}"),
        (kafka("A://localhost:9092"), f"{ASKS}\nnetwork_mode: service:s"),
        (kafka("A://kafka.example.com:9092"), ASKS),
        (kafka("A://192.168.1.2:9092"), ASKS),
        (kafka("A://${HOST_IP:-s}:9092"), ASKS),
        ("image: apache/kafka:3.9.0", ASKS),
        ("image: redpandadata/redpanda:v24.1.1\ncommand: redpanda start --advertise-kafka-addr s:9092", ASKS),
    ],
)
def test_listener_that_clients_find(found, server, client):
    assert found("advertised-localhost", two(server, client)) == []


INITIATE = "rs.initiate({_id:'r', members:[{_id:0, host:'%s:27017'}]})"
MONGO = "environment: {URL: 'mongodb://s:27017/app%s'}"


def mongo(host):
    return f'image: mongo:7\ncommand: --replSet r\nhealthcheck:\n  test: mongosh --eval "{INITIATE % host}"'


@pytest.mark.parametrize(
    ("host", "more", "severity"),
    [
        ("localhost", "?replicaSet=r", "warning"),
        ("127.0.0.1", "?replicaSet=r", "warning"),
        ("localhost", "", "note"),
    ],
)
def test_member_localhost_of_a_replica_set(found, host, more, severity):
    assert found("advertised-localhost", two(mongo(host), MONGO % more)) == [(severity, 6)]


def test_member_that_a_job_makes_localhost(found):
    job = f'  j:\n    image: mongo:7\n    command: mongosh --host s --eval "{INITIATE % "localhost"}"\n'
    text = two("image: mongo:7\ncommand: --replSet r", MONGO % "?replicaSet=r", job)
    assert found("advertised-localhost", text) == [("warning", 11)]


def test_member_that_a_script_of_the_project_makes_localhost(found):
    server = "image: mongo:7\ncommand: sh /i.sh --replSet\nvolumes: ['./i.sh:/i.sh']"
    script = {"i.sh": f"mongosh <<E\n{INITIATE % 'localhost'}\nE\n"}
    assert found("advertised-localhost", two(server, MONGO % "?replicaSet=r"), **script) == [("warning", 4)]
    script = {"i.sh": f"mongosh <<E\n{INITIATE % 's'}\nE\n"}
    assert found("advertised-localhost", two(server, MONGO % "?replicaSet=r"), **script) == []


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (mongo("s"), MONGO % "?replicaSet=r"),
        (mongo("localhost"), MONGO % "?directConnection=true"),
        (mongo("localhost"), "environment: {URL: 'http://x'}"),
        ('image: mongo:7\nhealthcheck: {test: mongosh --eval "rs.initiate()"}', MONGO % "?replicaSet=r"),
    ],
)
def test_member_that_clients_find(found, server, client):
    assert found("advertised-localhost", two(server, client)) == []


POSTGRES = "image: postgres:16\nenvironment: {POSTGRES_PASSWORD: x, POSTGRES_DB: orders}"
VOLUMES = "volumes: {v: }\n"


@pytest.mark.parametrize(
    ("server", "client", "severity"),
    [
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432/order'}", "warning"),
        (POSTGRES, "environment: {URL: 'postgresql+asyncpg://a:b@s/order?x=1'}", "warning"),
        (POSTGRES, "environment: {DB_HOST: s, DB_NAME: order_s}", "warning"),
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432/billing'}", "note"),
        (
            "image: mysql:8.4\nenvironment: {MYSQL_ROOT_PASSWORD: a}",
            "environment: {URL: 'mysql://a@s/order'}",
            "note",
        ),
        (
            "image: mysql:8.4\nenvironment: {MYSQL_DATABASE: orders}",
            "environment: {URL: 'mysql://a:b@s/Order'}",
            "warning",
        ),
        (
            "image: mariadb:11\nenvironment: {MYSQL_DATABASE: orders}",
            "environment: {A_HOST: s, A_DATABASE: ordes}",
            "warning",
        ),
        (
            "image: postgres:16\nenvironment: {POSTGRES_USER: shop}",
            "environment: {URL: 'postgres://a@s/shopp'}",
            "warning",
        ),
    ],
)
def test_database_that_nobody_makes(found, server, client, severity):
    ((said, _),) = found("unmade-database", two(server, client))
    assert said == severity


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432/orders'}"),
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432/orders?sslmode=off'}"),
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432'}"),
        (POSTGRES, "environment: {URL: 'postgres://a:b@s:5432/postgres'}"),
        (POSTGRES, "environment: {URL: 'postgres://a:b@s/order'}\ncommand: sh -c 'rails db:create && serve'"),
        (POSTGRES, "environment: {DB_HOST: s, OTHER_NAME: order}"),
        (
            f"{POSTGRES}\nvolumes: ['./i:/docker-entrypoint-initdb.d']",
            "environment: {URL: 'postgres://a@s/order'}",
        ),
        (
            f"{POSTGRES}\nvolumes: ['./data:/var/lib/postgresql/data']",
            "environment: {URL: 'postgres://a@s/order'}",
        ),
        (
            "image: postgres:16\nenvironment: {POSTGRES_MULTIPLE_DATABASES: 'a,b'}",
            "environment: {URL: 'postgres://a@s/b'}",
        ),
        ("image: mysql:8.4\nenvironment: {MYSQL_DATABASE: a}", "environment: {URL: 'mysql://a@s/mysql'}"),
        ("image: mongo:7\nenvironment: {MONGO_INITDB_DATABASE: a}", "environment: {URL: 'mongodb://s/b'}"),
        (
            "image: acme/db:1\nenvironment: {POSTGRES_DB: orders}",
            "environment: {URL: 'postgres://a@s/order'}",
        ),
    ],
)
def test_database_that_is_made_or_may_be(found, server, client):
    assert found("unmade-database", two(server, client, VOLUMES)) == []


def test_database_beside_the_one_that_another_asks_for_is_a_note(found):
    text = two(POSTGRES, "environment: {A: 'postgres://a@s/orders', B: 'postgres://a@s/orderss'}")
    assert found("unmade-database", text) == [("note", 8)]


@pytest.mark.parametrize(
    ("server", "client"),
    [
        ("image: postgres:16", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16", "environment: {DB_HOST: s, DB_PORT: 5433}"),
        ("image: redis:7", "environment: {URL: 'redis://s:6380'}"),
        ("image: redis:7\ncommand: redis-server --appendonly yes", "environment: {URL: 'redis://s:6380'}"),
        ("image: mysql:8.4\nports: ['3307:3306']", "environment: {URL: 'mysql://s:3308/a'}"),
        ("image: mongo:7", "environment: {URL: 'mongodb://s:27018/a'}"),
        ("image: elasticsearch:8.15.0", "environment: {ES_HOST: s, ES_PORT: 9201}"),
    ],
)
def test_port_on_which_a_known_server_does_not_listen(found, server, client):
    ((severity, _),) = found("unlistened-port", two(server, client))
    assert severity == "error"


@pytest.mark.parametrize(
    ("server", "client"),
    [
        ("image: postgres:16", "environment: {URL: 'postgres://a@s:5432/a'}"),
        ("image: postgres:16\ncommand: -p 5433", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16\ncommand: postgres -c port=5433", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16\nenvironment: {PGPORT: 5433}", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16\nports: ['5433:5432']", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16\nexpose: [5433]", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: postgres:16\nenv_file: e.env", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: redis:7\nvolumes: ['./redis.conf:/etc/redis.conf']", "environment: {URL: 'redis://s:6380'}"),
        ("image: redis:7\ncommand: redis-server --port 6380", "environment: {URL: 'redis://s:6380'}"),
        ("image: redis:7\ncommand: redis-server ${ARGS:-x}", "environment: {URL: 'redis://s:6380'}"),
        ("image: redis:7\ncommand: redis-sentinel /s.conf", "environment: {URL: 'redis://s:26379'}"),
        ("image: rabbitmq:3", "environment: {URL: 'http://s:15672'}"),
        ("image: acme/postgres:16", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("build: .", "environment: {URL: 'postgres://a@s:5433/a'}"),
        ("image: nginx:1", "environment: {URL: 'http://s:8080'}"),
        ("image: postgres:16\nnetwork_mode: host", "environment: {URL: 'postgres://a@s:5433/a'}"),
    ],
)
def test_port_on_which_a_server_listens_or_may(found, server, client):
    assert found("unlistened-port", two(server, client), **{"e.env": "A=1\n"}) == []


@pytest.mark.parametrize(
    ("client", "severities"),
    [("s:9092", []), ("s:29092", []), ("s:9093", ["error"]), ("s:9094", ["error"])],
)
def test_port_of_no_listener_of_kafka(found, client, severities):
    server = kafka("A://s:9092,B://localhost:29092", "A://:9092,B://:29092", "confluentinc/cp-kafka:7.7.0")
    found_at = found("unlistened-port", two(server, f"environment: {{BROKERS: '{client}'}}"))
    assert [severity for severity, _ in found_at] == severities


def test_port_of_a_known_image_that_keeps_nothing_is_a_note(found):
    text = two("image: confluentinc/cp-schema-registry:7.7.0", "environment: {URL: 'http://s:8082'}")
    assert found("unlistened-port", text) == [("note", 7)]
    assert found("unlistened-port", text.replace("8082", "8081")) == []


def test_port_of_a_service_in_the_same_network_is_nobodys_fault(found):
    beside = "  p:\n    image: proxy:1\n    network_mode: service:s\n"
    text = two("image: postgres:16", "environment: {URL: 'postgres://a@s:6432/a'}", beside)
    assert found("unlistened-port", text) == []
