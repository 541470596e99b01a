"""The fixes of single rules: what they write, and what they leave alone."""

from __future__ import annotations

import pytest

EVERY = ("--notes", "--unsafe-fixes")


def _service(name, text):
    return f"  {name}:\n" + "".join(f"    {line}\n" for line in text.split("\n"))


def _file(**services):
    return "services:\n" + "".join(_service(name, text) for name, text in services.items())


JOBS = {
    "npm run migrate": "safe",
    "alembic upgrade head": "safe",
    "mc mb --ignore-existing m/bucket": "safe",
    "mc mb m/bucket": "unsafe",
    "createdb shop": "unsafe",
}


@pytest.mark.parametrize("command", JOBS)
def test_job_is_waited_for_to_end(folder, command):
    text = _file(api="image: a\ndepends_on: [job]", job=f"image: j\ncommand: {command}")
    after = text.replace("[job]", "{job: {condition: service_completed_successfully}}")
    safe = JOBS[command] == "safe"
    assert folder.fixed(text) == (after if safe else text)
    assert folder.fixed(text, *EVERY) == after


def test_job_that_another_service_waits_for_is_waited_for_here_too(folder):
    text = _file(
        api="image: a\ndepends_on: [job]",
        job="image: j\ncommand: createdb shop",
        worker="image: w\ndepends_on:\n  job: {condition: service_completed_successfully}",
    )
    after = text.replace("[job]", "{job: {condition: service_completed_successfully}}")
    assert folder.fixed(text) == after


def test_job_that_is_started_again_and_again_gets_another_policy(folder):
    text = _file(
        api="image: a\ndepends_on: [job]", job="image: j\ncommand: alembic upgrade head\nrestart: always"
    )
    after = text.replace("[job]", "{job: {condition: service_completed_successfully}}")
    assert folder.fixed(text) == text
    assert folder.fixed(text, *EVERY) == after.replace("always", "on-failure")


TESTS = {
    "[CMD, curl, -f, http://a/, '||', exit, '1']": '["CMD-SHELL", "curl -f http://a/ || exit 1"]',
    "[CMD, curl, -f, http://a/, '|| exit 1']": '["CMD-SHELL", "curl -f http://a/ || exit 1"]',
    '["CMD", "curl -f http://localhost/"]': '["CMD-SHELL", "curl -f http://localhost/"]',
    '["CMD", "ask", "-U", "$$WHO"]': '["CMD-SHELL", "ask -U $$WHO"]',
    "\n  - CMD\n  - exit\n  - '1'": ' ["CMD-SHELL", "exit 1"]',
    '\'["CMD", "curl", "-f", "http://localhost/"]\'': '["CMD", "curl", "-f", "http://localhost/"]',
    "CMD curl -f http://localhost/": '["CMD-SHELL", "curl -f http://localhost/"]',
    # What a shell would take for something else.
    "[CMD, curl, -f, 'http://localhost/?a=1&b=2', '||', exit, '1']": None,
    "[CMD, sh2, 'a b', '|| exit 1']": None,
    '"NONE"': None,
}


@pytest.mark.parametrize("test", TESTS)
def test_test_that_waits_for_a_shell(folder, test):
    text = _file(api="image: a\nenvironment: {WHO: me}\nhealthcheck:\n  test: {}\n  interval: 5s  # often")
    before = text.replace("{}", test.replace("\n", "\n    "))
    if "\n" in test:
        before = before.replace("test: \n", "test:\n")
        after = text.replace(" {}", TESTS[test])
    else:
        after = text.replace("{}", TESTS[test] or test)
    assert folder.fixed(before) == after


def test_tool_that_is_not_there_gives_way_to_what_the_image_has(folder):
    text = _file(
        db="image: redis:7\nhealthcheck:\n  test: [CMD, curl, -f, 'http://localhost:6379']\n  retries: 3"
    )
    assert folder.fixed(text) == text.replace(
        "[CMD, curl, -f, 'http://localhost:6379']", '["CMD", "redis-cli", "ping"]'
    )
    moved = text.replace("redis:7\n", "redis:7\n    command: redis-server --port 7000\n")
    assert '"ping"]' not in folder.fixed(moved) or "7000" in folder.fixed(moved)
    built = text.replace("image: redis:7", "build: {dockerfile_inline: FROM redis:7}")
    assert folder.fixed(built) == built


DATABASE = "image: postgres:16\nports: ['5433:5432']\nenvironment: {POSTGRES_PASSWORD: x, POSTGRES_DB: shop}"


@pytest.mark.parametrize(
    "value",
    [
        "DB_URL: postgres://u:p@db:5433/shop",
        "DB_URL: 'postgres://u:p@db:5433/shop'  # why",
        "DB_HOST: db\n  DB_PORT: 5433",
        'DB_HOST: db\n  DB_PORT: "5433"',
    ],
)
def test_port_of_the_host_gives_way_to_the_containers(folder, value):
    text = _file(api=f"image: a\nrestart: always\nenvironment:\n  {value}", db=DATABASE)
    head, _, tail = text.partition("  db:\n")
    assert folder.fixed(text, "--select", "published-port-between-services") == (
        head.replace("5433", "5432") + "  db:\n" + tail
    )


def test_port_of_the_host_that_a_variable_has_stays(folder):
    text = _file(api="image: a\nenvironment: {DB_URL: 'postgres://db:${P:-5433}/x'}", db=DATABASE)
    assert folder.fixed(text, "--select", "published-port-between-services") == text


