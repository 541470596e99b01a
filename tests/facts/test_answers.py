"""Where a service answers: what its variables, options and files say of it, and what nobody knows."""

import pytest

from composecheck import remedies
from composecheck.facts import Facts
from composecheck.lint import examine
from composecheck.loading.options import Options


@pytest.fixture
def offered(tmp_path):
    """Returns the healthcheck that is offered for a service: its test, whether it is certain, the doubt."""

    def offer(body, name="db", beside=""):
        (tmp_path / "compose.yml").write_text(f"services:\n  {name}: {{{body}}}\n{beside}")
        project = examine(Options(folder=tmp_path, environment={"SET": "8099"})).project
        found = remedies.offer(Facts(project), project.services[name])
        return " ".join(found.probing.test) if found.probing is not None else None, found.certain, found.doubt

    return offer


REGISTRY = "confluentinc/cp-schema-registry:7.8.0"
BROKER = "confluentinc/cp-kafka:7.8.0"
ZOOKEEPER = "confluentinc/cp-zookeeper:7.8.0"
MOVED = [
    ("grafana/grafana:11.1.0", "GF_SERVER_HTTP_PORT: 3001", ":3001/api"),
    ("quay.io/keycloak/keycloak:26.0", "KC_HTTP_PORT: 8090", "/8090"),
    ("elasticsearch:8.15.0", "http.port: 9201", ":9201"),
    ("elasticsearch:8.15.0", "http.host: 127.0.1.1", "127.0.1.1:9200"),
    ("opensearchproject/opensearch:2.15.0", "http.port: 9201", ":9201"),
    ("getmeili/meilisearch:v1.9", "MEILI_HTTP_ADDR: '0.0.0.0:7701'", ":7701"),
    ("registry:2", "REGISTRY_HTTP_ADDR: ':5001'", " 5001"),
    ("n8nio/n8n:1.50.0", "N8N_PORT: 5679", ":5679"),
    ("minio/minio:RELEASE.2025-04-22T22-12-26Z", "MINIO_ADDRESS: ':9100'", "/9100"),
    ("influxdb:2.7", "INFLUXD_HTTP_BIND_ADDRESS: ':8087'", ":8087"),
    ("influxdb:1.8", "INFLUXDB_HTTP_BIND_ADDRESS: ':8087'", ":8087"),
    ("gitea/gitea:1.22", "GITEA__server__HTTP_PORT: 3100", ":3100"),
    ("metabase/metabase:v0.50.1", "MB_JETTY_PORT: 3300", ":3300"),
    ("ghost:5", "server__port: 2400", "connect(2400,"),
    ("sonarqube:10-community", "SONAR_WEB_PORT: 9005", ":9005"),
    ("kibana:8.15.0", "SERVER_PORT: 5602", ":5602"),
    ("provectuslabs/kafka-ui:v0.7.2", "SERVER_PORT: 8082", ":8082"),
    ("qdrant/qdrant:v1.10", "QDRANT__SERVICE__HTTP_PORT: 6343", "/6343"),
    ("bitnami/redis:7.2", "REDIS_PORT_NUMBER: 6380", "-p 6380"),
    ("bitnami/postgresql:16", "POSTGRESQL_PORT_NUMBER: 5433", "-p 5433"),
    ("hashicorp/vault:1.17", "VAULT_DEV_LISTEN_ADDRESS: '0.0.0.0:8201'", ":8201"),
    ("dpage/pgadmin4:8", "PGADMIN_LISTEN_PORT: 5050", ":5050/misc"),
    ("localstack/localstack:3", "GATEWAY_LISTEN: '0.0.0.0:4577'", ":4577"),
    ("neo4j:5", "NEO4J_server_http_listen__address: ':7480'", ":7480"),
    ("jenkins/jenkins:lts-jdk17", "JENKINS_OPTS: --httpPort=9090", ":9090"),
    ("typesense/typesense:26.0", "TYPESENSE_API_PORT: 8109", "/8109"),
    ("chromadb/chroma:1.0.0", "CHROMA_PORT: 8001", "/8001"),
    (BROKER, "KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://db:9093'", "127.0.0.1:9093"),
    ("apache/kafka:3.8.0", "KAFKA_LISTENERS: 'CONTROLLER://:9093,PLAINTEXT://:29092'", "127.0.0.1:29092"),
    ("bitnami/kafka:3.7", "KAFKA_CFG_LISTENERS: 'PLAINTEXT://:9094,CONTROLLER://:9093'", "127.0.0.1:9094"),
    (REGISTRY, "SCHEMA_REGISTRY_LISTENERS: 'http://0.0.0.0:8085'", "127.0.0.1/8085"),
    (REGISTRY, "SCHEMA_REGISTRY_LISTENERS: 'http://db:8085'", "/db/8085"),
    (ZOOKEEPER, "ZOOKEEPER_CLIENT_PORT: 2182", "/2182"),
    ("mcr.microsoft.com/mssql/server:2022-latest", "MSSQL_TCP_PORT: 1444", "127.0.0.1,1444"),
    ("quay.io/coreos/etcd:v3.5.5", "ETCD_LISTEN_CLIENT_URLS: 'http://0.0.0.0:2479'", "127.0.0.1:2479"),
    ("phpmyadmin:5", "APACHE_PORT: 8000", "/8000"),
]  # fmt: skip


