"""Names that are misspelt, keys that are obsolete, defaults without their sign: what has one right answer."""

from __future__ import annotations

import pytest

from composecheck.text.slips import slip_of

SERVICE = "services:\n  web:\n    image: web:1\n"


def test_obsolete_version_is_taken_out(folder):
    for before in ('version: "3"\n', "version: '3.8'  # of old\n\n\n", "version:\n  '2'\n"):
        assert folder.fixed(before + SERVICE, "--notes") == SERVICE
        assert folder.fixed(before + SERVICE) == before + SERVICE
    for newline in ("\n", "\r\n"):
        text = f"# a file\n\nversion: '3'\n\n{SERVICE}".replace("\n", newline)
        assert folder.fixed(text, "--notes") == f"# a file\n\n{SERVICE}".replace("\n", newline)
    text = f"{SERVICE}version: '3'"
    assert folder.fixed(text, "--notes") == SERVICE
    text = "{version: '3', services: {web: {image: 'web:1'}}}"
    assert folder.fixed(text, "--notes") == "{services: {web: {image: 'web:1'}}}"


KEYS = {
    "  web:\n    image: web:1\n    enviroment: {A: b}\n": "enviroment>environment",
    "  web:\n    image: web:1\n    'ENVIRONMENT': [A=b]  # why\n": "ENVIRONMENT>environment",
    '  web: {"image": "web:1", "prots": ["1:1"]}\n': "prots>ports",
    "  web:\n    image: web:1\n    depends-on:\n      - db\n  db: {image: db}\n": "depends-on>depends_on",
    "  web:\n    image: web:1\n    healthcheck:\n      test: x\n      retires: 5\n": "retires>retries",
}


@pytest.mark.parametrize("text", KEYS)
def test_misspelt_key_is_corrected(folder, text):
    old, _, new = KEYS[text].partition(">")
    assert folder.fixed(f"services:\n{text}") == f"services:\n{text.replace(old, new)}"


@pytest.mark.parametrize(
    "text",
    [
        "  web:\n    image: web:1\n    wibble: 1\n",
        "  web:\n    image: web:1\n    ports: ['1:1']\n    prots: ['2:2']\n",  # it stands there already
        "  web:\n    image: web:1\n    network: host\n",  # a mode, and no list
        "  web:\n    image: web:1\n    healthcheck: {test: x, intervals: 5}\n",
        "  web:\n    image: web:1\n    file: a.env\n",
    ],
)
def test_key_that_is_not_surely_another_stays(folder, text):
    if "intervals" in text:
        text = text.replace("5}", "{a: b}}")  # no value that the right key may have
    assert folder.fixed(f"services:\n{text}") == f"services:\n{text}"


def test_key_that_brings_a_dockerfile_in_is_corrected(folder):
    folder["Dockerfile"] = "FROM alpine:3\nHEALTHCHECK CMD true\n"
    assert folder.fixed("services:\n  web:\n    biuld: .\n") == "services:\n  web:\n    build: .\n"


def test_two_keys_for_one_are_left(folder):
    text = "services:\n  web:\n    image: web:1\n    prots: ['1:1']\n    portss: ['2:2']\n"
    assert folder.fixed(text) == text


def test_key_of_an_anchor_is_corrected_for_all(folder):
    text = "x-web: &web\n  image: web:1\n  enviroment: {A: b}\nservices:\n  a: *web\n  b: {<<: *web}\n"
    assert folder.fixed(text) == text.replace("enviroment", "environment")


NAMES = {
    "networks: [frontent]\n": ("frontent", "frontend"),
    "networks:\n      frontent: {aliases: [w]}\n": ("frontent", "frontend"),
    "volumes: ['databse:/data']  # kept\n": ("databse", "database"),
    "volumes:\n      - {type: volume, source: databse, target: /data}\n": ("databse", "database"),
    "secrets: [passwrod]\n": ("passwrod", "password"),
    "secrets: [{source: 'passwrod', target: p}]\n": ("passwrod", "password"),
    "configs:\n      - setings\n": ("setings", "settings"),
    "depends_on: [postgers]\n": ("postgers", "postgres"),
    "depends_on:\n      postgers: {condition: service_started}\n": ("postgers", "postgres"),
    "links: ['postgers:db']\n": ("postgers", "postgres"),
    "network_mode: service:postgers\n": ("postgers", "postgres"),
    "volumes_from: ['postgers:ro']\n": ("postgers", "postgres"),
    "extends: {service: postgers}\n": ("postgers", "postgres"),
    "extends: postgers\n": ("postgers", "postgres"),
}
REST = (
    "  postgres: {image: p, networks: [frontend], volumes: ['database:/d'], restart: always}\n"
    "networks: {frontend: {}}\nvolumes: {database: {}}\n"
    "secrets: {password: {environment: HOME}}\nconfigs: {settings: {content: x}}\n"
)


