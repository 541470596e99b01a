"""Scripts of the project: where containers find them, and what their commands do with them."""

import pytest

from composecheck.facts import Facts
from composecheck.facts.commands.waiting import own_wait
from composecheck.lint import examine
from composecheck.loading.options import Options

WAIT = '#!/bin/sh\nuntil nc -z db 5432; do sleep 1; done\nexec "$@"\n'


@pytest.fixture
def project(tmp_path):
    """Returns the facts of a project: a service `a` with these keys, `db`, and these files."""

    def make(body, files=None, more=""):
        (tmp_path / ".git").mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        (tmp_path / "compose.yml").write_text(
            f"services:\n  a: {{{body}, depends_on: [db]}}\n  db: {{image: 'postgres:16'}}\n{more}"
        )
        return Facts(examine(Options(folder=tmp_path, environment={})).project)

    return make


def wait_of(facts):
    return own_wait(facts, facts.services["a"], facts.services["db"])


@pytest.mark.parametrize(
    "body",
    [
        "image: x, entrypoint: /wait.sh, volumes: ['./wait.sh:/wait.sh']",
        "image: x, entrypoint: [/bin/sh, /s/wait.sh], volumes: ['.:/s:ro']",
        "image: x, entrypoint: [bash, -eu, /s/wait.sh], volumes: ['.:/s:ro']",
        "image: x, command: [tini, --, /s/wait.sh, run], volumes: ['.:/s:ro']",
        "image: x, command: sh -c '/s/wait.sh && run', volumes: ['.:/s:ro']",
        "image: x, command: sh -c 'exec /s/wait.sh run', volumes: ['.:/s:ro']",
        "image: x, command: bash -c './wait.sh; run', working_dir: /s, volumes: ['.:/s']",
        "image: x, command: sh wait.sh, working_dir: /s, volumes: ['.:/s']",
        "image: x, command: ./wait.sh, volumes: ['.:/s']",
        "image: x, command: wait.sh run, volumes: ['./wait.sh:/usr/local/bin/wait.sh']",
        "image: x, command: /wait.sh, configs: [{source: c, target: /wait.sh, mode: 0o755}]",
        "image: x, command: sh /c, configs: [c]",
        "image: x, command: sh /i, configs: [i]",
    ],
)
def test_script_that_is_mounted_is_read(project, body):
    more = "configs:\n  c: {file: ./wait.sh}\n  i: {content: 'until nc -z db 5432; do sleep 1; done; run'}\n"
    facts = project(body, {"wait.sh": WAIT}, more)
    wait = wait_of(facts)
    assert wait.seconds is None
    if "/i" not in body:
        assert (wait.place.source.shown.rpartition("/")[2], wait.place.line) == ("wait.sh", 2)


@pytest.mark.parametrize(
    "dockerfile",
    [
        'COPY wait.sh /wait.sh\nENTRYPOINT ["/wait.sh"]',
        'COPY wait.sh /\nENTRYPOINT ["/wait.sh"]',
        'COPY . /app\nWORKDIR /app\nENTRYPOINT ["./wait.sh"]',
        "WORKDIR /app\nCOPY . .\nCMD ./wait.sh run",
        'WORKDIR /app\nCOPY wait.sh other.sh ./\nCMD ["sh", "wait.sh"]',
        'ENV APP_HOME=/srv\nWORKDIR $APP_HOME\nCOPY . .\nCMD ["/srv/wait.sh"]',
        'COPY *.sh /usr/local/bin/\nRUN chmod +x /usr/local/bin/*.sh\nENTRYPOINT ["wait.sh"]',
        'COPY . .\nENTRYPOINT ["./wait.sh"]',
        'COPY --chmod=755 wait.sh /bin/start\nENTRYPOINT ["start"]',
        'ADD scripts /scripts\nENTRYPOINT ["/scripts/inner.sh"]',
        'FROM y AS other\nCOPY other.sh /wait.sh\nFROM z\nCOPY wait.sh /wait.sh\nENTRYPOINT ["/wait.sh"]',
    ],
)
def test_script_that_is_copied_is_read(project, dockerfile):
    files = {"wait.sh": WAIT, "other.sh": "#!/bin/sh\nrun\n", "scripts/inner.sh": WAIT}
    facts = project("build: .", {**files, "Dockerfile": f"FROM x\n{dockerfile}\n"})
    assert wait_of(facts) is not None


