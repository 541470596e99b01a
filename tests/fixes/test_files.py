"""Files are written whole or not at all, and a difference is what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from composecheck.errors import UsageError
from composecheck.fixes import files
from composecheck.fixes.files import Changed, write
from composecheck.text.source import Source

BEFORE = "services:\n  redis:\n    image: redis:7  # ü\n    ports:\n      - 6379:6379\n"
AFTER = BEFORE.replace("6379:6379", "127.0.0.1:6379:6379")


EVERY = ("--notes", "--unsafe-fixes")


def test_diff_writes_nothing_and_exits_with_1_where_it_prints_a_change(folder):
    folder["compose.yml"] = BEFORE
    code, out, err = folder.check("--diff", *EVERY)
    assert (code, folder["compose.yml"]) == (1, BEFORE)
    assert out == (
        "--- compose.yml\n+++ compose.yml\n@@ -2,4 +2,4 @@\n   redis:\n     image: redis:7  # ü\n"
        "     ports:\n"
        "-      - 6379:6379\n+      - 127.0.0.1:6379:6379\n"
    )
    more = "1 fixable with --fix --unsafe-fixes, 1 note more with --notes"
    assert err == f"no problems found: 1 service in 1 file ({more})\n"
    assert folder.check("--fix", "--diff", *EVERY).out == out
    assert folder["compose.yml"] == BEFORE


def test_diff_of_nothing_is_empty_and_exits_as_check_does(folder):
    folder["compose.yml"] = AFTER
    assert folder.check("--diff", *EVERY)[:2] == (0, "")
    folder["compose.yml"] = BEFORE
    assert folder.check("--diff")[:2] == (0, "")
    assert folder.check("--diff", "--notes", "--fail-on", "note")[:2] == (1, "")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ended", [True, False])
def test_difference_can_be_applied(folder, mark, newline, ended):
    def whole(text):
        return mark + (text if ended else text[:-1]).replace("\n", newline)

    if which("patch") is None:
        pytest.skip("needs the program 'patch'")
    folder["compose.yml"] = whole(BEFORE)
    difference = folder.check("--diff", *EVERY).out
    subprocess.run(["patch", "-p0", "--binary"], input=difference.encode(), check=True)
    assert folder["compose.yml"] == whole(AFTER)
    folder["compose.yml"] = whole(BEFORE)
    folder.check("--fix", *EVERY)
    assert folder["compose.yml"] == whole(AFTER)


def test_mode_and_link_stay(folder):
    folder["real/file.yml"] = BEFORE
    (folder.path / "real/file.yml").chmod(0o640)
    (folder.path / "compose.yml").symlink_to("real/file.yml")
    assert "fixed: real/file.yml:5" in folder.check("--fix", *EVERY).out
    assert (folder.path / "compose.yml").is_symlink()
    assert folder["real/file.yml"] == AFTER
    assert (folder.path / "real/file.yml").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in Path("real").iterdir()] == ["file.yml"]


def test_file_that_changed_since_it_was_read_is_left_alone_and_so_is_every_other(folder):
    folder["a.yml"], folder["b.yml"] = "a: 1\n", "b: 2\n"
    changed = [Changed(os.path.realpath(f"{n}.yml"), Source(f"{n}.yml", f"{n}: 1\n"), "x: 1\n") for n in "ab"]
    with pytest.raises(UsageError, match=r"'b\.yml' has changed since it was read: nothing is written"):
        write(changed)
    assert (folder["a.yml"], folder["b.yml"]) == ("a: 1\n", "b: 2\n")


def test_write_that_fails_leaves_the_file(folder, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    folder["compose.yml"] = BEFORE
    monkeypatch.setattr(files.os, "fsync", full)
    code, _, err = folder.check("--fix", *EVERY)
    assert (code, err) == (2, "composecheck: cannot write 'compose.yml': no space left on device\n")
    assert folder["compose.yml"] == BEFORE
    assert [path.name for path in Path().iterdir()] == ["compose.yml"]


def test_standard_input_and_pipes_are_refused(folder):
    code, out, err = folder.check("-", "--fix")
    assert (code, out) == (2, "")
    assert "standard input is none" in err
    folder["compose.yml"] = BEFORE
    os.mkfifo("pipe")
    _feed(Path("pipe").absolute(), "A=1\n")  # the thread may outlive the test, and its folder
    code, out, err = folder.check("--env-file", "pipe", "--fix")
    assert (code, out) == (2, "")
    assert "'pipe' is none" in err


def _feed(pipe, text):
    def write_it():
        Path(pipe).write_text(text)

    Thread(target=write_it, daemon=True).start()


def test_json_says_what_can_be_fixed(folder):
    import json

    folder["compose.yml"] = BEFORE + '  odd:\n    image: redis:7\n    ports: ["${P:-1}:6379"]\n'
    found = json.loads(folder.check("--format", "json").out)["diagnostics"]
    ports = [one for one in found if one["rule"] == "database-port-on-all-addresses"]
    assert [one["fixable"] for one in ports] == [True, False]
    assert [one["fix"] for one in ports] == ["unsafe", None]
