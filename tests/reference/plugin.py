"""The options of pytest about recorded answers: `--record`, `--verify` and `--verify-since`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .session import Session, Total
from .store import TESTS

NAME = "recorded-answers"


def add_options(parser):
    """Add the options."""
    group = parser.getgroup("reference", "recorded answers of Docker Compose")
    group.addoption("--record", action="store_true", help="write what is missing, drop what is not asked for")
    group.addoption(
        "--verify", action="store_true", help="ask the binaries for what is recorded, and compare"
    )
    group.addoption("--verify-since", metavar="COMMIT", help="verify what was not recorded so in a commit")


def session(config) -> Session:
    """Return what this process does about recorded answers."""
    return config.pluginmanager.get_plugin(NAME).session


def module_of(path):
    """Return a test module's name: its path below the tests."""
    return path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else path.as_posix()


class Plugin:
    """Gathers what all processes of a run asked for, and records it where that is wanted."""

    def __init__(self, config):
        since = config.getoption("verify_since")
        self.session = Session(verifies=bool(config.getoption("verify") or since), since=since or "")
        self._total = Total()
        self._recording = config.getoption("record")
        # The modules of which not every test ran and passed: they may have more to ask.
        self._partly = {module_of(Path(arg.split("::")[0]).resolve()) for arg in config.args if "::" in arg}
        self._broken = False

    def pytest_deselected(self, items):
        self._partly.update(module_of(item.path) for item in items)

    def pytest_runtest_logreport(self, report):
        if not report.passed:
            self._partly.add(module_of((TESTS.parent / report.nodeid.split("::")[0]).resolve()))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        output = getattr(node, "workeroutput", {}).get("reference")
        if output is None or error is not None:
            self._broken = True
            return
        self._total.add(output[0])
        self._partly.update(output[1])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        summary = self.session.summary()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["reference"] = (summary, sorted(self._partly))
            return
        self._total.add(summary)
        self._broken |= exitstatus not in {0, 1} or bool(session.shouldstop)
        self._written = self._total.record(self._partly, whole=not self._broken) if self._recording else None

    def pytest_terminal_summary(self, terminalreporter):
        total = self._total
        if total.starts or self._recording:
            terminalreporter.section("recorded answers of docker compose")
            terminalreporter.line(f"asked for {total.questions}, verified {total.verified}")
            terminalreporter.line(f"started the binary {total.starts} times")
        if self._recording:
            terminalreporter.line("wrote {}, dropped {}".format(*self._written))
        elif total.unrecorded:
            terminalreporter.line(f"{total.unrecorded} are not recorded: pytest --record")
