"""Comments that suppress findings: which are comments, what they are for, and what they never hide."""

import time
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from composecheck import LoadError, check, load
from composecheck.cli import main
from composecheck.lint.suppression import Suppressions
from composecheck.text.source import Source

RULE = "unguarded-dependency"
IGNORE = f"# composecheck: ignore[{RULE}] it tries again"
DB = "  db: {image: pg}\n"
HIDDEN = [(RULE, "comment", "it tries again")]


@pytest.fixture
def report(tmp_path):
    """Return the report on a text, or on several by their names."""

    def examined(text, **options):
        files = text if isinstance(text, dict) else {"compose.yml": text}
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        return check(*(tmp_path / name for name in files), environment={}, **options)

    return examined


def told(report):
    return [(d.rule, d.span.line) for d in report.diagnostics]


def hidden(report):
    return [(s.diagnostic.rule, s.by, s.reason) for s in report.suppressed]


@pytest.mark.parametrize(
    "text",
    [
        f"services:\n  api:\n    image: a\n    depends_on:\n      - db  {IGNORE}\n",
        f"services:\n  api:\n    image: a\n    depends_on:\n      {IGNORE}\n      - db\n",
        f"services:\n  api:\n    image: a\n    depends_on:\n      {IGNORE}\n      # more\n      - db\n",
        f"services:\n  api:\n    image: a\n    depends_on:\n{IGNORE}\n      - db\n",
        f"services:\n  api:  {IGNORE}\n    image: a\n    depends_on:\n      - db\n",
        f"services:\n  {IGNORE}\n  api:\n    image: a\n    depends_on:\n      - db\n",
        f"services:\n  api: {{image: a, depends_on: [db]}}  {IGNORE}\n",
        f"{IGNORE}\nservices:\n  api:\n    image: a\n    depends_on:\n      - db\n",
        f"# a\n\n  {IGNORE}\n\nservices:\n  api:\n    image: a\n    depends_on:\n      - db\n",
        f"services:\n  api:\n    image: a\n    depends_on: [db] # yamllint disable-line {IGNORE}\n",
        f"services:\n  api:\n    image: a\n    depends_on: [db]{IGNORE}\n",
        f"services:\r\n  api:\r\n    image: a\r\n    depends_on:\r\n    - db  {IGNORE}\r\n",
    ],
)
def test_comment_suppresses_the_finding_of_its_place(report, text):
    found = report(text + DB)
    assert told(found) == []
    assert hidden(found) == HIDDEN
    assert found.exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        # an empty line between, the line below, a key above, the file's head after its first key
        f"services:\n  api:\n    image: a\n    depends_on:\n      {IGNORE}\n\n      - db\n",
        f"services:\n  api:\n    image: a\n    depends_on:\n      - db\n      {IGNORE}\n",
        f"services:\n  api:\n    image: a\n    depends_on:  {IGNORE}\n      - db\n",
        f"---\n{IGNORE}\nservices:\n  api:\n    image: a\n    depends_on:\n      - db\n",
        f"services:  {IGNORE}\n  api:\n    image: a\n    depends_on:\n      - db\n",
    ],
)
def test_comment_elsewhere_is_unused_and_hides_nothing(report, text):
    found = report(text + DB)
    assert sorted(rule for rule, _ in told(found)) == [RULE, "unused-suppression"]
    assert hidden(found) == []


def test_comment_is_for_the_ids_that_it_names(report):
    text = "services:\n  api: {image: a, depends_on: [db], ports: ['80:80', '80:81']}"
    assert len(report(f"{text}\n{DB}").diagnostics) == 2
    assert told(report(f"{text}  {IGNORE}\n{DB}")) == [("duplicate-host-port", 2)]
    both = f"{text}  # composecheck: ignore[{RULE}, duplicate-host-port] why not\n{DB}"
    assert told(report(both)) == []
    assert {reason for _, _, reason in hidden(report(both))} == {"why not"}


def test_comment_is_not_for_places_that_are_only_related(report):
    text = f"services:\n  api:\n    image: a\n    depends_on: [db]\n  db:  {IGNORE}\n    image: pg\n"
    assert told(report(text)) == [(RULE, 4), ("unused-suppression", 5)]


