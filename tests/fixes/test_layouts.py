"""What `--fix` makes of a file, in each way that it may be laid out."""

from __future__ import annotations

import pytest

DB = """\
  db:
    image: mine
    healthcheck: {test: [CMD, ready], interval: 2s, retries: 60}
"""
ONLY_WAIT = ("--select", "unguarded-dependency")
ONLY_PORT = ("--select", "database-port-on-all-addresses", "--notes", "--unsafe-fixes")
# What stands under `api:`, before and after.
DEPENDS_ON = {
    "a list": (
        "    depends_on:\n      - db\n",
        "    depends_on:\n      db:\n        condition: service_healthy\n",
    ),
    "a list with no indentation": (
        "    depends_on:\n    - db\n    image: api\n",
        "    depends_on:\n      db:\n        condition: service_healthy\n    image: api\n",
    ),
    "comments": (
        "    depends_on:  # why\n      # before\n      - db   # the database\n      # after\n",
        "    depends_on:  # why\n      # before\n      db:   # the database\n"
        "        condition: service_healthy\n      # after\n",
    ),
    "quotes": (
        "    depends_on:\n      - \"db\"\n      - 'other'\n",
        '    depends_on:\n      "db":\n        condition: service_healthy\n'
        "      'other':\n        condition: service_started\n",
    ),
    "blanks after the dash and the name": (
        "    depends_on:\n      -   db  \n\n    tty: true\n",
        "    depends_on:\n      db:  \n        condition: service_healthy\n\n    tty: true\n",
    ),
    "a flow list": (
        "    depends_on: [db, other]  # why\n",
        "    depends_on: {db: {condition: service_healthy}, other: {condition: service_started}}  # why\n",
    ),
    "a flow list over lines": (
        "    depends_on: [\n      db,  # one\n      other,\n    ]\n",
        "    depends_on: {\n      db: {condition: service_healthy},  # one\n"
        "      other: {condition: service_started},\n    }\n",
    ),
    "an anchor": (
        "    depends_on: &needs [db]\n",
        "    depends_on: &needs {db: {condition: service_healthy}}\n",
    ),
    "an anchor before lines": (
        "    depends_on: &needs\n      - db\n",
        "    depends_on: &needs\n      db:\n        condition: service_healthy\n",
    ),
    "JSON": (
        '    "depends_on": ["db"]\n',
        '    "depends_on": {"db": {"condition": "service_healthy"}}\n',
    ),
    "long": (
        "    depends_on:\n      db:\n        condition: service_started  # for now\n        restart: true\n",
        "    depends_on:\n      db:\n        condition: service_healthy  # for now\n        restart: true\n",
    ),
    "long between quotes": (
        "    depends_on:\n      db:\n        condition: 'service_started'\n",
        "    depends_on:\n      db:\n        condition: 'service_healthy'\n",
    ),
    "long in braces": (
        "    depends_on: {db: {condition: service_started}}\n",
        "    depends_on: {db: {condition: service_healthy}}\n",
    ),
}
OTHER = "  other: {image: mine}\n"


