"""What the rules on healthchecks' tests find, and what looks like it and is none."""

from __future__ import annotations

import json

import pytest

from composecheck.lint import examine
from composecheck.loading.options import Options

WAITING = "  w: {image: acme/w:1, depends_on: {s: {condition: service_healthy}}}\n"
PUBLISHED = "    ports: ['8081:80']\n"
OTHERS = (
    "  api: {image: acme/api:1}\n"
    "  web: {image: acme/web:1, container_name: wb, hostname: hw, networks: {default: {aliases: [al]}}}\n"
)
SHOP = "    environment: {POSTGRES_USER: shop, POSTGRES_DB: orders}\n"


CONFIG = "configs: {c: {content: x}}\nsecrets: {c: {environment: HOME}}\n"


@pytest.fixture
def found(tmp_path):
    """Returns the severity, line and column of what a rule finds in the test of service 's', else None."""

    def find(rule, test, keys="", others="", *, image="acme/s:1", dockerfile=None, environment=()):
        text = test if isinstance(test, str) and test.startswith("\n") else json.dumps(test)
        written = f"    healthcheck:\n      interval: 2s\n      test: {text}\n" if test else ""
        source = f"image: {image}" if dockerfile is None else "build: ."
        (tmp_path / "compose.yml").write_text(f"services:\n  s:\n    {source}\n{written}{keys}{others}")
        if dockerfile is not None:
            (tmp_path / "Dockerfile").write_text(dockerfile)
        report = examine(Options(folder=tmp_path, environment=dict(environment)))
        places = [
            (d.severity, d.span.line, d.span.column)
            for d in report.diagnostics
            if d.rule == f"healthcheck-{rule}" and d.service == "s"
        ]
        assert len(places) < 2
        return places[0] if places else None

    return find


def severity(place):
    return place[0] if place else None


@pytest.mark.parametrize(
    "test",
    [
        ["CMD", "curl -f http://localhost || exit 1"],
        ["CMD", "curl -f", "http://localhost"],
        ["CMD", "pg_isready", "&&", "true"],
        ["CMD", "nc", "-z", "localhost", "80", ">", "/dev/null"],
        ["CMD", "nc", "-z", "localhost", "80", "2>&1"],
        ["CMD", "wget", "-q", "-O", "-", "http://localhost/", "|", "grep", "ok"],
        ["CMD", "curl", "-f", "http://localhost || exit 1"],
        ["CMD", "curl", "-f", "http://localhost:$$PORT"],
        ["CMD", "curl", "-f", "http://localhost:$${PORT:-80}"],
        ["CMD", "mysql", "-p$$MYSQL_ROOT_PASSWORD", "-e", "SELECT 1"],
        ["CMD", "psql", "-U", "$$(cat /run/secrets/user)", "-l"],
        ["CMD", "exit", "0"],
        ["CMD", "PGPASSWORD=x", "psql", "-l"],
        ["CMD-SHELL", "curl", "-f", "http://localhost"],
        '["CMD", "curl", "-f", "http://localhost"]',
        "['CMD-SHELL', 'curl -f http://localhost']",
        "CMD curl -f http://localhost",
        "CMD-SHELL curl -f http://localhost",
    ],
)
def test_what_only_a_shell_reads_is_found_where_there_is_none(found, test):
    assert severity(found("shell-syntax", test)) == "error"


def test_container_that_only_sits_there_has_no_health_unless_somebody_waits(found):
    idle = "    command: tail -f /dev/null\n"
    assert severity(found("always-succeeds", "true", idle)) == "note"
    assert severity(found("always-succeeds", "true", idle, others=WAITING)) == "warning"
    assert severity(found("always-succeeds", "nc -z localhost 80 || true", idle)) == "note"
    assert (
        severity(found("always-succeeds", "nc -z localhost 80 || true", "    command: serve\n")) == "warning"
    )


@pytest.mark.parametrize(
    "test",
    [
        "curl -f http://localhost || exit 1",
        '[ "$$(curl -s http://localhost)" = ok ]',
        "[ -f /tmp/ready ] && [ -s /tmp/ready ]",
        ["CMD-SHELL", "curl -f http://localhost | grep ok > /dev/null"],
        ["CMD-SHELL", 'curl -f "$$1"', "sh", "http://localhost"],
        ["CMD", "sh", "-c", "curl -f http://localhost || exit 1"],
        ["CMD", "/bin/bash", "-ec", "echo $$X > /dev/tcp/localhost/80"],
        ["CMD", "timeout", "5", "bash", "-c", "curl localhost || exit 1"],
        ["CMD", "python", "-c", "import sys; sys.exit(1 > 0 or 2)"],
        ["CMD", "php", "-r", "$$X = 1; exit($$X);"],
        ["CMD", "node", "-e", "a || process.exit(1)"],
        ["CMD", "mongosh", "--eval", "db.adminCommand('ping').ok || quit(1)"],
        ["CMD", "mysql", "-e", "select 1; select 2"],
        ["CMD", "/opt/mssql-tools/bin/sqlcmd", "-Q", "SELECT 1 || exit"],
        ["CMD", "su", "postgres", "-c", "psql -c 'select 1' || exit 1"],
        ["CMD", "find", "/run", "-exec", "test", "-f", "{}", ";"],
        ["CMD", "expr", "1", "|", "2"],
        ["CMD", "env", "PGPASSWORD=x", "psql", "-l"],
        ["CMD", "redis-cli", "-a", "pa$$WORD", "ping"],
        ["CMD", "wget", "--spider", "http://localhost/?a=1&b=2;c=3"],
        ["CMD", "curl", "-f", "-H", "Accept: a | b", "http://localhost"],
        ["CMD", "test", "-f", "/run/ready"],
        ["NONE"],
    ],
)
def test_what_a_shell_or_the_program_itself_reads_is_right(found, test):
    assert found("shell-syntax", test) is None


def test_syntax_is_found_at_the_word(found):
    assert found("shell-syntax", "\n      - CMD\n      - pg_isready\n      - '||'\n      - exit\n") == (
        "error", 9, 9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dockerfile", "line"),
    [
        ("FROM acme/x\nHEALTHCHECK CMD ['curl', '-f', 'http://localhost']\n", 2),
        ('FROM acme/x\nENV PORT=80\nHEALTHCHECK CMD ["curl", "-f", "http://localhost:$PORT"]\n', 3),
        ('FROM acme/x\nHEALTHCHECK --interval=5s CMD ["curl -f http://localhost"]\n', 2),
    ],
)
def test_healthcheck_of_a_dockerfile_is_held_against_the_same_rules(found, dockerfile, line):
    assert found("shell-syntax", None, dockerfile=dockerfile)[:2] == ("error", line)


