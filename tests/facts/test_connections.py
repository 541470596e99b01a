"""By what a service names another one, and how sure it is that the two race."""

import pytest

from composecheck.facts import Facts, connections
from composecheck.lint import check, load


@pytest.fixture
def facts(tmp_path):
    """Return the facts of services with some keys, and of files beside them."""

    def make(files=(), **services):
        for path, text in dict(files).items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        rows = (f"  {name}: {{{body}}}\n" for name, body in services.items())
        (tmp_path / "compose.yml").write_text("services:\n" + "".join(rows))
        return Facts(load(tmp_path / "compose.yml", environment={}))

    return make


def naming(facts, one="a", other="db"):
    return facts.connections.naming(facts.services[one], facts.services[other])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("environment: {URL: 'postgres://u:p@db:5432/x'}", "value"),
        ("environment: {HOST: db}", "value"),
        ("environment: {BROKERS: 'x:1,db:2'}", "value"),
        ("environment: {URL: 'http://db:80'}", "web"),
        ("environment: {CONFIG_SERVER_URI: 'http://db:80'}", "command"),
        ("environment: {JWKS_URL: 'http://db:80'}", "command"),
        ("environment: {URL: 'http://db:80', HOST: db}", "value"),
        ("command: run --db db:5432", "command"),
        ("command: sh -c 'nc -z db 5432'", "command"),
        ("entrypoint: [run, tcp://db]", "command"),
        ("environment: {HOST: database}", "value"),
        ("environment: {HOST: 10.5.0.2}", "value"),
        ("environment: {HOST: other}", "nothing"),
        ("environment: {HOST: db-2}", "nothing"),
        ("environment: {PATH: /var/lib/db}", "nothing"),
        ("environment: {URL: 'db://other'}", "nothing"),
        ("command: /opt/db run", "nothing"),
        ("labels: {host: db}", "nothing"),
        ("init: true", "nothing"),
    ],
)
def test_the_keys_of_a_service_name_another(facts, body, found):
    db = "image: db, container_name: database, networks: {default: {ipv4_address: 10.5.0.2}}"
    assert naming(facts(a=f"image: a, {body}", db=db)) == found


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("run.sh", "psql -h db -c 'select 1'\n", "value"),
        ("run.sh", "nc -z db 5432\n", "value"),
        ("run", "#!/bin/bash\ncurl http://db/\n", "value"),
        ("app.env", "DB_HOST=db\n", "value"),
        ("app.yml", "host: db\n", "value"),
        ("app.yml", "hosts: [ 'db:9042' ]\n", "value"),
        ("app.json", '{"url": "amqp://db/x"}', "value"),
        ("app.json", '{"proxy": "http://db:3000"}', "web"),
        ("app.conf", "upstream x { server db:8000; }\n", "value"),
        ("app.toml", "# the db is elsewhere\n", "nothing"),
        ("app.py", "run('db')\n", "word"),
        ("app.yml", "kind: db\n", "word"),
        ("app.toml", "path = '/var/db'\n", "nothing"),
        ("blob", b"\x00\x01'db'", "nothing"),
        ("blob.txt", b"\xff\xfe host='db'", "value"),
    ],
)
def test_the_files_that_a_service_mounts_name_another(facts, name, text, found):
    keys = f"image: a, volumes: ['./conf/{name}:/{name}']"
    assert naming(facts({f"conf/{name}": text}, a=keys, db="image: db")) == found


@pytest.mark.parametrize("many", [1, 100])
def test_only_the_lines_that_name_a_service_are_looked_at(facts, many, monkeypatch):
    looked = []
    written = connections._written
    monkeypatch.setattr(connections, "_written", lambda text: looked.append(text) or written(text))
    others = {f"other{n}": "image: x" for n in range(many)}
    text = "host: elsewhere\n" * 500 + "\n\nhost: DB\r\nuri: x"
    found = facts({"app.yml": text}, a="image: a, volumes: ['./app.yml:/app.yml']", db="image: db", **others)
    assert naming(found) == "value"
    assert naming(found, other="other0") == "nothing"
    assert looked == ["host: DB\r"]