def test_service_is_meant_in_all_its_files(report):
    base = f"services:\n  api:  {IGNORE}\n    image: a\n{DB}"
    found = report({"compose.yml": base, "over.yml": "services:\n  api: {depends_on: [db]}\n"})
    assert told(found) == []
    assert hidden(found) == HIDDEN


def test_service_is_meant_where_a_finding_does_not_name_it(report):
    text = (
        "services:\n  api:  # composecheck: ignore[unset-variable] optional\n    image: a\n"
        "    environment:\n      A: $NOWHERE\n  web:\n    image: a\n    environment:\n      A: $NEITHER\n"
    )
    assert told(report(text)) == [("unset-variable", 9)]


def test_file_is_the_comments_own(report):
    files = {
        "compose.yml": f"services:\n  api: {{image: a}}\n  web: {{image: a, depends_on: [db]}}\n{DB}",
        "over.yml": f"{IGNORE}\nservices:\n  api: {{depends_on: [db]}}\n",
    }
    found = report(files)
    assert [(d.rule, d.service) for d in found.diagnostics] == [(RULE, "web")]
    assert len(found.suppressed) == 1


@pytest.mark.parametrize(
    ("comment", "message", "severity"),
    [
        ("ignore", "is no suppression", "warning"),
        (f"ignore {RULE}", "is no suppression", "warning"),
        (f"disable[{RULE}]", "is no suppression", "warning"),
        ("ignore[] x", "is no suppression", "warning"),
        (f"ignore[{RULE},] x", "is no suppression", "warning"),
        (f"ignore[{RULE}", "is no suppression", "warning"),
        ("ignore[unguarded] x", "there is no rule 'unguarded'", "warning"),
        (f"ignore[{RULE.upper()}] x", f"there is no rule '{RULE.upper()}'", "warning"),
    ],
)
def test_comment_that_is_not_understood_is_found_and_hides_nothing(report, comment, message, severity):
    text = f"services:\n  api:\n    image: a\n    depends_on:\n      - db # composecheck: {comment}\n{DB}"
    finding, wrong = report(text).diagnostics
    assert (finding.rule, wrong.rule, wrong.severity) == (RULE, "invalid-suppression", severity)
    assert message in wrong.message


def test_id_that_is_mistyped_is_shown_in_its_place(report):
    text = "services:\n  api: {image: a} # composecheck: ignore[unset-variable, unset-varible] x\n"
    wrong = next(d for d in report(text).diagnostics if d.rule == "invalid-suppression")
    assert wrong.span.text == "unset-varible"
    assert wrong.remedy == "did you mean 'unset-variable'?"


def test_reason_is_wanted_and_may_be_demanded(report):
    text = f"services:\n  api: {{image: a, depends_on: [db]}}  # composecheck: ignore[{RULE}]\n{DB}"
    (note,) = report(text).diagnostics
    assert (note.rule, note.severity) == ("suppression-without-reason", "note")
    assert len(report(text).suppressed) == 1


def test_findings_about_comments_can_be_suppressed_too(report):
    ignored = "# composecheck: ignore[unused-suppression, invalid-suppression] kept for later\n"
    text = f"services:\n  api: {{image: a}}  {IGNORE}\n  # composecheck: nonsense\n{DB}"
    assert len(report(text).diagnostics) == 2
    found = report(ignored + text)
    assert told(found) == []
    assert len(found.suppressed) == 2
    alone = "# composecheck: ignore[unused-suppression] kept for later\n"
    assert told(report(f"{alone}services:\n{DB}")) == [("unused-suppression", 1)]


@pytest.mark.parametrize(
    "text",
    [
        # it may be about what a fault hides, what no profile enables, or what does not run
        f"services:\n  api: {{image: a, colour: red}}  {IGNORE}\n",
        f"services:\n  api: {{image: a, profiles: [p]}}  {IGNORE}\n  db: {{image: x}}\n",
        f"services:\n  api:\n    image: a\n    profiles: [p]\n    ports: []  {IGNORE}\n  db: {{image: x}}\n",
        f"{IGNORE}\nservices:\n  api: {{image: a, profiles: [p]}}\n  db: {{image: x}}\n",
        f"services: [  {IGNORE}\n",
    ],
)
def test_comment_is_only_unused_where_its_finding_would_be_seen(report, text):
    assert "unused-suppression" not in {rule for rule, _ in told(report(text))}


