"""What the generations of Docker Compose print and hash otherwise."""

from __future__ import annotations

import hashlib
import json

import pytest

from composecheck.dump import dump, network_hash, service_hash
from composecheck.loading import Options, load_project


@pytest.fixture
def load(tmp_path):
    def load(text, compose):
        (tmp_path / "compose.yml").write_text(text)
        options = Options(files=("compose.yml",), folder=tmp_path, environment={}, name="p", compose=compose)
        return load_project(options).project

    return load


def _service(project):
    return json.loads(dump(project, yaml=False))["services"]["s"]


def _mount(text):
    return f"services: {{s: {{image: x, volumes: [{text}]}}}}\n"


LONG = "{type: bind, source: /a, target: /b, bind: {%s}}"


@pytest.mark.parametrize(
    ("volume", "old", "new"),
    [
        ("/a:/b", {"create_host_path": True}, {}),
        (LONG % "create_host_path: true", {"create_host_path": True}, {}),
        (LONG % "create_host_path: false", {}, {"create_host_path": False}),
        (LONG % "", {}, {}),  # false to the old one, true to the new one
    ],
)
def test_bind_says_the_opposite_of_its_generation_s_default(load, volume, old, new):
    assert _service(load(_mount(volume), "2.40"))["volumes"][0]["bind"] == old
    assert _service(load(_mount(volume), "5"))["volumes"][0]["bind"] == new


def test_a_bind_that_says_nothing_is_not_printed(load):
    volume = "{type: bind, source: /a, target: /b}"
    for compose in ("2.40", "5"):
        assert "bind" not in _service(load(_mount(volume), compose))["volumes"][0]


@pytest.mark.parametrize(("compose", "bind"), [("2.40", '{"create_host_path":true}'), ("5", "{}")])
def test_hash_of_a_bind_mount_is_its_generation_s(load, compose, bind):
    project = load(_mount("/a:/b"), compose)
    hashed = (
        '{"command":null,"entrypoint":null,"image":"x","networks":{"default":null},'
        f'"volumes":[{{"type":"bind","source":"/a","target":"/b","bind":{bind}}}]}}'
    )
    expected = hashlib.sha256(hashed.encode()).hexdigest()
    assert service_hash(project, project.services["s"]) == expected


def test_hash_without_a_bind_mount_is_the_same_in_both(load):
    text = "services: {s: {image: x, volumes: ['vv:/b'], env_file: []}}\nvolumes: {vv: {}}\n"
    old, new = load(text, "2.40"), load(text, "5")
    hashes = [service_hash(p, p.services["s"]) for p in (old, new)]
    assert hashes[0] == hashes[1]


def test_options_of_ipam_are_kept_since_5(load):
    text = "services: {s: {image: x}}\nnetworks: {default: {ipam: {options: {a: '1'}}}}\n"
    old, new = load(text, "2.40"), load(text, "5")
    assert "options" not in dump(old)
    assert 'options:\n        a: "1"\n' in dump(new)
    hashes = [network_hash(p.networks["default"], p.dialect) for p in (old, new)]
    assert hashes[0] != hashes[1]


def test_pre_start_is_printed_and_hashed(load):
    text = "services: {s: {image: x%s}}\n"
    with_hook = load(text % ", pre_start: [{command: a b, per_replica: true}]", "5")
    assert _service(with_hook)["pre_start"] == [{"command": ["a", "b"], "image": "x", "per_replica": True}]
    without = load(text % "", "5")
    assert service_hash(with_hook, with_hook.services["s"]) != service_hash(without, without.services["s"])


def test_no_cache_filter_is_printed_and_not_hashed(load):
    project = load("services: {s: {build: {context: ., no_cache_filter: stage}}}\n", "5")
    assert _service(project)["build"]["no_cache_filter"] == ["stage"]
    plain = load("services: {s: {build: .}}\n", "5")
    assert service_hash(project, project.services["s"]) == service_hash(plain, plain.services["s"])
