"""By what hosts services call each other, and what of it is wrong."""

from __future__ import annotations

import pytest

from composecheck.lint import check

WIRING = {
    "localhost-for-service",
    "published-port-between-services",
    "service-name-outside-network",
    "undeclared-dependency",
    "unknown-host",
    "unreachable-host",
}
DB = "  db: {image: 'postgres:16', restart: always}\n"
CACHE = "  cache: {image: 'redis:7', restart: always}\n"


def told(folder, text, *, notes=False, **options):
    """Return the findings of these rules as (rule, line), and notes only on request."""
    (folder / "compose.yml").write_text(text)
    return [
        (d.rule, d.span.line)
        for d in check(folder / "compose.yml", **options).diagnostics
        if d.rule in WIRING and (notes or d.severity != "note")
    ]


def api(variable, *, siblings=DB, more="", restart="always"):
    """Return a project whose `api` has one variable, in line 4."""
    name, value = variable
    return (
        f"services:\n  api:\n    environment:\n      {name}: '{value}'\n    image: acme/api:1\n"
        f"    restart: '{restart}'\n{more}{siblings}"
    )


UNKNOWN = [
    ("DATABASE_URL", "postgres://app:secret@databse:5432/app"),
    ("DATABASE_URL", "postgresql+asyncpg://app@dbb/app"),
    ("SPRING_DATASOURCE_URL", "jdbc:postgresql://dbx:5432/app"),
    ("CELERY_RESULT", "db+postgresql://u:p@pgsql/x"),
    ("REDIS_URL", "redis://:secret@redis:6379/0"),
    ("AMQP", "amqp://guest:guest@rabbitmq//"),
    ("MONGO_URL", "mongodb://db,db2:27017/x?replicaSet=rs"),
    ("NATS", "nats://nats"),
    ("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092,kafka2:9092"),
    ("KAFKA_BROKERS", "kafka:9092"),
    ("DB_HOST", "postgres"),
    ("POSTGRES_HOST", "database"),
    ("PGHOST", "postgres"),
    ("DB_HOST", "postgres:5432"),
    ("spring.redis.host", "redis"),
    ("ConnectionStrings__Default", "Host=postgres;Port=5432;Database=x;Password=y"),
    ("ConnectionStrings__Sql", "Server=sql,1433;Database=x"),
    ("DSN", "user:pass@tcp(mysql:3306)/x"),
    ("GRPC", "grpc://users:50051"),
]


@pytest.mark.parametrize("variable", UNKNOWN, ids=" ".join)
def test_host_that_nobody_is_is_found(tmp_path, variable):
    assert set(told(tmp_path, api(variable))) == {("unknown-host", 4)}


KNOWN = [
    ("URL", "http://example.org:80"),
    ("URL", "http://10.0.0.1:80/"),
    ("URL", "http://[fe80::1]:80/"),
    ("URL", "redis://host.docker.internal:6379"),
    ("URL", "http://gateway.docker.internal"),
    ("URL", "http://tasks.web:80"),
    ("URL", "http://DB:80"),
    ("URL", "http://api:3000"),
    ("URL", "unix:///var/run/docker.sock"),
    ("URL", "sqlite:///data/x.db"),
    ("URL", "s3://bucket/path"),
    ("URL", "http://$${POD}:80"),
    ("URL", "http://{{ host }}:80"),
    ("URL", "http://%s:80"),
    ("URL", "http://<host>:80"),
    ("URL", "http://${UNSET}:80"),
    ("URL", "http://*:80"),
    ("URL", "http://+:80"),
    ("URL", "http://:80"),
    ("URL", "http://0.0.0.0:80"),
    ("URL", "postgres://dummy:dummy@dummy/dummy"),
    ("URL", "postgres://user:pass@your-host/db"),
    ("URL", "postgres://user:pa/ss@db/x"),
    ("CORS_ORIGIN", "http://frontend:3000"),
    ("NEXT_PUBLIC_API_URL", "http://backend:3000"),
    ("ALLOWED_HOSTS", "backend,frontend"),
    ("ADVERTISED_LISTENERS", "PLAINTEXT://edge:9092"),
    ("HTTP_PROXY", "http://proxy:3128"),
    ("APP_BASE_URL", "http://myapp"),
    ("HOSTNAME", "worker"),
    ("HOST", "worker"),
    ("NODE_HOST", "worker"),
    ("VIRTUAL_HOST", "worker:80"),
    ("MYSQL_ROOT_HOST", "%"),
    ("REDIS_IMAGE", "redis:7"),
    ("CLOCK", "started:10"),
    ("DB_USER", "postgres"),
    ("POSTGRES_DB", "store"),
    ("DB_HOST", "db"),
    ("DB_HOST", ""),
    ("GITLAB_HOST", "gitlab"),
    ("CLUSTER_HOSTNAME", "apii"),
    ("VOLUMES", "http://minio{1...4}/data"),
    ("RABBITMQ_DEFAULT_VHOST", "plane"),
    ("DB_HOST", "/var/run/postgresql"),
    ("URL", "http://p-db-1:5432"),
]


