"""No key of the specification is ignored: each is in the table of what is done, or is refused."""

from __future__ import annotations

import pytest

from composecheck.engine.docker.support import _DONE, _NOT_OF_UP, unsupported
from composecheck.loading import Options, load_project
from composecheck.loading.schema_fast import read_schema
from composecheck.model.service import Service

OLD, NEW = "1.41", "1.52"


def refused(tmp_path, service: str, *, api: str = NEW, rest: str = "", built=()):
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  a:\n    image: x\n    {service}\n{rest}")
    project, _ = load_project(Options(files=(str(file),), environment={}))
    return [r.text for r in unsupported(project, list(project.services.values()), api, built)]


def test_every_service_key_of_the_schema_is_decided():
    schema = read_schema("compose.schema.json")
    definitions = schema.get("$defs") or schema["definitions"]
    keys = {key for key in definitions["service"]["properties"] if not key.startswith("x-")}
    undecided = keys - _DONE - _NOT_OF_UP - {"build", "deploy"}
    assert undecided == {
        "credential_spec", "models", "post_start", "pre_start", "pre_stop", "provider", "pull_refresh_after",
        "use_api_socket"
    }  # fmt: skip
    held = {word for word, key in Service.KEYS.items() if key.held_by_compose}
    assert keys - held == {"env_file", "extends", "pull_refresh_after"}


@pytest.mark.parametrize(
    "service",
    [
        "healthcheck: {test: x, start_period: 1s, start_interval: 1s}",
        "volumes: [{type: volume, source: v, target: /v, volume: {subpath: s}}]",
        "volumes: [{type: bind, source: /v, target: /v, bind: {recursive: readonly}}]",
        "networks: {n: {gw_priority: 1, interface_name: e}}",
        "networks: {m: , n: {mac_address: '02:42:ac:11:00:07'}}",
        "networks: [four]",
    ],
)
def test_what_an_older_engine_ignores_is_left_to_the_preflight(tmp_path, service):
    rest = "volumes: {v: }\nnetworks: {n: , m: , four: {enable_ipv4: false}}\n"
    assert refused(tmp_path, service, api=OLD, rest=rest) == []


def test_start_interval_without_start_period_is_refused(tmp_path):
    found = refused(tmp_path, "healthcheck: {test: x, start_interval: 1s}")
    assert found == ["service 'a': 'start_interval' needs 'start_period' beside it"]


@pytest.mark.parametrize(
    ("service", "rest", "text"),
    [
        ("secrets: [s]", "secrets: {s: {external: true}}", "'external' is only for Docker Swarm"),
        ("secrets: [s]", "secrets: {s: {environment: NONE}}", "environment variable 'NONE' is not set"),
        ("read_only: true\n    configs: [c]", "configs: {c: {content: x}}", "only a 'file' can be mounted"),
        ("networks: [n]", "networks: {n: {ipam: {options: {a: b}}}}", "'ipam.options' is not supported yet"),
        ("networks: [n]", "networks: {n: {enable_ipv4: false}}", "'enable_ipv4: false' is not supported yet"),
    ],
)
def test_what_only_swarm_or_nobody_does_is_refused(tmp_path, service, rest, text):
    (found,) = refused(tmp_path, service, rest=rest)
    assert text in found


def test_keys_of_build_are_refused_only_where_it_is_built(tmp_path):
    service = "build: {context: ., ssh: [default], args: {a: b}}"
    assert refused(tmp_path, service) == []
    assert refused(tmp_path, service, built=["a"]) == ["build: 'ssh': the classic builder does not know it"]


def test_extensions_and_what_is_for_watch_are_no_part_of_up(tmp_path):
    assert refused(tmp_path, "x-mine: 1\n    develop: {watch: [{path: ., action: rebuild}]}") == []