@pytest.mark.parametrize(
    "text",
    [
        "# composecheck: ignore[invalid-yaml] x\nservices: [\n",
        "# composecheck: ignore[invalid-yaml] x\nservices:\n  api: {image: *no}\n",
        "# composecheck: ignore[empty-project] x\n",
    ],
)
def test_what_cannot_be_loaded_is_told_all_the_same(report, text):
    found = report(text)
    assert found.count("error") == 1
    assert found.exit_code == 1


REFUSED = (
    "services:\n  api: {image: a, depends_on: [nobody]}  # composecheck: ignore[undefined-dependency] x\n"
)
FAULTY = "services:\n  api: {image: a, colour: red}  # composecheck: ignore[unknown-key] x\n"


@pytest.mark.parametrize("text", [REFUSED, FAULTY])
def test_check_is_silent_on_what_docker_compose_refuses_and_nothing_starts(
    text, report, tmp_path, monkeypatch, capsys
):
    assert told(report(text)) == []
    with pytest.raises(LoadError):
        load(tmp_path / "compose.yml", environment={})
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    assert "(1 suppressed)" in capsys.readouterr().out
    for command in ("plan", "up"):
        assert main([command]) == 2
        assert "compose.yml:2:" in capsys.readouterr().err


def test_what_only_composecheck_calls_an_error_is_started_when_it_is_suppressed(
    report, tmp_path, monkeypatch, capsys
):
    text = (
        "services:\n  api:\n    image: a\n    depends_on:\n      db:\n        condition: service_healthy  "
        "# composecheck: ignore[healthy-without-healthcheck] its image has one\n  db: {image: x}\n"
    )
    assert told(report(text)) == []
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == 0


INSIDE = [
    "    command: 'x {}'\n",
    '    command: "x\n      {}\n      y"\n',
    "    command: |\n      x\n      {}\n\n      {}\n",
    "    command: >-\n      {}\n",
    "    command: &c !!str |\n      {}\n",
    "    command:\n      - 'a'\n      - |+\n        {}\n",
    '    labels: {{"a {}": b}}\n',
    "    labels:\n      ? |\n        {}\n      : x\n",
]


@pytest.mark.parametrize("inside", INSIDE)
def test_text_of_a_value_is_no_comment(report, inside):
    text = "services:\n  api:\n    image: a\n    depends_on: [db]\n"
    found = report(text + inside.format(*[IGNORE] * 2) + DB)
    assert told(found) == [(RULE, 4)]
    assert hidden(found) == []


def test_comment_after_the_header_of_a_block_and_below_a_block_is_one(report):
    wrong = "  # composecheck: nonsense"
    text = "services:\n  api:\n    image: a\n    depends_on: [db]\n"
    assert told(report(f"{text}    command: |{wrong}\n      x\n  {wrong}\n{DB}")) == [
        (RULE, 4),
        ("invalid-suppression", 5),
        ("invalid-suppression", 7),
    ]


class Line(NamedTuple):
    """A line of a service, and what is found in it."""

    text: str
    rule: str | None = None


LINES = [
    Line("    command: '# composecheck: ignore[unset-variable] x'"),
    Line("    hostname: $NOWHERE_{}", "unset-variable"),
    Line("    ports: ['80:80', '80:81']", "duplicate-host-port"),
    Line("    depends_on: [db]", RULE),
    Line("    volumes: ['a{}:/x']", "undefined-volume"),
    Line("    restart: 'no'"),
]
PLACES = ["none", "behind", "above"]


@settings(max_examples=60, deadline=None)
@given(
    services=st.lists(
        st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(PLACES)), unique_by=lambda each: each[0]),
        min_size=1,
        max_size=4,
    )
)
def test_suppressed_finding_is_exactly_what_disappears(services, tmp_path_factory):
    plain, commented, expected = ["services:"], ["services:"], []
    for number, lines in enumerate(services):
        start = [f"  s{number}:", f"    image: {number}.{number}"]
        plain += start
        commented += start
        for line, place in lines:
            text = line.text.format(number).replace("80:8", f"{8000 + number}:8")
            comment = f"# composecheck: ignore[{line.rule}] because"
            suppressed = line.rule is not None and place != "none"
            plain.append(text)
            commented += [f"    {comment}"] if suppressed and place == "above" else []
            commented.append(f"{text}  {comment}" if suppressed and place == "behind" else text)
            expected += [line.rule] if suppressed else []
    folder = tmp_path_factory.mktemp("project")
    reports = []
    for lines in (plain, commented):
        (folder / "compose.yml").write_text("\n".join([*lines, DB]))
        reports.append(check(folder / "compose.yml", environment={}))
    before, after = reports
    gone = [s.diagnostic for s in after.suppressed]
    assert sorted(key(d) for d in before.diagnostics) == sorted(key(d) for d in (*after.diagnostics, *gone))
    assert sorted(d.rule for d in gone) == sorted(expected)