@pytest.mark.parametrize("variable", KNOWN, ids=" ".join)
def test_host_that_may_be_somebody_is_not_found(tmp_path, variable):
    assert told(tmp_path, api(variable), notes=True, name="p") == []


def test_old_form_of_a_containers_name_is_known_where_it_is_asked_for(tmp_path):
    text = api(("URL", "http://p_db_1:5432"))
    assert told(tmp_path, text, name="p") == [("unknown-host", 4)]
    assert told(tmp_path, text, name="p", environment={"COMPOSE_COMPATIBILITY": "true"}) == []


NAMED = [
    ("container_name: redis", "", ""),
    ("hostname: redis", "", ""),
    ("networks: {default: {aliases: [redis]}}", "", ""),
    ("restart: always", "    links: ['cache:redis']\n", ""),
    ("restart: always", "    external_links: ['other_1:redis']\n", ""),
    ("restart: always", "    extra_hosts: ['redis:10.0.0.1']\n", ""),
    ("restart: always", "    extra_hosts: {redis: 10.0.0.1}\n", ""),
    ("restart: always", "    network_mode: host\n", ""),
    ("restart: always", "    network_mode: container:other\n", ""),
    ("restart: always", "    dns_search: [corp.example.org]\n", ""),
    ("restart: always", "    networks: [edge]\n", "networks: {edge: {external: true}}\n"),
    ("restart: always", "", "networks: {default: {external: true}}\n"),
    ("restart: always", "    depends_on: [other]\n", ""),
    ("restart: always", "", "networks: {default: {name: shared}}\n"),
]


@pytest.mark.parametrize(("cache", "more", "end"), NAMED)
def test_host_with_another_name_is_known(tmp_path, cache, more, end):
    siblings = f"  cache:\n    image: redis:7\n    {cache}\n{end}"
    assert told(tmp_path, api(("URL", "redis://redis:6379"), siblings=siblings, more=more)) == []


def test_namespace_of_another_service_has_its_names(tmp_path):
    vpn = "  vpn: {image: 'acme/vpn:1', extra_hosts: ['redis:10.0.0.1']}\n"
    more = "    network_mode: service:vpn\n"
    assert told(tmp_path, api(("URL", "redis://redis:6379"), siblings=vpn, more=more)) == []


def test_mistyped_host_is_a_note_where_any_host_may_be(tmp_path):
    end = "networks: {default: {external: true}}\n"
    text = api(("URL", "http://cahce:6379"), siblings=CACHE + end)
    assert told(tmp_path, text) == []
    assert told(tmp_path, text, notes=True) == [("unknown-host", 4)]


def test_only_service_may_have_company_elsewhere(tmp_path):
    assert told(tmp_path, api(("DB_HOST", "db"), siblings="")) == []


def test_part_of_a_project_names_hosts_of_other_files(tmp_path):
    assert told(tmp_path, api(("URL", "redis://redis"), siblings="  other: {ports: ['80:80']}\n")) == []


def test_host_of_a_base_for_several_projects_may_be_another_ones(tmp_path):
    (tmp_path / "base.yml").write_text(
        "services:\n  app: {image: acme/api:1, environment: {PG_HOST: pgsql, DB_HOST: dbb}}\n"
    )
    text = f"services:\n  api: {{extends: {{file: base.yml, service: app}}, restart: always}}\n{DB}"
    assert told(tmp_path, text) == [("unknown-host", 2)]  # which is nearly 'db'
    assert told(tmp_path, text, notes=True) == [("unknown-host", 2)] * 2