@pytest.mark.parametrize("case", DEPENDS_ON)
def test_depends_on(folder, case):
    before, after = DEPENDS_ON[case]
    image = "" if "image:" in before else "    image: api\n"
    assert folder.fixed(f"services:\n  api:\n{image}{before}{DB}{OTHER}", *ONLY_WAIT, "--unsafe-fixes") == (
        f"services:\n  api:\n{image}{after}{DB}{OTHER}"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("ended", [True, False])
def test_line_endings_stay(folder, newline, ended):
    lines = [
        "services:",
        "  db: {image: mine, healthcheck: {test: x, interval: 2s, retries: 60}}",
        "  api:",
        "    image: api",
    ]
    before = newline.join([*lines, "    depends_on:", "      - db"]) + newline * ended
    after = newline.join([*lines, "    depends_on:", "      db:", "        condition: service_healthy"])
    assert folder.fixed(before, *ONLY_WAIT) == after + newline * ended


def test_four_blanks_are_four(folder):
    text = (
        "services:\n    api:\n        image: api\n        depends_on:\n            - redis\n"
        "    redis:\n        image: redis:7\n"
    )
    assert folder.fixed(text, *ONLY_WAIT) == (
        "services:\n    api:\n        image: api\n        depends_on:\n            redis:\n"
        "                condition: service_healthy\n"
        "    redis:\n        image: redis:7\n        healthcheck:\n"
        '            test: ["CMD", "redis-cli", "ping"]\n'
        "            interval: 2s\n            timeout: 5s\n            retries: 30\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{image: redis:7}", "{image: redis:7, HC}"),
        ("{image: redis:7,}", "{image: redis:7, HC,}"),
        ("{\n    image: redis:7  # pinned\n  }", "{\n    image: redis:7, HC  # pinned\n  }"),
        ('{"image": "redis:7"}', '{"image": "redis:7", JSON}'),
    ],
)
def test_healthcheck_in_braces(folder, before, after):
    text = "services:\n  api: {image: api, depends_on: {redis: {condition: service_healthy}}}\n  redis: "
    flow = 'healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 2s, timeout: 5s, retries: 30}'
    as_json = flow.replace("2s", '"2s"').replace("5s", '"5s"')
    for key in ("healthcheck", "test", "interval", "timeout", "retries"):
        as_json = as_json.replace(f"{key}:", f'"{key}":')
    after = after.replace("HC", flow).replace("JSON", as_json)
    assert folder.fixed(f"{text}{before}\n") == f"{text}{after}\n"


@pytest.mark.parametrize(
    "last",
    [
        "    command: >\n      redis-server\n      --save 60 1\n",
        "    command: >\n      redis-server\n      --save 60 1\n\n\n",
        "    command: |-\n      redis-server",
        "    labels:\n      a: b  # c",
        "    labels: [a=b,\n      c=d]\n    # commented: out\n\n",
        "    command: redis-server\n      --save 60 1\n",
        "    init:\n",
        "    <<: *all\n",
    ],
)
def test_healthcheck_comes_after_whatever_ends_a_service(folder, last):
    text = (
        "x-all: &all {stop_grace_period: 3s}\n"
        "services:\n  api: {image: api, depends_on: {redis: {condition: service_healthy}}}\n"
        f"  redis:\n    image: redis:7\n{last}"
    )
    after = folder.fixed(text)
    probe = '    healthcheck:\n      test: ["CMD", "redis-cli", "ping"]\n      interval: 2s\n'
    assert probe in after
    kept = [line for line in after.split("\n") if line not in _added(probe)]
    assert [line for line in kept if line] == [line for line in text.split("\n") if line]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("comments", "rest"),
    [
        ("      # - '6380:6380'\n", ""),
        ("\n      # - '6380:6380'\n      # one more\n", "\n    # of the service\n"),
        ("", "    # command: redis-server\n      # --save ''\n"),
        ("", "\n  # api:\n"),
        ("      # - '6380:6380'", ""),
    ],
)
def test_what_is_commented_out_of_a_value_stays_with_it(folder, newline, comments, rest):
    text = (
        "services:\n  api: {image: api, depends_on: {redis: {condition: service_healthy}}}\n"
        f"  redis:\n    image: redis:7\n    ports:\n      - '6379:6379'  # open\n{comments}{rest}"
    )
    probe = '    healthcheck:\n      test: ["CMD", "redis-cli", "ping"]\n      interval: 2s\n'
    probe += "      timeout: 5s\n      retries: 30\n"
    start, comments = text.removesuffix(comments + rest), comments or ""
    after = f"{start}{comments}{probe}{rest}" if comments.endswith("\n") or not comments else None
    after = after or f"{start}{comments}\n{probe}".removesuffix("\n")
    assert folder.fixed(text.replace("\n", newline)) == after.replace("\n", newline)


