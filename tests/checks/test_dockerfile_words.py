"""Every word of a Dockerfile has its place, however its lines are continued and its words are quoted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.dockerfile import Dockerfile
from composecheck.text.source import Source

from .steps import steps_of


def read(text):
    return Dockerfile(Source("Dockerfile", text)).instructions


def placed(node):
    """Return what a Node means, and where it begins and ends."""
    return node.value, *node.span[1:]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("FROM --platform=x a:1 AS b", ["a:1", "AS", "b"]),
        ("RUN a  b", ["a  b"]),
        ('RUN ["a", "b \\"c"]', ["a", 'b "c']),
        ("RUN ['a']", ["['a']"]),
        ('RUN ["a", 1]', ['["a", 1]']),
        ("CMD []", []),
        ('SHELL [ "a" , "b" ]', ["a", "b"]),
        ("HEALTHCHECK --retries=1 CMD curl a", ["CMD", "curl a"]),
        ('HEALTHCHECK CMD ["curl", "a"]', ["CMD", "curl", "a"]),
        ("HEALTHCHECK NONE", ["NONE"]),
        ('COPY "a b" c', ['"a', 'b"', "c"]),
        ('COPY ["a b", "c"]', ["a b", "c"]),
        ("EXPOSE 80 443/tcp", ["80", "443/tcp"]),
        ('ENV A=1 B=\'x y\' C="a \\" b" D=x\\ y', ["A=1", "B='x y'", 'C="a \\" b"', "D=x\\ y"]),
        ("USER  me", ["me"]),
        ("WORKDIR /a b", ["/a b"]),
        ("ONBUILD RUN a", ["RUN a"]),
        ("VOLUME /a /b", ["/a", "/b"]),
        ("STOPSIGNAL", []),
    ],
)
def test_words(line, words):
    (instruction,) = read(line)
    assert [word.value for word in instruction.words] == words
    for word in instruction.words:
        assert word.span.text.strip('"') in (
            word.value,
            word.value.replace('"', '\\"'),
            word.value.strip('"'),
        )


def test_words_have_their_places_through_continuations():
    (run,) = read(
        "RUN --mount=type=cache,target=/a \\\n  # a comment\n\n  --mount=type=secret,id=b a \\  \n   b\n"
    )
    assert [(flag.name.value, *placed(flag.value)) for flag in run.flags] == [
        ("mount", "type=cache,target=/a", 1, 13, 1, 33),
        ("mount", "type=secret,id=b", 4, 11, 4, 27),
    ]
    assert placed(run.words[0]) == ("a    b", 4, 28, 5, 5)
    assert run.flag("mount") == "type=secret,id=b"
    assert run.span[1:] == (1, 1, 5, 5)
    (env,) = read("ENV A=1 \\\n    B=2\\\n3 C=4\n")
    assert [placed(word) for word in env.words] == [
        ("A=1", 1, 5, 1, 8), ("B=23", 2, 5, 3, 2), ("C=4", 3, 3, 3, 6),
    ]  # fmt: skip


def test_flags_lose_their_quotes_and_end_with_two_hyphens():
    (copy,) = read("COPY --chown='a b' --link -- --from=x y\n")
    assert [(flag.name.value, flag.value and flag.value.value) for flag in copy.flags] == [
        ("chown", "a b"), ("link", None),
    ]  # fmt: skip
    assert [word.value for word in copy.words] == ["--from=x", "y"]


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("ENV A=1 B=", [("A", "1"), ("B", "")]),
        ("ENV A 1 2=3", [("A", "1 2=3")]),
        ("LABEL a.b='x y'", [("a.b", "'x y'")]),
        ("ARG A B=2", [("A", None), ("B", "2")]),
        ("ENV A", [("A", None)]),
        ("RUN a=b", []),
    ],
)
def test_pairs(line, pairs):
    (instruction,) = read(line)
    assert [(name.value, value and value.value) for name, value in instruction.pairs] == pairs
    for node in (node for pair in instruction.pairs for node in pair if node is not None):
        assert node.span.text == node.value


def test_heredocs_have_the_places_of_their_lines():
    text = "RUN <<A cat 3<<-'B' <<\"C\"\n$x\nA\n\t\ty\n\tB\nC\nCMD z\n"
    run, command = read(text)
    assert [(each.name.value, each.chomps, each.text) for each in run.heredocs] == [
        ("A", False, "$x\n"),
        ("B", True, "y\n"),
        ("C", False, ""),
    ]
    assert [placed(each.name) for each in run.heredocs] == [
        ("A", 1, 7, 1, 8), ("B", 1, 17, 1, 20), ("C", 1, 23, 1, 26),
    ]  # fmt: skip
    assert placed(run.heredocs[1].lines[0]) == ("y", 4, 3, 4, 4)
    assert (run.lines, command.lines) == (range(1, 7), range(7, 8))
    assert run.words[0].value == "<<A cat 3<<-'B' <<\"C\""


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat<<A",
        "RUN echo $((1<<2))",
        "RUN a '<<A'",
        'RUN ["a", "<<A"]',
        "RUN a \\<<A",
        "CMD <<A",
        "RUN a <<<A",
    ],
)
def test_what_is_no_heredoc_takes_no_lines(line):
    assert [each.keyword for each in read(f"{line}\nUSER a\nA\n")] == [line.split()[0], "USER", "A"]


def test_onbuild_has_an_instruction_in_it():
    (trigger,) = read("ONBUILD RUN --mount=type=tmpfs <<A\nx\nA\n")
    inner = trigger.inner
    assert (inner.keyword, inner.flag("mount"), inner.heredocs[0].text) == ("RUN", "type=tmpfs", "x\n")
    assert placed(inner.node) == ("RUN", 1, 9, 1, 12)
    assert read("RUN a")[0].inner is None


def test_directives_have_places_and_lines_may_end_as_on_windows():
    dockerfile = Dockerfile(Source("Dockerfile", "# Escape = `\r\n#syntax=x\r\nFROM a `\r\n  AS b\r\n"))
    assert {key: placed(node) for key, node in dockerfile.directives.items()} == {
        "escape": ("`", 1, 12, 1, 13), "syntax": ("x", 2, 9, 2, 10),
    }  # fmt: skip
    assert [placed(word) for word in dockerfile.instructions[0].words] == [
        ("a", 3, 6, 3, 7), ("AS", 4, 3, 4, 5), ("b", 4, 6, 4, 7),
    ]  # fmt: skip


def test_comments_speak_of_what_stands_below_them():
    text = "# head\nFROM a\n # above\n\nRUN a \\\n  # inside\n  b\n# last\n"
    comments = Dockerfile(Source("Dockerfile", text)).comments
    assert [(each.node.value, each.node.span.line, each.lines, each.head) for each in comments] == [
        ("# head", 1, range(2, 3), True),
        ("# above", 3, range(5, 8), False),
        ("# inside", 6, range(7, 8), False),
        ("# last", 8, range(0), False),
    ]


def test_against_a_corpus_a_word_is_what_stands_at_its_place(corpus):
    for path in Path(corpus).rglob("Dockerfile*"):
        if not path.is_file() or path.suffix == ".dockerignore":
            continue
        for instruction in read(path.read_text("utf-8-sig")):
            assert instruction.node.span.text.upper() == instruction.keyword
            for word in instruction.words:
                if word.span.line == word.span.end_line and instruction.exec_form is None:
                    assert word.span.text == word.value


PARTS = st.sampled_from(
    [
        *("RUN ", "COPY ", "ENV ", "ARG ", "HEALTHCHECK ", "ONBUILD ", "FROM ", "# c", "\n", "\r\n", "\\\n"),
        *(
            "\\",
            "`",
            " ",
            "\t",
            "'",
            '"',
            "<<A",
            "<<-'B'",
            "A",
            "\tB",
            "[",
            '"a"',
            ",",
            "]",
            "--x=",
            "=",
            "$",
        ),
        *("\x85", "\u2028", "é"),
    ]
)


@given(st.lists(PARTS, max_size=40).map("".join))
def test_whatever_it_says_its_places_are_in_the_file(text):
    source = Source("Dockerfile", text)
    dockerfile = Dockerfile(source)
    nodes = [comment.node for comment in dockerfile.comments]
    for each in dockerfile.instructions:
        nodes += [each.node, *each.words, *(flag.name for flag in each.flags)]
        nodes += [node for pair in each.pairs for node in pair if node is not None]
        nodes += [node for heredoc in each.heredocs for node in (heredoc.name, *heredoc.lines)]
    for node in nodes:
        span = node.span
        assert (1, 1) <= span[1:3] <= span[3:]
        assert span.end_column <= len(source.line(span.end_line)) + 1


def test_many_heredocs_without_an_end_are_read_in_proportion():
    def steps(size):
        return steps_of(lambda: read("RUN <<A\n" * size))[0]

    steps(10)
    assert steps(400) < 4 * 1.15 * steps(100)