def test_message_names_no_password(tmp_path):
    (tmp_path / "compose.yml").write_text(api(("URL", "postgres://u:hunter2@dbb:5432/x?password=hunter3")))
    [found] = [d for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "unknown-host"]
    assert "hunter" not in found.message + found.remedy
    assert found.message.startswith("service 'api' is told to connect to 'dbb:5432' by 'URL'")


def test_who_listens_on_the_port_is_named(tmp_path):
    (tmp_path / "compose.yml").write_text(api(("URL", "redis://redis"), siblings=CACHE))
    [found] = [d for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "unknown-host"]
    assert found.remedy == "did you mean 'cache', which listens on port 6379?"


def test_command_is_read(tmp_path):
    text = (
        "services:\n  api:\n    image: acme/api:1\n    restart: always\n    command:\n      - --db\n"
        "      - postgres://u@dbb/x\n      - --cache=redis://cahce:6379\n      - cach:6379\n" + DB + CACHE
    )
    assert told(tmp_path, text) == [("unknown-host", 7), ("unknown-host", 8), ("unknown-host", 9)]


def test_store_connects_to_nobody(tmp_path):
    text = "services:\n  db:\n    image: mariadb:11\n    environment: {MARIADB_HOST: shop}\n" + CACHE
    assert told(tmp_path, text) == []


def test_line_of_a_text_in_lines_is_told(tmp_path):
    text = (
        "services:\n  api:\n    image: acme/api:1\n    restart: always\n    environment:\n      CONFIG: |\n"
        "        a: 1\n        url: http://dbb:5432\n" + DB
    )
    assert told(tmp_path, text) == [("unknown-host", 8)]


def test_url_in_a_script_may_be_text(tmp_path):
    command = "sh -c 'sed -i s#https://other-host#https://example.org# /x && serve'"
    text = f"services:\n  api: {{image: 'acme/api:1', restart: always, command: \"{command}\"}}\n" + DB
    assert told(tmp_path, text) == []
    assert told(tmp_path, text.replace("other-host", r"oss\\.example\\.org")) == []


def test_env_file_is_read(tmp_path):
    (tmp_path / "api.env").write_text("A=1\nURL=postgres://dbb/x\n")
    text = "services:\n  api: {image: 'acme/api:1', restart: always, env_file: api.env}\n" + DB
    assert told(tmp_path, text) == [("unknown-host", 2)]
    [found] = [d for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "unknown-host"]
    assert found.span.source.shown.endswith("api.env")


LOCAL = [
    ("DATABASE_URL", "postgres://app@localhost:5432/app"),
    ("DATABASE_URL", "postgres://app@127.0.0.1/app"),
    ("DATABASE_URL", "postgres://app@[::1]:5432/app"),
    ("DATABASE_URL", "jdbc:postgresql://localhost:5432/x"),
    ("DB_HOST", "localhost"),
    ("DB_HOST", "localhost:5432"),
    ("ConnectionStrings__Default", "Host=localhost;Port=5432;Database=x"),
    ("DSN", "u:p@tcp(localhost:5432)/x"),
    ("TARGET", "tcp://localhost:5432"),
]


@pytest.mark.parametrize("variable", LOCAL, ids=" ".join)
def test_localhost_where_a_sibling_listens_is_found(tmp_path, variable):
    assert told(tmp_path, api(variable)) == [("localhost-for-service", 4)]


NOT_LOCAL = [
    (("URL", "postgres://localhost:5432/x"), "    network_mode: host\n"),
    (("URL", "postgres://localhost:5432/x"), "    network_mode: service:db\n"),
    (("URL", "postgres://localhost:5432/x"), "    expose: [5432]\n"),
    (("URL", "postgres://localhost:5432/x"), "    ports: ['15432:5432']\n"),
    (("URL", "postgres://localhost:5432/x"), "    command: serve --port 5432\n"),
    (("URL", "postgres://localhost:3306/x"), ""),
    (("URL", "redis://localhost"), ""),
    (("NEXT_PUBLIC_URL", "http://localhost:5432"), ""),
    (("CORS_ORIGIN", "http://localhost:5432"), ""),
    (("REDIS_HOST", "localhost"), ""),
    (("PHX_HOST", "localhost"), ""),
    (("HOST", "localhost"), ""),
    (("LISTEN", "localhost:80"), ""),
]


@pytest.mark.parametrize(("variable", "more"), NOT_LOCAL)
def test_localhost_that_may_be_meant_is_not_found(tmp_path, variable, more):
    assert told(tmp_path, api(variable, more=more)) == []