@pytest.mark.parametrize(
    "body",
    [
        "image: x, entrypoint: /other.sh, volumes: ['./wait.sh:/wait.sh']",
        "image: x, command: ./wait.sh, volumes: ['.:/s', '.:/t']",
        "image: x, entrypoint: /wait.sh",
        "image: x, entrypoint: /s/wait.sh, volumes: ['.:/s', './other.sh:/s/wait.sh']",
        "image: x, entrypoint: /s/wait.sh, volumes: ['.:/s', 'vol:/s/wait.sh']",
        "image: x, command: python /s/wait.sh, volumes: ['.:/s']",
        "image: x, command: cat /s/wait.sh, volumes: ['.:/s']",
        "image: x, entrypoint: /link.sh, volumes: ['./link.sh:/link.sh']",
    ],
)
def test_script_that_does_not_run_counts_for_nothing(project, tmp_path, body):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.sh"
    outside.write_text(WAIT)
    (tmp_path / "link.sh").symlink_to(outside)
    facts = project(body, {"wait.sh": WAIT, "other.sh": "#!/bin/sh\nrun\n"}, "volumes: {vol: {}}\n")
    assert wait_of(facts) is None


@pytest.mark.parametrize(
    "dockerfile",
    [
        "COPY other.sh /wait.sh",
        "COPY --from=y wait.sh /wait.sh",
        "COPY wait.sh /wait.sh\nCOPY other.sh /wait.sh",
        "RUN curl -o /wait.sh https://example.org/wait.sh",
    ],
)
def test_what_the_image_has_by_other_ways_is_not_known(project, dockerfile):
    files = {"wait.sh": WAIT, "other.sh": "#!/bin/sh\nrun\n"}
    facts = project(
        "build: .", {**files, "Dockerfile": f'FROM x\n{dockerfile}\nENTRYPOINT ["/wait.sh", "--", "run"]\n'}
    )
    assert wait_of(facts) is None


def test_scripts_are_followed_to_what_they_source_and_call(project):
    files = {
        "s/run.sh": '#!/bin/bash\nset -e\n. "$(dirname "$0")/lib.sh"\n/s/next.sh "$DB"\n',
        "s/lib.sh": 'DB=db\nlog() { echo "$@"; }\n',
        "s/next.sh": '#!/bin/sh\nfor i in $(seq 5); do nc -z "$1" 5432 && exit 0; sleep 2; done\nexit 1\n',
    }
    facts = project("image: x, entrypoint: /s/run.sh, volumes: ['./s:/s']", files)
    wait = wait_of(facts)
    assert (wait.seconds, wait.then, wait.place.line) == (10.0, "fails", 2)
    assert wait.place.source.path.endswith("next.sh")


def test_arguments_of_a_script_are_those_of_the_container(project):
    files = {"wait.sh": '#!/bin/sh\nhost=$1; shift\nuntil nc -z "$host" 1; do sleep 1; done\nexec "$@"\n'}
    body = "image: x, entrypoint: [/wait.sh, %s], command: run --db db, volumes: ['./wait.sh:/wait.sh']"
    assert wait_of(project(body % "db", files)) is not None
    assert wait_of(project(body % "cache", files)) is None


def test_rest_of_the_command_is_followed_through_the_script(project):
    files = {"start.sh": '#!/bin/sh\nset -e\necho starting\nexec "$@"\n'}
    body = "image: x, entrypoint: /start.sh, command: 'wait-for-it db:5432 -- run', volumes: ['./:/']"
    assert wait_of(project(body, files)).seconds == 15


def test_known_wrapper_is_told_by_its_text_whatever_its_name(project):
    usage = "usage() {\n  cat <<END\n  -s | --strict\n  -- COMMAND ARGS\nEND\n}\n"
    body = "image: x, command: '/wait-for.sh db:5432 -- run', volumes: ['./wait-for.sh:/wait-for.sh']"
    assert wait_of(project(body, {"wait-for.sh": f"#!/bin/bash\n{usage}"})).then == "goes on"
    plain = usage.replace("  -s | --strict\n", "")
    assert wait_of(project(body, {"wait-for.sh": f"#!/bin/sh\n{plain}"})).then == "fails"


def test_script_that_is_named_after_its_wait_counts_for_what_it_does(project):
    text = '#!/bin/sh\nfor i in 1 2 3; do pg_isready -h "$1" && exec "$2"; sleep 2; done\nexit 1\n'
    body = "image: x, command: /wait-for-db.sh %s run, volumes: ['./wait-for-db.sh:/wait-for-db.sh']"
    wait = wait_of(project(body % "db", {"wait-for-db.sh": text}))
    assert (wait.seconds, wait.then, wait.place.line) == (6.0, "fails", 2)
    # What cannot be followed is believed by its name.
    assert wait_of(project(body % "db", {"wait-for-db.sh": "#!/bin/sh\nask-for-it\n"})).seconds is None


