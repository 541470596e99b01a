"""What git ignores: held against git itself where there is one, and told without running it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composecheck.text.disk import Disk
from composecheck.text.ignored import Ignored

GIT = shutil.which("git")
# `a**/b` is left out: git takes the stars for a folder at any depth there, against its own manual.
PIECES = (
    *("a", "b", "c", "A", "1", ".", "-", "*", "?", "[", "]", "!", "\\", " ", "#", "é", "a.b", "\\ ", "\\!"),
    *("[ab]", "[!a]", "[a-c]", "[c-a]", "[[:alpha:]]", "[[:x:]]", "[^/]", "[]a]", "[a-", "[\\]a]", "[--a]"),
    *("/", "/**/", "/*", "*a", "a*"),
)
NAMES = st.sampled_from(
    ["a", "b", "c", "A", "1", "a.b", "ab", "-", "abc", "é", " ", "!a", "#a", "]", "a ", "\\", "[", "*", "aab"]
)
PATTERN = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "!", "/", "**/"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join),
    st.sampled_from(["", "", "/", "/**"]),
).filter(lambda text: "**" not in text.removeprefix("**/").replace("/**/", "/").removesuffix("/**"))
PATTERNS = st.lists(PATTERN, max_size=5)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12)


def write(folder, files):
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def asked(folder, paths):
    """Return which of some paths git ignores."""
    done = subprocess.run(
        [GIT, "-C", folder, "check-ignore", "--no-index", "-z", "--stdin"],
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "GIT_CONFIG_NOSYSTEM": "1",
            "XDG_CONFIG_HOME": folder,
        },
    )
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.decode().split("\0")) - {""}


@pytest.mark.skipif(GIT is None, reason="there is no git to hold it against")
@settings(max_examples=60, deadline=None)
@given(PATTERNS, PATTERNS, PATTERNS, PATHS, st.sampled_from(["\n", "\r\n"]))
def test_git_says_the_same(top, nested, excluded, paths, end):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([GIT, "init", "-q", folder], check=True, capture_output=True)
        write(folder, {".gitignore": end.join(top), ".git/info/exclude": "\n".join(excluded)})
        write(folder, {"a/.gitignore": end.join(nested)})
        for path in paths:
            Path(folder, path).mkdir(parents=True, exist_ok=True)
        ignored = Ignored(Disk(), folder)
        assert {path for path in paths if ignored(f"{folder}/{path}", folder=True)} == asked(folder, paths)


@pytest.fixture
def ignored(tmp_path):
    """Return whether a path is ignored, beside some files."""

    def ask(path, files, *, folder=None, top="."):
        write(tmp_path, files)
        return Ignored(Disk(), os.path.normpath(tmp_path / top))(str(tmp_path / path), folder=folder)

    return ask


@pytest.mark.parametrize(
    ("patterns", "path", "folder", "wanted"),
    [
        ("target/", "a/target", True, True),
        ("target/", "a/target", False, False),
        ("target/", "a/target", None, True),  # what is not there yet may become one
        ("target/", "target/classes/x.jar", False, True),
        ("/target", "a/target", None, False),
        ("*.log\n!keep.log", "keep.log", False, False),
        ("logs/\n!logs/keep.log", "logs/keep.log", False, True),
        ("logs/*\n!logs/keep.log", "logs/keep.log", False, False),
        ("a/**", "a", True, False),
        ("**/x/y", "x/y", False, True),
        ("x  \\", "x", False, False),
        ("[", "[", False, False),
        ("# x\n\\#y", "#y", False, True),
    ],
)
def test_patterns_mean_what_gitignore_says(ignored, patterns, path, folder, wanted):
    assert ignored(path, {".gitignore": patterns}, folder=folder) is wanted


def test_nearest_file_decides_and_the_repositorys_own_exclusions_come_last(ignored):
    files = {".git/info/exclude": "*.key\n", ".gitignore": "*.env\n", "a/.gitignore": "!web.env\n"}
    assert ignored("a/db.env", files)
    assert not ignored("a/web.env", files)
    assert ignored("a/b.key", files)


def test_nothing_above_the_repository_or_the_copy_of_one_counts(ignored):
    files = {".gitignore": "*\n", "a/b/.git/HEAD": "", "a/c/x": ""}
    assert not ignored("a/b/x", files, top="a")
    assert not ignored("a/c/x", files, top="a")
    assert ignored("a/c/x", {".git/HEAD": ""}, top="a")


def test_link_and_what_is_no_file_hold_no_patterns(ignored, tmp_path):
    write(tmp_path, {"real": "*\n"})
    (tmp_path / ".gitignore").symlink_to("real")
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a/.gitignore")
    assert not ignored("a/x", {})


def test_path_of_thousands_of_folders_is_a_path(ignored):
    files = {".gitignore": "z\n"}
    assert not ignored("a/" * 3000 + "b", files)
    assert ignored("a/" * 3000 + "z", files)


def test_many_stars_are_matched_in_a_moment(ignored):
    assert not ignored("a" * 200, {".gitignore": "*a" * 60 + "b\n" + "**/a*/" * 40 + "b\n"})