def test_localhost_of_a_database_is_itself(tmp_path):
    text = (
        "services:\n  one: {image: 'postgres:16', environment: {URL: 'postgres://localhost/x'}}\n"
        "  two: {image: 'postgres:15'}\n"
    )
    assert told(tmp_path, text) == []


def test_sidecar_listens_on_the_same_localhost(tmp_path):
    text = api(("URL", "postgres://localhost/x")) + (
        "  proxy: {image: 'acme/proxy:1', network_mode: 'service:api', expose: [5432]}\n"
    )
    assert told(tmp_path, text) == []


def test_port_that_everybody_takes_is_no_database(tmp_path):
    zookeeper = "  zookeeper: {image: 'zookeeper:3.9', ports: ['2181:2181'], expose: [8080]}\n"
    for variable in (("API_URL", "http://localhost:8080"), ("ADMIN_ADDR", "localhost:8080")):
        assert told(tmp_path, api(variable, siblings=zookeeper)) == []


def test_web_on_localhost_may_be_for_a_browser(tmp_path):
    web = "  web: {image: 'acme/web:1', ports: ['8080:8080']}\n"
    text = api(("API_URL", "http://localhost:8080"), siblings=web)
    assert told(tmp_path, text) == []
    assert told(tmp_path, text, notes=True) == [("localhost-for-service", 4)]


def test_port_on_the_host_is_named_with_the_containers(tmp_path):
    db = "  db: {image: 'postgres:16', restart: always, ports: ['5433:5432']}\n"
    (tmp_path / "compose.yml").write_text(api(("URL", "postgres://u@localhost:5433/x"), siblings=db))
    [found] = [d for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "localhost-for-service"]
    assert found.remedy == "use 'db:5432'"


PUBLISHED = "  db: {image: 'postgres:16', restart: always, ports: ['5433:5432']}\n"


def test_published_port_is_no_port_between_services(tmp_path):
    found = [("published-port-between-services", 4)]
    for variable in (
        ("URL", "postgres://db:5433/x"),
        ("DB_HOST", "db:5433"),
        ("DB", "db:5433"),
        ("X", "Host=db;Port=5433"),
    ):
        assert told(tmp_path, api(variable, siblings=PUBLISHED)) == found


def test_port_of_its_own_variable_is_told_there(tmp_path):
    text = api(("DB_HOST", "db"), siblings=PUBLISHED).replace(
        "    image: acme", "      DB_PORT: 5433\n    image: acme"
    )
    assert told(tmp_path, text) == [("published-port-between-services", 5)]
    (found,) = (
        d for d in check(tmp_path / "compose.yml").diagnostics if d.rule.startswith("published-port-b")
    )
    assert found.remedy == "use '5432'"


@pytest.mark.parametrize(
    "db",
    [
        "{image: 'postgres:16', ports: ['5433:5432', '5434:5433']}",
        "{image: 'postgres:16', ports: ['5433:5432'], expose: [5433]}",
        "{image: 'postgres:16', ports: ['5433:5432'], command: postgres -p 5433}",
        "{image: 'postgres:16', ports: ['5433:5432'], environment: {PGPORT: 5433}}",
        "{image: 'postgres:16', ports: ['5433:5432/udp']}",
        "{image: 'postgres:16', ports: ['5433-5435:5432']}",
        "{image: 'postgres:16', ports: ['5433:5433']}",
        "{image: 'postgres:16'}",
    ],
)
def test_port_on_which_it_may_listen_is_not_found(tmp_path, db):
    assert told(tmp_path, api(("URL", "postgres://db:5433/x"), siblings=f"  db: {db}\n")) == []


def test_port_of_a_sidecar_is_the_services(tmp_path):
    siblings = PUBLISHED + "  side: {image: 'acme/x:1', network_mode: 'service:db', expose: [5433]}\n"
    assert told(tmp_path, api(("URL", "http://db:5433"), siblings=siblings)) == []


USED = [
    ("URL", "postgres://db:5432/x"),
    ("URL", "postgres://db/x"),
    ("DB_HOST", "db"),
    ("DB", "db:5432"),
    ("X", "Host=db;Database=x"),
]


@pytest.mark.parametrize("variable", USED, ids=" ".join)
def test_use_without_a_dependency_is_found(tmp_path, variable):
    assert told(tmp_path, api(variable, restart="no")) == [("undeclared-dependency", 4)]


