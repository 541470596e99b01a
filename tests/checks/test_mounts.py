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
