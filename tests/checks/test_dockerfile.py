import os
from pathlib import Path

import pytest

from composecheck.dockerfile import Dockerfile
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.model.project import Build, Builds
from composecheck.text.disk import Disk
from composecheck.text.node import Node
from composecheck.text.source import Source, whole


def built(build):
    return Builds(Disk()).built(build)


@pytest.fixture
def image(tmp_path):
    """Return what the Dockerfile of a text, a target and arguments makes."""

    def make(text, target=None, **args):
        (tmp_path / "Dockerfile").write_text(text)
        source = Source("compose.yml", "")
        return built(Build(Node({}, whole(source)), context=str(tmp_path), target=target, args=args))

    return make


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to(path.name), Path.mkdir])
def test_what_is_no_file_says_nothing_and_is_not_waited_for(tmp_path, make):
    make(tmp_path / "Dockerfile")
    assert built(Build(Node({}, whole(Source("compose.yml", ""))), context=str(tmp_path))) is None


def test_healthcheck_has_its_test_times_and_place(image):
    found = image(
        "FROM nginx:1\n# comment\nHEALTHCHECK --interval=5s --timeout=1s --start-period=2s \\\n"
        "  --retries=4 \\\n  CMD curl -f localhost || exit 1\n"
    ).healthcheck
    assert found.test == ("CMD-SHELL", "curl -f localhost || exit 1")
    assert (found.interval, found.timeout, found.start_period, found.retries) == (5, 1, 2, 4)
    assert (found.node.span.line, found.node.span.column, found.node.span.end_line) == (3, 1, 5)


@pytest.mark.parametrize(
    ("line", "test"),
    [
        ('HEALTHCHECK CMD ["curl", "localhost"]', ("CMD", "curl", "localhost")),
        ("healthcheck cmd curl localhost", ("CMD-SHELL", "curl localhost")),
        ("HEALTHCHECK CMD ['curl']", ("CMD-SHELL", "['curl']")),
        ("HEALTHCHECK NONE", ("NONE",)),
        ("HEALTHCHECK CMD a\nHEALTHCHECK CMD b", ("CMD-SHELL", "b")),
        ("ONBUILD HEALTHCHECK CMD a", None),
        ("RUN echo HEALTHCHECK CMD a", None),
        ("# HEALTHCHECK CMD a", None),
        ("RUN a \\\n# HEALTHCHECK CMD a\n\n  && b\nHEALTHCHECK CMD c", ("CMD-SHELL", "c")),
        ("RUN a \\\nHEALTHCHECK CMD a", None),
        ("RUN <<EOF\nHEALTHCHECK CMD a\nEOF", None),
        ("RUN <<-'EOF' cat\nHEALTHCHECK CMD a\n\tEOF\nHEALTHCHECK CMD b", ("CMD-SHELL", "b")),
        ("COPY <<A <<B /x/\nHEALTHCHECK CMD a\nA\nHEALTHCHECK CMD b\nB", None),
        ("ONBUILD RUN <<EOF\nHEALTHCHECK CMD a\nEOF", None),
        ('RUN echo "<<EOF"\nHEALTHCHECK CMD a', ("CMD-SHELL", "a")),
        ("RUN python -c 'print(1 << x)'\nHEALTHCHECK CMD a\nx", ("CMD-SHELL", "a")),
        ("CMD cat <<EOF\nHEALTHCHECK CMD a\nEOF", ("CMD-SHELL", "a")),
    ],
)
def test_healthcheck_of_one_stage(image, line, test):
    found = image(f"FROM base\n{line}\n").healthcheck
    assert (found and found.test) == test


def test_escape_may_be_a_backtick(image):
    text = "# escape=`\nFROM base\nRUN dir C:\\\nHEALTHCHECK `\n  CMD a\n"
    assert image(text).healthcheck.test == ("CMD-SHELL", "a")


def test_directive_after_a_comment_is_a_comment(image):
    assert image("# hello\n# escape=`\nFROM base\nRUN a \\\nHEALTHCHECK CMD a\n").healthcheck is None


STAGES = """\
ARG BASE=scratch
FROM golang AS Build
HEALTHCHECK CMD built
FROM build AS tested
FROM ${BASE} AS final
COPY --from=build /a /a
FROM tested AS plain
HEALTHCHECK NONE
FROM final
"""


@pytest.mark.parametrize(
    ("target", "base", "test"),
    [
        ("build", "golang", ("CMD-SHELL", "built")),
        ("TESTED", "golang", ("CMD-SHELL", "built")),
        ("final", "scratch", None),
        ("plain", "golang", ("NONE",)),
        (None, "scratch", None),
    ],
)
def test_healthcheck_is_inherited_from_stage_to_stage(image, target, base, test):
    found = image(STAGES, target)
    assert (found.base, found.healthcheck and found.healthcheck.test) == (base, test)