def test_the_files_own_test_counts_and_not_that_of_the_dockerfile(found):
    dockerfile = "FROM acme/x\nHEALTHCHECK CMD nc -z localhost 80 || true\n"
    assert severity(found("always-succeeds", None, dockerfile=dockerfile)) == "warning"
    assert found("always-succeeds", "nc -z localhost 80", dockerfile=dockerfile) is None
    assert found("always-succeeds", ["NONE"], dockerfile=dockerfile) is None


@pytest.mark.parametrize(
    "test",
    [
        "curl -f http://localhost || true",
        "curl -f http://localhost || exit 0",
        "curl -f http://localhost; exit 0",
        "curl -f http://localhost || echo bad",
        "curl -f http://localhost && exit 0 || exit 0",
        "curl -f http://localhost | cat",
        "curl -f http://localhost &",
        "cd /app && ./check.sh || true",
        "nc -z localhost 80 > /dev/null 2>&1 || :",
        "sh -c 'curl -f http://localhost || true'",
        "ps aux | grep nginx",
        "ps -ef | grep -q nginx || exit 1",
        "ps aux | grep nginx | wc -l",
        "mysqladmin ping",
        ["CMD", "mysqladmin", "ping", "-h", "localhost"],
        "mariadb-admin ping --silent || exit 1",
    ],
)
def test_test_that_cannot_fail_is_found(found, test):
    assert severity(found("always-succeeds", test)) == "warning"


@pytest.mark.parametrize(
    "test",
    [
        ["CMD", "sh", "-c", "exit 0"],
        ["CMD", "true"],
        ["CMD", "/bin/true"],
        ["CMD", "sleep", "1"],
        "exit 0",
        "echo 1",
        "echo ok && exit 0",
        "sleep 5",
    ],
)
def test_test_that_asks_for_nothing_matters_to_who_waits_for_it(found, test):
    assert severity(found("always-succeeds", test)) == "note"
    assert severity(found("always-succeeds", test, others=WAITING)) == "warning"


@pytest.mark.parametrize(
    "test",
    [
        "curl -f http://localhost || exit 1",
        "curl -f http://localhost && exit 0 || exit 1",
        "curl -f http://localhost && echo ok",
        "rm -f /tmp/x || true; curl -f http://localhost",
        "curl -f http://localhost || (echo bad && exit 1)",
        "curl -f http://localhost || { echo bad; exit 1; }",
        "(curl -f http://localhost || true) && test -f /tmp/ready",
        "if curl -f http://localhost; then exit 0; else exit 1; fi",
        "set -e; nc -z localhost 80; true",
        "set -o pipefail; curl -f http://localhost | cat",
        "curl -s http://localhost | grep -c ok",
        "nc -z localhost 80 || exit $$?",
        "ps aux | grep '[n]ginx'",
        "ps aux | grep -v grep | grep nginx",
        "ps aux | grep nginx | grep -v grep",
        "ps | grep nginx",
        "pgrep nginx || exit 1",
        "bash -c 'echo > /dev/tcp/localhost/80'",
        "bash -c ':> /dev/tcp/localhost/80' || exit 1",
        "cat /tmp/healthy",
        "test -f /tmp/ready",
        "exit 1",
        ["CMD", "curl", "-f", "http://localhost", "||", "true"],
        "mysqladmin ping -h 127.0.0.1",
        "mysqladmin ping --protocol=tcp",
        "mysqladmin ping -uroot -p$$MYSQL_ROOT_PASSWORD",
        "MYSQL_PWD=x mysqladmin ping",
        "mysqladmin --defaults-file=/run/my.cnf ping",
        "mysqladmin status",
    ],
)
def test_test_that_can_fail_is_right(found, test):
    assert found("always-succeeds", test) is None


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("curl -s http://localhost", "note"),
        ("curl http://localhost:80/ || exit 1", "note"),
        (["CMD", "curl", "http://localhost"], "note"),
        ("curl -sf http://localhost", None),
        ("curl --fail http://localhost", None),
        ("curl -s http://localhost | grep ok", None),
        ("pgrep -f worker || exit 1", "note"),
        ("pgrep -f '[w]orker' || exit 1", None),
        ("pgrep -x worker || exit 1", None),
        (["CMD", "pgrep", "-f", "worker"], None),
    ],
)
def test_what_may_succeed_when_it_should_not_is_a_note(found, test, expected):
    assert severity(found("always-succeeds", test)) == expected


@pytest.mark.parametrize(
    ("test", "keys"),
    [
        ("curl -f http://localhost:8081", PUBLISHED),
        ("curl -f http://127.0.0.1:8081/health", PUBLISHED),
        ("curl -f http://s:8081/", PUBLISHED),
        ("wget -q --spider localhost:8081/ping", PUBLISHED),
        ("nc -z localhost 8081", PUBLISHED),
        ("bash -c '</dev/tcp/localhost/8081'", PUBLISHED),
        (["CMD", "python", "-c", "import u; u.urlopen('http://localhost:8081/')"], PUBLISHED),
        ("curl -f http://localhost:8081", "    ports: ['127.0.0.1:8081:80']\n"),
        ("curl -f http://localhost:8081", "    ports: ['8000-8100:80']\n"),
        ("curl -f http://localhost:8005", "    ports: ['8000-8010:9000-9010']\n"),
        ("curl -f http://localhost/", "    ports: ['80:8080']\n"),
        ("redis-cli -p 6380 ping", "    ports: ['6380:6379']\n"),
        ("pg_isready -h localhost -p 5433", "    ports: ['5433:5432']\n"),
        ("mysqladmin ping -h 127.0.0.1 -P 3307 -uroot", "    ports: ['3307:3306']\n"),
    ],
)
def test_published_port_is_found_where_the_containers_is_meant(found, test, keys):
    assert severity(found("published-port", test, keys)) == "error"


@pytest.mark.parametrize(
    ("test", "keys", "others"),
    [
        ("curl -f http://localhost:80", PUBLISHED, ""),
        ("curl -f http://localhost", PUBLISHED, ""),
        ("curl -f http://localhost:9999", PUBLISHED, ""),
        ("curl -f http://localhost:8081", "    ports: ['8081:80', '8082:8081']\n", ""),
        ("curl -f http://localhost:8081", "    ports: ['8081:8081']\n", ""),
        ("curl -f http://localhost:8081", "    ports: ['8081:80/udp']\n", ""),
        ("curl -f http://localhost:8081", PUBLISHED + "    expose: ['8081']\n", ""),
        ("curl -f http://localhost:8081", PUBLISHED + "    environment: {LISTEN: '0.0.0.0:8081'}\n", ""),
        ("curl -f http://localhost:8081", PUBLISHED + "    command: serve --port=8081\n", ""),
        ("curl -f http://localhost:8081", PUBLISHED + "    network_mode: host\n", ""),
        (
            "curl -f http://localhost:8081",
            PUBLISHED,
            "  o: {image: acme/o:1, network_mode: 'service:s'}\n",
        ),
        ("curl -f http://localhost:8081 || curl -f http://localhost:80", PUBLISHED, ""),
        ("curl -f http://$$HOST:8081", PUBLISHED, ""),
        ("curl -f http://localhost:$$PORT", PUBLISHED, ""),
        ("curl -f http://o:8081", PUBLISHED, "  o: {image: acme/o:1}\n"),
        ("echo http://localhost:8081 && nc -z localhost 80", PUBLISHED, ""),
        ("pg_isready -h localhost", "    ports: ['5433:5432']\n", ""),
    ],
)
def test_port_that_the_container_may_listen_on_is_right(found, test, keys, others):
    assert found("published-port", test, keys, others) is None


