"""What Compose 5 reads otherwise than 2.40, and that a team with both hears of it.

The other tests hold both against their binaries; these say which difference is told where.
"""

from __future__ import annotations

import pytest

from composecheck.model.dialect import COMPOSE_2, DIFFERENCES, Dialect

OVER = "include: [b.yml]\nservices:\n  a: {image: x, environment: {A: 1}, ports: ['1:1']}\n"
UNDER = "services: {a: {image: y, user: u, environment: {A: 0, B: 0}, ports: ['2:2']}}\n"


def portability(loaded):
    return [(d.span.line, d.span.column) for d in loaded.diagnostics if d.rule == "portability"]


def errors(loaded):
    return [d.rule for d in loaded.diagnostics if d.severity == "error"]


@pytest.fixture
def load_5(load):
    """Load as Compose 5 does; there is no error."""

    def load_5(*texts, **options):
        loaded = load(*texts, compose="5", **options)
        assert errors(loaded) == []
        return loaded

    return load_5


def test_every_difference_is_a_field_and_has_words():
    assert set(Dialect._fields) - {"name"} == set(DIFFERENCES) - {"tags_in_extends"}
    assert not any(COMPOSE_2[1:])


def test_file_goes_over_what_it_includes(load_5):
    loaded = load_5(OVER, files={"b.yml": UNDER})
    service = loaded.project.services["a"]
    assert (service.image, service.environment) == ("x", {"A": "1", "B": "0"})
    assert [port.published for port in service.ports] == [(2, 2), (1, 1)]
    assert service.node.get("user").value == "u"
    assert portability(loaded) == [(3, 3)]


def test_earlier_include_goes_over_a_later_one(load_5):
    files = {"b.yml": "services: {a: {image: first}}\n", "c.yml": "services: {a: {image: second, user: u}}\n"}
    service = load_5("include: [b.yml, c.yml]\n", files=files).project.services["a"]
    assert (service.image, service.node.get("user").value) == ("first", "u")


def test_tags_of_a_file_clear_what_it_includes(load_5):
    over = OVER.replace("ports: [", "ports: !override [")
    ports = load_5(over, files={"b.yml": UNDER}).project.services["a"].ports
    assert [port.published for port in ports] == [(1, 1)]


def test_file_that_is_included_in_two_ways_is_there_once(load_5):
    files = {
        "b.yml": "include: [d.yml]\n",
        "c.yml": "include: [d.yml]\n",
        "d.yml": "services: {d: {image: x, security_opt: [a], post_start: [{command: a}]}}\n",
    }
    loaded = load_5("include: [b.yml, c.yml]\n", files=files)
    assert len(loaded.project.services["d"].node.get("post_start").items) == 1
    assert portability(loaded) == []


def test_included_service_can_be_extended(load_5):
    text = "include: [b.yml]\nservices:\n  a:\n    extends: b\n"
    loaded = load_5(text, files={"b.yml": "services: {b: {image: x}}\n"})
    assert loaded.project.services["a"].image == "x"
    assert portability(loaded) == [(4, 14)]


def test_service_that_is_extended_has_what_an_include_adds(load_5):
    text = "include: [b.yml]\nservices:\n  a: {extends: b}\n  b: {image: x}\n"
    loaded = load_5(text, files={"b.yml": "services: {b: {user: u}}\n"})
    assert loaded.project.services["a"].node.get("user").value == "u"


@pytest.mark.parametrize("form", ["${SET:-${UNSET?no}}", "${SET-${}}", "${UNSET:+${UNSET?no}}"])
def test_default_that_is_not_used_is_not_evaluated(load_5, form):
    loaded = load_5(f"services:\n  a:\n    image: x\n    user: '{form}'\n", environment={"SET": "u"})
    assert portability(loaded) == [(4, 11)]


def test_default_that_is_not_used_and_holds_no_fault_is_no_difference(load_5):
    text = "services: {a: {image: '${SET:-${OTHER:-y}}'}}\n"
    assert portability(load_5(text, environment={"SET": "x"})) == []


@pytest.mark.parametrize("value", ["'${NO}'", "'false'"])
def test_text_is_a_boolean_in_depends_on(load_5, value):
    text = f"""
services:
  a:
    image: x
    depends_on:
      b: {{condition: service_started, required: {value}}}
  b: {{image: x}}
"""
    loaded = load_5(text, environment={"NO": "no"})
    assert loaded.project.services["a"].depends_on["b"].required is False
    assert portability(loaded) == [(6, 49)]


@pytest.mark.parametrize(("compose", "made"), [("2.40", None), ("5", True)])
def test_source_of_a_long_bind_mount_is_made_or_not(load, compose, made):
    text = """
services:
  a:
    image: x
    volumes:
      - {type: bind, source: ./a, target: /a, bind: {propagation: rprivate}}
      - {type: bind, source: ./b, target: /b}
      - ./c:/c
"""
    loaded = load(text, compose=compose)
    mounts = [
        node.get("bind", "create_host_path")
        for node in loaded.project.services["a"].node.get("volumes").items
    ]
    assert [node and node.value for node in mounts] == [made, None, True]
    assert portability(loaded) == [(6, 47)]


def test_pre_start_is_known_and_has_the_image_of_its_service(load_5):
    loaded = load_5("services:\n  a: {image: x, pre_start: [{command: a}, {image: y}]}\n")
    hooks = loaded.project.services["a"].node.get("pre_start").items
    assert [hook.get("image").value for hook in hooks] == ["x", "y"]
    assert portability(loaded) == [(2, 17)]


def test_no_cache_filter_is_known(load_5):
    loaded = load_5("services:\n  a: {build: {context: ., no_cache_filter: b}}\n")
    assert portability(loaded) == [(2, 27)]


@pytest.mark.parametrize("compose", ["2.40", "5"])
def test_options_of_ipam_are_kept_or_dropped(load, compose):
    loaded = load("services: {a: {image: x}}\nnetworks:\n  n: {ipam: {options: {a: b}}}\n", compose=compose)
    assert portability(loaded) == [(3, 14)]
    assert errors(loaded) == []


def test_tags_in_a_chain_of_extends_are_honoured_by_both_and_told(load):
    text = """
services:
  a: {extends: b}
  b:
    extends: c
    ports: !override ['2:2']
  c: {image: x, ports: ['1:1']}
"""
    for compose in ("2.40", "5"):
        loaded = load(text, compose=compose)
        assert [port.published for port in loaded.project.services["a"].ports] == [(2, 2)]
        assert portability(loaded) == [(5, 5)]


def test_negative_size_may_be_a_text(load, load_5):
    text = "services:\n  a: {image: x, memswap_limit: '-1'}\n"
    loaded = load_5(text)
    assert loaded.project.services["a"].node.get("memswap_limit").value == -1
    assert portability(loaded) == [(2, 32)]
    assert errors(load(text, compose="2.40")) == ["invalid-value"]