@pytest.mark.parametrize(
    ("keys", "safe"),
    [
        ("command: redis-server --save 60 1", True),
        ("command: redis-server /r.conf\nvolumes: ['./r.conf:/r.conf']", False),
        ("volumes: ['./r.conf:/usr/local/etc/redis/redis.conf']", False),
        ("entrypoint: /start", False),
    ],
)
def test_port_is_corrected_where_nothing_may_have_moved_it(folder, keys, safe):
    folder["r.conf"] = "port 6380\n"
    text = _file(
        api="image: a\nenvironment: {U: 'redis://cache:6380/0'}\nrestart: always",
        cache=f"image: redis:7\nports: ['6380:6379']\n{keys}",
    )
    only = ("--select", "published-port-between-services")
    after = text.replace("cache:6380", "cache:6379")
    assert folder.fixed(text, *only) == (after if safe else text)
    assert folder.fixed(text, *only, "--unsafe-fixes") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("DB_URL: postgres://u:p@localhost:5432/shop", "DB_URL: postgres://u:p@db:5432/shop"),
        ("DB_URL: postgres://u:p@127.0.0.1:5433/shop", "DB_URL: postgres://u:p@db:5432/shop"),
        ("- DB_URL=postgres://localhost/shop", "- DB_URL=postgres://db/shop"),
        ("DB_URL: postgres://${H:-localhost}:5432/shop", "DB_URL: postgres://${H:-localhost}:5432/shop"),
    ],
)
def test_localhost_gives_way_to_the_service(folder, before, after):
    text = _file(api=f"image: a\nrestart: always\nenvironment:\n  {before}", db=DATABASE)
    only = ("--select", "localhost-for-service")
    assert folder.fixed(text, *only) == text
    assert folder.fixed(text, *only, "--unsafe-fixes") == text.replace(before, after)


def test_data_is_mounted_where_the_image_keeps_it(folder):
    text = _file(db="image: mysql:8\nvolumes: ['data:/var/lib/mysqld:rw']") + "volumes: {data: {}}\n"
    only = ("--select", "data-directory-missed")
    assert folder.fixed(text, *only) == text
    assert "(changes data)" in folder.check("--fix", *only, "--unsafe-fixes").out
    assert folder["compose.yml"] == text.replace("mysqld:", "mysql:")


def test_volume_that_is_nowhere_is_defined(folder):
    text = _file(db="image: d\nvolumes:\n  - state:/d\n  - other:/o")
    assert folder.fixed(text) == text + "volumes:\n  state:\n  other:\n"
    text = f"{text}  - kept:/k\n".replace("  - kept", "      - kept")
    some = f"volumes:\n  kept: {{}}  # for good\n{text}"
    assert folder.fixed(some) == some.replace("good\n", "good\n  state:\n  other:\n")
    flow = "services: {db: {image: d, volumes: ['state:/d']}}\n"
    assert folder.fixed(flow) == "services: {db: {image: d, volumes: ['state:/d']}}\nvolumes:\n  state:\n"


def test_volume_that_may_be_a_folder_is_left(folder):
    (folder.path / "state").mkdir()
    text = _file(db="image: d\nvolumes:\n  - state:/d")
    assert folder.fixed(text) == text


def test_volume_of_a_file_that_may_be_a_part_of_another_is_left(folder):
    text = _file(db="image: d\nvolumes:\n  - state:/d")
    folder["compose.prod.yml"] = "volumes: {state: {}}\n"
    assert folder.fixed(text) == text
    folder["db/compose.yml"] = text
    folder.check("db", "--fix")
    assert folder["db/compose.yml"] == text
    own = f"{text}      - kept:/k\nvolumes:\n  kept: {{}}\n"
    assert folder.fixed(own) == f"{own}  state:\n"


def test_volume_that_may_be_another_is_left(folder):
    waits = _file(db="image: d\nvolumes:\n  - state:/d") + "volumes:\n  kept: {}\n"
    assert folder.fixed(waits) == waits
    near = _file(a="image: a\nvolumes:\n  - db-data:/d", b="image: b\nvolumes:\n  - xb-data:/d")
    near += "volumes:\n  db-data: {}\n"
    assert folder.fixed(near) == near


MERGES = (
    "x-a: &a {init: true}\nx-b: &b {tty: true}\nx-c: &c {read_only: true}\nservices:\n  w:\n    image: i\n"
)


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        (("<<: *a", "<<: *b"), ("<<: [*a, *b]",)),
        (("<<: *a", "user: '1'", "<<: *b"), ("<<: [*a, *b]", "user: '1'")),
        (("<<: [*a, *c]", "<<: *b"), ("<<: [*a, *c, *b]",)),
        (("<<: *a", "<<: *b", "<<: *c"), ("<<: [*a, *b, *c]",)),
        # What is more than an alias, or has something beside it.
        (("<<: *a", "<<: {tty: true}"), None),
        (("<<: *a", "<<: *b  # both"), None),
        (("user: '1'", "user: '2'"), None),
    ],
)
def test_two_merge_keys_become_one(folder, keys, after):
    def file(lines):
        return MERGES + "".join(f"    {line}\n" for line in lines)

    assert folder.fixed(file(keys)) == file(after or keys)
