"""How shipped images get along until what they depend on is ready, as services of real stacks run them."""

from __future__ import annotations

import pytest

from composecheck.facts import Facts
from composecheck.lint import load

POSTGRES, MYSQL, MONGO, REDIS = "postgres:16", "mysql:8.4", "mongo:7", "redis:7"
KAFKA, ZOOKEEPER = "confluentinc/cp-kafka:7.6.0", "confluentinc/cp-zookeeper:7.6.0"
REGISTRY, SEARCH = "confluentinc/cp-schema-registry:7.6.0", "elasticsearch:8.15.0"
OTHER, CAMUNDA = "example/other:1", "camunda/camunda-bpm-platform:7.21.0"
ETCD, PROMETHEUS, GAME = (
    "quay.io/coreos/etcd:v3.5.5",
    "prom/prometheus:v2.53.0",
    "itzg/minecraft-server:latest",
)
AWAITED = "ZITADEL_DATABASE_POSTGRES_AWAITINITIALCONN"


@pytest.fixture
def guard(tmp_path):
    """Return the guard of an edge from a service to one with an image."""

    def find(body, on):
        text = f"services:\n  a: {{{body}, depends_on: [b]}}\n  b: {{image: '{on}'}}\n"
        (tmp_path / "compose.yml").write_text(text)
        project = load(tmp_path / "compose.yml", environment={})
        service = project.services["a"]
        return Facts(project).guard(service, service.depends_on["b"])

    return find