def test_port_that_the_dockerfile_exposes_is_right(found):
    test = "curl -f http://localhost:8081"
    assert found("published-port", test, PUBLISHED, dockerfile="FROM acme/x\nEXPOSE 8081\n") is None
    assert (
        severity(found("published-port", test, PUBLISHED, dockerfile="FROM acme/x\nEXPOSE 80\n")) == "error"
    )


def test_port_that_the_image_is_known_for_is_right(found):
    ports = "    ports: ['9090:9000', '3000:8080']\n"
    assert found("published-port", "curl -f localhost:3000", ports, image="grafana/grafana:11.0.0") is None


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("curl -f http://api:80", "warning"),
        ("curl -f http://wb/", "warning"),
        ("curl -f http://AL/", "warning"),
        ("curl -f http://hw/", "warning"),
        ("nc -z api 80", "warning"),
        ("pg_isready -h api", "warning"),
        ("redis-cli -h api ping", "warning"),
        ("mysqladmin -hapi -uroot ping", "warning"),
        ("mongosh --host api:27017 --eval 1", "warning"),
        ("bash -c '</dev/tcp/api/80'", "warning"),
        (["CMD", "wget", "-q", "--spider", "api:80"], "warning"),
        (["CMD", "node", "-e", "require('http').get('http://api:3000')"], "warning"),
        ("curl -f http://frontend/", "error"),
        ("curl -f frontend:80", "error"),
        ("pg_isready -h database", "error"),
        ("curl -f http://s/", None),
        ("curl -f http://LOCALHOST/", None),
        ("curl -f http://[::1]:80/", None),
        ("curl -f http://user:pw@127.0.0.1/", None),
        ("curl -f http://0.0.0.0:80", None),
        ("curl -f http://example.com/", None),
        ("curl -f http://10.0.0.1/", None),
        ("curl -f http://host.docker.internal/", None),
        ("curl -f http://$$HOSTNAME/", None),
        ("curl -f http://$$(hostname)/", None),
        ("curl -f http://localhost/ && nc -z api 80", None),
        ("curl -f -H 'Host: api' http://localhost/", None),
        ("curl -f -H 'Origin: http://api' http://localhost/", None),
        ("curl --connect-timeout 5 --fail http://localhost", None),
        ("wget -t 1 -T 3 -O /dev/null http://localhost", None),
        ("celery -A app inspect ping -b redis://api:6379", None),
        ("/bin/check --url http://elsewhere/", None),
        ("kafka-topics --bootstrap-server api:9092 --list", None),
        ("redis-cli ping", None),
        ("mysqladmin ping -uroot", None),
    ],
)
def test_host_is_found_that_is_not_the_container_itself(found, test, expected):
    assert severity(found("wrong-host", test, others=OTHERS)) == expected


@pytest.mark.parametrize(
    ("keys", "others"),
    [
        ("    hostname: mine\n", ""),
        ("    container_name: mine\n", ""),
        ("    extra_hosts: ['mine:127.0.0.1']\n", ""),
        ("    extra_hosts: {mine: 10.0.0.1}\n", ""),
        ("    networks: {default: {aliases: [mine]}}\n", ""),
        ("    networks: [far]\n", "networks: {far: {external: true}}\n"),
        ("    external_links: [other:mine]\n", ""),
        ("    dns: [10.0.0.1]\n", ""),
        ("    network_mode: host\n", ""),
        ("    volumes: ['./hosts:/etc/hosts:ro']\n", ""),
    ],
)
def test_name_that_the_container_may_know_is_right(found, keys, others):
    assert severity(found("wrong-host", "curl -f http://mine/")) == "error"
    assert found("wrong-host", "curl -f http://mine/", keys, others) is None


def test_container_that_is_there_to_watch_another_is_right(found):
    test = "nc -z api 80"
    assert found("wrong-host", test, "    command: sleep infinity\n", OTHERS) is None
    assert (
        found("wrong-host", test, "    command: sh -c 'apk add curl && tail -f /dev/null'\n", OTHERS) is None
    )
    assert found("wrong-host", test, "    command: sh -c 'sleep 3 && serve'\n", OTHERS) is not None
    assert found("wrong-host", test, "    network_mode: 'service:api'\n", OTHERS) is None
    assert severity(found("wrong-host", test, "    command: make-cluster api:6379\n", OTHERS)) == "note"


def test_host_from_a_variable_is_not_said_to_be_nobody(found):
    test = "curl -f http://$HOST/"
    assert found("wrong-host", test, environment={"HOST": "mine"}.items()) is None


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("pg_isready -h 127.0.0.1 -U $POSTGRES_USER", "error"),
        ("pg_isready -h 127.0.0.1 -U ${POSTGRES_USER}", "error"),
        ("pg_isready -h 127.0.0.1 -U $$$POSTGRES_USER", "error"),
        (["CMD", "pg_isready", "-U", "$POSTGRES_USER"], "error"),
        ("pg_isready -h 127.0.0.1 -U ${POSTGRES_USER:-postgres}", "warning"),
        ("pg_isready -h 127.0.0.1 -U ${POSTGRES_USER:-shop}", None),
        ("pg_isready -h 127.0.0.1 -U ${POSTGRES_USER:+shop}", "error"),
        ("pg_isready -h 127.0.0.1 -U $$POSTGRES_USER", None),
        ("pg_isready -h 127.0.0.1 -U $${POSTGRES_USER}", None),
        ("pg_isready -h 127.0.0.1 -U $OTHER", None),
        ("for i in 1 2; do nc -z localhost $i || exit 1; done", "error"),
        ("P=80; nc -z localhost $P", "error"),
        ("curl -f http://$HOSTNAME/", "error"),
        ("test $(cat /tmp/x) = 1", None),
    ],
)
def test_variable_of_the_container_is_found_where_compose_replaces_it(found, test, expected):
    assert severity(found("interpolated-variable", test, SHOP)) == expected


