"""The whole command line: a file, or a folder with more of them, and what `check` prints of it.

`UPDATE_SNAPSHOTS=1 pytest tests/checks/test_snapshots.py` writes what it prints now: read the diff.
"""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from composecheck.cli import main
from composecheck.loading.schema_fast import read_schema

FOLDER = Path(__file__).parent / "snapshots"
CASES = sorted(
    [path.name for path in FOLDER.glob("*.yml")] + [path.name for path in FOLDER.iterdir() if path.is_dir()]
)


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what a command prints of a case, and its exit code."""

    def run_case(case, *arguments):
        monkeypatch.setenv("COLUMNS", "80")
        for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        if (FOLDER / case).is_dir():
            monkeypatch.chdir(FOLDER / case)
            files = []
        else:
            monkeypatch.chdir(FOLDER)
            files = ["-f", case]
        code = main([*files, *arguments])
        out, err = capsys.readouterr()
        return out + err, code

    return run_case


@pytest.mark.parametrize("case", CASES)
def test_text(run, case):
    text, code = run(case, "check", "--notes")
    text += f"exit code {code}\n"
    expected = FOLDER / f"{Path(case).stem}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_json_says_the_same_and_keeps_its_schema(run, case):
    text, code = run(case, "check", "--format", "json")
    report = json.loads(text)
    jsonschema.validate(report, read_schema("report.schema.json"))
    seen = dict.fromkeys(("error", "warning", "note"), 0)
    for diagnostic in report["diagnostics"]:
        seen[diagnostic["severity"]] += 1
    assert [report["summary"][f"{severity}s"] for severity in seen] == list(seen.values())
    misconfigured = any(d["rule"] == "invalid-configuration" for d in report["diagnostics"])
    assert code == (2 if misconfigured else 1 if seen["error"] or seen["warning"] else 0)
    printed, _ = run(case, "check", "--notes")
    heads = [
        f"{d['file']}:{d['line']}:{d['column']}: {d['severity']}: {d['message']} [{d['rule']}]"
        for d in report["diagnostics"]
    ]
    lines = printed.splitlines()
    assert [line for line in (line.removesuffix(" [*]") for line in lines) if line in heads] == heads
    # Notes have fixes too, and of what is safe each is marked.
    safe = [head for head, d in zip(heads, report["diagnostics"], strict=True) if d["fix"] == "safe"]
    assert [line.removesuffix(" [*]") for line in lines if line.endswith("] [*]")] == safe


@pytest.mark.parametrize("case", CASES)
def test_same_input_gives_the_same_output(run, case):
    assert run(case, "check", "--notes") == run(case, "check", "--notes")


@pytest.mark.parametrize("arguments", [["check", "--notes"], ["check", "--format", "json"], ["plan"]])
def test_no_secret_is_printed(run, arguments):
    text, _ = run("secrets.yml", *arguments)
    assert "secrets.yml" in text
    for secret in ("sup3rs3cret", "t0k3n-abc", "an0ther-s3cret"):
        assert secret not in text