def key(diagnostic):
    return diagnostic.rule, diagnostic.message, diagnostic.severity


BLOCKS = [
    "k{}: plain {}",
    "k{}: 'single {}'",
    'k{}: "double\n  {}\n  end" {}',
    "k{}: 'it''s {}' {}",
    "k{}: | {}\n  text {}\n\n  {}\n {}",
    "k{}: >- {}\n    {}\n   {}",
    "k{}: |2\n    {}\n   x\n{}",
    "k{}: &a{} !!str |+ {}\n  {}\n\n{}",
    "k{}: [a, {}\n  'b {}', {}\n ] {}",
    "k{}: {a: b, {}\n  'c {}': d} {}",
    "k{}: several\n  words\n{}",
    "{}\nk{}:\n  - x {}\n  {}\n  - 'y {}'",
    '"k{} {}": x',
    "k{}: !tag x {}",
    "k{}:\n  {}\n  a: |\n    {}\n  # b\n  b: {}",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(BLOCKS), st.lists(st.booleans(), min_size=6, max_size=6)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_taken_for_a_comment_can_change_without_changing_a_value(blocks, ending):
    """What is within a value cannot: the parser of YAML is the judge of both."""
    text = ""
    marks = 0
    for number, (block, wanted) in enumerate(blocks):
        parts = block.split("{}")
        keyed = next(at for at, part in enumerate(parts) if part.endswith("k"))
        text += parts[0]
        for at, part in enumerate(parts[1:]):
            if at == keyed or part.startswith(" !!str"):
                text += str(number)
            elif wanted[at % 6]:
                text += f"# composecheck: ignore[unset-variable] <{marks}>"
                marks += 1
            text += part
        text += "\n"
    text = text.replace("\n", ending)
    before = read(text)
    found = {s.reason for s in Suppressions([Source("compose.yml", text)])._all}
    for mark in range(marks):
        changed = read(text.replace(f"<{mark}>", "<other>")) != before
        assert (f"<{mark}>" in {reason.rstrip("' \"]}:").split(" ")[0] for reason in found}) != changed, text


def read(text):
    """Return the values of a file, in their order."""
    return [getattr(event, "value", None) for event in yaml.parse(text, yaml.CSafeLoader)]


def test_thousands_of_comments_take_linear_time(tmp_path):
    def seconds(count):
        services = [
            f"  # composecheck: ignore[{RULE}] {n}\n  s{n}:\n    image: x\n    depends_on: [db]  {IGNORE}\n"
            for n in range(count)
        ]
        (tmp_path / "compose.yml").write_text("services:\n" + "".join(services) + DB)
        started = time.process_time()
        found = check(tmp_path / "compose.yml", environment={})
        assert len(found.suppressed) == count
        assert [d.rule for d in found.diagnostics] == ["unused-suppression"] * count
        return time.process_time() - started

    seconds(10)
    assert seconds(2000) < 8 * seconds(500)


def test_comment_in_an_included_file_is_heard(report, tmp_path):
    (tmp_path / "other.yml").write_text(
        f"services:\n  api:\n    image: a\n    depends_on: [db]  {IGNORE}\n{DB}"
    )
    found = report("include: [other.yml]\nservices: {}\n")
    assert told(found) == []
    assert hidden(found) == HIDDEN


def test_file_without_a_comment_costs_no_second_look(tmp_path):
    import subprocess
    import sys

    (tmp_path / "compose.yml").write_text("services:\n" + DB)
    code = "import sys; from composecheck import check; check('compose.yml'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    unwanted = {"composecheck.lint.suppression", "composecheck.settings.read", "tomllib"}
    assert not unwanted & set(done.stdout.split())