def test_variable_is_right_where_both_have_the_same_value(found):
    test = "pg_isready -h 127.0.0.1 -U ${POSTGRES_USER}"

    def with_value(keys, **environment):
        return severity(found("interpolated-variable", test, keys, environment=environment.items()))

    assert with_value(SHOP, POSTGRES_USER="shop") is None
    assert with_value(SHOP, POSTGRES_USER="other") == "warning"
    assert with_value("    environment: {POSTGRES_USER: '${POSTGRES_USER}'}\n") is None
    assert with_value("    environment: [POSTGRES_USER]\n") is None
    assert with_value("    environment: {POSTGRES_USER: '${POSTGRES_USER:-shop}'}\n") == "error"


@pytest.mark.parametrize(
    "test",
    [
        "curl -f ${BASE_URL:-https://localhost}/up",
        "curl -f http://localhost${BASE_URL:+/sub}/up",
        "curl -f http://localhost${BASE_URL}/up",
    ],
)
def test_variable_that_is_passed_on_comes_to_the_same_inside(found, test):
    keys = "    environment: {BASE_URL: '${BASE_URL}'}\n"
    assert found("interpolated-variable", test, keys) is None
    for value in ("http://localhost:8080", ""):
        given = {"BASE_URL": value}.items()
        assert found("interpolated-variable", test, keys, environment=given) is None


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ("curl -f ${BASE_URL-https://localhost}/up", "", "warning"),
        ("curl -f ${BASE_URL-https://localhost}/up", "https://localhost", None),
        ("curl -f ${BASE_URL:-https://localhost}/up", "", None),
        ("curl -f ${BASE_URL:-https://localhost}/up", "https://web", "warning"),
        ("curl -f http://localhost${BASE_URL:+/sub}/up", "", None),
        ("curl -f http://localhost${BASE_URL+/sub}/up", "", "error"),
        ("curl -f http://localhost${BASE_URL:+/sub}/up", "x", "error"),
    ],
)
def test_variable_is_held_against_what_its_operator_makes_of_it_inside(found, test, value, expected):
    keys = f"    environment: {{BASE_URL: '{value}'}}\n"
    assert severity(found("interpolated-variable", test, keys)) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "-u", "root", "-p$$PW"], "note"),
        (["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "-u", "$$USER", "--password=$$PW"], "note"),
        (["CMD", "mariadb-admin", "--user=$$USER", "ping"], "note"),
        (["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "$$POSTGRES_USER"], "note"),
        (["CMD", "pg_isready", "-h", "127.0.0.1", "-d$$POSTGRES_DB"], "note"),
        (["CMD", "mysqladmin", "ping", "-h", "$$HOST"], "error"),
        (["CMD", "mysqladmin", "status", "-p$$PW"], "error"),
        (["CMD", "pg_isready", "-h", "$$HOST"], "error"),
        (["CMD", "psql", "-U", "$$POSTGRES_USER"], "error"),
        (["CMD", "redis-cli", "-p", "$$PORT", "ping"], "error"),
    ],
)
def test_variable_that_nobody_fills_in_is_a_note_where_it_makes_no_difference(found, test, expected):
    assert severity(found("shell-syntax", test)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("${U:?set it}", None), ("${U?}", None), ("${V:?set it}", "error"), ("shop", "error")],
)
def test_variable_that_the_file_requires_of_compose_is_no_other_one(found, given, expected):
    environment = f"    environment: {{U: '{given}'}}\n"
    assert severity(found("interpolated-variable", "pg_isready -U ${U}", environment)) == expected


def test_variable_of_the_dockerfile_is_one_of_the_container(found):
    test = "curl -f http://localhost:$PORT"
    for line in ("ENV PORT=80 X=1", "ENV PORT 80"):
        assert severity(found("interpolated-variable", test, dockerfile=f"FROM acme/x\n{line}\n")) == "error"
    assert found("interpolated-variable", test, dockerfile="FROM acme/x\nENV OTHER=80\n") is None


def test_variable_is_found_at_its_own_line(found):
    script = "          pg_isready -h 127.0.0.1\n          -U $POSTGRES_USER\n"
    test = f"\n        - CMD-SHELL\n        - >-\n{script}"
    assert found("interpolated-variable", test, SHOP) == ("error", 10, 14)


def test_variable_of_an_included_file_has_the_values_of_its_include(tmp_path):
    (tmp_path / "compose.yml").write_text("include: [{path: in.yml, env_file: in.env}]\n")
    (tmp_path / "in.env").write_text("POSTGRES_USER=shop\n")
    (tmp_path / "in.yml").write_text(
        f"services:\n  s:\n    image: acme/s:1\n{SHOP}    healthcheck: {{test: 'psql -U $POSTGRES_USER'}}\n"
    )
    report = examine(Options(folder=tmp_path, environment={}))
    assert "healthcheck-interpolated-variable" not in {d.rule for d in report.diagnostics}


@pytest.mark.parametrize(
    "test",
    [
        "pg_isready",
        "pg_isready -U shop -d orders || exit 1",
        "pg_isready -h /var/run/postgresql",
        ["CMD", "pg_isready", "-q"],
        ["CMD", "sh", "-c", "pg_isready -U shop"],
        "psql -U shop -c 'select 1'",
        "su postgres -c 'pg_isready'",
        "gosu postgres pg_isready",
        "timeout 5 pg_isready -d orders",
        "pg_isready -d postgres:///orders",
    ],
)
def test_question_by_the_socket_is_too_early(found, test):
    assert severity(found("too-early", test, others=WAITING, image="postgres:16")) == "warning"
    assert severity(found("too-early", test, image="postgres:16")) == "note"
    mirrored = "registry.example/mirror/postgres:16"
    assert severity(found("too-early", test, others=WAITING, image=mirrored)) == "warning"
    # The tool alone is no more than a hint; with a variable that only such images read it is one.
    assert severity(found("too-early", test, others=WAITING)) == "note"
    variable = "    environment: {POSTGRES_PASSWORD: x}\n"
    assert severity(found("too-early", test, variable, others=WAITING)) == "warning"
    assert found("too-early", test, others=WAITING, image="bitnami/postgresql:16") is None


@pytest.mark.parametrize("test", ["redis-cli ping", ["CMD", "redis-cli", "-p", "6379", "ping"]])
def test_a_ping_without_the_password_says_nothing(found, test):
    locked = "    command: redis-server --requirepass ${REDIS_PASSWORD:-x}\n"
    assert severity(found("always-succeeds", test, locked, image="redis:7")) == "note"
    assert found("always-succeeds", test, image="redis:7") is None
    variable = "    environment: {REDISCLI_AUTH: x}\n"
    assert found("always-succeeds", test, locked + variable, image="redis:7") is None


@pytest.mark.parametrize(
    "test",
    [
        "redis-cli -a x ping",
        "redis-cli -e ping",
        "redis-cli ping | grep PONG",
        "REDISCLI_AUTH=x redis-cli ping",
        ["CMD-SHELL", "redis-cli -p 6379 ping | grep -qE 'PONG|NOAUTH'"],
    ],
)
def test_one_with_it_or_with_a_look_at_the_answer_does(found, test):
    locked = "    command: redis-server --requirepass x\n"
    assert found("always-succeeds", test, locked, image="redis:7") is None


def test_a_node_that_runs_does_not_listen_yet(found):
    image = "rabbitmq:3.13-management"
    assert severity(found("too-early", "rabbitmq-diagnostics -q ping", image=image)) == "note"
    assert severity(found("too-early", ["CMD", "rabbitmqctl", "status"], image=image)) == "note"
    for test in ("rabbitmq-diagnostics -q check_port_connectivity", "rabbitmq-diagnostics check_running"):
        assert found("too-early", test, image=image) is None
    both = "rabbitmq-diagnostics ping && rabbitmq-diagnostics check_port_connectivity"
    assert found("too-early", both, image=image) is None


@pytest.mark.parametrize(
    "test",
    [
        ["CMD", "mysqladmin", "ping", "h", "localhost", "-uroot", "proot"],
        "mysqladmin ping h 127.0.0.1 || exit 1",
        ["CMD", "redis-cli", "--requirepass", "x", "ping"],
        "redis-cli -h localhost --port 6380 ping",
        "valkey-cli --password x ping | grep PONG",
    ],
)
def test_what_a_client_does_not_take_is_told_once(found, test):
    for image in ("mysql:8.4", "redis:7", "acme/s:1"):
        assert severity(found("wrong-arguments", test, others=WAITING, image=image)) == "warning"
        assert found("too-early", test, others=WAITING, image=image) is None
        assert found("always-succeeds", test, image=image) is None


@pytest.mark.parametrize(
    "test",
    [
        ["CMD", "mysqladmin", "ping", "-h", "localhost", "-u", "root", "-pproot"],
        "mysqladmin proc stat",
        "mysqladmin ping $$ARGUMENTS",
        "mysqladmin status && mysqladmin ping x",
        "redis-cli -a x ping",
        "redis-cli set k --port",
        "redis-cli --requirepass x ping || redis-cli ping",
        "redis-cli -h redis -p 6379 --no-auth-warning ping",
    ],
)
def test_what_it_takes_or_need_not_take_is_fine(found, test):
    assert found("wrong-arguments", test, image="acme/s:1") is None


READY = "exec 3<>/dev/tcp/127.0.0.1/%d; echo 'GET /health/ready' >&3; grep -q UP <&3"
ENABLED = "    environment: {KC_HEALTH_ENABLED: 'true'}\n"


@pytest.mark.parametrize(
    ("tag", "port", "keys", "told"),
    [
        ("26.0", 8080, ENABLED, True),
        ("26.0", 9000, "", True),
        ("26.0", 9000, ENABLED, False),
        ("26.0", 9000, "    command: start-dev --health-enabled=true\n", False),
        ("26.0", 9500, "    environment: {KC_HTTP_MANAGEMENT_PORT: 9500}\n", False),
        ("26.0", 8080, "    entrypoint: /mine.sh\n", False),
        ("24.0", 8080, ENABLED, False),
        ("24.0", 8080, "", True),
        ("16.1", 8080, "", False),
    ],
)
def test_a_page_is_asked_where_it_is_served(found, tag, port, keys, told):
    place = found("missing-page", READY % port, keys, image=f"quay.io/keycloak/keycloak:{tag}")
    assert severity(place) == ("warning" if told else None)


def test_an_image_built_from_a_mirrored_database_is_one(found):
    dockerfile = "FROM harbor.example/dockerhub/library/postgres:16\n"
    assert severity(found("too-early", "pg_isready", others=WAITING, dockerfile=dockerfile)) == "warning"


@pytest.mark.parametrize("test", ["mysqladmin ping -h localhost", ["CMD", "mysqladmin", "ping"]])
def test_a_ping_by_the_socket_is_one_finding(found, test):
    """Where somebody waits, the one whose remedy ends both; else the one that is worse."""
    assert severity(found("too-early", test, others=WAITING, image="mysql:8.4")) == "warning"
    assert found("always-succeeds", test, others=WAITING, image="mysql:8.4") is None
    assert found("too-early", test, image="mysql:8.4") is None
    assert severity(found("always-succeeds", test, image="mysql:8.4")) == "warning"


@pytest.mark.parametrize(
    "test",
    [
        "pg_isready -h localhost",
        "pg_isready --host=127.0.0.1",
        "pg_isready --host 127.0.0.1",
        "pg_isready -qh127.0.0.1",
        "pg_isready -h $$HOSTNAME",
        "PGHOST=127.0.0.1 pg_isready",
        "env PGHOST=127.0.0.1 pg_isready",
        "export PGHOST=127.0.0.1; pg_isready",
        "pg_isready -d postgres://localhost/orders",
        "pg_isready -d 'host=localhost dbname=orders'",
        'psql "$$DATABASE_URL" -c "select 1"',
        "pg_isready && psql -h localhost -c 'select 1'",
        "pg_isready && test -f /tmp/ready",
        "/usr/local/bin/check.sh && pg_isready",
    ],
)
def test_question_by_tcp_is_right(found, test):
    assert found("too-early", test, others=WAITING, image="postgres:16") is None


@pytest.mark.parametrize(
    ("image", "test", "expected"),
    [
        ("mysql:8", "mysqladmin ping -h localhost -uroot -px", "warning"),
        ("mysql:8", "mysqladmin ping -uroot -px -P 3306", "warning"),
        ("mysql:8", "mysql -uroot -px -e 'select 1'", "warning"),
        ("mysql:8", "mysqladmin ping -h 127.0.0.1 -uroot -px", None),
        ("mysql:8", "mysqladmin ping -hs -uroot -px", None),
        ("mysql:8", "mysqladmin ping --protocol tcp -uroot -px", None),
        ("mariadb:10.11", "mariadb-admin ping -uroot -px", "warning"),
        ("mariadb:10.11", "mariadb-admin ping -uroot -px -P 3306", None),
        ("mariadb:10.11", "healthcheck.sh --connect --innodb_initialized", None),
        ("redis:7", "redis-cli -s /tmp/redis.sock ping", None),
    ],
)
def test_localhost_is_the_socket_to_clients_of_mysql(found, image, test, expected):
    assert severity(found("too-early", test, others=WAITING, image=image)) == expected


def test_database_that_is_built_is_too_early_as_well(found):
    assert severity(found("too-early", "pg_isready", others=WAITING, dockerfile="FROM postgres:16\n"))
    own = "FROM postgres:16\nHEALTHCHECK --interval=2s CMD pg_isready\n"
    assert found("too-early", None, others=WAITING, dockerfile=own)[:2] == ("warning", 2)
    assert severity(found("too-early", None, others=WAITING, dockerfile=own.replace("2s", "9s"))) == "note"
    host = "FROM postgres:16\nENV PGHOST=localhost\n"
    assert found("too-early", "pg_isready", others=WAITING, dockerfile=host) is None


SCRIPTS = "/docker-entrypoint-initdb.d"


@pytest.mark.parametrize(
    ("image", "keys", "expected"),
    [
        ("postgres:16", "interval: 5s", "warning"),
        ("postgres:16", "interval: 10s", "note"),
        ("postgres:16", "timeout: 5s", "note"),
        ("postgres:16", "interval: 30s, start_period: 20s, start_interval: 1s", "warning"),
        ("postgres:16", "interval: 30s, start_period: 20s", "note"),
        ("postgis/postgis:16-3.4", "interval: 10s", "warning"),
        ("mysql:8.4", "interval: 10s", "warning"),
        ("mysql:8.4", "interval: 60s", "note"),
        ("postgres:16", f"interval: 10s}}, volumes: ['./a.sql:{SCRIPTS}/a.sql']", "warning"),
        ("postgres:16", f"interval: 10s}}, volumes: ['./full:{SCRIPTS}']", "warning"),
        ("postgres:16", f"interval: 10s}}, volumes: ['./none:{SCRIPTS}']", "note"),
        ("postgres:16", "interval: 10s}, volumes: ['./full:/backup']", "note"),
        ("postgres:16", f"interval: 10s}}, configs: [{{source: c, target: {SCRIPTS}/c.sql}}]", "warning"),
        ("postgres:16", "interval: 10s}, configs: [c]", "note"),
        ("postgres:16", f"interval: 60s}}, volumes: ['./full:{SCRIPTS}']", "note"),
    ],
)
def test_a_test_that_seldom_meets_the_temporary_server_is_a_note(tmp_path, image, keys, expected):
    test = "mysqladmin ping -uroot -px" if image.startswith("mysql") else "pg_isready"
    end = "" if "}" in keys else "}"
    (tmp_path / "compose.yml").write_text(
        f"services:\n  s: {{image: '{image}', healthcheck: {{test: {test}, {keys}{end}}}\n{WAITING}"
        "configs: {c: {content: x}}\n"
    )
    (tmp_path / "none").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a.sql").touch()
    (tmp_path / "a.sql").touch()
    report = examine(Options(folder=tmp_path, environment={}))
    assert [d.severity for d in report.diagnostics if d.rule == "healthcheck-too-early"] == [expected]


@pytest.mark.parametrize("line", [f"COPY a.sql {SCRIPTS}/", "COPY a.sql /backup/"])
def test_scripts_that_are_built_in_make_the_temporary_server_last(tmp_path, line):
    (tmp_path / "Dockerfile").write_text(f"FROM postgres:16\n{line}\n")
    (tmp_path / "compose.yml").write_text(
        f"services:\n  s: {{build: ., healthcheck: {{test: pg_isready, interval: 10s}}}}\n{WAITING}"
    )
    report = examine(Options(folder=tmp_path, environment={}))
    severities = [d.severity for d in report.diagnostics if d.rule == "healthcheck-too-early"]
    assert severities == ["warning" if SCRIPTS in line else "note"]


def test_pghost_of_the_service_is_tcp(found):
    keys = "    environment: {PGHOST: localhost}\n"
    assert found("too-early", "pg_isready", keys, WAITING, image="postgres:16") is None


@pytest.mark.parametrize(
    ("image", "test", "mended"),
    [
        ("postgres:16", "pg_isready -U shop", "pg_isready -h 127.0.0.1 -U shop"),
        ("postgres:16", '[CMD-SHELL, "pg_isready || :"]', '[CMD-SHELL, "pg_isready -h 127.0.0.1 || :"]'),
        ("postgres:16", '["CMD", "pg_isready", "-q"]', '["CMD", "pg_isready", "-h", "127.0.0.1", "-q"]'),
        ("postgres:16", "[CMD, pg_isready]", '[CMD, pg_isready, "-h", "127.0.0.1"]'),
        ("postgres:16", "pg_isready -d postgres:///x", None),
        ("postgres:16", "pg_isready && pg_isready -q", None),
        ("postgres:16", "psql -c 'select 1'", None),
        ("mysql:8", "mysqladmin ping -uroot -px", "mysqladmin -h 127.0.0.1 ping -uroot -px"),
        ("mysql:8", "mysqladmin ping -h localhost -uroot -px", None),
        ("mysql:8", "mysqladmin status -uroot -px", None),
    ],
)
def test_fix_makes_it_tcp_where_that_is_all(tmp_path, image, test, mended):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  s:\n    image: {image}\n    healthcheck:\n      test: {test}\n")
    report = examine(Options(folder=tmp_path, environment={}))
    fix = next(d.fix for d in report.diagnostics if d.rule == "healthcheck-too-early")()
    if mended is None:
        assert fix is None
    else:
        (edit,) = fix.edits
        at, line = edit.span.column - 1, file.read_text().split("\n")[edit.span.line - 1]
        assert line[:at] + edit.text + line[at:] == f"      test: {mended}"
        file.write_text(file.read_text().replace(line, f"      test: {mended}"))
        project = examine(Options(folder=tmp_path, environment={})).project
        path = ("services", "s", "healthcheck", "test")
        assert fix.changes == {path: list(project.services["s"].healthcheck.test)}


CURL = "curl -f http://localhost:8000 || exit 1"


@pytest.mark.parametrize(
    ("image", "test"),
    [
        ("postgres:16", CURL),
        ("redis:7-alpine", ["CMD", "curl", "-f", "http://localhost"]),
        ("redis:7", "/usr/bin/curl -f http://localhost"),
        ("redis:7", 'test "$$(curl -s http://localhost)" = 1'),
        ("redis:7", ["CMD", "timeout", "5", "curl", "-f", "http://localhost"]),
        ("redis:7-alpine", ["CMD", "bash", "-c", "</dev/tcp/localhost/6379"]),
        ("redis:7-alpine", "bash -c '</dev/tcp/localhost/6379'"),
        ("mariadb:11", "mysqladmin ping -h 127.0.0.1 -uroot"),
        ("gcr.io/distroless/static-debian12:nonroot", "/app --check"),
        ("gcr.io/distroless/base", ["CMD", "sh", "-c", "/app --check"]),
        ("gcr.io/distroless/base", ["CMD", "wget", "http://localhost"]),
    ],
)
def test_tool_that_the_image_lacks_is_found(found, image, test):
    assert severity(found("missing-tool", test, image=image)) == "error"


@pytest.mark.parametrize("keys", ["secrets: [c]", "configs: [c]", "configs: [{source: c, target: /etc/c}]"])
def test_a_secret_or_config_of_another_name_brings_no_tool(found, keys):
    assert severity(found("missing-tool", CURL, f"    {keys}\n{CONFIG}", image="redis:7")) == "error"


@pytest.mark.parametrize(
    ("image", "test", "keys"),
    [
        ("acme/x:1", CURL, ""),
        ("redis@sha256:" + "a" * 64, CURL, ""),
        ("redis:7", "redis-cli ping | grep PONG", ""),
        ("redis:7", "curl -f http://localhost || redis-cli ping", ""),
        ("redis:7", "command -v curl && curl -f http://localhost || redis-cli ping", ""),
        ("redis:7", "if command -v curl; then curl localhost; else redis-cli ping; fi", ""),
        ("redis:7", "/opt/tools/curl -f http://localhost", ""),
        ("redis:7", CURL, "    volumes: ['./curl:/usr/local/bin/curl']\n"),
        ("redis:7", CURL, "    volumes: ['./bin:/usr/local/bin']\n"),
        ("redis:7", CURL, "    configs: [{source: c, target: /usr/bin/curl}]\n" + CONFIG),
        ("redis:7", CURL, "    command: sh -c 'apt-get install -y curl && exec redis-server'\n"),
        ("redis:7-alpine", "wget -q --spider http://localhost", ""),
        ("mariadb:10.6", "mysqladmin ping -h 127.0.0.1 -uroot", ""),
        ("gcr.io/distroless/static:debug", "wget -q http://localhost", ""),
        ("gcr.io/distroless/static", ["CMD", "/app", "--check"], ""),
    ],
)
def test_tool_that_is_there_or_may_be_is_right(found, image, test, keys):
    assert found("missing-tool", test, keys, image=image) is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("FROM python:3.12-slim\nRUN pip install flask", "error"),
        ("FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc libcurl4", "error"),
        ("FROM node:20-alpine\nRUN apk add --no-cache tini && npm ci", "error"),
        ("FROM node:20-alpine AS b\nRUN apk add curl\nFROM node:20-alpine\nCOPY --from=b /a /a", "error"),
        ("ARG BASE=python:3.12-slim\nFROM $BASE", "error"),
        ("FROM scratch\nCOPY app /app", "error"),
        ("FROM python:3.12-slim\nRUN ./setup.sh", "note"),
        ("FROM node:20-alpine\nRUN apk add --no-cache $PACKAGES", "note"),
        ("FROM python:3.12-slim\nCOPY --from=tools / /", "note"),
        ("FROM python:3.12-slim\nCOPY app.py requirements.txt /", "error"),
        ("FROM python:3.12-slim\nRUN apt-get update && apt-get install -y curl", None),
        ("FROM python:3.12-slim AS a\nRUN apt-get install -y curl\nFROM a", None),
        ("FROM python:3.12-slim\nCOPY --from=curlimages/curl /usr/bin/curl /usr/bin/", None),
        ("FROM python:3.12-slim\nADD https://example.com/x /usr/local/bin/curl", None),
        ("FROM python:3.12-slim\nRUN <<EOF\napt-get update\napt-get install -y curl\nEOF", None),
        ("FROM python:3.12-slim\nRUN bash <<EOF\napt-get install -y curl\nEOF", None),
        ("FROM python:3.12-slim\nRUN <<EOF\n#!/bin/bash\napt-get install -y curl\nEOF", None),
        ("FROM python:3.12-slim\nRUN <<EOF\npip install flask\nEOF", "error"),
        ("FROM python:3.12-slim\nRUN <<EOF\n#!/usr/bin/env python3\nsetup()\nEOF", "note"),
        ("FROM python:3.12-slim\nRUN cat <<EOF > /motd\napt-get install -y curl\nEOF", "error"),
        ("FROM python:3.12-slim\nCOPY <<EOF /motd\nRUN apt-get install -y curl\nEOF", "error"),
        ("FROM python:3.12-slim\nCOPY <<-A <<B /x/\n\tcurl\n\tA\ncurl\nB", "error"),
        ("FROM python:3.12-slim\nCOPY --chmod=755 <<EOF /usr/bin/curl\n#!/bin/sh\nEOF", None),
        ("FROM python:3.12", None),
        ("FROM acme/base:1", None),
        ("ARG BASE\nFROM $BASE", None),
    ],
)
def test_dockerfile_says_whether_it_brings_the_tool(found, lines, expected):
    assert severity(found("missing-tool", CURL, dockerfile=f"{lines}\n")) == expected


