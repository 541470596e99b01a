import xml.etree.ElementTree as ET

import pytest

from composecheck.cli import main

CLEAN = (
    "services:\n  api:\n    image: api\n    depends_on: [db]\n"
    "  db: {image: postgres, environment: [POSTGRES_PASSWORD]}\n"
)
PROFILES = f"{CLEAN}  tool:\n    image: busybox\n    profiles: [debug]\n    depends_on: [db]\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return the exit code and output of `graph` on a compose.yml."""

    def command(text, *arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COMPOSE_PROJECT_NAME", "shop")
        (tmp_path / "compose.yml").write_text(text)
        code = main(["graph", *arguments])
        return code, *capsys.readouterr()

    return command


def test_findings_do_not_fail_it(run):
    code, out, err = run(CLEAN)
    assert (code, err) == (0, "")
    assert "    <- db   no wait  ! unguarded-dependency\n" in out


@pytest.mark.parametrize("text", ["a: [", "- a", "", "services: {}\n"])
def test_nothing_to_draw_is_2_and_says_why(run, text):
    code, out, err = run(text)
    assert (code, out) == (2, "")
    assert "error: " in err or "no services" in err


def test_file_with_errors_is_drawn_and_its_errors_are_summed_up(run):
    wrong = "".join(f"    bad{n}: 1\n" for n in range(5))
    code, out, err = run(f"services:\n  api:\n    image: api\n{wrong}")
    assert code == 0
    assert "  api  api" in out
    assert err.count(": error: ") == 3
    assert err.endswith("2 more errors; 'composecheck check' shows them\n")


def test_output_ends_as_its_format(run, tmp_path):
    for name, begin in (
        ("a.svg", "<svg "),
        ("a.mmd", "flowchart LR\n"),
        ("a.gv", "digraph "),
        ("a", "project "),
    ):
        assert run(CLEAN, "-o", name) == (0, "", "")
        assert (tmp_path / name).read_text("utf-8").startswith(begin)
    assert run(CLEAN, "--format", "dot", "-o", "b.svg")[0] == 0
    assert (tmp_path / "b.svg").read_text("utf-8").startswith("digraph ")


def test_profiles_draw_what_they_enable_and_count_what_they_leave_out(run):
    out = run(PROFILES)[1]
    assert "1 service left out by profiles (debug): tool" in out
    assert "  tool " not in out
    assert "1 service left out by profiles" in run(PROFILES, "--format", "svg")[1]
    out = run(PROFILES, "--profile", "debug")[1]
    assert "left out" not in out
    assert "  tool " in out


def test_named_services_are_drawn_with_what_they_depend_on(run):
    out = run(f"{CLEAN}  other: {{image: other}}\n", "api")[1]
    assert "2 services" in out
    assert "other" not in out
    with_unknown = run(CLEAN, "nobody")
    assert with_unknown[0] == 2
    assert "no such service: 'nobody'" in with_unknown[2]


def test_suppressed_finding_is_not_marked(run):
    text = CLEAN.replace("[db]", "[db] # composecheck: ignore[unguarded-dependency] it tries again")
    out = run(text)[1]
    assert "    <- db   no wait\n" in out
    assert "!" not in out


def test_finding_marks_the_edge_that_it_is_about_alone(run):
    text = (
        "services:\n  a:\n    image: a\n    depends_on:\n      b: {condition: service_healthy}\n      c: {}\n"
        "  b: {image: b, healthcheck: {test: x}}\n  c: {image: c}\n"
    ).replace("c: {}", "c: {condition: service_started}")
    out = run(text)[1]
    assert "<- b  healthy\n" in out
    assert "<- c  no wait  ! unguarded-dependency\n" in out


def test_no_secret_is_drawn(run):
    text = "services:\n  a:\n    build: https://user:pa55word@example.org/a.git\n"
    text += "    environment: {TOKEN: sup3rs3cret}\n"
    text += "  b: {image: 'example/sup3rs3cret'}\n"
    for form in ("text", "mermaid", "dot", "svg"):
        out = run(text, "--format", form)[1]
        assert "example" in out
        assert "pa55word" not in out
        assert "sup3rs3cret" not in out


def test_service_in_the_namespace_of_another_is_in_its_networks(run):
    text = (
        "services:\n  a: {image: a, networks: [x]}\n  b: {image: b, network_mode: 'service:a'}\n"
        "  c: {image: c}\n  h: {image: h, network_mode: host}\nnetworks: {x: {}}\n"
    )
    out = run(text)[1]
    assert "  x  a, b\n" in out
    assert "  host network  h\n" in out
    assert "<- a  network_mode\n" in out


def test_project_of_which_profiles_leave_nothing_is_an_empty_picture(run):
    text = "services:\n  tool: {image: busybox, profiles: [debug]}\n"
    for form in ("text", "mermaid", "dot", "svg"):
        assert run(text, "--format", form)[0] == 0
    assert "1 service left out by profiles (debug): tool\n" in run(text)[1]


def test_svg_says_for_those_who_do_not_see_it_what_it_shows(run):
    root = ET.fromstring(run(CLEAN, "--format", "svg")[1])  # noqa: S314 - our own
    assert root.get("role") == "img"
    title, desc = root[0], root[1]
    assert title.text == "shop: 2 services, 1 dependency"
    assert desc.text == "api on db: no wait (unguarded-dependency)."


def test_svg_needs_nothing_from_elsewhere(run):
    out = run(CLEAN, "--format", "svg")[1]
    assert [part for part in ("href", "url(", "@import", "<script", "http") if part in out.replace(
        'xmlns="http://www.w3.org/2000/svg"', "")] == []  # fmt: skip
    assert "@media (prefers-color-scheme: dark)" in out


def test_ending_of_a_picture_that_is_not_drawn_is_usage(run, tmp_path):
    code, out, err = run(CLEAN, "-o", "stack.pdf")
    assert (code, out) == (2, "")
    assert "'.pdf' is not drawn" in err
    assert not (tmp_path / "stack.pdf").exists()
    assert run(CLEAN, "-o", "stack.pdf", "--format", "svg")[0] == 0
    assert run(CLEAN, "-o", "stack.txt")[0] == 0
