"""The reader of shell text: what it finds, and where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.outcomes import of_script
from composecheck.facts.commands.plain import plain
from composecheck.facts.commands.shell import LONGEST, parsed, read
from composecheck.facts.commands.syntax import Command, Function, Loop, steps, walk
from composecheck.facts.commands.waits import waits_for


def words(text):
    return [command.words for command in read(text).commands]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a 'b c' \"d $e\" f\\ g", [("a", "b c", "d $e", "f g")]),
        ("a '$b' \"\\$c\" \\$d $'\\n'", [("a", "\0b", "\0c", "\0d", "\n")]),
        ("a\"b\"'c'$d", [("abc$d",)]),
        ("A=b C='d e' run", [("A=b", "C=d e", "run")]),
        ("A=b", [("A=b",)]),
        ("export A=b C", [("export", "A=b", "C")]),
        ("a && b || c; d & e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("a | b |& c", [("a",), ("b",), ("c",)]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("case $1 in a|b) c;; *) d;; esac", [("c",), ("d",)]),
        ("[ $a -ge 3 ] && [[ $b == c && -n $d ]]",
         [("[", "$a", "-ge", "3", "]"), ("[[", "$b", "==", "c", "&&", "-n", "$d", "]]")]),
        ("((n++))", [("((", "n++", "))")]),
        ("(a; b) > c", [("a",), ("b",)]),
        ("a $(b c) `d`", [("a", "$(b c)", "`d`")]),
        ("a # b\n# c\nd", [("a",), ("d",)]),
        ("a \\\n b", [("a", "b")]),
        ("cat <<E | grep x\nnot a command\nE\nb", [("cat",), ("grep", "x"), ("b",)]),
        ("cat <<-'E' && b\n\tuntil x\n\tE", [("cat",), ("b",)]),
        ("f() { a; }; function g { b; }", [("a",), ("b",)]),
        ("", []),
    ],
)  # fmt: skip
def test_commands_have_their_words(text, found):
    script = read(text)
    assert script.whole
    assert [command.words for command in script.commands] == found


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("a > b 2>&1", ("b", "1")),
        ("a >/dev/tcp/db/1", ("/dev/tcp/db/1",)),
        ("a <> b", ("b",)),
        ("a && b > c", ("c",)),
    ],
)
def test_redirections_have_their_targets(text, targets):
    assert read(text).commands[-1].redirects == targets


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("a <<E\nb $c\nE", "b $c\n"),
        ("a <<'E' > d\nb $c\nE", "b \0c\n"),
        ("a <<-E | f\n\tb\n\tE", "\tb\n\t"),
        ("a <<< 'b c'", "b c"),
    ],
)
def test_here_documents_give_their_text(text, given):
    assert read(text).commands[0].text == given


@pytest.mark.parametrize("before", ["", "# ü€😀\n", "echo 'é' \"ü\"; "])
def test_places_slice_back_to_the_text(before):
    text = f"{before}wait_up() {{ until nc -z db 1; do sleep 1; done; }}\nwait_up"
    script = read(text)
    places = {type(part): text[part.start : part.end] for part in walk(script.body) if hasattr(part, "start")}
    assert places[Function].startswith("wait_up() {")
    assert places[Function].endswith("}")
    assert places[Loop] == "until nc -z db 1; do sleep 1; done"
    assert places[Command] == "wait_up"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a | b && c || d; e &", ["|", "&&", "||", ";", "&"]),
        ("(a)", None),
        ("if a; then b; fi", None),
        ("! a", None),
        ("while a; do b; done", None),
        ("", []),
    ],
)
def test_plain_lists_have_steps(text, found):
    made = steps(read(text).body)
    assert (None if made is None else [step.after for step in made]) == found


def test_longer_text_is_read_to_a_line_that_fits():
    text = "until nc -z db 1; do sleep 1; done\n" + "# and so on\n" * LONGEST
    script = read(text)
    assert not script.whole
    assert [command.words[0] for command in script.commands] == ["nc", "sleep"]


WORDS = """if then else fi case in esac for while until do done { } ( ) (( )) [[ ]] ; ;; & && | || < > << <<E
E ' " ` $ $( ${ $(( \\ ! # = a b 1 nc -z db $x f() function sleep break exit é"""
BITS = st.sampled_from(WORDS.split()) | st.sampled_from([" ", "\n", "\t", "\0", "\u2028", "😀"])


@given(st.lists(BITS, max_size=60).map("".join) | st.lists(BITS, max_size=60).map(" ".join) | st.text())
@settings(deadline=None)
def test_any_text_is_read_to_places_within_it(text):
    script = read(text)
    for part in walk(script.body):
        if hasattr(part, "start"):
            assert 0 <= part.start <= part.end <= len(text)
        if isinstance(part, Command):
            assert part.words
    waits_for(Hosts(["db"]), ["sh", "-c", text], {})
    of_script(text)


@pytest.mark.parametrize(
    "text",
    ["while a; do " * 2000, "( " * 9000, "a && " * 4000, "f() { f; f; }; " * 500 + "f", "x=$x$x; " * 2000],
    ids=["loops", "brackets", "lists", "calls", "values"],
)
def test_text_that_nests_or_grows_is_read_all_the_same(text):
    waits_for(Hosts(["db"]), ["sh", "-c", text], {})


PIECES = """a curl -f = x=1 --x=1 -U $A ${A} 'b$c' "$A;b" '' . 1 80 http://h:1/p + - -- @ % , && || | ; & [ !
    exit then if $1 $_ $( ` * ~ # { } \\ _ > function declare "\\$" é 1.5""".split()  # noqa: SIM905 - words


@settings(max_examples=400)
@given(st.lists(st.sampled_from([*PIECES, " ", " ", " ", "\n"]), max_size=12).map("".join))
def test_plain_text_is_read_as_the_grammar_has_it(text):
    assert plain(text) in (None, parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "pg_isready -U app",
        "curl -f http://localhost/ || exit 1",
        "  a 'b:$c' \"$D\"  && /bin/g --h=i ${J}/k:$L ",
        "mysqladmin ping -h localhost -u root --password=$MYSQL_ROOT_PASSWORD",
    ],
)
def test_a_test_of_plain_words_needs_no_grammar(text):
    assert plain(text) == parsed(text)