@pytest.mark.parametrize("text", NAMES)
def test_misspelt_name_is_corrected(folder, text):
    old, new = NAMES[text]
    before = f"{SERVICE}    restart: always\n    {text}{REST}"
    assert folder.fixed(before) == before.replace(old, new)


@pytest.mark.parametrize(
    "text",
    [
        "networks: [nowhere]\n",
        "networks: ['frontend${X:-}x']\n",
        "networks: [frontend2]\n",
        "depends_on: [postgrez1]\n",
        'depends_on: ["postg\\x65rs"]\n',
    ],
)
def test_name_that_is_not_surely_another_stays(folder, text):
    before = f"{SERVICE}    {text}{REST}"
    assert folder.fixed(before) == before


VALUES = {
    "depends_on: {postgres: {condition: service_helthy}}": (
        "depends_on: {postgres: {condition: service_healthy}}"
    ),
    "restart: alway": "restart: always",
    "restart: unless-stoped": "restart: unless-stopped",
    "hostname: 12  # a number": 'hostname: "12"  # a number',
    "restart: 5": "restart: 5",
    "restart: ${X:-alway}": "restart: ${X:-alway}",
}


@pytest.mark.parametrize("value", VALUES)
def test_value_that_is_misspelt_or_wants_quotes(folder, value):
    text = f"{SERVICE}    {{}}\n  postgres: {{image: p, restart: always, healthcheck: {{test: x}}}}\n"
    folder["compose.yml"] = text.replace("{}", value)
    folder.check("--fix")
    assert folder["compose.yml"] == text.replace("{}", VALUES[value])


def test_name_that_is_near_to_two_stays(folder):
    text = SERVICE + "    networks: [fronten]\nnetworks: {frontend: {}, frontens: {}}\n"
    assert folder.fixed(text) == text


def test_wait_is_made_for_what_was_misspelt(folder):
    text = (
        SERVICE
        + "    depends_on: [postgers]\n"
        + "  postgres: {image: p, healthcheck: {test: x, interval: 2s, retries: 60}}\n"
    )
    assert folder.fixed(text) == text.replace("[postgers]", "{postgres: {condition: service_healthy}}")


def test_what_comes_to_light_behind_one_slip_is_mended_too(folder):
    text = "services:\n  bar: {image: a, volumes: ['daata:/d']}\n  b: {extends: barr}\nvolumes: {data: }\n"
    assert folder.fixed(text) == text.replace("daata", "data").replace("barr", "bar")


DEFAULTS = {
    "${X:1000}": "${X:-1000}",
    "${X:1000}:${Y:2}": "${X:-1000}:${Y:-2}",
    "$${X:1}${X:8}": "$${X:1}${X:-8}",
    "${X:=8}": "${X:-8}",
    "${env:X}": "${X}",
}


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("value", DEFAULTS)
def test_default_gets_its_sign(folder, value, quote):
    text = f"services:\n  web:\n    image: web:1\n    user: {quote}{{}}{quote}  # id\n"
    assert folder.fixed(text.replace("{}", value)) == text.replace("{}", DEFAULTS[value])


@pytest.mark.parametrize("value", ["${X 1}", "${1X:1}", "${X%.*}", "${X:1:2}"])
def test_what_may_be_meant_otherwise_stays(folder, value):
    text = f"services:\n  web:\n    image: web:1\n    user: '{value}'\n"
    assert folder.fixed(text) == text


SLIPS = {
    ("databse", "database"): True,
    ("databaes", "database"): True,
    ("Data-Base", "database"): True,
    ("enviroment", "environment"): True,
    ("frontent", "frontend"): True,
    ("dbs", "db"): False,
    ("app", "api"): False,
    ("backend-app", "backend-api"): False,
    ("user-db", "users-db"): True,
    ("kafka1", "kafka2"): False,
    ("kafka-connect0", "kafka0"): False,
    ("redis", "redis1"): False,
    ("data-api", "lago-api"): False,
    ("web", "worker"): False,
    ("primary", "replica"): False,
    ("rrestart", "restart"): True,
    ("", "a"): False,
}


@pytest.mark.parametrize(("name", "other"), SLIPS)
def test_slip_is_told_from_another_name(name, other):
    assert slip_of(name, [other, "something-else"]) == (other if SLIPS[name, other] else None)


def test_of_two_that_may_be_meant_none_is():
    assert slip_of("datas", ["data", "dates", "datass"]) is None
    assert slip_of("data", ["data", "dataa"], but=["dataa"]) is None
    assert slip_of("rrestart", ["pre_start", "restart"]) == "restart"
