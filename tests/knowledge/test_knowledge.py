"""What is known of an image: how its name is read, and what a configuration adds."""

from __future__ import annotations

import pytest

from composecheck.knowledge import Knowledge, shipped, split


def name_of(image, knowledge=None):
    family = (knowledge or shipped()).family(image)
    return family.name if family is not None else None


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("postgres", "postgres", "latest"),
        ("postgres:16", "postgres", "16"),
        ("library/postgres:16", "postgres", "16"),
        ("docker.io/postgres", "postgres", "latest"),
        ("docker.io/library/postgres:16-alpine", "postgres", "16-alpine"),
        ("index.docker.io/library/postgres", "postgres", "latest"),
        ("mirror.gcr.io/library/postgres:16", "postgres", "16"),
        ("public.ecr.aws/docker/library/postgres:16", "postgres", "16"),
        ("docker.io/grafana/loki:3.0.0", "grafana/loki", "3.0.0"),
        ("quay.io/keycloak/keycloak:26.0", "quay.io/keycloak/keycloak", "26.0"),
        ("localhost:5000/postgres", "localhost:5000/postgres", "latest"),
        ("localhost:5000/postgres:16", "localhost:5000/postgres", "16"),
        ("postgres@sha256:0", "postgres", None),
        ("postgres:16@sha256:0", "postgres", "16"),
    ],
)
def test_a_name_is_split(image, name, tag):
    assert split(image) == (name, tag)


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", "elasticsearch"),
        ("docker.io/prom/prometheus", "prometheus"),
        ("gcr.io/distroless/static-debian12:nonroot", "distroless"),
        ("minio/mc", "minio-client"),
        ("postgres:16@sha256:0", "postgres"),
        ("postgres@sha256:0", None),
        ("registry.example/postgres:16", None),
        ("postgresql", None),
        ("", None),
        (None, None),
        ("postgres:" + "1" * 129, None),
    ],
)
def test_an_image_is_found_by_its_whole_name(image, name):
    assert name_of(image) == name


def test_an_image_of_the_same_last_name_is_good_enough_for_advice():
    assert shipped().likely("registry.example/team/postgres:16").data == ("/var/lib/postgresql/data",)
    assert shipped().likely("registry.example/team/thing") is None
    assert shipped().likely(None) is None


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("confluentinc/cp-enterprise-kafka:5.5", "broker"),
        ("registry.example/team/our-postgres:1", "database"),
        ("team/postgresql_16", "database"),
        ("danielqsj/kafka-exporter", None),
        ("team/mysql-init:1", None),
        ("team/order-kafka-consumer:1", None),
        ("team/state-redis-mem", None),
        ("team/auth-server:1", None),
        ("team/backend", None),
        ("mysql/mysql-server:8.0", "database"),
        ("team/thing", None),
        ("", None),
    ],
)
def test_a_part_of_a_name_tells_what_is_asked_for(image, kind):
    family = shipped().resembled(image)
    assert (family.kind, family.certain) == (kind, False) if kind else family is None


def test_a_plain_word_is_no_program_of_somebody():
    assert shipped().running("grafana").name == "grafana"
    assert [shipped().running(word) for word in ("server", "backend", "console", "ui", "standalone")] == [
        None
    ] * 5


@pytest.mark.parametrize(
    ("image", "data"),
    [
        ("postgres:17.2", "/var/lib/postgresql/data"),
        ("postgres:9.6-alpine", "/var/lib/postgresql/data"),
        ("postgres:18-bookworm", "/var/lib/postgresql"),
        ("postgres", "/var/lib/postgresql"),
        ("postgres:alpine", "/var/lib/postgresql"),
        ("postgis/postgis:16-3.4", "/var/lib/postgresql/data"),
        ("pgvector/pgvector:0.8.0-pg17", "/var/lib/postgresql/data"),
        ("pgvector/pgvector:pg18", "/var/lib/postgresql"),
        ("timescale/timescaledb:2.14.2-pg16", "/var/lib/postgresql/data"),
        ("timescale/timescaledb:latest-pg18", "/var/lib/postgresql"),
        ("bitnami/postgresql:16", "/bitnami/postgresql"),
    ],
)
def test_postgresqls_data_directory_follows_its_version(image, data):
    family = shipped().family(image)
    assert family.data == (data,)
    assert family.volumes == (data,)


@pytest.mark.parametrize("image", ["timescale/timescaledb", "pgvector/pgvector", "postgis/postgis"])
def test_of_a_latest_that_moves_the_directory_is_not_known(image):
    assert shipped().family(image).data == ()


