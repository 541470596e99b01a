"""Whatever the project: fixes change what they name, the files load, and a second run has nothing to do."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from composecheck.errors import UsageError
from composecheck.fixes import mend
from composecheck.fixes.files import write
from composecheck.lint import Report, examine
from composecheck.loading.options import Options
from composecheck.settings import Settings

from ..differential.projects import project

NAMES = ("api", "worker", "db", "cache", "odd")
IMAGES = {"api": "api:1", "worker": "api:1", "db": "postgres:16", "cache": "redis:7", "odd": "odd"}
MORE = (
    "restart: always",
    "init: true",
    "labels: [a=b]",
    "command: >\n%      go\n%      on",
    "<<: *more",
    "tty:",
)
COMMENTS = ("", "", "  # why", " #")


class _Draw:
    """A file in the making, in one of the ways that people write."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.step = " " * random.choice((2, 2, 4, 3))
        self.newline = random.choice(("\n", "\n", "\r\n"))

    def text(self) -> str:
        random = self.random
        names = random.sample(NAMES, random.randint(2, 5))
        lines = ["x-more: &more", f"{self.step}stop_grace_period: 3s", f"x-needs: &needs [{names[-1]}]"]
        lines.append("services:")
        for name in names:
            others = [other for other in names if other != name]
            lines += [f"{self.step}{line}" for line in self._service(name, others)]
        if random.random() < 0.2:
            lines.append("# the end")
        text = self.newline.join("\n".join(lines).split("\n"))
        return ("\ufeff" if random.random() < 0.2 else "") + text + self.newline * random.randint(0, 2)

    def _service(self, name: str, others: list[str]) -> list[str]:
        random = self.random
        keys = [f"image: {IMAGES[name]}{random.choice(COMMENTS)}"]
        if random.random() < 0.7:
            keys.append(self._depends_on(random.sample(others, random.randint(1, len(others)))))
        if random.random() < 0.5:
            keys.append(self._ports())
        if random.random() < 0.3:
            keys.append("healthcheck: {test: [CMD, ready]}")
        keys += [key.replace("%", "") for key in random.sample(MORE, random.randint(0, 2))]
        if random.random() < 0.5:
            random.shuffle(keys)
        if random.random() < 0.15 and not any("\n" in key or "#" in key or "tty" in key for key in keys):
            return [f"{name}: {{{', '.join(keys)}}}"]
        lines = [f"{name}:"]
        for key in keys:
            lines += [f"{self.step}{line}" for line in key.split("\n")]
            if random.random() < 0.2:
                lines.append(random.choice(("", f"{self.step}# comment", "# comment")))
        return lines

    def _depends_on(self, names: list[str]) -> str:
        random = self.random
        indent = random.choice(("", self.step))
        comments = [random.choice(COMMENTS) for _ in names]
        words = [random.choice(("{}", "'{}'", '"{}"')).format(name) for name in names]
        condition = random.choice(("service_started", '"service_started"', "service_healthy"))
        deeper = self.step
        return random.choice(
            (
                "\n".join(
                    ["depends_on:", *(f"{indent}- {w}{c}" for w, c in zip(words, comments, strict=True))]
                ),
                f"depends_on: [{', '.join(words)}]",
                "depends_on: *needs",
                "\n".join(
                    [
                        "depends_on: [",
                        *(f"{deeper}{w},{c}" for w, c in zip(words, comments, strict=True)),
                        "]",
                    ]
                ),
                "depends_on: {" + ", ".join(f"{w}: {{condition: {condition}}}" for w in words) + "}",
                "\n".join(
                    ["depends_on:", *(f"{deeper}{w}:\n{deeper}{deeper}condition: {condition}" for w in words)]
                ),
            )
        )

    def _ports(self) -> str:
        random = self.random
        entries = [
            random.choice(
                ("'{}:80'", "{}:80", "127.0.0.1:{}:80", "{{target: 80, published: {}}}", "'${{P:-{}}}:80'")
            ).format(random.randint(1000, 9000))
            for _ in range(random.randint(1, 3))
        ]
        if random.random() < 0.3:
            return f"ports: [{', '.join(entries)}]"
        indent = random.choice(("", self.step))
        return "\n".join(["ports:", *(f"{indent}- {entry}{random.choice(COMMENTS)}" for entry in entries)])


def _mended(options: Options) -> tuple[Report, Report, int]:
    """Mend a project on disk; returns the reports before and after, and how many findings are gone."""

    def examined(options: Options) -> Report:
        return examine(options, Settings())

    before = examined(options)
    result = mend((options,), (before,), examined)
    write(result.files)
    after = examined(options)
    assert sorted(map(str, _said(after))) == sorted(map(str, _said(result.reports[0])))
    again = mend((options,), (after,), examined)
    assert not again.files
    assert not again.fixed
    return before, after, len(result.fixed)


def _said(report: Report) -> list[Any]:
    return [(found.rule, found.message, str(found.span)) for found in report.diagnostics]


def _hold_alike(before: Report, after: Report) -> None:
    assert after.count("error") <= before.count("error")
    assert after.count("warning") <= before.count("warning")
    if before.count("error"):  # what is no port may stand among them
        return
    assert _rest(after) == _rest(before)


def _rest(report: Report) -> Any:
    """Return a model without what fixes may change."""
    document = report.project.node.plain()
    for key in [key for key in document if key.startswith("x-")]:
        del document[key]
    for service in (document.get("services") or {}).values():
        service.pop("healthcheck", None)
        for entry in (service.get("depends_on") or {}).values():
            entry.pop("condition")
        for port in service.get("ports") or ():
            if port.get("host_ip") == "127.0.0.1":
                del port["host_ip"]
    return document


ASKED = settings(
    max_examples=100,
    phases=[Phase.generate],  # a number draws something else altogether than the next one
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@ASKED
@given(st.integers(0, 1_000_000))
def test_files_as_people_write_them(seed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "compose.yml")
        text = _Draw(Random(seed)).text()  # noqa: S311 - no secret
        path.write_bytes(text.encode())
        before, after, fixed = _mended(Options(folder=Path(folder), environment={}))
        assert before.project is not None, text
        _hold_alike(before, after)
        written = path.read_bytes().decode()
        assert (written != text) == (fixed > 0)
        assert _comments(written) == _comments(text)
        assert ("\r\n" in text) == ("\r\n" in written)
        assert "\r\n" not in text or written.count("\n") == written.count("\r\n")


def _comments(text: str) -> list[str]:
    return re.findall(r"(?m)(?:^|(?<= ))#[^\r\n]*", text)


@ASKED
@given(st.integers(0, 1_000_000), st.sampled_from(["redis:7", "postgres:16", "mysql:8"]))
def test_files_that_nobody_would_write(seed, image):
    drawn = project(Random(seed))  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as folder:
        drawn.write(Path(folder))
        for path in Path(folder).rglob("*.y*ml"):
            text = path.read_text()
            path.write_text(re.sub(r"(?m)(image: )[^\s,}{]+", rf"\g<1>{image}", text))
        given: dict[str, list[str]] = {}
        for option, value in zip(drawn.arguments[::2], drawn.arguments[1::2], strict=True):
            given.setdefault(option, []).append(value)
        if drawn.stdin:
            return
        options = Options(
            files=tuple(given.get("-f", ())),
            env_files=tuple(given.get("--env-file", ())),
            profiles=tuple(given.get("--profile", ())),
            environment=dict(drawn.environment),
            folder=Path(folder, drawn.folder),
        )
        try:
            before, after, _ = _mended(options)
        except UsageError:
            return
        _hold_alike(before, after)
