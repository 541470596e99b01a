"""What is mounted twice at one place."""

from __future__ import annotations

import pytest

from composecheck.lint import check


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("volumes: ['/a:/x', {type: bind, source: /b, target: /x/}]", "two volumes at '/x'"),
        ("tmpfs: ['/x:size=1m', /x]", "two tmpfs at '/x'"),
        ("tmpfs: /x, volumes: ['/a:/x/']", "a volume and a tmpfs at '/x'"),
        ("tmpfs: [/x, /x/]", None),
        ("tmpfs: /x/, volumes: ['/a:/x']", None),
        ("volumes: ['/a:/x', '/b:/x/']", None),
    ],
)
def test_mounts_at_one_place_are_told_as_compose_tells_them(tmp_path, body, told):
    (tmp_path / "compose.yml").write_text(f"services: {{s: {{image: x, {body}}}}}")
    found = [d.message for d in check(tmp_path / "compose.yml").diagnostics if d.severity == "error"]
    assert found == ([f"service 's' mounts {told}"] if told else [])


@pytest.mark.parametrize(
    ("volumes", "lines"),
    [
        ("['/a:/x', '/b:/x/']", [1]),
        ("[va:/x, /x]", [1]),
        ("[va:/x, {type: bind, source: /b, target: /x}]", [1]),
        ("[va:/x, va:/y, vb:/x, vc:/x]", [1, 1]),
        ("[va:/x, va:/y]", []),
    ],
)
def test_volume_that_another_of_its_file_hides_is_a_warning(tmp_path, volumes, lines):
    text = f"{{services: {{s: {{image: x, volumes: {volumes}}}}}, volumes: {{va: , vb: , vc: }}}}"
    (tmp_path / "compose.yml").write_text(text)
    found = check(tmp_path / "compose.yml").diagnostics
    hidden = [d for d in found if d.severity == "warning"]
    assert [d.span.line for d in hidden] == lines
    assert {d.rule for d in hidden} <= {"duplicate-mount-target"}


def test_volume_that_a_later_file_or_an_extension_replaces_is_meant(tmp_path):
    base = "services: {s: {image: x, volumes: ['/a:/x']}, t: {extends: s, volumes: ['/b:/x']}}"
    (tmp_path / "compose.yml").write_text(base)
    (tmp_path / "over.yml").write_text("services: {s: {volumes: ['/c:/x']}}")
    found = check(tmp_path / "compose.yml", tmp_path / "over.yml").diagnostics
    assert [d.rule for d in found if d.severity != "note"] == []