def test_names_too_many_to_look_for_are_found_in_all_lines(facts):
    others = {f"{n}x": "image: x" for n in range(100)}
    keys = "image: a, volumes: ['./app.yml:/app.yml']"
    found = facts({"app.yml": "x: y\nhost: 7x\n"}, a=keys, db="image: db", **others)
    assert naming(found, other="7x") == "value"
    assert naming(found) == "nothing"


def test_what_lies_in_a_mounted_folder_counts(facts):
    files = {"conf/deep/er/app.yml": "host: db\n", "conf/node_modules/x.js": "'cache'\n"}
    found = facts(files, a="image: a, volumes: ['./conf:/etc/a']", db="image: db", cache="image: b")
    assert naming(found) == "value"
    assert naming(found, other="cache") == "nothing"


def test_what_a_dockerfile_copies_counts(facts):
    files = {
        "Dockerfile": "FROM x AS one\nCOPY src /src\nFROM x\nCOPY --from=one other /\nENV CACHE=cache\n",
        "src/main.py": "connect(host='db')\n",
        "other/main.py": "connect(host='queue')\n",
    }
    found = facts(files, a="build: .", db="image: db", cache="image: b", queue="image: c")
    assert [naming(found, other=name) for name in ("db", "cache", "queue")] == ["value", "value", "nothing"]


def test_a_compose_file_beside_the_sources_does_not_count(facts):
    files = {"Dockerfile": "FROM x\nCOPY . /\n", "main.py": "run('x')\n", "compose.dev.yml": "x: db\n"}
    assert naming(facts(files, a="build: .", db="image: db")) == "nothing"


def test_a_program_without_a_word_here_is_elsewhere(facts):
    files = {"Dockerfile": "FROM x\nCOPY main.py /\n", "main.py": ""}
    assert naming(facts(files, a="build: .", db="image: db")) == "unread"
    assert (
        naming(facts({"Dockerfile": "FROM x\nRUN git clone y\n"}, a="build: .", db="image: db")) == "unread"
    )


def test_a_config_counts(facts, tmp_path):
    (tmp_path / "c.conf").write_text("server db:8000\n")
    (tmp_path / "compose.yml").write_text(
        "services:\n  a: {image: a, configs: [c, d]}\n  db: {image: db}\n  cache: {image: c}\n"
        "configs:\n  c: {file: ./c.conf}\n  d: {content: 'host=cache'}\n"
    )
    found = Facts(load(tmp_path / "compose.yml", environment={}))
    assert [naming(found, other=name) for name in ("db", "cache")] == ["value", "value"]


@pytest.mark.parametrize(
    "body", ["build: ./nowhere", "build: https://git.example/x.git", "build: {context: ., target: none}"]
)
def test_what_cannot_be_read_is_not_said_to_name_nobody(facts, body):
    assert naming(facts(a=body, db="image: db")) == "unread" if "target" not in body else True


@pytest.mark.parametrize(
    "body",
    [
        "environment: [DB_HOST]",
        "environment: {DB_HOST: '${DB_HOST}'}",
        "env_file: [{path: ./none.env, required: false}]",
    ],
)
def test_what_the_machine_tells_is_not_known(facts, body):
    assert naming(facts(a=f"image: a, {body}", db="image: db")) == "unread"
    assert naming(facts(a="image: a, environment: [COLOUR]", db="image: db")) == "nothing"


def test_what_is_too_much_to_be_read_is_not_said_to_name_nobody(facts):
    files = {f"conf/{n}.yml": "a: b\n" for n in range(201)}
    assert naming(facts(files, a="image: a, volumes: ['./conf:/etc/a']", db="image: db")) == "unread"