@pytest.mark.parametrize(
    ("lines", "test", "expected"),
    [
        ("COPY app /app", ["CMD", "/app", "--check"], None),
        ("COPY . /app", ["CMD", "/app/server", "--check"], None),
        ("WORKDIR /app\nCOPY server .", ["CMD", "./server", "--check"], None),
        ("COPY --from=busybox /bin/busybox /bin/sh", "nc -z localhost 80", None),
        ("COPY probe /bin/grpc_health_probe", ["CMD", "/bin/grpc_health_probe"], None),
        ("COPY app /app", ["CMD", "curl", "http://localhost"], "error"),
        ("COPY app /app", ["CMD", "/bin/probe"], "error"),
        ("ADD rootfs.tar.gz /", ["CMD", "curl", "http://localhost"], "note"),
    ],
)
def test_image_from_scratch_has_what_is_copied(found, lines, test, expected):
    assert severity(found("missing-tool", test, dockerfile=f"FROM scratch\n{lines}\n")) == expected


@pytest.mark.parametrize(
    ("environment", "remedy"),
    [
        ("{PORT: '80'}", ""),
        ("{WEB_PORT: '${PORT:-80}'}", "; there 'PORT' is not known: what it stands for is 'WEB_PORT'"),
        (
            "{COLOUR: red}",
            "; and set 'PORT' in its 'environment', unless its image does",
        ),
    ],
)
def test_variable_that_a_shell_would_not_know_either_is_told(tmp_path, environment, remedy):
    (tmp_path / "compose.yml").write_text(
        f"services:\n  s:\n    image: acme/s:1\n    environment: {environment}\n    healthcheck:\n"
        '      test: ["CMD", "curl", "-f", "http://localhost:$$PORT/"]\n'
    )
    report = examine(Options(folder=tmp_path, environment={}))
    (found,) = [d for d in report.diagnostics if d.rule == "healthcheck-shell-syntax"]
    assert found.remedy == f'begin the list with "CMD-SHELL" and write the rest as one text{remedy}'
    assert (found.fix is None) == ("not known" in remedy)