@pytest.mark.parametrize(
    ("body", "on", "kind", "limit"),
    [
        # Kafka's.
        (f"image: '{KAFKA}'", ZOOKEEPER, "image-wait", 40),
        (f"image: '{KAFKA}', environment: {{KAFKA_CUB_ZK_TIMEOUT: 90}}", ZOOKEEPER, "image-wait", 90),
        (f"image: '{REGISTRY}'", KAFKA, "image-wait", 40),
        ("image: 'confluentinc/cp-kafka-connect:7.6.0'", KAFKA, "image-wait", 40),
        (
            "image: 'confluentinc/cp-kafka-connect:7.6.0', command: [bash, -c, '/etc/confluent/docker/run']",
            KAFKA,
            "image-wait",
            40,
        ),
        ("image: 'confluentinc/cp-kafka-connect:7.6.0'", REGISTRY, "on-demand", None),
        ("image: 'confluentinc/cp-kafka-rest:7.6.0'", KAFKA, "image-wait", 40),
        ("image: 'confluentinc/cp-ksqldb-server:7.6.0'", KAFKA, "image-wait", 180),
        ("image: 'confluentinc/cp-ksqldb-server:7.6.0'", REGISTRY, "on-demand", None),
        ("image: 'confluentinc/cp-enterprise-control-center:7.6.0'", KAFKA, "image-wait", 300),
        ("image: 'quay.io/debezium/connect:2.7'", "quay.io/debezium/kafka:2.7", "image-retry", 60),
        ("image: 'quay.io/debezium/connect:${UNSET}'", "quay.io/debezium/kafka:2.7", "image-retry", 60),
        ("image: 'debezium/connect:2.7'", MYSQL, "on-demand", None),
        ("image: 'debezium/kafka:2.1'", "debezium/zookeeper:2.1", "image-retry", 18),
        (
            f"image: '{KAFKA}', command: [bash, -c, 'kafka-topics --create --bootstrap-server b:9092']",
            KAFKA,
            "image-retry",
            60,
        ),
        ("image: 'ghcr.io/kafbat/kafka-ui'", KAFKA, "image-retry", None),
        ("image: 'obsidiandynamics/kafdrop'", KAFKA, "on-demand", None),
        # Temporal and NetBox.
        ("image: 'temporalio/auto-setup:1.24'", POSTGRES, "image-wait", None),
        ("image: 'temporalio/auto-setup:1.24', environment: {ENABLE_ES: true}", SEARCH, "image-wait", None),
        ("image: 'temporalio/ui:2.22'", "temporalio/auto-setup:1.24", "on-demand", None),
        ("image: 'temporalio/admin-tools:1.24'", "temporalio/auto-setup:1.24", "order-only", None),
        ("image: 'netboxcommunity/netbox:v4.1'", POSTGRES, "image-wait", 30),
        # Metrics, logs, traces.
        ("image: 'grafana/grafana:11.0.0'", "prom/prometheus:v2.53.0", "on-demand", None),
        ("image: 'prom/prometheus:v2.53.0', command: [--config.file=/p]", OTHER, "image-retry", None),
        ("image: 'otel/opentelemetry-collector:0.100.0'", OTHER, "image-retry", None),
        ("image: 'prometheuscommunity/postgres-exporter'", POSTGRES, "on-demand", None),
        ("image: 'kibana:8.15.0'", SEARCH, "image-retry", None),
        ("image: 'docker.elastic.co/logstash/logstash:8.15.0'", SEARCH, "image-retry", None),
        # Logins.
        ("image: 'bitnami/keycloak:24'", POSTGRES, "image-wait", 150),
        (
            "image: 'bitnami/keycloak:24', environment: {KEYCLOAK_INIT_MAX_RETRIES: 2}",
            POSTGRES,
            "image-wait",
            30,
        ),
        ("image: 'authelia/authelia:4'", POSTGRES, "image-retry", 9.5),
        (
            f"image: 'ghcr.io/zitadel/zitadel:v4', environment: {{{AWAITED}: 5m}}",
            POSTGRES,
            "image-retry",
            300,
        ),
        ("image: 'nacos/nacos-server:v2.2.3', environment: {MODE: standalone}", MYSQL, "order-only", None),
        ("image: 'nacos/nacos-server', environment: {EMBEDDED_STORAGE: embedded}", MYSQL, "order-only", None),
        # What waits or asks again.
        ("image: 'n8nio/n8n', environment: {EXECUTIONS_MODE: queue}", REDIS, "image-retry", 10),
        ("image: 'graphprotocol/graph-node'", POSTGRES, "image-wait", 120),
        ("image: 'graphprotocol/graph-node'", "ipfs/kubo:v0.17.0", "image-wait", 120),
        ("image: 'baserow/backend:1.30.1', command: gunicorn", POSTGRES, "image-wait", 12),
        ("image: 'bitnami/wordpress:6'", "mariadb:11", "image-wait", 60),
        (
            "image: 'roundcube/roundcubemail', environment: {ROUNDCUBEMAIL_DB_TYPE: mysql}",
            MYSQL,
            "image-wait",
            30,
        ),
        ("image: 'xuxueli/xxl-job-admin:2.4.0'", MYSQL, "image-retry", None),
        ("image: 'openmrs/openmrs-core'", MYSQL, "image-wait", 3600),
        ("image: 'treeverse/lakefs:1'", "minio/minio", "on-demand", None),
        (f"image: '{ZOOKEEPER}'", ZOOKEEPER, "image-retry", None),
        ("image: 'trinodb/trino:440'", MYSQL, "on-demand", None),
        ("image: 'ghcr.io/open-webui/open-webui:main'", "ollama/ollama", "on-demand", None),
        ("image: 'apicurio/apicurio-registry-mem:2.6.2.Final'", KAFKA, "order-only", None),
        ("image: 'apicurio/apicurio-registry:3.0.6'", KAFKA, "order-only", None),
        ("image: 'ghcr.io/zammad/zammad:6', command: zammad-init", POSTGRES, "image-wait", None),
        ("image: 'ghcr.io/zammad/zammad:6', command: zammad-init", SEARCH, "image-wait", None),
        ("image: 'tooljet/tooljet:latest', command: npm run start:prod", POSTGRES, "image-wait", 300),
        ("image: 'bitnami/redmine:5'", "mariadb:11", "image-wait", 60),
        (
            "image: 'bitsondatadev/hive-metastore', environment: {METASTORE_DB_HOSTNAME: b}",
            "mariadb:11",
            "image-wait",
            None,
        ),
        ("image: 'goharbor/harbor-core:v2.11.0'", POSTGRES, "image-retry", 60),
        ("image: 'joplin/server:3'", POSTGRES, "image-retry", 30),
        ("image: 'fraunhoferiosb/frost-server:2'", "postgis/postgis:16-3.4", "image-retry", None),
        ("image: 'hyperdx/hyperdx:2'", "clickhouse/clickhouse-server:24", "on-demand", None),
        ("image: 'heroiclabs/nakama:3.22.0'", "prom/prometheus:v2.53.0", "order-only", None),
        ("image: 'lscr.io/linuxserver/sonarr'", "lscr.io/linuxserver/qbittorrent", "on-demand", None),
        ("image: 'lscr.io/linuxserver/radarr'", POSTGRES, "image-retry", 15),
        ("image: 'ghcr.io/home-assistant/home-assistant:stable'", "eclipse-mosquitto:2", "image-retry", None),
        ("image: 'ghcr.io/blakeblackshear/frigate:stable'", "eclipse-mosquitto:2", "image-retry", None),
        (
            "image: 'apache/rocketmq:5.1.3', command: sh mqbroker",
            "apache/rocketmq:5.1.3",
            "image-retry",
            None,
        ),
        ("image: 'apacherocketmq/rocketmq-dashboard'", "apache/rocketmq:5.1.3", "on-demand", None),
        ("image: 'apachepinot/pinot:1.2.0', command: StartController", ZOOKEEPER, "image-retry", 60),
        ("image: 'milvusdb/milvus:v2.4.0', command: milvus run standalone", ETCD, "image-retry", 5),
        ("image: 'semitechnologies/weaviate:1.25.0'", OTHER, "image-retry", 120),
        ("image: 'bitnami/ghost:5'", MYSQL, "image-wait", 60),
        ("image: 'bitnami/airflow:2'", POSTGRES, "image-wait", 60),
        ("image: 'apache/superset:4.0.0'", POSTGRES, "image-retry", None),
        (
            "image: 'apache/superset:4.0.0', command: [/app/docker/docker-bootstrap.sh, app-gunicorn]",
            POSTGRES,
            "image-retry",
            None,
        ),
        ("image: 'matrixdotorg/synapse:v1.98.0'", REDIS, "image-retry", None),
        ("image: 'ghcr.io/mastodon/mastodon-streaming:v4.3.0'", REDIS, "image-retry", None),
        ("image: 'ghcr.io/mastodon/mastodon-streaming:v4.3.0'", POSTGRES, "on-demand", None),
        ("image: 'fallenbagel/jellyseerr:latest'", "lscr.io/linuxserver/sonarr", "on-demand", None),
        ("image: 'codercom/code-server:4'", POSTGRES, "order-only", None),
        (
            "image: 'camunda/camunda-bpm-platform:7.21.0', environment: {WAIT_FOR: 'b:5432'}",
            POSTGRES,
            "image-wait",
            30,
        ),
        (
            f"image: '{CAMUNDA}', environment: {{WAIT_FOR: 'b:5432', WAIT_FOR_TIMEOUT: 90}}",
            POSTGRES,
            "image-wait",
            90,
        ),
        ("image: 'docker.elastic.co/apm/apm-server:8.15.0'", SEARCH, "image-retry", None),
        ("image: 'grafana/mimir:2.13.0', command: [-config.file=/m.yaml]", "minio/minio", "image-retry", 90),
        # Agents, sidecars and what watches.
        ("image: 'jenkins/inbound-agent:latest'", "jenkins/jenkins:lts", "image-retry", None),
        ("image: 'jenkins/ssh-agent:latest'", "jenkins/jenkins:lts", "order-only", None),
        ("image: 'drone/drone-runner-docker:1'", OTHER, "image-retry", None),
        ("image: 'woodpeckerci/woodpecker-agent:v3'", "woodpeckerci/woodpecker-server:v3", "image-retry", 10),
        (
            "image: 'woodpeckerci/woodpecker-agent:v3', environment: {WOODPECKER_CONNECT_RETRY_COUNT: 60}",
            "woodpeckerci/woodpecker-server:v3",
            "image-retry",
            120,
        ),
        ("image: 'daprio/daprd:1.13.0', command: [./daprd, -app-port, '80']", OTHER, "image-retry", None),
        ("image: 'quay.io/thanos/thanos:v0.35.0', command: sidecar", PROMETHEUS, "image-retry", None),
        ("image: 'quay.io/thanos/thanos:v0.35.0', command: store", "minio/minio", "image-retry", 30),
        ("image: 'itzg/mc-monitor', command: status --host b --retry-limit 30", GAME, "image-retry", 300),
        (
            f"image: '{GAME}', entrypoint: mc-monitor, command: status --retry-limit 30 --retry-interval 1s",
            GAME,
            "image-retry",
            30,
        ),
        # Pages over a store.
        ("image: adminer", MYSQL, "on-demand", None),
        ("image: 'dpage/pgadmin4'", POSTGRES, "on-demand", None),
        ("image: mongo-express", MONGO, "image-wait", 40),
        (
            "image: 'docker.redpanda.com/redpandadata/console:v2.7.0'",
            "redpandadata/redpanda",
            "image-retry",
            45,
        ),
        # Applications.
        ("image: 'apache/airflow:2.9.0', command: webserver", POSTGRES, "image-wait", 60),
        ("image: 'apache/airflow:2.9.0', command: celery worker", REDIS, "image-wait", 60),
        ("image: 'gitea/gitea:1.22'", MYSQL, "image-retry", 27),
        ("image: 'ghcr.io/goauthentik/server:2024.6', command: worker", POSTGRES, "image-wait", None),
        ("image: 'oryd/kratos:v1.2', command: -c /x migrate sql -e --yes", POSTGRES, "image-retry", 300),
        ("image: 'flink:1.19', command: taskmanager", "flink:1.19", "image-retry", 300),
        ("image: 'wordpress:6'", MYSQL, "on-demand", None),
        ("image: 'selenium/node-chrome:4'", "selenium/hub:4", "image-retry", 120),
        ("image: 'hyperledger/fabric-ca:1.5'", "hyperledger/fabric-ca:1.5", "order-only", None),
        ("image: 'hyperledger/fabric-peer:2.5'", "couchdb:3", "image-retry", 127),
        ("image: 'alpine/socat', command: 'TCP-LISTEN:80,fork TCP:b:80'", OTHER, "on-demand", None),
        # Data stores, which are servers, and their peers.
        ("image: 'clickhouse/clickhouse-server:24'", POSTGRES, "on-demand", None),
        (f"image: '{POSTGRES}'", REDIS, "order-only", None),
        (f"image: '{REDIS}', command: redis-server --replicaof b 6379", REDIS, "image-retry", None),
        ("image: 'bitnami/redis-cluster:7.2'", "bitnami/redis-cluster:7.2", "image-wait", None),
    ],
)
def test_an_image_gets_along_by_itself(guard, body, on, kind, limit):
    found = guard(body, on)
    assert (found.kind, found.limit) == (kind, limit)
    assert found.holds