@pytest.mark.parametrize(("image", "variable", "asked"), MOVED)
def test_a_moved_port_is_asked_at_its_new_place(offered, image, variable, asked):
    test, certain, _ = offered(f"image: '{image}', environment: {{{variable}}}")
    assert asked in test
    assert certain


@pytest.mark.parametrize(
    ("command", "image", "asked"),
    [
        ("redis-server --port 6380 --requirepass s3cret", "redis:7", "redis-cli -p 6380"),
        ("postgres -p 5433", "postgres:16", "-p 5433"),
        ("--port=3307", "mysql:8.4", "-P 3307"),
        ("mongod --port 27018 --replSet rs0", "mongo:7", "--port 27018"),
        ("server /data --address :9100 --console-address :9101", "minio/minio:latest", "/9100"),
        ("start-dev --http-port=8090", "quay.io/keycloak/keycloak:26.0", "/8090"),
        ("--config.file=/etc/prometheus/prometheus.yml --web.listen-address=:91", "prom/prometheus", ":91/"),
    ],
)  # fmt: skip
def test_so_is_one_that_the_command_moves(offered, command, image, asked):
    test, certain, _ = offered(f"image: '{image}', command: {command!r}")
    assert asked in test
    assert certain


@pytest.mark.parametrize(
    ("image", "variable", "named"),
    [
        ("grafana/grafana:11.1.0", "GF_SERVER_PROTOCOL: https", "GF_SERVER_PROTOCOL"),
        ("grafana/grafana:11.1.0", "GF_SERVER_HTTP_PORT: null", "GF_SERVER_HTTP_PORT"),
        ("grafana/grafana:11.1.0", "GF_SERVER_HTTP_PORT: later", "GF_SERVER_HTTP_PORT"),
        ("redis:7", "REDIS_PORT: 6380", "REDIS_PORT"),
        ("redis:7", "SOME_LISTEN_ADDR: a", "SOME_LISTEN_ADDR"),
        ("bitnami/redis:7.2", "REDIS_TLS_ENABLED: 'yes'", "REDIS_TLS_ENABLED"),
        ("meilisearch", "X: 1", ""),
        ("elasticsearch:8.15.0", "network.host: es.internal", "network.host"),
        ("elasticsearch:8.15.0", "network.host: _site_", "network.host"),
        ("n8nio/n8n:1.50.0", "N8N_PATH: /flows/", "N8N_PATH"),
        ("neo4j:5", "NEO4J_server_http_enabled: 'false'", "NEO4J_server_http_enabled"),
        (BROKER, "KAFKA_LISTENERS: 'SASL_PLAINTEXT://:9092'", "KAFKA_LISTENERS"),
        (BROKER, "KAFKA_LISTENERS: 'SSL://:9092'", "KAFKA_LISTENERS"),
        (BROKER, "KAFKA_OPTS: -javaagent:/jmx.jar=7071", "KAFKA_OPTS"),
        ("apache/kafka:3.8.0", "KAFKA_LISTENERS: 'CONTROLLER://:9093'", "KAFKA_LISTENERS"),
        (REGISTRY, "SCHEMA_REGISTRY_LISTENERS: 'http://other:8085'", "SCHEMA_"),
        (REGISTRY, "SCHEMA_REGISTRY_LISTENERS: 'https://0.0.0.0:8085'", "SCHEMA_"),
        (ZOOKEEPER, "ZOOKEEPER_SECURE_CLIENT_PORT: 2182", "ZOOKEEPER_SECURE_CLIENT_PORT"),
        ("jenkins/jenkins:lts-jdk17", "JENKINS_OPTS: --prefix=/ci", "--prefix"),
    ],
)  # fmt: skip
def test_what_nobody_can_read_is_a_doubt_and_no_healthcheck(offered, image, variable, named):
    test, certain, doubt = offered(f"image: '{image}', environment: {{{variable}}}")
    assert not certain
    if named:
        assert test is None
        assert named in doubt