@pytest.mark.parametrize(
    ("image", "test"),
    [
        ("ollama/ollama:0.5.4", "cat < /dev/null > /dev/tcp/localhost/11434 || exit 1"),
        ("nginx:1.27", ["CMD", "sh", "-c", "(echo > /dev/tcp/127.0.0.1/80) 2>/dev/null"]),
        ("redis:7-alpine", "exec 3<>/dev/tcp/127.0.0.1/6379"),
    ],
)
def test_connection_that_only_bash_opens_is_found_where_another_shell_is_to(found, image, test):
    assert severity(found("missing-tool", test, image=image)) == "error"


@pytest.mark.parametrize(
    ("image", "test", "dockerfile"),
    [
        ("nginx:1.27", ["CMD", "bash", "-c", "echo > /dev/tcp/127.0.0.1/80"], None),
        ("nginx:1.27", "bash -c 'echo > /dev/tcp/127.0.0.1/80'", None),
        ("mysql:8.4", "echo > /dev/tcp/127.0.0.1/3306", None),
        ("mariadb:11-ubi", "echo > /dev/tcp/127.0.0.1/3306", None),
        ("acme/own:1", "echo > /dev/tcp/127.0.0.1/80", None),
        ("", "echo > /dev/tcp/127.0.0.1/80", 'FROM debian:12\nSHELL ["/bin/bash", "-c"]\n'),
        ("", "echo > /dev/tcp/127.0.0.1/80", "FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\n"),
    ],
)
def test_connection_that_bash_opens_or_a_shell_of_which_nothing_is_known_is_right(
    found, image, test, dockerfile
):
    assert found("missing-tool", test, image=image, dockerfile=dockerfile) is None


