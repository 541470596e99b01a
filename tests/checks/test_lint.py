import pytest

from composecheck import LoadError, UsageError, check, load
from composecheck.findings.diagnostic import ordered

RACE = "services:\n  api: {image: api, depends_on: [db]}\n  db: {image: pg}\n"
BROKEN = (
    "services:\n  api: {image: api, depends_on: {db: {condition: service_healthy}}}\n"
    "  db: {image: pg, healthcheck: {disable: true}}\n"
)
REFUSED = "services:\n  api: {image: api, depends_on: [nobody]}\n"
FAULTY = "services:\n  api: {image: api, depends_on: [nobody], ports: [x], colour: red}\n"


@pytest.fixture
def file(tmp_path):
    """Return the path of a file with a text."""

    def make(text, name="compose.yml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return make


def found(report):
    return [(d.rule, d.severity) for d in report.diagnostics]


@pytest.mark.parametrize("text", [RACE, BROKEN])
def test_load_takes_what_docker_compose_takes(file, text):
    assert "api" in load(file(text), environment={}).services


def test_load_raises_with_all_that_docker_compose_refuses(file):
    with pytest.raises(LoadError) as raised:
        load(file(FAULTY), environment={})
    rules = {d.rule for d in raised.value.diagnostics}
    assert rules == {"undefined-dependency", "invalid-value", "unknown-key"}
    assert "and 2 more" in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RACE, [("unguarded-dependency", "warning")]),
        (BROKEN, [("healthy-without-healthcheck", "error")]),
        (REFUSED, [("undefined-dependency", "error")]),
    ],
)
def test_check_reports_and_never_raises(file, text, expected):
    report = check(file(text), environment={})
    assert found(report) == expected
    assert report.files == 1
    assert report.project is not None


@pytest.mark.parametrize(
    "text", ["", "a: [", "- a", "services: 1", "services:\n  a: 1\n", "\0", "services:\n\ta: b\n"]
)
def test_check_says_something_of_whatever_is_in_a_file(file, text):
    report = check(file(text), environment={})
    assert report.count("error") > 0
    assert report.files == 1


def test_path_that_does_not_exist_is_usage(tmp_path):
    with pytest.raises(UsageError):
        check(tmp_path / "absent.yml")


def test_diagnostics_are_in_order_and_the_same_every_time(file):
    path = file(FAULTY + RACE.removeprefix("services:\n").replace("api", "web"))
    first, second = (check(path, environment={}) for _ in range(2))
    assert [d[:3] for d in first.diagnostics] == [d[:3] for d in second.diagnostics]
    assert first.diagnostics == ordered(reversed(first.diagnostics))


def test_profiles_decide_what_is_checked(file):
    text = "services:\n  api: {image: api}\n  debug: {image: x, profiles: [debug], depends_on: [nobody]}\n"
    (left_out,) = check(file(text), environment={}).diagnostics
    assert left_out[:2] == ("undefined-dependency", "warning")
    assert left_out.message.endswith("which is not defined (with profile 'debug')")
    assert found(check(file(text), profiles=["debug"], environment={})) == [("undefined-dependency", "error")]
    assert load(file(text), environment={}).disabled.keys() == {"debug"}


def test_dependency_that_a_profile_enables_is_defined_with_it(file):
    text = RACE.replace("image: api", "image: api, restart: always").replace("pg", "x, profiles: [data]")
    (diagnostic,) = check(file(text), environment={}).diagnostics
    assert "which only the profile 'data' enables" in diagnostic.message
    assert "--profile data" in diagnostic.remedy
    assert found(check(file(text), profiles=["data"], environment={})) == []


def test_variables_and_env_files_reach_the_rules(file):
    path = file("services:\n  api: {image: api, restart: '$POLICY', depends_on: [db]}\n  db: {image: x}\n")
    assert found(check(path, environment={"POLICY": "always"})) == []
    assert found(check(path, environment={"POLICY": "no"})) == [("unguarded-dependency", "warning")]
    env = file("POLICY=always\n", "some.env")
    assert found(check(path, env_files=[env], environment={})) == []