@pytest.mark.parametrize(
    "body",
    [
        "image: 'postgres:16', environment: {POSTGRES_HOST_AUTH_METHOD: trust, PGPORT: 5433}",
        "image: 'mysql:8.4', environment: {MYSQL_ROOT_PASSWORD: a, MYSQL_TCP_PORT: 3307}",
        "image: 'rabbitmq:3', environment: {RABBITMQ_NODE_PORT: 5673}",
        "image: 'redis:7', command: redis-server --requirepass a --appendonly yes",
        "image: 'wordpress:6', environment: {WORDPRESS_AUTH_KEY: a, WORDPRESS_DB_HOST: db:3306}",
        "image: elasticsearch:8.15.0, environment: {discovery.type: a, xpack.security.enabled: 'false'}",
        "image: grafana/grafana:11.1.0, environment: {GF_AUTH_ANONYMOUS_ENABLED: true, GF_SMTP_HOST: m:25}",
        "image: 'mongo:7', environment: {MONGO_INITDB_ROOT_USERNAME: a, MONGO_INITDB_ROOT_PASSWORD: b}",
        "image: 'harbor.example/proxy/library/postgres:16'",
        "image: 'harbor.example:5000/grafana/grafana:11.1.0'",
    ],
)  # fmt: skip
def test_what_makes_no_difference_leaves_it_certain(offered, body):
    _, certain, doubt = offered(body)
    assert (certain, doubt) == (True, "")


@pytest.mark.parametrize(
    "body",
    [
        "image: 'postgres:', environment: {POSTGRES_PASSWORD: a}",
        "image: 'minio/minio:${UNSET}'",
        "image: 'postgres@sha256:0'",
        "image: 'registry.example/mirror/postgres:16'",
        "image: 'ghcr.io/team/postgres:16'",
        "image: 'redis:7', entrypoint: /start.sh",
        "image: 'redis:7', command: redis-sentinel /s",
        "image: 'redis:7', command: redis-cli monitor",
        "image: 'redis:7', volumes: ['./redis.conf:/usr/local/etc/redis/redis.conf']",
        "image: 'apache/kafka:3.8.0', volumes: ['./server.properties:/mnt/shared/config/server.properties']",
        "image: 'redis:7', configs: [c]",
        "image: 'grafana/grafana:11.1.0', environment: {GF_SERVER_HTTP_PORT: '${SET}'}",
        "image: 'quay.io/keycloak/keycloak:26.0', command: start --optimized",
        "image: 'cockroachdb/cockroach:v24.1.0', command: start --insecure --join=a,b",
        "image: 'hashicorp/consul:1.19', command: agent -server -bootstrap-expect=3",
    ],
)
def test_of_what_may_be_another_nothing_is_certain(offered, body):
    _, certain, _ = offered(body, beside="configs: {c: {file: /dev/null}}\n" if "configs" in body else "")
    assert not certain


def test_a_port_of_a_variable_is_offered_as_it_is_here(offered):
    test, certain, doubt = offered(
        "image: 'grafana/grafana:11.1.0', environment: ['GF_SERVER_HTTP_PORT=${SET}']"
    )
    assert ":8099/" in test
    assert (certain, doubt) == (False, "")


def test_an_env_file_counts(offered, tmp_path):
    (tmp_path / "a.env").write_text("GF_SERVER_HTTP_PORT=3005\n")
    test, certain, _ = offered("image: 'grafana/grafana:11.1.0', env_file: a.env")
    assert ":3005/" in test
    assert certain
