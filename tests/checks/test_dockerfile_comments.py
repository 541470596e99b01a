"""Comments of a Dockerfile that suppress findings in it, as those of a Compose file do."""

import pytest

from composecheck import check

RULE = "healthcheck-missing-tool"
IGNORE = f"# composecheck: ignore[{RULE}] a stub is mounted"
PROBE = "HEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost\n"


@pytest.fixture
def report(tmp_path):
    """Return the report on a service that is built with a Dockerfile."""

    def examined(dockerfile, compose="services: {a: {build: .}}\n"):
        (tmp_path / "compose.yml").write_text(compose)
        (tmp_path / "Dockerfile").write_text(dockerfile)
        return check(tmp_path / "compose.yml", environment={})

    return examined


def told(report):
    return [(d.rule, d.span.line) for d in report.diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        f"FROM scratch\n{IGNORE}\n{PROBE}",
        f"FROM scratch\n  {IGNORE}\n\n# and so on\n{PROBE}",
        f"{IGNORE}\nFROM scratch\n{PROBE}",
        f"# syntax=docker/dockerfile:1\n\n{IGNORE}\nFROM scratch\n{PROBE}",
        f"FROM scratch\r\n{IGNORE}\r\n{PROBE}",
        f"# escape=`\nFROM scratch\n{IGNORE}\nHEALTHCHECK `\n  CMD curl -f http://localhost\n",
        f"FROM scratch\nRUN <<EOF\n{IGNORE}\nEOF\n# hadolint ignore=DL3025 {IGNORE}\n{PROBE}",
    ],
)
def test_comment_is_for_the_instruction_below_it(report, text):
    found = report(text)
    assert told(found) == []
    assert [(s.diagnostic.rule, s.by, s.reason) for s in found.suppressed] == [
        (RULE, "comment", "a stub is mounted")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"FROM scratch\n{IGNORE}\nLABEL a=b\n{PROBE}", 4),
        (f"FROM scratch\nRUN <<EOF\n{IGNORE}\nEOF\n{PROBE}", 5),
        (f"FROM scratch\n{PROBE}{IGNORE}\n", 2),
    ],
)
def test_comment_is_for_nothing_else(report, text, line):
    assert (RULE, line) in told(report(text))


def test_comment_that_suppresses_nothing_is_told_with_its_place(report):
    found = report(f"FROM nginx:1\n{IGNORE}\nHEALTHCHECK NONE\n")
    (unused,) = [d for d in found.diagnostics if d.rule == "unused-suppression"]
    assert (unused.span.source.shown[-10:], unused.span.text) == ("Dockerfile", RULE)


def test_comment_with_an_unknown_id_is_told(report):
    found = report(f"FROM scratch\n  # composecheck: ignore[healthcheck-missing-tol] x\n{PROBE}")
    (wrong,) = [d for d in found.diagnostics if d.rule == "invalid-suppression"]
    assert (wrong.span.line, wrong.span.column, wrong.span.text) == (2, 26, "healthcheck-missing-tol")


INLINE = f"""services:
  a:
    build:
      dockerfile_inline: |
        FROM scratch
        COMMENT
        {PROBE.splitlines()[0]}
        {PROBE.splitlines()[1]}
"""


def test_inline_dockerfile_has_comments_of_its_own(report):
    assert told(report("", INLINE.replace("COMMENT", "LABEL a=b"))) == [(RULE, 7)]
    assert told(report("", INLINE.replace("COMMENT", IGNORE))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("|\n", f"|  {IGNORE}\n"), ("dockerfile_inline", f"{IGNORE}\n      dockerfile_inline")],
)
def test_comment_at_the_key_is_for_all_of_an_inline_dockerfile(report, old, new):
    assert told(report("", INLINE.replace("COMMENT", "LABEL a=b").replace(old, new, 1))) == []