def test_argument_of_the_build_fills_the_base(image):
    assert image(STAGES, BASE="tested").healthcheck.test == ("CMD-SHELL", "built")
    assert image(STAGES, BASE="alpine:3").base == "alpine:3"


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("ARG T\nFROM a:${T}", None),
        ("ARG T\nFROM a:${T:-1}", "a:1"),
        ("ARG T=2\nFROM a:$T", "a:2"),
        ('ARG T="2"\nFROM --platform=linux/amd64 a:${T}', "a:2"),
        ("ARG A=1 B=${A}\nFROM a:$B", "a:1"),
        ("FROM a:${T+x}", "a:"),
    ],
)
def test_arguments_in_from(image, head, base):
    assert image(f"{head}\n").base == base


def test_onbuild_fires_in_the_stage_that_is_built_on_it(image):
    base = "FROM a AS base\nONBUILD HEALTHCHECK --interval=1s CMD x\nFROM base\n"
    text = f"{base}FROM base AS other\nHEALTHCHECK CMD y\n"
    assert image(text, "base").healthcheck is None
    assert image(text, "other").healthcheck.test == ("CMD-SHELL", "y")
    assert image(base).healthcheck.interval == 1


def test_entrypoint_drops_the_command_that_was_meant_for_another(image):
    text = 'FROM a AS base\nENTRYPOINT ["one"]\nCMD ["x"]\nFROM base\nENTRYPOINT ["two"]\n'
    assert image(text)[2:4] == (("two",), None)
    assert image(f"{text}CMD y\n")[2:4] == (("two",), ("/bin/sh", "-c", "y"))
    assert image(text, "base")[2:4] == (("one",), ("x",))


def test_what_cannot_be_read_is_unknown(image, tmp_path):
    assert image("FROM a\n", "missing") is None
    assert image("") is None
    node = Node({}, whole(Source("compose.yml", "")))
    assert built(Build(node, context="https://example.org/x.git")) is None
    assert built(Build(node, context=str(tmp_path), dockerfile="absent")) is None


def project(tmp_path, text, **environment):
    """Return the project of a Compose file's text."""
    (tmp_path / "compose.yml").write_text(text)
    return examine(Options(folder=tmp_path, environment=environment)).project


def inline(tmp_path, text, **environment):
    """Return the instructions of the inline Dockerfile of a project's one service."""
    loaded = project(
        tmp_path, f"services:\n  a:\n    build:\n      dockerfile_inline: {text}\n", **environment
    )
    return loaded.builds.dockerfile(loaded.services["a"].build).instructions


def test_inline_dockerfile_has_its_places_in_the_compose_file(tmp_path):
    text = """|
        FROM a

        RUN x  # y
        HEALTHCHECK --interval=5s \\
          CMD curl ${B} "$$A" x"""
    start, _, probe = inline(tmp_path, text, B="true")
    assert (start.words[0].value, start.words[0].span[1:]) == ("a", (5, 14, 5, 15))
    assert [(word.value, word.span[1:]) for word in probe.words] == [
        ("CMD", (9, 11, 9, 14)),
        ('curl true "$A" x', (9, 15, 9, 32)),
    ]
    assert (probe.flags[0].value.value, probe.flags[0].value.span.text) == ("5s", "5s")


@pytest.mark.parametrize("value", ["'FROM a'", ">\n        FROM a", "${B}", "|2\n        FROM a"])
def test_inline_dockerfile_that_is_no_plain_block_has_the_place_of_its_key(tmp_path, value):
    (start,) = inline(tmp_path, value, B="FROM a")
    assert start.span[1:] == (4, 7, 4, 24)


def test_variable_with_lines_of_its_own_leaves_an_inline_dockerfile_at_its_key(tmp_path):
    instructions = inline(tmp_path, "|\n        FROM a\n        ${C}", C="RUN x\nRUN y")
    assert [each.span.line for each in instructions] == [4, 4, 4]


@pytest.mark.parametrize(
    "text", ["\\", "FROM", "FROM a\nHEALTHCHECK", "RUN \\\n\\\n\\", "\ufeff", "# escape=\nFROM a"]
)
def test_broken_dockerfile_is_read_all_the_same(image, text):
    image(text)


def test_against_a_corpus_every_instruction_is_known(corpus):
    words = (
        "FROM ARG RUN CMD LABEL MAINTAINER EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ONBUILD "
        "STOPSIGNAL HEALTHCHECK SHELL"
    )
    seen = set()
    for path in Path(corpus).rglob("Dockerfile*"):
        if path.is_file() and path.suffix != ".dockerignore":
            dockerfile = Dockerfile(Source(path.name, path.read_text("utf-8-sig")))
            seen.update(each.keyword for each in dockerfile.instructions)
    assert seen <= set(words.split())
    assert "FROM" in seen
