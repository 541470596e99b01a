"""Variables in values, in every form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.loading.interpolate import LimitError, RequiredError, TemplateError, substitute

VARIABLES = {"SET": "here", "EMPTY": "", "OTHER": "there"}


def fill(text):
    """Return a text filled in, and the names that had no value."""
    unset = []
    return substitute(text, VARIABLES.get, unset.append), unset


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$SET", "here"),
        ("${SET}", "here"),
        ("a${SET}b$OTHER.c", "aherebthere.c"),
        ("$$SET", "$SET"),
        ("$$$SET", "$here"),
        ("${NOT:-a}", "a"),
        ("${EMPTY:-a}", "a"),
        ("${EMPTY-a}", ""),
        ("${NOT-a}", "a"),
        ("${SET:+a}", "a"),
        ("${EMPTY:+a}", ""),
        ("${EMPTY+a}", "a"),
        ("${NOT+a}", ""),
        ("${SET:?no}", "here"),
        ("${EMPTY?no}", ""),
        ("${NOT:-a:-b}", "a:-b"),
        ("${NOT-a?b}", "a?b"),
        ("${NOT:-${SET}}", "here"),
        ("${NOT:-${NO:-${OTHER}}} after", "there after"),
        ("${NOT:-a} ${NO:-b}", "a b"),
        ('${NOT:-{"a":1}}', '{"a":1}'),
        ("${NOT:-{}}", "{}"),
        ("$", "$"),
        ("$1", "$1"),
        ("a$", "a$"),
        ("{SET}", "{SET}"),
        ("${SET:-${NOT?never}}", "here"),
    ],
)
def test_form(text, filled):
    assert fill(text) == (filled, [])


def test_unset_variable_is_empty_and_told():
    assert fill("a${NOT}b$NO") == ("ab", ["NOT", "NO"])


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${SET:x}", "${SET", "a ${SET B}", "${SET.b}"])
def test_brace_that_opens_no_variable_is_refused(text):
    with pytest.raises(TemplateError):
        fill(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("${NOT?}", "value"), ("${NOT?why}", "value: why"), ("${EMPTY:?why $SET}", "value: why here")],
)
def test_required_variable(text, said):
    with pytest.raises(RequiredError, match=f"{said}$"):
        fill(text)


@given(st.text(alphabet="${}:-+?AB1 ", max_size=20))
def test_any_text_is_filled_or_refused(text):
    try:
        fill(text)
    except (TemplateError, RequiredError):
        assert "${" in text


def test_many_variables_in_one_line_are_filled():
    assert fill("${NOT:-a} $SET " * 20_000)[0] == "a here " * 20_000


def test_nesting_without_end_is_refused():
    with pytest.raises(LimitError, match="nested deeper"):
        fill("${NOT:-" * 10_000 + "}" * 10_000)


def test_unset_variable_is_one_note_where_it_is_first_used(findings):
    text = "services:\n  a:\n    image: x:${TAG}\n    hostname: ${TAG}\n"
    assert findings(text) == [(3, 14, "unset-variable")]


def test_keys_are_not_filled_in(load):
    project = load("services: {a: {image: x, labels: {$SET: $SET}}}", environment=VARIABLES).project
    assert project.services["a"].node.get("labels").plain() == {"$SET": "here"}


@pytest.mark.parametrize(
    ("body", "rule", "column"),
    [
        ("image: '${'", "invalid-interpolation", 13),
        ("image: a:${NOT:?why}", "required-variable", 14),
        ("image: x\n    privileged: ${SET}", "invalid-type", 17),
        ("image: x\n    scale: ${SET}", "invalid-type", 12),
        ("image: x\n    cpus: '1__0'", "invalid-type", 11),
        ("image: x\n    cpus: 1e400", "invalid-value", 11),
        ("image: x\n    scale: '99999999999999999999'", "invalid-value", 12),
    ],
)
def test_fault_is_one_finding_at_its_place(findings, body, rule, column):
    ((_, at, found),) = findings(f"services:\n  a:\n    {body}\n", environment=VARIABLES)
    assert (found, at) == (rule, column)


def test_one_run_tells_every_required_variable(findings):
    found = findings("services:\n  a:\n    image: ${A?}\n    command: ${B?}\n    ports: ['${C?}:80']\n")
    assert [rule for _, _, rule in found] == ["required-variable"] * 3


def test_text_is_cast_where_a_number_or_boolean_is_wanted(service):
    node = service("privileged: ${Y}\nscale: '2'\noom_score_adj: $N", environment={"Y": "on", "N": "-5"}).node
    assert node.mapping["privileged"].value is True
    assert node.mapping["scale"].value == 2
    assert node.mapping["oom_score_adj"].value == -5


def test_wrong_cast_names_the_key_and_the_service(load):
    (found,) = load("services: {a: {image: x, healthcheck: {test: x, retries: foo}}}").diagnostics
    assert found.message.startswith("'healthcheck.retries' of service 'a' must be")
    assert found.service == "a"


def test_folder_stands_in_for_a_pwd_that_nobody_exports(load, tmp_path):
    text = "services: {a: {image: x, working_dir: $PWD}}"
    assert load(text).project.services["a"].node.get("working_dir").value == str(tmp_path / "project")
    assert load(text, environment={"PWD": "/p"}).project.services["a"].node.get("working_dir").value == "/p"
