import json
import os
import re
import subprocess
import sys
import time

import pytest

from composecheck.cli import main
from composecheck.cli.check import wants_color
from composecheck.lint import check
from composecheck.report.text import render
from composecheck.text import width
from composecheck.text.visible import visible

from ..imports import of_argparse

CLEAN = "services:\n  db: {image: pg}\n"
WARNING = "services:\n  api: {image: api, depends_on: [db]}\n  db: {image: pg}\n"
NOTE = f'version: "3"\n{CLEAN}'
ERROR = "services:\n  api: {image: api, depends_on: [dbx]}\n  dbxx: {image: pg}\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return the exit code and output of a command on a compose.yml."""

    def command(text, *arguments):
        monkeypatch.chdir(tmp_path)
        if text is not None:
            (tmp_path / "compose.yml").write_text(text)
        code = main(list(arguments))
        return code, *capsys.readouterr()

    return command


@pytest.mark.parametrize(
    ("text", "code"),
    [(CLEAN, 0), (NOTE, 0), (WARNING, 1), (ERROR, 1), ("a: [", 1), ("", 1), ("- a", 1), ("\x00", 1)],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_exit_code_says_whether_anything_is_at_warning_or_above(run, text, code, form):
    assert run(text, "check", "--format", form)[0] == code


def test_path_that_does_not_exist_is_usage(run):
    code, out, err = run(None, "-f", "absent.yml", "check")
    assert (code, out) == (2, "")
    assert "absent.yml" in err


def test_clean_stack_is_one_line(run):
    assert run(CLEAN, "check") == (0, "no problems found: 1 service in 1 file\n", "")


def test_notes_are_counted_and_printed_when_asked_for(run):
    assert run(NOTE, "check")[1] == "no problems found: 1 service in 1 file (1 note more with --notes)\n"
    out = run(NOTE, "check", "--notes")[1]
    assert "compose.yml:1:1: note: " in out
    assert out.endswith("1 note found: 1 service in 1 file ([*] 1 fixable with --fix)\n")
    assert json.loads(run(NOTE, "check", "--format", "json")[1])["summary"]["notes"] == 1


@pytest.mark.parametrize(("command", "said"), [("plan", "there is no plan"), ("up", "nothing was started")])
def test_file_with_errors_is_printed_and_goes_no_further(run, command, said):
    code, out, err = run(ERROR, command)
    assert (code, out) == (2, "")
    assert "did you mean 'dbxx'?" in err
    assert "[*]" not in err
    assert "fixable with 'composecheck check --fix'" in err
    assert err.endswith(f"composecheck: {said}, because of 1 error\n")


def test_rules_lists_every_rule(run):
    code, out, _ = run(None, "rules")
    assert code == 0
    assert re.search(r"^  unguarded-dependency +warning  A service starts without waiting", out, re.MULTILINE)
    assert re.search(
        r"^  invalid-host-ip +error    A port is published on an address that is none", out, re.MULTILINE
    )


def test_explain_prints_the_manual(run):
    code, out, _ = run(None, "explain", "dependency-cycle")
    assert code == 0
    assert out.startswith("dependency-cycle (error)\n\nServices depend on each other in a circle.\n")
    assert "## Use instead" in out


def test_explain_suggests_the_rule_that_is_meant(run):
    code, _, err = run(None, "explain", "unguarded-dependancy")
    assert code == 2
    assert "did you mean 'unguarded-dependency'?" in err
    assert "'composecheck rules' lists them" in run(None, "explain", "zzz")[2]


def test_colours_are_for_terminals_and_can_be_refused(run, monkeypatch):
    class Terminal:
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_color(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(Terminal())
    assert "\033" not in run(WARNING, "check")[1]


def test_coloured_text_is_the_plain_text_with_colours(tmp_path):
    (tmp_path / "compose.yml").write_text(WARNING)
    report = check(tmp_path / "compose.yml", environment={})
    import re

    coloured = render(report, color=True)
    assert "\033[1;33mwarning:" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == render(report)


def race(count):
    return "services:\n" + "".join(
        f"  s{n}: {{image: x, depends_on: [db]}}\n" for n in range(count)
    ) + "  db: {image: pg}\n"  # fmt: skip


def test_long_run_of_one_finding_is_summed_up(run):
    out = run(race(9), "check")[1]
    assert [line for line in out.splitlines() if ": warning: " in line or "more" in line] == [
        *(f"compose.yml:{n + 2}:31: warning: service 's{n}' starts without waiting until 'db' is ready"
          " [unguarded-dependency]" for n in range(3)),
        "6 more warnings like these in 1 file [unguarded-dependency]; 'check --all' shows them",
    ]  # fmt: skip
    assert out.endswith("them\n\n9 warnings found: 10 services in 1 file\n")
    assert run(race(9), "check", "--all")[1].count(": warning: ") == 9
    assert len(json.loads(run(race(9), "check", "--format", "json")[1])["diagnostics"]) == 9


def test_long_runs_of_one_rule_are_one_line(run):
    body = "".join(f"  s{n}: {{image: x, ports: ['x{n}'], volumes: ['aa::b{n}']}}\n" for n in range(9))
    out = run("services:\n" + body, "check")[1]
    assert [line for line in out.splitlines() if "more errors" in line] == [
        "12 more errors like these in 1 file [invalid-value]; 'check --all' shows them"
    ]
    assert out.count(": error: ") == 6


def test_short_run_and_findings_of_other_kinds_are_shown_in_full(run):
    assert run(race(5), "check")[1].count(": warning: ") == 5
    text = race(9) + "  web: {image: x, colour: red, depends_on: [db, nobody]}\n"
    out = run(text, "check")[1]
    assert "[unknown-key]" in out
    assert "[undefined-dependency]" in out
    assert "7 more warnings like these" in out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit"])
def test_stream_that_takes_no_unicode_stops_no_report(tmp_path, encoding, form):
    (tmp_path / "数据.yml").write_text(WARNING.replace("db", "\U0001f600"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "composecheck", "-f", "数据.yml", "check", "--format", form],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (1, b"")
    text = done.stdout.decode("utf-8")
    assert ("数据" in text or form == "sarif") == (encoding == "utf-8" or form != "text")


def test_terminal_is_not_steered_by_a_file(run):
    out = run(
        'services:\n  api: {image: a, depends_on: {"d\\e[31mb": {condition: service_started}}}\n', "check"
    )[1]
    assert "\033" not in out
    assert visible("a\033[2Jb\tc") == "a\\x1b[2Jb    c"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("数据", 4), ("e\u0301", 1), ("ü", 1), ("", 0)])
def test_width_is_in_columns_of_the_terminal(text, columns):
    assert width.columns(text) == columns


HEAVY = (
    "docker",
    "networkx",
    "jsonschema",
    "tenacity",
    "rich",
    "asyncio",
    "dataclasses",
    "inspect",
    "difflib",
)


def imported(code, folder):
    """Return what a fresh interpreter has imported after running code."""
    script = f"import sys\n{code}\nprint(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split("\n")) - of_argparse()


def test_bare_import_costs_nothing(tmp_path):
    modules = imported("import composecheck", tmp_path)
    assert {name for name in modules if name.startswith("composecheck")} == {
        "composecheck",
        "composecheck.named",
    }
    assert not modules & {*HEAVY, "yaml"}


def test_clean_check_imports_only_what_it_needs(tmp_path):
    (tmp_path / "compose.yml").write_text(
        "services:\n  api:\n    image: api\n    depends_on: {db: {condition: service_healthy}}\n"
        "  db:\n    image: pg\n    healthcheck: {test: pg_isready}\n"
    )
    modules = imported("from composecheck.cli import main\nassert main(['check']) == 0", tmp_path)
    assert not modules & set(HEAVY)
    ours = {name.removeprefix("composecheck.") for name in modules if name.startswith("composecheck.")}
    assert "rules.startup.healthy_without_healthcheck" in ours
    assert not ours & {
        "dockerfile", "facts.commands.waits", "text.redact", "report.text", "report.json",
        "rules.ports.duplicate_host_port", "rules.startup.unguarded_dependency",
        "rules.images.missing_image", "rules.content.undefined_secret", "stack", "start", "cli.counter",
        "cli.output", "report.masked", "lint.walk",
    }  # fmt: skip


def test_thousands_of_services_take_linear_time(tmp_path):
    def seconds(count):
        file = tmp_path / f"{count}.yml"
        services = [
            f"  s{n}:\n    image: x\n    restart: always\n    ports: ['{n % 60000 + 1}:80']\n"
            + (f"    depends_on: [s{n - 1}, s{n // 2}]\n" if n > 2 else "")
            for n in range(count)
        ]
        file.write_text("services:\n" + "".join(services))
        started = time.process_time()
        report = check(file, environment={})
        assert report.diagnostics == ()
        return time.process_time() - started

    seconds(10)
    assert seconds(4000) < 8 * seconds(1000)


@pytest.mark.slow
def test_findings_in_one_long_line_are_shown_in_linear_time(tmp_path):
    names = [f"s{n}" for n in range(600)]
    services = {name: {"image": "x", "depends_on": ["db"], "environment": {"DB": "db"}} for name in names}
    file = tmp_path / "compose.yml"
    file.write_text(json.dumps({"services": {**services, "db": {"image": "pg"}}}))
    report = check(file, environment={})
    assert len(report.diagnostics) == len(names)
    started = time.process_time()
    lines = render(report, every=True).splitlines()
    assert time.process_time() - started < 2
    shown = [line for line in lines if line.startswith(" 1 | ")]
    assert max(map(width.columns, shown)) < 130
    assert shown[len(shown) // 2].startswith(" 1 | …")
    assert shown[len(shown) // 2].endswith("…")


def test_mark_stands_under_its_place_in_a_long_line(tmp_path):
    file = tmp_path / "compose.yml"
    before = "".join(f's{n}: {{image: x, hostname: "数据"}}, ' for n in range(100))
    file.write_text(f"services: {{{before}api: {{image: a, depends_on: [db]}}, db: {{image: x}}}}\n")
    lines = render(check(file, environment={})).splitlines()
    line, mark = lines[1], lines[2]
    at = mark.index("^")
    assert [char for n, char in enumerate(line) if width.columns(line[:n]) == at] == ["d"]
    assert "depends_on: [db]" in line


@pytest.mark.slow
def test_mistyped_names_are_put_right_in_linear_time(tmp_path):
    file = tmp_path / "compose.yml"
    services = [f"  svc-{n}-api: {{image: x, depends_on: [svc-{n}-apu]}}\n" for n in range(1500)]
    file.write_text("services:\n" + "".join(services) + "  ldap: {image: x, depends_on: [svc-7-aip, lap]}\n")
    started = time.process_time()
    report = check(file, environment={})
    assert time.process_time() - started < 8
    remedies = [d.remedy for d in report.diagnostics if d.service == "ldap"]
    assert remedies[0] == "did you mean 'svc-7-api'?"
    assert len(report.diagnostics) == 1502
