"""`python -m tests.reference verify`: ask the binaries for what is recorded, and compare.

The tests that ask are run, and each recorded answer has to be one that the binary gives. With `--changed`
only what the last landed commit had not recorded so is asked for: that of `origin`, or else the one before;
everything where there is no such commit, or where this folder's code has changed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from . import store


def landed() -> str:
    """Return the commit that recorded answers are compared with, "" where there is none."""
    head = _git("rev-parse", "HEAD")
    for origin in ("origin/HEAD", "origin/main"):
        if (commit := _git("merge-base", "HEAD", origin)) and commit != head:
            return commit
    return _git("rev-parse", "HEAD~1")


def _git(*arguments: str) -> str:
    """Return what git prints, "" where it fails."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=store.TESTS, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def changed(commit: str) -> list[str]:
    """Return the test modules to which answers are recorded that a commit had not."""
    return [
        module
        for module, releases in store.modules().items()
        if any(
            store.lines(release, module).items() - store.lines_at(commit, release, module).items()
            for release in releases
        )
    ]


def main() -> int:
    """Verify, with a last line that says how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["verify"])
    parser.add_argument(
        "--changed", action="store_true", help="what the last landed commit had not recorded so"
    )
    options, more = parser.parse_known_args()
    commit = landed() if options.changed else ""
    if commit and _git("diff", "--name-only", commit, "--", "reference/*.py"):
        commit = ""
    modules = changed(commit) if commit else list(store.modules())
    if not modules:
        print(f"no answer has changed since {commit[:12]}")
        return 0
    verify = [f"--verify-since={commit}"] if commit else ["--verify"]
    return pytest.main(["-q", "-m", "", *verify, *more, *(str(store.TESTS / module) for module in modules)])


if __name__ == "__main__":
    sys.exit(main())