@pytest.mark.parametrize(
    "more",
    [
        "    depends_on: [db]\n",
        "    depends_on: [middle]\n",
        "    command: wait-for-it db:5432 -- serve\n",
        "    x-retry: {attempts: 5, wait: 1s}\n",
        "    deploy: {restart_policy: {condition: on-failure}}\n",
        "    links: [db]\n",
        "    scale: 0\n",
    ],
)
def test_use_with_a_dependency_or_a_retry_plan_is_not_found(tmp_path, more):
    siblings = DB + "  middle: {image: 'acme/x:1', depends_on: [db], restart: always}\n"
    assert told(tmp_path, api(("URL", "postgres://db/x"), siblings=siblings, more=more, restart="no")) == []


@pytest.mark.parametrize(
    ("image", "variable"),
    [
        ("postgres:15", ("PRIMARY", "postgres://db/x")),
        ("acme/postgres-exporter:1", ("DATA_SOURCE", "postgres://db/x")),
        ("acme/pgadmin:1", ("DATA_SOURCE", "postgres://db/x")),
        ("acme/api:1", ("URL", "http://db:8008")),
        ("acme/api:1", ("POSTGRES_USER", "db")),
        ("acme/api:1", ("PUBLIC_URL", "http://db:5432")),
    ],
)
def test_use_that_needs_no_start_before_it_is_not_found(tmp_path, image, variable):
    text = api(variable, restart="no").replace("acme/api:1", image)
    assert told(tmp_path, text) == []


def test_dependency_the_other_way_round_is_left_alone(tmp_path):
    db = "  db: {image: 'postgres:16', depends_on: {api: {condition: service_started}}, restart: always}\n"
    assert told(tmp_path, api(("URL", "postgres://db/x"), siblings=db, restart="no")) == []


def test_service_behind_a_profile_need_not_be_there(tmp_path):
    db = "  db: {image: 'postgres:16', profiles: [dev]}\n"
    assert told(tmp_path, api(("URL", "postgres://db/x"), siblings=db, restart="no")) == []


def test_variable_that_the_command_writes_down_is_no_connection(tmp_path):
    more = "    command: sh -c 'configure $$DB_HOST'\n"
    assert told(tmp_path, api(("DB_HOST", "db"), more=more, restart="no")) == []


def test_file_of_all_services_is_not_what_each_of_them_uses(tmp_path):
    (tmp_path / ".env").write_text("URL=postgres://db/x\nLOCAL=redis://localhost\n")
    text = (
        "services:\n  api: {image: 'acme/api:1', env_file: .env, depends_on: [db, cache]}\n"
        "  page: {image: 'acme/page:1', env_file: .env}\n"
        "  db: {image: 'postgres:16', env_file: .env}\n  cache: {image: 'redis:7', env_file: .env}\n"
    )
    assert told(tmp_path, text) == [("localhost-for-service", 2)]
    alone = "services:\n  api: {image: 'acme/api:1', env_file: .env}\n  db: {image: 'postgres:16'}\n"
    assert told(tmp_path, alone) == [("undeclared-dependency", 1)]


def test_value_of_an_anchor_may_be_of_use_to_another_only(tmp_path):
    text = (
        "x-all: &all {URL: 'postgres://db/x'}\nservices:\n  api: {image: 'acme/api:1', environment: *all}\n"
        "  page: {image: 'acme/page:1', environment: *all, depends_on: [db]}\n  db: {image: 'postgres:16'}\n"
    )
    assert told(tmp_path, text) == []
    both = [("undeclared-dependency", 1), ("undeclared-dependency", 1)]
    assert told(tmp_path, text.replace(", depends_on: [db]", "")) == both


NETWORKS = "networks: {one: , two: }\n"