@pytest.mark.parametrize(
    ("test", "keys", "image", "expected"),
    [
        ("curl -f http://host.docker.internal:9200/", "", "elasticsearch:8.15.0", "warning"),
        ("curl -f http://host.docker.internal:3000/", "    expose: [3000]\n", "acme/s:1", "warning"),
        ("curl -f http://host.docker.internal:3000/", "", "acme/s:1", None),
        ("curl -f http://host.docker.internal:3000/", "    ports: ['3000:3000']\n", "acme/s:1", None),
        ("curl -f http://host.docker.internal:9200/ || curl localhost", "", "elasticsearch:8.15.0", None),
        ("curl -f http://host.docker.internal/", "    expose: [8080]\n", "acme/s:1", None),
    ],
)
def test_test_that_asks_the_machine_for_its_own_port(found, test, keys, image, expected):
    assert severity(found("wrong-host", test, keys, image=image)) == expected


WGET = ["CMD", "wget", "-q", "--spider", "http://localhost:3000/"]


@pytest.mark.parametrize(
    ("image", "keys"),
    [
        ("node:22-alpine", "    command: serve --host 0.0.0.0\n"),
        ("acme/app:1-alpine", "    environment: {HOST: 0.0.0.0}\n"),
        ("python:3.12-alpine", "    command: [gunicorn, -b, '0.0.0.0:3000', app]\n"),
    ],
)
def test_wget_of_busybox_asks_localhost_where_ipv4_alone_is_listened_on(found, image, keys):
    assert severity(found("wrong-loopback", WGET, keys, image=image)) == "note"