def _added(probe):
    return {*probe.split("\n"), "      timeout: 5s", "      retries: 30"} - {""}


PORTS = {
    '"6379:6379"': '"127.0.0.1:6379:6379"',
    "'6379:6379/tcp'": "'127.0.0.1:6379:6379/tcp'",
    "6379:6379   # open": "127.0.0.1:6379:6379   # open",
    "6379": '"127.0.0.1::6379"',
    '"6379"': '"127.0.0.1::6379"',
    "7000-7003:6379-6382": "127.0.0.1:7000-7003:6379-6382",
    "{target: 6379, published: 6379}": "{target: 6379, published: 6379, host_ip: 127.0.0.1}",
    "target: 6379\n        published: 6379  # c": (
        "target: 6379\n        published: 6379  # c\n        host_ip: 127.0.0.1"
    ),
    # Not so certain: the variable may hold an address.
    '"${PORT:-6379}:6379"': None,
    '"${PORT}"': None,
    # The author has thought of it.
    '"0.0.0.0:6379:6379"': None,
    '"[::]:6379:6379"': None,
}


@pytest.mark.parametrize("port", PORTS)
def test_port_of_a_database(folder, port):
    text = "services:\n  redis:\n    image: redis:7\n    ports:\n      - {}\n".replace
    assert folder.fixed(text("{}", port), *ONLY_PORT) == text("{}", PORTS[port] or port)


def test_port_in_a_flow_list(folder):
    text = "services: {redis: {image: redis:7, ports: ['1:6379', 2:6379, 3]}}\n"
    after = text.replace("'1:", "'127.0.0.1:1:").replace("2:6", "127.0.0.1:2:6")
    assert folder.fixed(text, *ONLY_PORT) == after.replace("3]", '"127.0.0.1::3"]')


def test_port_of_what_is_no_database_is_left_alone(folder):
    text = "services: {web: {image: nginx:1, ports: ['80:80']}}\n"
    assert folder.fixed(text, *ONLY_PORT) == text


UNCERTAIN = {
    "an item has an anchor": "  api: {image: api, depends_on: [&d db]}\n",
    "an item is an alias": "  api:\n    image: api\n    depends_on:\n      - *name\n",
    "the entry is an alias": "  api: {image: api, depends_on: {db: *entry}}\n",
    "the item is a block": "  api:\n    image: api\n    depends_on:\n      - >-\n        db\n",
    "a tab follows the dash": "  api:\n    image: api\n    depends_on:\n      -\tdb\n",
}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_what_has_no_certain_place_is_left_alone(folder, case):
    text = (
        f"x-name: &name db\nx-entry: &entry {{condition: service_started}}\nservices:\n{UNCERTAIN[case]}{DB}"
    )
    assert folder.fixed(text, *ONLY_WAIT) == text
    assert folder.check(*ONLY_WAIT).code == 1


SHARED = (
    "x-app: &app\n  image: api\n  depends_on: &needs\n    - db\n"
    "services:\n  api: {<<: *app}\n  worker: {image: w, depends_on: *needs}\n  job: {<<: *app%s}\n" + DB
)


def test_value_that_services_share_is_changed_where_all_of_them_want_it(folder):
    before, after = SHARED % "", (SHARED % "").replace("- db", "db:\n      condition: service_healthy")
    assert folder.fixed(before, *ONLY_WAIT) == after


def test_value_that_services_share_is_left_alone_where_one_does_not_want_it(folder):
    text = SHARED % ", restart: always"
    assert folder.fixed(text, *ONLY_WAIT) == text
    out = folder.check("--fix", *ONLY_WAIT).out
    reason = "it would change 'services.job.depends_on.db.condition' as well"
    assert out.startswith(f"not fixed: compose.yml:4 unguarded-dependency: {reason}\n")
