"""What a `${` that opens no variable was meant to be."""

from __future__ import annotations

import pytest

from composecheck.loading.interpolate import TemplateError, substitute
from composecheck.loading.templates import meant, told


@pytest.mark.parametrize(
    ("template", "variable"),
    [
        ("${PORT:8000}", "${PORT:-8000}"),
        ("${DATA:/data}", "${DATA:-/data}"),
        ("${DATA:./data}", "${DATA:-./data}"),
        ("${PORT: 8000}", "${PORT:-8000}"),
        ("${PORT:=8000}", "${PORT:-8000}"),
        ("${PORT=8000}", "${PORT-8000}"),
        ("${PORT:}", "${PORT}"),
        ("${ PORT }", "${PORT}"),
        ("${ PORT:-80 }", "${PORT:-80}"),
        ("${PORT :-80}", "${PORT:-80}"),
        ("${env:HOME}", "${HOME}"),
        ("${localEnv:HOME}", "${HOME}"),
        ("${TAG", "${TAG}"),
        ("${NAME%.*}", ""),
        ("${#NAME}", ""),
        ("${NAME:0:5}", ""),
        ("${NAME//a/b}", ""),
        ("${a.b}", ""),
        ("${}", ""),
        ("${1}", ""),
        ("${", ""),
    ],
)
def test_template(template, variable):
    with pytest.raises(TemplateError) as raised:
        substitute(f"a {template}", {}.get)
    assert raised.value.template == template
    assert meant(template) == variable
    if variable:
        substitute(variable, {}.get)


@pytest.mark.parametrize(
    ("text", "fact", "remedy"),
    [
        (
            "${PORT:8000}",
            "'${PORT:8000}' opens no variable",
            "write '${PORT:-8000}', or '$$' where a dollar sign is meant",
        ),
        (
            "${#NAME}",
            "'${#NAME}' opens no variable",
            "write '$${#NAME}' where the container's shell is to work it out: Compose knows defaults alone",
        ),
        ("${a.b}", "'${a.b}' opens no variable", "write '$$' where a dollar sign is meant"),
        ("${x y", "a '${' in this value has no '}'", "close it, or write '$$' where a dollar sign is meant"),
    ],
)
def test_fault_says_what_is_meant(text, fact, remedy):
    assert told(text) == (fact, remedy)


def test_default_of_a_secret_is_not_shown():
    fact, remedy = told("${DB_PASSWORD:hunter2}")
    assert "hunter2" not in fact + remedy
    assert remedy.startswith("write '${DB_PASSWORD:-...}'")


def test_place_is_the_template(load):
    (one,) = load("services: {s: {image: 'a:${TAG:1}'}}\n").diagnostics
    assert one.span.text == "${TAG:1}"


@pytest.mark.parametrize(
    "environment", ["{DB_PASSWORD: 'pa${ss:wo}rd'}", "['DB_PASSWORD=pa${ss:wo}rd']", "{api_key: 'pa${ss:wo'}"]
)
def test_part_of_a_secret_is_not_shown(load, environment):
    (one,) = load(f"services: {{s: {{image: a, environment: {environment}}}}}\n").diagnostics
    assert one.rule == "invalid-interpolation"
    assert "wo" not in one.message.replace("would", "") + one.remedy


def test_part_of_an_env_file_is_not_shown(load):
    text = "services: {s: {image: a, env_file: a.env}}\n"
    (one,) = load(text, files={"a.env": "DB=pa${ss:wo}rd\n"}).diagnostics
    assert one.rule == "invalid-env-file"
    assert "ss" not in one.message + one.remedy