def test_files_outside_of_the_repository_are_not_read(tmp_path):
    (tmp_path / "outside.yml").write_text("host: db\n")
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "deploy").mkdir()
    (folder / "beside.yml").write_text("host: cache\n")
    (folder / "deploy" / "compose.yml").write_text(
        "services:\n  a: {image: a, volumes: ['../../outside.yml:/a', '../beside.yml:/b']}\n"
        "  db: {image: db}\n  cache: {image: c}\n"
    )
    found = Facts(load(folder / "deploy" / "compose.yml", environment={}))
    assert [naming(found, other=name) for name in ("db", "cache")] == ["nothing", "value"]


@pytest.mark.parametrize(
    ("body", "other"),
    [
        ("healthcheck: {test: 'redis-cli -h a ping'}", "a"),
        ("command: server --peers a:7000", "a"),
        ("environment: {PEERS: 'a:7000,db:7000'}", "a"),
        ("environment: {PEERS: 'late:7000'}", "late"),
        ("environment: {KNOWN_SECRETS: 'db[a],db[late]'}", None),
        ("environment: {ADD_TOKENS: 'a,late'}", None),
        ("environment: {CACHE: early}", None),
        ("environment: {FRONTEND_URL: 'http://a/'}", None),
        ("volumes: ['./peers.conf:/peers.conf']", "a"),
        ("init: true", None),
    ],
)
def test_a_target_may_itself_wait_for_its_dependent(facts, tmp_path, body, other):
    found = facts(
        {"peers.conf": "peer=a\n"},
        a="image: a, depends_on: [db]",
        db=f"image: db, {body}",
        late="image: a, depends_on: [a]",
        early="image: b",
    )
    services = found.services
    asked = found.connections.waits_on(services["db"], services["a"])
    assert (asked.name if asked else None) == other
    (remedy,) = [
        d.remedy
        for d in check(tmp_path / "compose.yml", environment={}).diagnostics
        if d.rule == "unguarded-dependency" and d.service == "a"
    ]
    assert ("service_healthy" in remedy) is (other is None)


KAFKA = "image: 'apache/kafka:3.9.0'"


