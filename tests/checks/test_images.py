"""What is an image's name, as the engine's own reader (distribution/reference) takes it."""

import pytest

from composecheck import check

HEX = "0123456789abcdef" * 4
READ = [
    "a",
    "a.b",
    "a__b",
    "a--b",
    "a_b.c/d",
    "a/b/c:t",
    "a.b:80",
    "foo.Bar/baz",
    "Foo:5000/a",
    "localhost/a",
    "localhost:5000/a:T-1.x_y",
    "[::1]:5000/a",
    "docker.io/library/a",
    f"a@sha256:{HEX}",
    f"a:80/b:t@sha256:{HEX}",
    f"a:{'t' * 128}",
]
NOT_READ = [
    "x y:::",
    "Nginx:1",
    "localhost/A",
    "a/B",
    "a___b",
    "a._b",
    "-a",
    "a-",
    "a..b",
    "a//b",
    "/a",
    "a/",
    "a:",
    "a:b:c",
    "a:b/c",
    "a:-t",
    "a:é",
    "ä/b",
    "a.b:80x/c",
    "a@b",
    "a@sha256:abc",
    f"a@sha256:{HEX.upper()}",
    f"a@sha512:{HEX}",
    f"a@md5:{HEX}",
    f"a:{'t' * 129}",
    f"{'a' * 200}/{'b' * 60}",
]


@pytest.fixture
def findings(tmp_path):
    """Return what is found of an image."""

    def find(image, **environment):
        file = tmp_path / "compose.yml"
        file.write_text(f"services:\n  a:\n    image: '{image}'\n")
        return [d for d in check(file, environment=environment).diagnostics if d.rule == "invalid-image"]

    return find


@pytest.mark.parametrize("image", READ)
def test_name_that_the_engine_reads_is_left_alone(findings, image):
    assert findings(image) == []


@pytest.mark.parametrize("image", NOT_READ)
def test_name_that_it_cannot_read_is_an_error(findings, image):
    assert [(d.severity, d.span.line) for d in findings(image)] == [("error", 3)]


def test_variable_that_is_not_set_is_named(findings):
    (found,) = findings("${REPOSITORY:-app}:$TAG")
    assert found.severity == "note"
    assert found.message.endswith("its tag is empty, for 'TAG' is not set")
    assert found.remedy == "set 'TAG', or give a default: '${TAG:-...}'"
    assert findings("${REPOSITORY:-app}:$TAG", TAG="1") == []


def test_name_in_lower_case_is_offered(findings):
    assert findings("Nginx:1.27-Alpine")[0].remedy == "write 'nginx:1.27-Alpine'"
    assert findings("x y")[0].remedy == "write '[host[:port]/]name[:tag][@digest]'"


def test_services_that_share_an_image_are_told_once(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text("x-a: &a {image: 'a:'}\nservices:\n  a: *a\n  b: *a\n  c: {image: 'a:'}\n")
    found = [d.span.line for d in check(file, environment={}).diagnostics if d.rule == "invalid-image"]
    assert found == [1, 5]