def test_service_in_another_network_is_found(tmp_path):
    other = "  other: {image: 'acme/x:1', networks: [two]}\n" + NETWORKS
    found = told(tmp_path, api(("URL", "http://other:80"), siblings=other, more="    networks: [one]\n"))
    assert found == [("unreachable-host", 4)]


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ("    networks: [one]\n", "add 'two' to the 'networks' of 'api'"),
        ("", "add 'two' to the 'networks' of 'api' (and 'default', which it is in now)"),
    ],
)
def test_who_joins_a_network_by_name_has_to_name_the_default_one_too(tmp_path, more, remedy):
    other = "  other: {image: 'acme/x:1', networks: [two]}\n" + NETWORKS
    (tmp_path / "compose.yml").write_text(api(("URL", "http://other:80"), siblings=other, more=more))
    [finding] = [d for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "unreachable-host"]
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("other", "more"),
    [
        ("networks: [one, two]", "    networks: [one]\n"),
        ("networks: [default]", ""),
        ("network_mode: 'service:api'", "    networks: [one]\n"),
        ("networks: [two]", "    networks: [one]\n    links: [other]\n"),
        ("networks: [two]", "    networks: [one]\n    extra_hosts: ['other:10.0.0.1']\n"),
        ("networks: [two]", "    networks: [one]\n    depends_on: [other]\n"),
        ("networks: [two], profiles: [x]", "    networks: [one]\n    profiles: [y]\n"),
    ],
)
def test_service_in_reach_is_not_found(tmp_path, other, more):
    other = f"  other: {{image: 'acme/x:1', {other}}}\n{NETWORKS}"
    assert told(tmp_path, api(("URL", "http://other:80"), siblings=other, more=more)) == []


def test_alias_is_known_in_its_network_only(tmp_path):
    other = "  other: {image: 'acme/x:1', networks: {one: , two: {aliases: [nick]}}}\n" + NETWORKS
    text = api(("URL", "http://nick:80"), siblings=other, more="    networks: [one]\n")
    assert told(tmp_path, text) == [("unreachable-host", 4)]
    assert told(tmp_path, text.replace("[one]", "[two]")) == []


@pytest.mark.parametrize("mode", ["host", "none", "service:vpn"])
def test_service_without_a_network_of_its_own_has_no_name(tmp_path, mode):
    other = f"  other: {{image: 'acme/x:1', network_mode: '{mode}'}}\n  vpn: {{image: 'acme/vpn:1'}}\n"
    assert told(tmp_path, api(("URL", "http://other:80"), siblings=other)) == [("unreachable-host", 4)]


@pytest.mark.parametrize("mode", ["host", "none", "bridge", "service:vpn"])
def test_name_is_not_known_outside_the_networks(tmp_path, mode):
    vpn = "  vpn: {image: 'acme/vpn:1', network_mode: host}\n"
    text = api(("URL", "postgres://db/x"), siblings=DB + vpn, more=f"    network_mode: '{mode}'\n")
    assert told(tmp_path, text) == [("service-name-outside-network", 4)]


@pytest.mark.parametrize(
    "more",
    [
        "    network_mode: host\n    extra_hosts: ['db:127.0.0.1']\n",
        "    network_mode: bridge\n    links: [db]\n",
        "    network_mode: container:other\n",
        "    network_mode: service:vpn\n",
    ],
)
def test_name_that_is_known_there_is_not_found(tmp_path, more):
    vpn = "  vpn: {image: 'acme/vpn:1'}\n"
    assert told(tmp_path, api(("URL", "postgres://db/x"), siblings=DB + vpn, more=more)) == []


STORES = (
    "  db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: x}}\n"
    "  store: {image: 'minio/minio:RELEASE.2024-08-17T01-24-54Z', command: server /data}\n"
)


@pytest.mark.parametrize(
    ("variable", "severities"),
    [
        ("DB: 'db:5432'", ["warning"]),
        ("S3_ENDPOINT: 'store:9000'", ["warning"]),
        ("TRUSTED_HOSTS: 'db:5432'", []),
        ("HOSTS_ALLOWED: 'db:5432'", []),
        ("PROXY_BYPASS: 'db:5432,store:9000'", []),
        ("IMAGE_DOMAINS: 'store:9000'", []),
        ("CSP_CONNECT_SRC: 'http://store:9000'", []),
        ("S3_PUBLIC_ENDPOINT: 'store:9000'", []),
        ("EXTERNAL_DB: 'postgres://db/x'", ["warning"]),
        ("SCRAPE_TARGETS: 'db:5432'", ["note"]),
        ("MONITOR_DB: 'postgres://db/x'", ["warning"]),
    ],
)
def test_variable_that_only_names_hosts_makes_no_connection(tmp_path, variable, severities):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  app: {{image: 'acme/app:1', environment: {{{variable}}}}}\n{STORES}")
    found = [d for d in check(file, environment={}).diagnostics if d.rule == "undeclared-dependency"]
    assert [d.severity for d in found] == severities