def severity(tmp_path, a, peer, dockerfile=None):
    if dockerfile is not None:
        (tmp_path / "Dockerfile").write_text(dockerfile)
    file = tmp_path / "compose.yml"
    (tmp_path / "x.yml").write_text("kind: peer\n")
    file.write_text(f"services:\n  a: {{{a}, depends_on: [peer]}}\n  peer: {{{peer}}}\n")
    found = [d for d in check(file, environment={}).diagnostics if d.rule == "unguarded-dependency"]
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("a", "peer", "found"),
    [
        # An application of one's own that names its database: what this project is for.
        ("image: a, environment: {DB: 'postgres://peer/x'}", "image: 'postgres:16'", "warning"),
        ("image: a, environment: {ES: 'http://peer:9200'}", "image: 'elasticsearch:8.15.0'", "warning"),
        ("image: a, environment: {DB_HOST: peer}", "image: b", "warning"),
        ("image: a, environment: {ADDRESS: 'peer:5432'}", "image: b", "warning"),
        ("image: a, environment: {URL: 'mongodb://peer/x'}", "image: b", "warning"),
        ("image: a, environment: {HOST: peer}", "image: b", "note"),
        ("image: a, environment: {ADDRESS: 'peer:5000'}", "image: b", "note"),
        ("image: a, environment: {JWKS_URL: 'http://peer/x'}", "image: b", "warning"),
        ("image: a, command: migrate peer:1", "image: b", "warning"),
        # What an image of one's own asks for no file tells, where nothing else is said.
        ("image: a", "image: b", "warning"),
        ("image: a, environment: {X: y}", "image: 'postgres:16'", "note"),
        ("image: a, environment: {X: y}", "image: b", "note"),
        ("image: a, environment: {API: 'http://peer:8000'}", "image: b", "note"),
        ("image: a, command: curl http://peer:8000", "image: b", "warning"),
        ("image: a, volumes: ['./x.yml:/x.yml']", "image: b", "note"),
        ("image: a, volumes: ['./x.yml:/x.yml']", "image: 'postgres:16'", "warning"),
        # A job has no name to be called by: its work is what is needed.
        ("image: a, environment: {X: y}", "image: b, command: alembic upgrade head", "warning"),
        # Proxies, and what is needed only later.
        ("image: 'registry.example/nginx:1.27'", "image: b", "note"),
        ("image: 'registry.example/traefik:v3', command: --x=http://peer:1", "image: b", "note"),
        # A program that is told to ask again.
        ("image: a, command: check --host peer --retry-limit 60", "image: 'redis:7'", "note"),
        ("image: a, command: [run, --db-connect-retries=5, peer]", "image: 'redis:7'", "note"),
        ("image: a, command: run --retries=0 --db peer:5432", "image: 'redis:7'", "warning"),
        ("image: a, command: run --retry-policy-file x --db peer:5432", "image: 'redis:7'", "warning"),
        # One whose variables tell it so: of this very connection, and not of none or another one.
        ("image: a, environment: {DB: 'peer:5432', DATABASE_MAX_RETRIES: 5}", "image: 'postgres:16'", "note"),
        ("image: a, environment: {DB: 'peer:5432', APP_DB_RETRY: 'true'}", "image: 'postgres:16'", "note"),
        ("image: a, environment: {DB: 'peer:5432', CONNECT_RETRIES: 5}", "image: 'postgres:16'", "note"),
        ("image: a, environment: {DB: 'peer:5432', WAIT_FOR_PEER: 'true'}", "image: 'postgres:16'", "note"),
        ("image: a, environment: {DB: 'peer:5432', WAIT_FOR_DB: 'false'}", "image: 'postgres:16'", "warning"),
        ("image: a, environment: {DB: 'peer:5432', DB_MAX_RETRIES: 0}", "image: 'postgres:16'", "warning"),
        ("image: a, environment: {DB: 'peer:5432', REDIS_RETRIES: 5}", "image: 'postgres:16'", "warning"),
        ("image: a, environment: {DB: 'peer:5432', TASK_MAX_RETRIES: 5}", "image: 'postgres:16'", "warning"),
        ("image: a, environment: {C: 'peer:6379', DB_MAX_RETRIES: 5}", "image: 'redis:7'", "warning"),
        # The binder of Spring Cloud Stream binds again, unless it is told not to.
        ("image: a, environment: {SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: 'peer:9092'}", KAFKA, "note"),
        (
            "image: a, environment: {SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: 'peer:9092',"
            " SPRING_CLOUD_STREAM_BINDINGRETRYINTERVAL: 0}",
            KAFKA,
            "warning",
        ),
        ("image: a, environment: {SPRING_KAFKA_BOOTSTRAP_SERVERS: 'peer:9092'}", KAFKA, "warning"),
        # A Sentinel looks for its primary; another one whose name has the word in it does not.
        ("image: team/redis-sentinel, environment: {MASTER: 'peer:6379'}", "image: 'redis:7'", "note"),
        ("image: team/a, command: redis-sentinel /x.conf peer:6379", "image: 'redis:7'", "note"),
        ("image: team/sentinels, environment: {MASTER: 'peer:6379'}", "image: 'redis:7'", "warning"),
        ("image: team/db-sentinel, environment: {DB: 'peer:5432'}", "image: 'postgres:16'", "warning"),
        # Who calls through one asks on request; unless a database stands behind it.
        ("image: a, environment: {SEARCH_URL: 'http://peer/search'}", "image: 'traefik:v3'", "note"),
        ("image: a, environment: {CACHE_HOST: peer}", "image: 'nginx:1.27'", "note"),
        ("image: a, environment: {DB_URL: 'postgres://peer/x'}", "image: 'haproxy:3.0'", "warning"),
        ("image: a, environment: {DB: 'peer:5432'}", "image: 'haproxy:3.0'", "warning"),
        ("image: a, environment: {MAIL: 'peer:1025'}", "image: 'axllent/mailpit:v1.20'", "note"),
        (
            "image: a, environment: {OTLP: 'http://peer:4317'}",
            "image: 'jaegertracing/all-in-one:1.57'",
            "note",
        ),
        ("image: team/ldapadmin, environment: {DB_HOST: peer}", "image: 'redis:7'", "note"),
        ("image: team/admin, environment: {DB_HOST: peer}", "image: 'redis:7'", "warning"),
        ("image: team/explorer, environment: {DB_HOST: peer}", "image: 'redis:7'", "warning"),
        ("image: team/chproxy, environment: {DB_HOST: peer}", "image: 'redis:7'", "note"),
        ("image: team/build, environment: {DB_HOST: peer}", "image: 'redis:7'", "warning"),
        # Members of a cluster look for each other; a client in the same image does not.
        (
            "image: 'registry.example/cassandra:5', environment: {CASSANDRA_SEEDS: peer}",
            "image: 'cassandra:5'",
            "note",
        ),
        (
            "image: 'registry.example/redis:7', command: redis-server --replicaof peer 6379",
            "image: 'redis:7'",
            None,
        ),
        ("image: 'redis:7', command: redis-cli -h peer ping", "image: 'redis:7'", "warning"),
        (
            "image: 'redis:7', command: sh -c 'redis-cli -h peer ping; sleep infinity'",
            "image: 'redis:7'",
            "warning",
        ),
        # Nothing is connected.
        ("image: a, network_mode: 'service:peer'", "image: b", None),
        ("image: a, network_mode: 'service:peer', environment: {H: peer}", "image: 'redis:7'", "warning"),
        ("image: a, network_mode: 'service:peer', command: run localhost:80", "image: 'nginx:1'", "warning"),
        ("image: a, network_mode: 'service:peer', command: run localhost:90", "image: 'nginx:1'", None),
        ("image: a, command: sleep infinity", "image: 'postgres:16'", None),
    ],
)
def test_how_sure_a_race_is(tmp_path, a, peer, found):
    assert severity(tmp_path, a, peer) == found


