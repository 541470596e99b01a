"""Which images are pulled, by what an engine says of those that it has."""

from __future__ import annotations

import pytest

from composecheck.engine.moby.images import platform, wants_pull
from composecheck.loading import Options, load_project

HERE = {"Os": "linux", "Architecture": "amd64", "GraphDriver": {"Name": "overlay2"}}


@pytest.mark.parametrize(
    ("lines", "pulled"),
    [
        ("", False),
        ("platform: linux/amd64", False),
        ("platform: linux/x86_64", False),
        ("platform: linux/arm64", True),
        ("platform: linux/arm64\n    pull_policy: never", False),
        ("platform: linux/arm64\n    build: .", False),
        ("pull_policy: always", True),
    ],
)
def test_image_for_another_platform_is_pulled_as_a_missing_one(tmp_path, lines, pulled):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  a:\n    image: x\n    {lines}\n")
    project, _ = load_project(Options(files=(str(file),), environment={}))
    assert wants_pull(project, project.services["a"], HERE) == pulled


@pytest.mark.parametrize("store", [{"Descriptor": {"digest": "x"}}, {"GraphDriver": {"Name": "overlayfs"}}])
def test_store_that_keeps_several_platforms_does_not_say_which(store):
    assert platform({**HERE, **store}) == ""
    assert platform(HERE) == "linux/amd64"
