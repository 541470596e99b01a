"""Commands that are written for a shell where none reads them, and what looks like them."""

import pytest

from composecheck.lint import examine
from composecheck.loading.options import Options


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, message, remedy) of what is found of a service's command."""

    def find(body, rule="command-shell-syntax", **files):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        body = "".join(f"    {line}\n" for line in body.splitlines())
        (tmp_path / "compose.yml").write_text(f"services:\n  a:\n    image: x:1\n{body}")
        report = examine(Options(folder=tmp_path, environment={}))
        return [(d.severity, d.message, d.remedy) for d in report.diagnostics if d.rule == rule]

    return find


@pytest.mark.parametrize(
    ("body", "operator", "dropped"),
    [
        ("command: migrate && serve", "&&", "&& serve"),
        ("command: 'migrate || serve'", "||", "|| serve"),
        ("command: >\n  migrate &&\n  serve --all", "&&", "&& serve --all"),
        ("command: |\n  migrate\n  ; serve", ";", "; serve"),
        ("command: sleep 25; nginx -g 'daemon off;'", ";", "; nginx -g 'daemon off;'"),
        ("command: dump db | gzip", "|", "| gzip"),
        ('command: sh -c "a; b" && c', "&&", "&& c"),
        ("entrypoint: sleep 25; nginx", ";", "; nginx"),
        ("x-c: &c a && b\ncommand: *c", "&&", "&& b"),
    ],
)
def test_text_ends_at_the_first_operator_and_loses_the_rest(found, body, operator, dropped):
    ((severity, message, _),) = found(body)
    assert severity == "error"
    assert f"ends at '{operator}'" in message
    assert f"'{dropped}' is dropped" in message


@pytest.mark.parametrize("command", ["serve > /dev/null", "serve 2>&1", "serve --url http://h/?a=1&b=2"])
def test_program_that_runs_without_the_rest_is_a_warning(found, command):
    ((severity, _, _),) = found(f"command: {command}")
    assert severity == "warning"


@pytest.mark.parametrize(
    ("body", "whose"),
    [
        ("command: [cd, /app, '&&', celery, worker]", "'cd'"),
        ("command:\n  - python\n  - a.py\n  - '||'\n  - 'true'", "'python'"),
        ("command: [sh, -c, migrate, '&&', serve]", "the shell"),
        ("entrypoint: [tini, --, a, ';', b]", "'tini'"),
    ],
)
def test_operator_in_a_list_is_an_argument(found, body, whose):
    ((severity, message, _),) = found(body)
    assert severity == "error"
    assert f"to {whose} as an argument" in message


@pytest.mark.parametrize(
    "body",
    [
        "command: sh -c python app.py",
        "command: [bash, -c, python, app.py]",
        "entrypoint: [sh, -c]\ncommand: python app.py",
    ],
)
def test_shell_takes_one_word_for_its_script(found, body):
    ((severity, message, _),) = found(body)
    assert severity == "warning"
    assert "'python' alone" in message


@pytest.mark.parametrize(
    "body",
    [
        "command: sh -c 'migrate && serve'",
        'command: bash -c "a; b | c > d"',
        "command: [sh, -c, 'migrate && serve']",
        "command: nginx -g 'daemon off;'",
        "command: [nginx, -g, 'daemon off;']",
        "command: serve;",
        "command: serve &",
        "command: echo 'a && b'",
        'command: "psql -c \\"select 1;\\""',
        "command: curl 'http://h/?a=1&b=2'",
        "command: a \\&\\& b",
        "command: [find, /x, -exec, rm, '{}', ';']",
        "command: [cut, -d, '|', -f1]",
        "command: [xargs, a, '|', b]",
        "command: [awk, '{ if (a > 1) print }', '>']",
        "command: [ssh, h, a, '&&', b]",
        "command: [a, '&&b']",
        "command: [sh, -c, 'exec \"$$@\"', sh, a]",
        "command: [sh, -c, 'exec serve', --flag]",
        "command: sh -c 'serve'",
        "command: >\n  sh -c 'a &&\n  b'",
        "command: |\n  serve\n  --all",
        "command: pip install 'a>=1'",
        "command: [sh, run.sh, -c, a]",
        "command: [sh, run.sh]",
        "command: [sh, -x, run.sh]",
        "command: [serve, 'a b']",
        "command: &anchor sh -c 'a && b'",
    ],
)
def test_command_that_a_shell_reads_or_that_needs_none(found, body):
    assert found(body) == []


def test_script_that_reads_its_words_again_makes_operators_of_them(found):
    body = "entrypoint: [/run.sh]\ncommand: [a, '&&', b]\nvolumes: ['./run.sh:/run.sh']"
    assert found(body, run_sh='#!/bin/sh\neval "$@"\n') == []
    assert len(found(body, run_sh='#!/bin/sh\nexec "$@"\n')) == 1


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        ("a && b", 'sh -c "a && b"'),
        ("a --url h?x=1&y=2", "put the word in quotes"),
        ("pip install a>=1", "put the word in quotes"),
        ("sh -c a && b", "put all that stands behind '-c' in quotes"),
        ("a 'x' && b \"y\"", 'sh -c "..."'),
    ],
)
def test_remedy_has_a_shell_read_it_or_keeps_the_word(found, command, remedy):
    assert remedy in found(f"command: {command}")[0][2]


@pytest.mark.parametrize(
    "command", ["[sh, 'migrate && serve']", "bash 'python app.py'", "[/bin/sh, 'exec serve']"]
)
def test_script_without_c_is_taken_for_a_file(found, command):
    ((severity, message, _),) = found(f"command: {command}")
    assert severity == "error"
    assert "look for a file called" in message


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ('CMD ["migrate", "&&", "serve"]', 1),
        ('ENTRYPOINT ["sh", "-c", "a", ";", "b"]', 1),
        ("CMD migrate && serve", 0),
        ('CMD ["sh", "-c", "migrate && serve"]', 0),
        ('CMD ["migrate", "&&", "serve"]\nCMD ["serve"]', 0),
        ('CMD ["find", "/x", "-exec", "rm", "{}", ";"]', 0),
    ],
)
def test_list_of_a_dockerfile_is_read_by_no_shell(tmp_path, lines, number):
    (tmp_path / "Dockerfile").write_text(f"FROM x:1\n{lines}\n")
    (tmp_path / "compose.yml").write_text("services:\n  a: {build: .}\n  b: {build: ., command: serve}\n")
    report = examine(Options(folder=tmp_path, environment={}))
    found = [d for d in report.diagnostics if d.rule == "command-shell-syntax"]
    assert len(found) == number
    assert all(d.span.source.shown.endswith("Dockerfile") for d in found)


def test_command_that_is_cut_is_no_job(found):
    body = "command: python manage.py migrate && serve\n"
    assert found(body + "  b: {image: y:1}".replace("  b", "x-b"), "one-shot-not-awaited") == []
    (finding,) = found("command: migrate && serve\n")
    assert finding[0] == "error"


def test_secrets_of_a_command_are_not_shown(found):
    urls = "postgres://u:hunter3@db/x && run --token=hunter4"
    ((_, message, remedy),) = found(f"command: serve --password hunter2 --db {urls}")
    assert "hunter" not in message + remedy
    ((_, message, remedy),) = found("command: sh -c serve --password hunter2")
    assert "hunter" not in message + remedy
