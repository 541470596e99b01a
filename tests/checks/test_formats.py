"""What `check --format` prints of three small projects, beside what each format's readers ask for.

`UPDATE_SNAPSHOTS=1 pytest tests/checks/test_formats.py` writes what it prints now: read the diff.
"""

import json
import os
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from composecheck import check, check_paths
from composecheck.cli import main
from composecheck.findings.catalogue import GROUPS
from composecheck.findings.diagnostic import Diagnostic, Related
from composecheck.lint import Report
from composecheck.loading.schema_fast import read_schema
from composecheck.report import github, gitlab, junit, sarif
from composecheck.report import json as report_json
from composecheck.rules import module as module_of
from composecheck.text.source import Source, Span
from composecheck.text.visible import one_line
from composecheck.version import __version__

FOLDER = Path(__file__).parent / "formats"
PATHS = ["50%, odd: ü.yml", "shop", "worker"]
FILES = {"json": "json", "sarif": "sarif", "github": "github.txt", "gitlab": "gitlab.json", "junit": "xml"}
SECRETS = ("sup3rs3cret", "hunter22")
RACE = "services:\n  api: {image: api, depends_on: [db]}\n  db: {image: pg}\n"
# Whatever a name in a file or the name of a file may hold.
NASTY = "a%0Ab::error::\r\n]](http://x)<&\"'>\0\x1b[31m\udcff\ufffe,c:d 数据\U0001f600"


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what `check` prints of the projects, and its exit code."""

    def command(*arguments):
        monkeypatch.chdir(FOLDER)
        for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        code = main(["check", *PATHS, *arguments])
        out, err = capsys.readouterr()
        assert err == ""
        return out, code

    return command


@pytest.fixture
def report(monkeypatch):
    """What is found in the projects."""
    monkeypatch.chdir(FOLDER)
    return check_paths(*PATHS, environment={})


def nasty():
    """Return a report in which every text holds whatever a file may."""
    source = Source(f"folder/{NASTY}.yml", "services: {}\n")
    span, long = Span(source, 1, 2, 1, 4), Span(source, 1, 2, 3, 1)
    related = (Related(span, NASTY),)
    found = [
        Diagnostic("unguarded-dependency", "warning", NASTY, span, NASTY, NASTY, related),
        Diagnostic("unguarded-dependency", "warning", NASTY, long, NASTY, NASTY, related),
        Diagnostic("unknown-key", "error", NASTY, span),
        Diagnostic("obsolete-version", "note", NASTY, span),
    ]
    return Report((None,), tuple(found), 1)


@pytest.mark.parametrize("form", FILES)
def test_snapshot(run, form):
    text, code = run("--format", form, "--notes")
    if form == "sarif":  # the manuals have tests of their own
        log = json.loads(text)
        log["runs"][0]["tool"]["driver"]["rules"] = [{"id": entry["id"]} for entry in rules_of(log)]
        log["runs"][0]["tool"]["driver"]["version"] = "0"
        text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
    expected = FOLDER / f"report.{FILES[form]}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")
    assert code == 1


@pytest.mark.parametrize("form", FILES)
def test_same_input_gives_the_same_output_without_secrets(run, form):
    text, _ = run("--format", form, "--notes")
    assert run("--format", form, "--notes")[0] == text
    for secret in SECRETS:
        assert secret not in text
    assert "***" in text


def test_json_keeps_its_schema(run, report):
    document = json.loads(run("--format", "json")[0])
    jsonschema.validate(document, read_schema("report.schema.json"))
    assert document["summary"]["projects"] == 3
    assert len(document["diagnostics"]) == len(report.diagnostics)


# What is used of SARIF 2.1.0, after its sections 3.13 to 3.52; nothing else may stand there. The
# whole schema of OASIS is in no package that is small and kept.
TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}


def an(*, required=(), **properties):
    names = [name for name in properties if name in required or required == "all"]
    return {"type": "object", "required": names, "properties": properties, "additionalProperties": False}


MESSAGE = an(required="all", text=TEXT)
ARTIFACT = an(
    required=("uri",),
    uri={"type": "string", "pattern": r"^([A-Za-z0-9\-._~/]|%[0-9A-F]{2}|^file:/)+$"},
    uriBaseId={"const": "%SRCROOT%"},
)
PHYSICAL = an(
    required="all",
    artifactLocation=ARTIFACT,
    region=an(required="all", startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT),
)
LOGICAL = an(required="all", name=TEXT, fullyQualifiedName=TEXT, kind={"const": "object"})
RELATED = an(required="all", id=COUNT, physicalLocation=PHYSICAL, message=MESSAGE)
LEVEL = {"enum": ["error", "warning", "note"]}
RESULT = an(
    required=("ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": an(
            required=("physicalLocation",),
            physicalLocation=PHYSICAL,
            logicalLocations={"type": "array", "minItems": 1, "uniqueItems": True, "items": LOGICAL},
        ),
    },
    relatedLocations={"type": "array", "minItems": 1, "uniqueItems": True, "items": RELATED},
    partialFingerprints={
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
)
RULE = an(
    required="all",
    id=TEXT,
    name={"type": "string", "pattern": "^([A-Z][a-z]+)+$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=an(required="all", text=TEXT, markdown=TEXT),
    defaultConfiguration=an(required="all", level=LEVEL),
)
DRIVER = an(
    required="all",
    name={"const": "composecheck"},
    version={"const": __version__},
    rules={"type": "array", "uniqueItems": True, "items": RULE},
)
SARIF = an(
    required="all",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": an(
            required="all",
            tool=an(required="all", driver=DRIVER),
            columnKind={"const": "unicodeCodePoints"},
            originalUriBaseIds={"type": "object", "additionalProperties": an(description=MESSAGE)},
            results={"type": "array", "items": RESULT},
        ),
    },
)


def rules_of(log):
    return log["runs"][0]["tool"]["driver"]["rules"]


def sarif_of(report):
    log = json.loads(sarif.render(report))
    jsonschema.validate(log, SARIF, jsonschema.Draft202012Validator)
    for result in log["runs"][0]["results"]:
        assert rules_of(log)[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            region = location["physicalLocation"]["region"]
            start, end = ((region[f"{at}Line"], region[f"{at}Column"]) for at in ("start", "end"))
            assert start <= end
    return log


def test_sarif_has_every_finding_at_its_place_and_the_manuals_of_their_rules(report):
    log = sarif_of(report)
    results = log["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == [d.rule for d in report.diagnostics]
    for result, diagnostic in zip(results, report.diagnostics, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == diagnostic.span.source.shown
        assert tuple(place["region"].values()) == diagnostic.span[1:]
        assert len(result.get("relatedLocations", [])) == len(diagnostic.related)
    for entry in rules_of(log):
        module = module_of(entry["id"])
        assert entry["help"]["markdown"] == module.__doc__.strip()
        assert entry["shortDescription"]["text"] == module.__doc__.split("\n")[0]
        assert entry["defaultConfiguration"]["level"] == module.RULE.severities[0]


def test_sarif_has_a_description_of_every_rule_there_is():
    span = Span(Source("compose.yml", ""), 1, 1, 1, 1)
    found = tuple(Diagnostic(name, "note", "a fact", span) for name in GROUPS)
    rules = rules_of(sarif_of(Report((None,), found, 1)))
    assert [entry["id"] for entry in rules] == list(GROUPS)
    for entry in rules:
        assert "\n" not in entry["fullDescription"]["text"]
        assert "##" not in entry["fullDescription"]["text"]


def test_sarif_takes_any_text_and_makes_no_link_of_it():
    log = sarif_of(nasty())
    (result, *_) = log["runs"][0]["results"]
    assert "\\]\\](http" in result["message"]["text"]
    assert "\n" not in result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_sarif_of_a_file_elsewhere_has_a_file_uri(tmp_path, monkeypatch):
    (tmp_path / "a b.yml").write_text(RACE)
    monkeypatch.chdir(FOLDER)
    log = sarif_of(check(tmp_path / "a b.yml", environment={}))
    artifact = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": f"file://{tmp_path}/a%20b.yml"}


def test_fingerprints_are_unique_and_stay_where_lines_move(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def prints(text):
        Path("compose.yml").write_text(text)
        found = check("compose.yml", environment={})
        results = json.loads(sarif.render(found))["runs"][0]["results"]
        return (
            [result["partialFingerprints"]["composecheck/v1"] for result in results],
            [entry["fingerprint"] for entry in json.loads(gitlab.render(found))],
        )

    text = RACE + "  web: {image: web, depends_on: [db, api]}\n  x: {image: $A$A, command: $A}\n"
    before = prints(text)
    assert before[0] == before[1]
    assert len(set(before[0])) == len(before[0]) > 3
    assert prints(f"# a new line\n\n{text}") == before
    renamed = prints(
        text.replace("web: {image: web, depends_on: [db, api]", "job: {image: web, depends_on: [db]")
    )
    assert len(set(renamed[0]) - set(before[0])) == 1


COMMAND = re.compile(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)")


def commands(text):
    """Read workflow commands as the runner does: properties and data, with their escapes undone."""
    for line in text.split("\n"):
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(one.split("=", 1) for one in match[2].split(","))
        yield match[1], {key: undone(value) for key, value in properties.items()}, undone(match[3])


def undone(text):
    for written, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(written, char)
    return text


def test_github_has_a_command_for_each_finding_and_then_the_counts(report):
    *lines, last = github.render(report, notes=True).split("\n")
    assert last == "3 errors, 2 warnings and 2 notes found: 7 services in 4 files of 3 projects"
    found = list(commands("\n".join(lines)))
    assert len(found) == len(report.diagnostics)
    for (kind, properties, message), diagnostic in zip(found, report.diagnostics, strict=True):
        assert kind == {"note": "notice"}.get(diagnostic.severity, diagnostic.severity)
        span = diagnostic.span
        assert properties == {
            "file": span.source.shown,
            "line": str(span.line),
            "endLine": str(span.end_line),
            "col": str(span.column),
            "endColumn": str(span.end_column),
            "title": diagnostic.rule,
        }
        assert message.startswith(diagnostic.message.replace(SECRETS[0], "***"))


def test_github_counts_notes_unless_asked_for(report):
    text = github.render(report)
    assert "::notice" not in text
    assert "(2 notes more with --notes)" in text


def test_github_commands_cannot_be_broken_out_of():
    *lines, _ = github.render(nasty(), notes=True).split("\n")
    first, over_lines, *_ = found = list(commands("\n".join(lines)))
    assert len(found) == 4
    assert first[1]["file"] == one_line(f"folder/{NASTY}.yml")
    assert "col" not in over_lines[1]  # which the runner refuses across lines
    assert "\0" not in first[2]
    assert "\x1b" not in first[2]
    assert first[2].startswith("a%0Ab::error::")


def test_gitlab_has_what_its_code_quality_needs(report):
    entries = json.loads(gitlab.render(report))
    assert len(entries) == len(report.diagnostics)
    for entry, diagnostic in zip(entries, report.diagnostics, strict=True):
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["check_name"] == diagnostic.rule
        assert (
            entry["severity"]
            == {"error": "critical", "warning": "major", "note": "info"}[diagnostic.severity]
        )
        path, lines = entry["location"]["path"], entry["location"]["lines"]
        assert path == diagnostic.span.source.shown
        assert not path.startswith(("/", "./"))
        assert lines["begin"] == diagnostic.span.line
        assert "\n" not in entry["description"]
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


# Children and attributes that JUnit's readers know, as the schema of Jenkins' xUnit plugin has them.
JUNIT = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "time"}, set()),
    "testsuite": (
        {"testcase"},
        {"name", "tests", "failures", "errors", "time"},
        {"name", "tests", "failures", "errors"},
    ),
    "testcase": ({"failure", "system-out"}, {"name", "classname", "time"}, {"name"}),
    "failure": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def junit_of(report):
    root = ET.fromstring(junit.render(report).encode("utf-8"))  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        children, attributes, required = JUNIT[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= attributes
    for suite in root:
        assert int(suite.get("tests")) == len(suite) > 0
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert len({case.get("name") for case in suite}) == len(suite)
    assert int(root.get("tests")) == sum(map(len, root))
    return root


def test_junit_has_a_suite_a_file_and_a_case_a_rule(report):
    root = junit_of(report)
    cases = {
        (
            suite.get("name"),
            case.get("name"),
            case.find("failure") is not None,
            case.find("system-out") is not None,
        )
        for suite in root
        for case in suite
    }
    assert cases == {
        ("50%, odd: ü.yml", "unguarded-dependency", True, False),
        ("shop/compose.override.yml", "duplicate-host-port", True, False),
        ("shop/compose.override.yml", "unknown-key", True, False),
        ("shop/compose.yml", "healthy-without-healthcheck", False, True),
        ("shop/compose.yml", "obsolete-version", False, True),
        ("shop/compose.yml", "undefined-dependency", True, False),
        ("shop/compose.yml", "unguarded-dependency", True, False),
        ("worker/compose.yml", "check", False, False),
    }


def test_junit_names_every_finding_in_its_case(report):
    heads = Counter(
        line
        for element in junit_of(report).iter()
        if element.tag in ("failure", "system-out")
        for line in element.text.split("\n")
        if not line.startswith(" ")
    )
    assert heads == Counter(
        f"{d.span}: {d.severity}: {d.message} [{d.rule}]".replace(SECRETS[0], "***")
        for d in report.diagnostics
    )


def test_junit_is_well_formed_whatever_a_file_holds():
    (suite,) = junit_of(nasty())
    failure = suite.find("testcase/failure")
    assert "a%0Ab::error::" in failure.get("message")
    assert failure.get("message").endswith("(and 1 more)")
    assert "数据\U0001f600" in failure.text


def test_junit_is_read_by_a_reader_of_junit(report, tmp_path):
    junitparser = pytest.importorskip("junitparser", reason="needs junitparser, of the extra 'test'")
    path = tmp_path / "junit.xml"
    path.write_text(junit.render(report), "utf-8")
    suites = junitparser.JUnitXml.fromfile(str(path))
    assert (suites.tests, suites.failures, suites.errors) == (8, 5, 0)
    failed = [case for suite in suites for case in suite if not case.is_passed]
    assert len(failed) == 5
    assert {result.type for case in failed for result in case.result} == {"error", "warning"}


@pytest.mark.parametrize("form", [report_json, sarif, gitlab])
def test_json_of_any_text_is_json_in_utf8(form):
    text = form.render(nasty()).encode("utf-8", "backslashreplace").decode("utf-8")
    assert "数据" in json.dumps(json.loads(text), ensure_ascii=False)


@pytest.mark.parametrize("form", ["text", *FILES])
def test_output_is_written_to_a_file_and_the_counts_are_printed(run, tmp_path, form):
    whole, _ = run("--format", form)
    file = tmp_path / "report"
    file.write_text("what stood there")
    out, code = run("--format", form, "--output", str(file))
    assert code == 1
    assert (
        out
        == "3 errors and 2 warnings found: 7 services in 4 files of 3 projects (2 notes more with --notes)\n"
    )
    assert file.read_text("utf-8") == whole
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_output_through_a_link_or_to_a_device_leaves_what_it_is(run, tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to("real")
    run("--format", "json", "-o", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text("utf-8"))["schema_version"] == 1
    run("-o", os.devnull)
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("place", ["absent/report", ".", "x" * 300])
def test_output_that_cannot_be_written_is_usage(tmp_path, monkeypatch, capsys, place):
    monkeypatch.chdir(tmp_path)
    Path("compose.yml").write_text(RACE)
    assert main(["check", "-o", place]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"composecheck: cannot write '{place}': ")
    assert [path.name for path in tmp_path.iterdir()] == ["compose.yml"]