@pytest.mark.parametrize(
    ("test", "image", "keys"),
    [
        (WGET, "node:22", "    command: serve --host 0.0.0.0\n"),
        (WGET, "node:22-alpine", "    command: serve\n"),
        (WGET, "node:22-alpine", "    command: serve --host 0.0.0.0 --host '[::]'\n"),
        ([*WGET[:-1], "http://127.0.0.1:3000/"], "node:22-alpine", "    command: serve --host 0.0.0.0\n"),
        (["CMD", "curl", "http://localhost:3000/"], "node:22-alpine", "    command: serve --host 0.0.0.0\n"),
        (WGET, "node:22-alpine", "    environment: {NET: 10.0.0.0.0}\n"),
    ],
)
def test_wget_finds_the_server_or_who_knows(found, test, image, keys):
    assert found("wrong-loopback", test, keys, image=image) is None


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("listen 3000;", "note"),
        ("listen 0.0.0.0:3000;", "note"),
        ("listen 3000; listen [::]:3000;".replace("; l", ";\n  l"), None),
        ("listen [::]:3000 ipv6only=off;", None),
    ],
)
def test_configuration_of_nginx_says_whether_it_listens_on_ipv6(tmp_path, found, listen, expected):
    (tmp_path / "site.conf").write_text(f"server {{\n  {listen}\n}}\n")
    keys = "    volumes: ['./site.conf:/etc/nginx/conf.d/default.conf:ro']\n"
    assert severity(found("wrong-loopback", WGET, keys, image="nginx:1.27-alpine")) == expected


def test_variable_that_the_sample_of_an_env_file_gives_to_both_is_right(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  a:\n    image: acme/a:1\n    environment: ['PORT=${PORT:-80}']\n"
        "    healthcheck: {test: [CMD, curl, -f, 'http://localhost:${PORT}/']}\n"
    )

    def found():
        return [
            (d.severity, d.remedy)
            for d in examine(Options(files=(str(file),), environment={})).diagnostics
            if d.rule == "healthcheck-interpolated-variable"
        ]

    assert found() == [("error", "write '${PORT:-80}' here too")]
    (tmp_path / ".env.example").write_text("OTHER=80\n")
    assert len(found()) == 1
    (tmp_path / ".env.example").write_text("PORT=80\n")
    assert found() == []


def early(tmp_path, *services):
    """Return the severities of what is found of a test by the socket that these wait for."""
    lines = "".join(
        f"  w{number}: {{{each}, depends_on: {{db: {{condition: service_healthy}}}}}}\n"
        for number, each in enumerate(services)
    )
    (tmp_path / "compose.yml").write_text(
        "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
        f"    healthcheck: {{test: [CMD, pg_isready], interval: 2s}}\n{lines}"
    )
    return [
        d.severity
        for d in examine(Options(folder=tmp_path, environment={})).diagnostics
        if "too-early" in d.rule
    ]


_TEMPORAL = "image: 'temporalio/auto-setup:1.25', environment: {DB: postgres12, POSTGRES_SEEDS: db}"
_WRAPPED = "image: 'acme/api:1', command: ['./wait-for-it.sh', 'db:5432', '--strict', '--', 'api']"
_ONCE = "image: 'acme/api:1', environment: {DB_HOST: db}"


@pytest.mark.parametrize(
    ("services", "severity"),
    [
        ((_TEMPORAL,), "note"),
        ((_WRAPPED,), "note"),
        ((_TEMPORAL, _WRAPPED), "note"),
        ((_ONCE,), "warning"),
        ((_TEMPORAL, _ONCE), "warning"),
        ((f"{_ONCE}, restart: always",), "warning"),
        ((_WRAPPED.replace("'--strict', ", ""),), "warning"),
    ],
)
def test_early_answer_matters_to_who_does_not_ask_again(tmp_path, services, severity):
    assert early(tmp_path, *services) == [severity]