def test_variables_of_the_dockerfile_count(project):
    dockerfile = 'FROM x\nENV DB_HOST=db DB_PORT=5432\nCOPY wait.sh /\nENTRYPOINT ["/wait.sh"]\n'
    files = {
        "Dockerfile": dockerfile,
        "wait.sh": "#!/bin/sh\nuntil nc -z $DB_HOST $DB_PORT; do :; done\nrun\n",
    }
    assert wait_of(project("build: .", files)) is not None
    assert wait_of(project("build: ., environment: {DB_HOST: other}", files)) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("#!/bin/sh\nset -e\nalembic upgrade head\necho done\n", True),
        ('#!/bin/sh\nalembic upgrade head\nexec "$@"\n', None),
        ("#!/bin/sh\nalembic upgrade head\nexec gunicorn app\n", False),
        ("#!/bin/sh\nwhile true; do backup; sleep 60; done\n", False),
        ("#!/bin/sh\nif [ $ROLE = web ]; then gunicorn app; else alembic upgrade head; fi\n", None),
        ("#!/bin/sh\nwhile true; do nc -z db 1 && break; sleep 1; done\nexit 0\n", None),
    ],
)
def test_script_tells_whether_the_service_ends(project, text, answer):
    from composecheck.facts.commands.jobs import ends

    facts = project("image: x, command: [sh, /job.sh, run], volumes: ['./job.sh:/job.sh']", {"job.sh": text})
    service = facts.services["a"]
    assert ends(service, None, facts.files(service)) is answer


def test_script_is_read_once_and_only_when_somebody_asks(project):
    body = "image: x, command: [sh, /s/wait.sh], volumes: ['.:/s'], healthcheck: {test: 'true'}"
    facts = project(body, {"wait.sh": WAIT})
    paths = [source.path.rpartition("/")[2] for source in facts.project.disk.sources]
    assert paths.count("wait.sh") <= 1
    wait_of(facts)
    assert facts.files(facts.services["a"]).at("/s/wait.sh") is facts.files(facts.services["a"]).at(
        "/s/wait.sh"
    )


MINE = 'if [ "$1" = test ]; then\n  until nc -z db 1; do sleep 1; done\nfi\nexec "$@"\n'


@pytest.mark.parametrize(
    ("script", "command", "is_there"),
    [
        (MINE, "test", True),
        (MINE, "serve", False),
        (MINE, "'$$1'", True),
        (MINE.replace("= test", "!= test"), "serve", True),
        (MINE.replace("= test", "!= test"), "test", False),
        (MINE.replace("fi\n", "else\n  until nc -z db 1; do sleep 1; done\nfi\n"), "serve", True),
        (MINE.replace('"$1" = test ]', '"$1" = test ] || [ "$1" = serve ]'), "serve", True),
        (MINE.replace('"$1" = test ]', '"$1" = test ] || [ "$1" = x ]'), "serve", False),
        (MINE.replace('"$1" = test ]', '"$1" = test ] || [ "$X" = x ]'), "serve", True),
        ('if [ "${1#-}" != "$1" ]; then set -- test "$@"; fi\n' + MINE, "serve", True),
        ('[ "$X" ] && set -- test\n' + MINE, "serve", True),
        ("set -- test\n" + MINE, "serve", True),
        ("shift\n" + MINE, "x test", True),
        ("shift\n" + MINE, "test x", False),
        ("while [ $# -gt 1 ]; do shift; done\n" + MINE, "serve", True),
        ("w() {\n" + MINE.replace('exec "$@"\n', "") + '}\nw "$MODE"\nexec "$@"\n', "serve", True),
    ],
)
def test_a_branch_that_is_surely_not_taken_does_not_wait(project, script, command, is_there):
    body = f"image: x, entrypoint: [sh, /s/e.sh], command: {command}, volumes: ['.:/s:ro']"
    assert (wait_of(project(body, {"e.sh": script})) is not None) is is_there


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("connect('db', 5432)", True),
        ("connect('cache', 6379)", False),
        ("connect('redis://cache:6379')", False),
        ("connect(os.environ['CACHE'], 'cache')", True),
        ("connect('elsewhere', 6379)", True),
        ("from tools import wait", True),
    ],
)
def test_a_script_in_another_language_is_not_believed_where_it_names_another_service(project, text, is_there):
    body = "image: x, working_dir: /s, command: [python, wait_for_db.py], volumes: ['.:/s:ro']"
    facts = project(body, {"wait_for_db.py": text}, "  cache: {image: 'redis:7'}\n")
    assert (wait_of(facts) is not None) is is_there