def test_file_that_could_not_be_read_makes_nothing_undefined(file):
    report = check(file(REFUSED), file("services:\n  db: {", "more.yml"), environment={})
    assert {rule for rule, _ in found(report)} == {"invalid-yaml"}


def test_part_of_a_project_is_not_judged_by_what_the_rest_may_say(file):
    text = "services:\n  api: {depends_on: [db]}\n  db: {image: x}\n"
    assert found(check(file(text), environment={})) == [("missing-image", "error")]


def test_value_that_is_wrong_already_is_reported_once(file):
    text = "services:\n  api: {image: x, depends_on: {'no such': {condition: service_healthy}}}\n"
    assert [rule for rule, _ in found(check(file(text), environment={}))] == ["invalid-value"]


@pytest.mark.parametrize(
    ("merged", "rule"),
    [
        ("<<: *base", None),
        ("image: x", "healthy-without-healthcheck"),
    ],
)
def test_healthcheck_is_credited_through_a_merge(file, merged, rule):
    text = (
        "x-base: &base\n  image: x\n  healthcheck: {test: ok, interval: 1s}\n"
        "services:\n  api: {image: api, depends_on: {db: {condition: service_healthy}}}\n"
        f"  db:\n    {merged}\n"
    )
    assert [rule for rule, _ in found(check(file(text), environment={}))] == ([rule] if rule else [])


def test_healthcheck_that_an_override_disables_is_found_there(file):
    base = file("services:\n  api: {image: a, depends_on: {db: {condition: service_healthy}}}\n"
                "  db: {image: x, healthcheck: {test: ok}}\n")  # fmt: skip
    over = file("services:\n  db: {healthcheck: {disable: true}}\n", "over.yml")
    (diagnostic,) = check(base, over, environment={}).diagnostics
    assert diagnostic.rule == "healthy-without-healthcheck"
    assert [related.span.source.shown for related in diagnostic.related] == [str(over)]


def test_condition_that_an_override_weakens_is_found_there(file):
    base = file(
        "services:\n  a:\n    image: a\n    depends_on:\n      db:\n"
        "        condition: service_healthy\n  db: {image: x, healthcheck: {test: ok}}\n"
    )
    over = file("services:\n  a:\n    depends_on: [db]\n", "over.yml")
    (diagnostic,) = check(base, over, environment={}).diagnostics
    assert diagnostic.rule == "unguarded-dependency"
    assert (diagnostic.span.source.shown, diagnostic.span.line) == (str(over), 3)
    first = diagnostic.related[0].span
    assert (first.source.shown, first.line) == (str(base), 6)


def test_circle_is_no_race(file):
    text = (
        "services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, depends_on: [a, c]}\n  c: {image: c}\n"
    )
    report = check(file(text), environment={})
    assert found(report) == [("dependency-cycle", "error"), ("unguarded-dependency", "warning")]
    assert report.diagnostics[1].message == "service 'b' starts without waiting until 'c' is ready"


@pytest.mark.parametrize(
    "text",
    [
        "  a: {image: a, scale: 0, depends_on: [b]}\n  b: {image: b}\n",
        "  a: {image: a, depends_on: [b]}\n  b: {image: b, scale: 0}\n",
    ],
)
def test_service_without_replicas_neither_waits_nor_is_waited_for(file, text):
    assert found(check(file("services:\n" + text), environment={})) == []


@pytest.mark.parametrize(
    "text",
    [
        "  a: {image: a, depends_on: {b: {condition: service_healthy}}}\n"
        "  b: {image: b, scale: 0, healthcheck: {disable: true}}\n",
        "  a: {image: a, depends_on: {b: {condition: service_completed_successfully}}}\n"
        "  b: {image: b, deploy: {replicas: 0}, restart: always}\n",
    ],
)
def test_condition_on_a_service_without_replicas_is_void(file, text):
    report = check(file("services:\n" + text), environment={})
    assert found(report) == [("dependency-without-replicas", "warning")]