@pytest.mark.parametrize(
    ("body", "on"),
    [
        ("image: 'danielqsj/kafka-exporter:v1.7.0', command: ['--kafka.server=b:9092']", KAFKA),
        ("image: 'quay.io/keycloak/keycloak:26.0', environment: {KC_DB: postgres}", POSTGRES),
        ("image: 'grafana/grafana:11.0.0', environment: {GF_DATABASE_TYPE: postgres}", POSTGRES),
        ("image: 'kong:3.7'", POSTGRES),
        ("image: 'migrate/migrate:v4.17.0', command: [-path, /m, -database, 'postgres://b/x', up]", POSTGRES),
        ("image: 'flyway/flyway:10', command: migrate", POSTGRES),
        ("image: 'minio/mc', entrypoint: [sh, -c, 'mc alias set m http://b:9000 a b']", "minio/minio:latest"),
        ("image: 'temporalio/server:1.24'", POSTGRES),
        ("image: 'koenkk/zigbee2mqtt:1.40'", "eclipse-mosquitto:2"),
        ("image: 'otel/opentelemetry-collector-contrib:0.90.0'", KAFKA),
        ("image: 'quay.io/debezium/server:2.7'", POSTGRES),
        ("image: 'jboss/keycloak:16.1.1', environment: {DB_ADDR: b}", POSTGRES),
        ("image: 'ghcr.io/zitadel/zitadel:v4', command: start-from-init", POSTGRES),
        (
            f"image: 'ghcr.io/zitadel/zitadel:v4', environment: {{{AWAITED}: 0s}}",
            POSTGRES,
        ),
        (
            "image: 'nacos/nacos-server', environment: {MODE: standalone, SPRING_DATASOURCE_PLATFORM: mysql}",
            MYSQL,
        ),
        ("image: 'nacos/nacos-server', environment: {MYSQL_SERVICE_HOST: b}", MYSQL),
        ("image: 'sonarqube:lts'", POSTGRES),
        ("image: 'ghost:5'", MYSQL),
        ("image: 'n8nio/n8n', environment: {DB_TYPE: postgresdb}", POSTGRES),
        ("image: 'apache/skywalking-oap-server:9', environment: {SW_STORAGE: elasticsearch}", SEARCH),
        ("image: 'apache/hive:4.0.0', environment: {DB_DRIVER: postgres}", POSTGRES),
        ("image: 'graphprotocol/graph-node', environment: {GRAPH_NODE_CONFIG: /c}", POSTGRES),
        ("image: 'baserow/backend:1.30.1', command: celery-worker", POSTGRES),
        ("image: 'treeverse/lakefs:1'", POSTGRES),
        ("image: 'registry.rocket.chat/rocketchat/rocket.chat:6.5.0'", MONGO),
        ("image: 'apicurio/apicurio-registry-sql:2.6.2.Final'", POSTGRES),
        ("image: 'apicurio/apicurio-registry:3.0.6', environment: {APICURIO_STORAGE_KIND: sql}", POSTGRES),
        ("image: 'clickhouse/clickhouse-server:24'", "minio/minio"),
        ("image: 'makeplane/plane-backend:v0.23', command: ./bin/docker-entrypoint-api.sh", POSTGRES),
        ("image: 'daprio/daprd:1.13.0', command: [./daprd, -app-port, '80']", REDIS),
        ("image: 'grafana/k6:0.52.0', command: run /x.js", OTHER),
        ("image: 'sonarsource/sonar-scanner-cli:11'", "sonarqube:lts"),
        ("image: 'tooljet/tooljet:latest', command: npm run start:prod", REDIS),
        ("image: 'hyperdx/hyperdx:1.10.0-api'", "clickhouse/clickhouse-server:24"),
        ("image: 'itzg/mc-monitor', command: status --host b", GAME),
        ("image: 'ghcr.io/linkwarden/linkwarden:latest'", POSTGRES),
        ("image: 'fallenbagel/jellyseerr:latest', environment: {DB_TYPE: postgres}", POSTGRES),
        ("image: 'matrixdotorg/synapse:v1.98.0'", POSTGRES),
        (f"image: '{CAMUNDA}'", POSTGRES),
        # The same images with another command.
        ("image: 'apache/superset:4.0.0', command: [/app/docker/docker-bootstrap.sh, worker]", POSTGRES),
        (
            "image: 'apache/superset:4.0.0', command: [sh, -c, 'superset db upgrade && superset init']",
            POSTGRES,
        ),
        ("image: 'apache/rocketmq:5.1.3', command: sh mqadmin clusterList -n b", "apache/rocketmq:5.1.3"),
        ("image: 'ghcr.io/zammad/zammad:6', command: rails r x", POSTGRES),
        ("image: 'quay.io/thanos/thanos:v0.35.0', command: compact", "minio/minio"),
        (f"image: '{REDIS}', command: redis-cli --cluster create b:6379", REDIS),
        (f"image: '{MONGO}', command: mongosh --host b /init.js", MONGO),
        (f"image: '{POSTGRES}', command: psql -h b -f /x.sql", POSTGRES),
        (f"image: '{SEARCH}', command: [sh, -c, 'curl http://b:9200']", SEARCH),
        ("image: 'netboxcommunity/netbox:v4.1', command: [python, manage.py, rqworker]", POSTGRES),
        ("image: 'temporalio/admin-tools:1.24', command: /setup.sh", "temporalio/server:1.24"),
        ("image: 'hyperledger/fabric-ca:1.5', command: [sh, -c, 'fabric-ca-client enroll']", OTHER),
        ("image: 'wordpress:cli', command: wp core install", MYSQL),
        ("image: 'apache/airflow:2.9.0', entrypoint: [bash, -c, airflow db init]", POSTGRES),
    ],
)
def test_an_image_that_asks_once_or_runs_something_else_is_not_excused(guard, body, on):
    assert guard(body, on).kind == "none"