@pytest.mark.parametrize(
    ("image", "has", "lacks"),
    [
        ("postgres:16", "pg_isready", "curl"),
        ("postgres:16-alpine", "wget", "curl"),
        ("redis:7", "redis-cli", "nc"),
        ("redis:7-alpine", "nc", "bash"),
        ("nginx", "curl", "wget"),
        ("nginx:alpine", "curl", "bash"),
        ("nginx:1.27-alpine-slim", "wget", "curl"),
        ("nginxinc/nginx-unprivileged:alpine-slim", "wget", "curl"),
        ("mongo:7", "mongosh", "mongo"),
        ("mongo:4.4", "mongo", "mongosh"),
        ("mongo:5.0", "mongo", "curl"),
        ("mariadb:11.4", "mariadb-admin", "mysqladmin"),
        ("mariadb:10.6", "mysqladmin", "curl"),
        ("mysql:8.4", "mysqladmin", "wget"),
        ("python:3.13-slim", "python", "curl"),
        ("python:3.13", "curl", "nc"),
        ("node:22-alpine", "wget", "curl"),
        ("node:22-slim", "node", "wget"),
        ("quay.io/keycloak/keycloak:26.0", "bash", "curl"),
        ("grafana/loki:2.9.4", "wget", "curl"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", "bash", "curl"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", "wget", "bash"),
    ],
)
def test_tools_follow_the_tag(image, has, lacks):
    family = shipped().family(image)
    assert has in family.tools
    assert lacks in family.absent


@pytest.mark.parametrize(
    "image",
    [
        "nats",
        "grafana/loki",
        "grafana/tempo",
        "portainer/portainer-ce",
        "otel/opentelemetry-collector-contrib:0.110.0",
        "gcr.io/distroless/base",
        "prom/prometheus:v3.0.0-distroless",
        "mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled",
        "quay.io/coreos/etcd:v3.6.1",
        "fluent/fluent-bit:3.1",
    ],
)
def test_some_images_have_no_shell(image):
    assert shipped().family(image).shell is False


@pytest.mark.parametrize(
    "image", ["nats:2-alpine", "prom/prometheus", "grafana/loki:3.1.0", "fluent/fluent-bit:3.1-debug"]
)
def test_others_of_the_same_families_have_one(image):
    assert shipped().family(image).shell is True


def test_the_management_tag_opens_a_port():
    assert shipped().family("rabbitmq:4").ports == (5672,)
    assert shipped().family("rabbitmq:4-management-alpine").ports == (5672, 15672)


def test_what_ends_is_known():
    assert shipped().family("flyway/flyway").ends is True
    assert shipped().family("postgres").ends is False
    assert shipped().family("python").ends is None


OURS = {"ours": {"images": ["registry.example/db"], "like": "postgres", "first_boot": [20, 200]}}


def test_an_entry_like_a_shipped_one_has_its_facts_at_its_tag():
    knowledge = Knowledge(OURS, shipped())
    family = knowledge.family("registry.example/db:16-alpine")
    assert (family.name, family.kind, family.first_boot) == ("ours", "database", (20.0, 200.0))
    assert family.data == ("/var/lib/postgresql/data",)
    assert "wget" in family.tools
    assert knowledge.family("postgres:16").first_boot == (3.0, 30.0)
    assert name_of("redis", knowledge) == "redis"


def test_an_entry_beats_what_is_shipped_for_the_images_that_it_names():
    knowledge = Knowledge({"ours": {"images": ["postgres"], "kind": "database", "ports": [6000]}}, shipped())
    family = knowledge.family("postgres:16")
    assert (family.name, family.ports, family.data) == ("ours", (6000,), ())
    assert name_of("pgvector/pgvector:pg17", knowledge) == "pgvector"


def test_an_entry_of_a_shipped_name_adds_to_it():
    entry = {
        "images": ["registry.example/pg"],
        "first_boot": [9, 99],
        "variants": [{"tag": "9.*", "ports": [1]}],
    }
    knowledge = Knowledge({"postgres": entry}, shipped())
    family = knowledge.family("registry.example/pg:9.6")
    assert (family.first_boot, family.ports, family.data) == (
        (9.0, 99.0),
        (1,),
        ("/var/lib/postgresql/data",),
    )
    assert knowledge.family("postgres:9.6").ports == (5432,)
    assert list(knowledge.names()).count("postgres") == 1


def test_entries_like_each_other_end():
    a = {"images": ["a"], "like": "b", "kind": "job"}
    b = {"images": ["b"], "like": "a", "ports": [7]}
    assert Knowledge({"a": a, "b": b}).family("a").ports == (7,)


def test_a_variant_may_ask_for_an_image():
    variants = [{"image": "x/.*", "ports": [2]}, {"image": "x/b", "tag": "3", "ports": [3]}]
    knowledge = Knowledge(
        {"n": {"images": ["x/a", "x/b", "a"], "kind": "job", "ports": [1], "variants": variants}}
    )
    found = [knowledge.family(image).ports for image in ("a", "x/a:3", "x/b", "x/b:3")]
    assert found == [(1,), (2,), (2,), (3,)]
