"""All of a start go by one platform: the rules, the pull, the build, the container."""

import pytest

from composecheck import check
from composecheck.engine.docker.body import References, container_request
from composecheck.engine.docker.build import _arguments
from composecheck.engine.moby.images import wants_pull
from composecheck.facts.sources import is_built, may_be_pulled, platform, pulled_after
from composecheck.lint import load
from composecheck.preflight.images import unavailable
from composecheck.snapshot import Snapshot

AMD64 = {"Os": "linux", "Architecture": "amd64"}
FILE = "name: p\nservices:\n  a: {{image: 'a:1'{}}}\n  b: {{build: .{}}}\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")

    def make(keys="", **environment):
        (tmp_path / "compose.yml").write_text(FILE.format(keys, keys))
        return load(tmp_path / "compose.yml", environment=environment)

    return make


@pytest.mark.parametrize(
    ("keys", "environment", "wanted"),
    [
        ("", {}, None),
        (", platform: linux/arm64", {}, "linux/arm64"),
        ("", {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, "linux/arm64"),
        (", platform: linux/amd64", {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, "linux/amd64"),
        ("", {"DOCKER_DEFAULT_PLATFORM": ""}, None),
    ],
)
def test_all_go_by_one_platform(project, tmp_path, keys, environment, wanted):
    found = project(keys, **environment)
    pulled, built = found.services["a"], found.services["b"]
    assert platform(found, pulled) == platform(found, built) == wanted
    request = container_request(
        found, pulled, 1, labels={}, proxies={}, references=References(str, list), all_networks_at_once=True
    )
    assert request.platform == wanted
    assert _arguments(found, built, built.build, tmp_path).get("platform") == wanted
    is_for_another = wanted == "linux/arm64"
    assert wants_pull(found, pulled, AMD64) is is_for_another
    lacking = list(unavailable(found, [pulled], Snapshot(images={"a:1": "linux/amd64"})))
    assert bool(lacking) is is_for_another


def test_the_env_file_of_the_project_may_name_the_platform(project, tmp_path):
    (tmp_path / ".env").write_text("DOCKER_DEFAULT_PLATFORM=linux/arm64\n")
    found = project()
    assert platform(found, found.services["a"]) == "linux/arm64"


def test_a_default_platform_that_a_service_is_not_built_for_is_found(tmp_path):
    """`up` refuses it, and `config` does not."""
    file = tmp_path / "compose.yml"
    file.write_text("services:\n  b:\n    build:\n      context: .\n      platforms: [linux/amd64]\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    assert check(file, environment={}).diagnostics == ()
    (mismatch,) = check(file, environment={"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}).diagnostics
    assert (mismatch.rule, mismatch.severity, mismatch.span.line) == ("platform-mismatch", "warning", 5)
    assert load(file, environment={"DOCKER_DEFAULT_PLATFORM": "linux/arm64"})


@pytest.mark.parametrize(
    ("keys", "pulls", "builds", "after"),
    [
        ("image: a", True, False, None),
        ("image: a\n    build: .", True, False, None),
        ("build: .", False, True, None),
        ("image: a\n    build: .\n    pull_policy: build", False, True, None),
        ("image: a\n    pull_policy: never", False, False, None),
        ("image: a\n    pull_policy: always", True, False, 0),
        ("image: a\n    pull_policy: every_2h", True, False, 7200),
    ],
)
def test_whether_an_image_is_pulled_or_built(tmp_path, keys, pulls, builds, after):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "compose.yml").write_text(f"services:\n  a:\n    {keys}\n")
    service = load(tmp_path / "compose.yml", environment={}).services["a"]
    assert (may_be_pulled(service), is_built(service), pulled_after(service)) == (pulls, builds, after)