@pytest.mark.parametrize(
    ("named", "peer", "found"),
    [
        ("STORE_URL: 'http://peer:3000'", "build: .", "note"),
        ("SEARCH_URL: 'http://peer:9200'", "build: .", "warning"),
        ("STORE_URL: 'http://peer:3000'", "image: b", "warning"),
        ("STORE_HOST: peer", "build: .", "warning"),
    ],
)
def test_an_application_of_ones_own_is_called_after_what_it_is_for(tmp_path, named, peer, found):
    assert severity(tmp_path, f"image: a, environment: {{{named}}}", peer, "FROM node:22\n") == found


def test_a_proxy_may_be_built(tmp_path):
    dockerfile = 'FROM node AS x\nFROM nginx:1.27\nCMD ["/start.sh"]\n'
    assert severity(tmp_path, "build: .", "image: b", dockerfile) == "note"


def test_looking_at_files_takes_linear_time(tmp_path):
    """A folder that many services mount is read once."""
    (tmp_path / "conf").mkdir()
    for n in range(150):
        (tmp_path / "conf" / f"{n}.yml").write_text("host: nobody\n" * 50)
    rows = [
        f"  s{n}: {{image: x, environment: {{A: b}}, volumes: ['./conf:/c'], depends_on: [db]}}\n"
        for n in range(200)
    ]
    (tmp_path / "compose.yml").write_text("services:\n" + "".join(rows) + "  db: {image: b}\n")
    report = check(tmp_path / "compose.yml", environment={})
    found = [d for d in report.diagnostics if d.rule == "unguarded-dependency"]
    assert [d.severity for d in found] == ["note"] * 200
    assert report.facts.connections._left == 2000 - 150
