"""A secret is hidden where it stands as itself; names, images, paths and keys stay what they are."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composecheck.cli import main
from composecheck.lint import check
from composecheck.text.redact import MASK
from composecheck.text.secrets import Secrets

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


@pytest.fixture
def project(tmp_path):
    """A function that writes a project and loads it."""

    def load(text, environment=None, **files):
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_text(content)
        (tmp_path / "compose.yml").write_text(text)
        return check(tmp_path / "compose.yml", environment=environment or {}).project

    return load


ZEBRA = """
services:
  zebra-web:
    image: ghcr.io/zebra-ngx/zebra:${TAG:-latest}
    container_name: the-zebra
    hostname: zebra.example.org
    volumes: ["./bin/zebra:/opt/zebra_home/x", "zebra-data:/data/zebra/y", "./a dir/zebra file:/f"]
    environment: {ZEBRA_PASSWORD: zebra, zebra.url: x, HOST: zebra-search}
    depends_on: [zebra-search]
    build: {context: ./zebra, dockerfile: zebra.Dockerfile}
  zebra-search: {image: "zebra:2", networks: [zebra-net], profiles: [zebra-all]}
volumes: {zebra-data: {}}
networks: {zebra-net: {}}
"""


@pytest.mark.parametrize("text", [
    "service 'zebra-web' starts without waiting until 'zebra-search' is ready",
    "the image 'ghcr.io/zebra-ngx/zebra:latest' of service 'zebra-web'",
    "'ghcr.io/zebra-ngx/zebra:2.1'",
    "'ghcr.io/zebra-ngx/zebra@sha256:0123'",
    "'zebra:2'",
    "'zebra:2.10'",
    "container 'the-zebra', host 'zebra.example.org'",
    "mounts './bin/zebra' on '/opt/zebra_home/x'",
    "mounts '/somewhere/else/bin/zebra'",
    "'/opt/zebra_home/'",
    "'./a dir/zebra file'",
    "volume 'zebra-data' is 'stack_zebra-data'",
    "container 'stack-zebra-web-1'",
    "'stack_zebra-net'",
    "the key 'ZEBRA_PASSWORD', and 'zebra.url'",
    "zebra-web:\n  depends_on:\n    zebra-search:\n      condition: service_healthy",
    "built with 'zebra.Dockerfile' in './zebra'",
    "http://zebra-search:9200/_cat",
    "profile 'zebra-all'",
])  # fmt: skip
def test_name_with_a_secret_in_it_stays(project, text):
    assert Secrets(project(ZEBRA)).mask(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the password is 'zebra'", "the password is '***'"),
        ("'redis-cli -a zebra ping'", "'redis-cli -a *** ping'"),
        ("'mysqladmin -pzebra ping'", "'mysqladmin -p*** ping'"),
        (
            "'curl -u elastic:zebra http://zebra-search:9200'",
            "'curl -u elastic:*** http://zebra-search:9200'",
        ),
        ("'PGPASSWORD=zebra psql'", "'PGPASSWORD=*** psql'"),
        ("'x --token=zebra --zebra'", "'x --token=*** --***'"),
        (
            "postgres://zebra-web:zebra@zebra-search/zebra-data",
            "postgres://zebra-web:***@zebra-search/zebra-data",
        ),
        ("'zebrafish', 'myzebra'", "'***fish', 'my***'"),
        ("zebra zebra-web zebra", "*** zebra-web ***"),
        ("ZEBRA", "ZEBRA"),
    ],
)
def test_secret_by_itself_is_hidden_where_names_hold_it(project, text, shown):
    assert Secrets(project(ZEBRA)).mask(text) == shown


def test_lines_of_a_file_keep_their_names(project):
    secrets = Secrets(project(ZEBRA))
    shown = "\n".join(secrets.hide(line) for line in ZEBRA.split("\n"))
    assert shown == ZEBRA.replace("ZEBRA_PASSWORD: zebra,", "ZEBRA_PASSWORD: ***,")
    assert secrets.hide("  USER: zebra") == "  USER: ***"
    assert secrets.hide("  <<: *zebra-defaults") == "  <<: ****-defaults"  # an anchor that is nowhere


NAMED = "services: {gitea: {image: x, environment: {DB_PASSWORD: gitea, API_TOKEN: s3cr3t-t0ken}}}"


def test_name_that_is_a_secret_stays_as_a_name_and_is_hidden_as_a_value(project):
    secrets = Secrets(project(NAMED))
    assert secrets.mask("service 'gitea' runs 's3cr3t-t0ken'") == "service 'gitea' runs '***'"
    assert secrets.mask("'mysql -u gitea --password gitea'") == "'mysql -u gitea --password ***'"
    assert secrets.mask("'DB_PASSWORD=gitea x'") == "'DB_PASSWORD=*** x'"
    assert (
        secrets.mask("'mysqladmin -pgitea', 'curl -u me:gitea x'") == "'mysqladmin -p***', 'curl -u me:*** x'"
    )
    assert secrets.mask("postgres://gitea:gitea@gitea/gitea") == "postgres://gitea:***@gitea/gitea"
    assert secrets.hide("    DB_PASSWORD: gitea  # of gitea") == "    DB_PASSWORD: ***  # of gitea"
    assert secrets.hide("  gitea:") == "  gitea:"


def test_mention_of_what_is_defined_nowhere_makes_no_name_of_a_secret(project):
    text = "services: {a: {image: x, environment: {PASSWORD: gateway}, depends_on: [gateway, gateway-two]}}"
    secrets = Secrets(project(text))
    assert secrets.mask("'gateway' and 'gateway-two'") == "'***' and 'gateway-two'"


@pytest.mark.parametrize("value", ["pw", "abc", "root", "postgres", "secret"])
def test_short_and_guessable_secret_is_hidden_where_it_is_set_alone(project, value):
    secrets = Secrets(project(f"services: {{a: {{image: x, environment: {{PASSWORD: {value}}}}}}}"))
    assert secrets.mask(f"'{value}' of {value}s") == f"'{value}' of {value}s"
    assert secrets.mask(f"'x --password {value} {value}'") == f"'x --password *** {value}'"
    assert secrets.mask(f"'redis-cli -a {value} ping'") == "'redis-cli -a *** ping'"
    assert secrets.hide(f"  PASSWORD: {value}") == "  PASSWORD: ***"


@pytest.mark.parametrize(
    "value", ["a.*b(c|d)[e]", "a\\\\d+$$x", "back`tick`s", "it''s me", "{curly}", "ünïcødé"]
)
def test_secret_is_no_pattern(project, value):
    secrets = Secrets(project(f"services: {{a: {{image: x, environment: {{PASSWORD: '{value}'}}}}}}"))
    meant = value.replace("''", "'").replace("$$", "$")
    assert secrets.mask(f"got {meant}, not abc") == "got ***, not abc"
    assert secrets.hide(f"  x: '{value}'") == "  x: '***'"


def test_lines_of_a_secret_in_several_are_secrets(project):
    text = (
        "services: {a: {image: x, secrets: [k]}}\nsecrets:\n  k:\n    content: |\n"
        "      -----BEGIN KEY-----\n      QUJDREVGR0g=\n      -----END KEY-----\n"
    )
    secrets = Secrets(project(text))
    assert secrets.hide("      QUJDREVGR0g=") == "      ***"
    assert secrets.mask("'QUJDREVGR0g=' and\nQUJDREVGR0g=") == "'***' and\n***"


def test_secret_is_hidden_as_its_file_writes_it(project):
    text = 'x: {k: &p "a\\"b\\u0063d$$e"}\nservices: {a: {image: x, environment: {PASSWORD: *p}}}'
    secrets = Secrets(project(text))
    assert secrets.hide('x: {k: &p "a\\"b\\u0063d$$e"}') == 'x: {k: &p "***"}'
    assert secrets.mask("'a\"bcd$e'") == "'***'"


def test_beginning_of_a_secret_that_is_cut_off_is_hidden(project):
    secrets = Secrets(project("services: {a: {image: x, environment: {TOKEN: abcdefghijklmnop}}}"))
    assert secrets.mask("'x abcdefgh...'") == "'x ***...'"


def test_default_of_a_secret_variable_is_one(project):
    secrets = Secrets(project("services: {a: {image: x, command: 'x ${DB_PASSWORD:-rabbit22} y'}}"))
    assert secrets.mask("'x rabbit22 y'") == "'x *** y'"
    assert secrets.hide("command: 'x ${DB_PASSWORD:-rabbit22} y'") == "command: 'x ${DB_PASSWORD:-***} y'"
    assert secrets.hide("${DB_PASSWORD:?set it} and more") == "${DB_PASSWORD:?set it} and more"


@pytest.mark.parametrize("name", ["image", "container_name", "hostname"])
def test_secret_that_a_variable_puts_into_a_name_is_hidden(project, name):
    text = f"name: app-${{CI_TOKEN}}\nservices: {{a: {{image: x, {name}: 'me/${{CI_TOKEN}}-x'}}}}"
    secrets = Secrets(project(text, {"CI_TOKEN": "ghp-0a1b2c3d4e"}))
    assert secrets.mask("'me/ghp-0a1b2c3d4e-x' in 'app-ghp-0a1b2c3d4e'") == "'me/***-x' in 'app-***'"


def test_host_that_is_no_service_stays(project):
    environment = (
        "{P_PASSWORD: zebra, DB_HOST: zebra-db.example.org, A_URL: 'http://u:zebra-1@zebra.example.org'}"
    )
    secrets = Secrets(project(f"services: {{a: {{image: x, environment: {environment}}}}}"))
    assert (
        secrets.mask("'zebra-db.example.org', 'zebra.example.org:80'")
        == "'zebra-db.example.org', 'zebra.example.org:80'"
    )
    assert secrets.mask("'zebra-1', 'zebra'") == "'***-1', '***'"


def test_secret_of_a_service_that_profiles_leave_out_is_hidden(project):
    secrets = Secrets(project("services: {a: {image: x, profiles: [p], environment: {TOKEN: rabbit22}}}"))
    assert secrets.mask("'rabbit22'") == "'***'"


def test_names_of_a_dockerfile_stay(project):
    text = "services: {a: {build: ., environment: {PASSWORD: zebra}}}"
    project = project(text, Dockerfile="FROM zebra/base:1 AS zebra-build\nCOPY zebra.sh /opt/zebra/\n")
    secrets = Secrets(project)
    assert (
        secrets.mask("'zebra/base:1', 'zebra-build', '/opt/zebra/'")
        == "'zebra/base:1', 'zebra-build', '/opt/zebra/'"
    )


def test_difference_shows_no_secret(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text(
        "services:\n  a:\n    environment: {A: b}\n    image: x\n    version: 1\n    depends_on:\n      db:\n"
        "        condition: service_started\n  db:\n    environment:\n      POSTGRES_PASSWORD: rabbit22\n"
        "    image: postgres:16\n"
    )
    main(["check", "--diff", "--unsafe-fixes", "--notes"])
    out = capfd.readouterr().out
    assert out.startswith("--- compose.yml")
    assert "rabbit22" not in out
    assert MASK not in out


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_name = st.text(_LETTERS, min_size=4, max_size=8)
_secret = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F), min_size=8, max_size=16).filter(
    lambda text: "$" not in text and text.strip() == text and not text.isalpha()
)


@settings(max_examples=25, deadline=None)
@given(secret=_secret, one=_name, two=_name)
def test_no_secret_is_in_any_report_and_every_name_is(tmp_path_factory, secret, one, two):
    """A secret that is a part of no name, and a password that is a part of every name."""
    folder = tmp_path_factory.mktemp("p")
    first, second = f"{one}-a", f"{two}.{one}-b"
    services = {
        first: {
            "image": f"reg.example/{one}/app",
            "environment": {
                "DB_PASSWORD": secret,
                "A_TOKEN": one,
                "URL": f"http://u:{secret}@localhost/{one}",
            },
            "depends_on": [second, f"{two}-c"],
            "volumes": [f"./{one}/data:/{one}"],
            "healthcheck": {
                "test": ["CMD", "curl", f"--pass={secret}", f"http://{secret}:{one}@localhost:1"]
            },
        },
        second: {
            "image": f"{one}:x y",
            "environment": [f"PASSWORD={secret}", f"COPY={secret}"],
            "command": [f"--requirepass {secret}", secret],
        },
    }
    (folder / "compose.yml").write_text(json.dumps({"services": services}, indent=1))
    report = check(folder / "compose.yml", environment={})
    printed = {
        form: __import__(f"composecheck.report.{form}", fromlist=["render"]).render(report)
        for form in FORMATS
    }
    text = "\n".join(printed.values())
    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text
    said = json.loads(printed["json"])["diagnostics"]
    told = " ".join(f"{one['message']} {one['remedy']}" for one in said)
    assert f"'{first}'" in told
    assert f"'{second}'" in told
    assert not re.search(r"\*\*\*[-.](?:a|b|c)'", told)


@pytest.mark.parametrize(
    "unit", ["a.", "--a", "://a:", "://a:b@", "/-u", "pass:a ", "a:&a", "zebra", "zebra-", "${a:-"]
)
def test_line_as_long_as_a_file_is_masked_in_linear_time(project, unit):
    loaded = project(ZEBRA)

    def seconds(count):
        begin = time.process_time()
        secrets = Secrets(loaded)
        secrets.ranges(unit * count)
        secrets.mask(unit * count)
        return time.process_time() - begin

    assert seconds(64_000) < max(30 * seconds(8_000), 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(_name, min_size=3, max_size=4, unique=True), st.data())
def test_no_name_is_changed_by_a_secret_that_is_a_part_of_it(tmp_path_factory, words, data):
    folder = tmp_path_factory.mktemp("p")
    names = {
        "service": "-".join(words),
        "image": f"{words[0]}.example/{'/'.join(words)}:1",
        "path": f"/{'/'.join(words)}/{words[0]}_{words[1]}.conf",
        "volume": "_".join(words),
        "key": f"{words[0]}.{words[1]}",
    }
    word = data.draw(st.sampled_from(words))
    secret = word[: data.draw(st.integers(4, len(word)))]
    service = {
        "image": names["image"],
        "volumes": [f"{names['path']}:{names['path']}", f"{names['volume']}:/d"],
        "environment": {"PASSWORD": secret, names["key"]: "x"},
    }
    text = json.dumps({"services": {names["service"]: service}, "volumes": {names["volume"]: {}}})
    (folder / "compose.yml").write_text(text)
    secrets = Secrets(check(folder / "compose.yml", environment={}).project)
    for name in (*names.values(), f"stack_{names['volume']}", f"stack-{names['service']}-1"):
        assert secrets.mask(f"it is '{name}' here") == f"it is '{name}' here"
    assert secrets.mask(f"curl -u me:{secret} http://{names['service']}:80") == (
        f"curl -u me:*** http://{names['service']}:80"
    )
