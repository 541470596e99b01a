"""What Docker Compose prints of a small document we print too, byte for byte, and hash alike."""

from __future__ import annotations

import json

import pytest

from composecheck.dump import dump

from ..faults import put_right
from ..loading.documents import DOCUMENT, FILES, OVERRIDE, SERVICE, of_service, over_service

# Bodies that the loader's table has no use for: what only a dump shows.
BODIES = {
    "extension": "x-a: {b: [1, 1.5, true, null, '1'], a10: x, a9: y, C: z}\nx-0: 1e7\n",
    "nested extensions": """
build: {context: ., x-b: 1}
deploy: {x-d: 1, resources: {x-r: 1, limits: {x-l: 1}}}
healthcheck: {test: x, x-h: 1}
logging: {driver: none, x-l: 1}
networks: {default: {x-n: 1}}
ports: [{target: 80, x-p: 1}]
volumes: [{type: bind, source: ., target: /x, x-v: 1, bind: {x-b: 1}}]
depends_on: {other: {condition: service_started, x-d: 1}}
develop: {x-w: 1, watch: [{path: ., action: rebuild, x-w: 1}]}
secrets: [{source: sec, x-s: 1}]
ulimits: {nofile: {soft: 1, hard: 2}}
""",
    "build all": """
build:
  context: .
  dockerfile: Other
  entitlements: [network.host]
  args: {B: '1', A: ~}
  provenance: true
  sbom: false
  labels: {a: 1}
  cache_from: [x]
  cache_to: [type=local]
  no_cache: true
  additional_contexts: {b: ./sub, a: https://example.org/a.git}
  pull: true
  extra_hosts: {b: 1.1.1.1, a: [2.2.2.2, '::1']}
  isolation: x
  network: none
  target: t
  secrets: [sec, {source: sec, target: x, mode: 0400}]
  shm_size: 1g
  tags: [b, a]
  ulimits: {nproc: 3, nofile: {soft: 2, hard: 3}}
  platforms: [linux/amd64]
  privileged: true
""",
    "blkio": """
blkio_config: {weight: 10, weight_device: [{path: /a, weight: 5}], device_write_iops: [{path: /a, rate: 30}]}
""",
    "numbers": "cpu_percent: 33\nmem_swappiness: 60\noom_score_adj: -5\ncpu_rt_runtime: 400\n",
    "small number": "deploy: {resources: {limits: {cpus: 0.0000001}, reservations: {cpus: 1.1}}}\n",
    "zeros": "deploy: {replicas: 0}\nscale: 0\nhealthcheck: {test: x, retries: 0, interval: 0s}\n",
    "false": "init: false\nprivileged: false\nread_only: false\nattach: false\n",
    "durations": """
healthcheck: {test: x, interval: 90s, timeout: 1h, start_period: 1.5s, start_interval: 1500us}
stop_grace_period: 1h0m0.5s
deploy: {update_config: {delay: 0s, monitor: 1d}, restart_policy: {delay: 250ms, window: 1w}}
""",
    "empty mappings": "deploy: {resources: {limits: {}, reservations: {}}, placement: {}}\nlogging: {}\n",
    "empty lists": "cap_add: []\nports: []\nvolumes: []\nenvironment: []\nlabels: {}\ndns: []\n",
    "no server": "dns: ['', 8.8.8.8]\n",
    "fractions of a byte": "mem_limit: 1.5\nshm_size: 1024.0\n",
    "provider": "provider: {type: x, options: {b: [2, 1], a: true, c: 1.5}, x-p: 1}\n",
    "credential_spec": "credential_spec: {file: a.json}\n",
    "develop": """
develop:
  watch:
    - {path: ./a, action: sync+exec, target: /a, exec: {command: x y, user: u, environment: {B: 1, A: ~}},
       include: '*.py', ignore: [a], initial_sync: true}
    - {path: ., action: rebuild}
""",
    "contexts": """
build:
  context: 's3://b/x'
  additional_contexts: {a: 'x/a://b', d: 'docker-image://x', g: 'git@h:x', l: 'oci-layout:y', t: 'target:z'}
""",
    "hooks": "post_start: [{command: a b, environment: [B=1, A], x-h: 1}]\npre_stop: [{command: []}]\n",
    "generic resources": """
deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 0}}]}}}
""",
    "texts": r"""
environment:
  A: "multi\nline\n"
  B: " lead\nx"
  C: "tail \nx"
  D: 'x: y'
  E: "tab\tx"
  F: "é 😀 \a"
  G: 'it''s: #x'
  H: '1:30'
  I: "a\rb"
  J: "\nx"
  K: "x\n\n"
  L: "a$$b <&>"
  M: '{"a": [1]}'
  N: "1e3"
  O: "off"
  P: "2020-01-01"
  Q: "- x"
  R: "#"
  a.b: 1
  a10: 1
  a9: 1
  _x: 1
  '1': 1
  "k k": 1
labels: {"a b: c": d, "'": 1, "%s": 1, "@": 1, "-": 1, "?": 1}
""",
}


# What Compose 5 refuses, or prints otherwise though it means the same.
INFINITY = SERVICE["environment numbers"]  # it cannot validate it
FAULTS_OF_5 = (INFINITY, BODIES["texts"])  # it says nothing of how far a text is indented that begins a line


def _same(case, without_hash=()):
    project = case.project()
    assert dump(project) == case.config()
    printed, theirs = dump(project, yaml=False), case.config("--format", "json")
    assert json.loads(printed) == put_right(json.loads(theirs))
    if json.loads(theirs) == put_right(json.loads(theirs)):
        assert printed == theirs + "\n"
    hashed, hashes = case.hashes(project)
    assert hashes.keys() == hashed.keys()
    if case.reference.generation != "2.40":
        without_hash = ()
    assert {key for key in hashes if hashes[key] != hashed[key]} == set(without_hash)


@pytest.mark.parametrize("body", [*SERVICE.values(), *BODIES.values()], ids=[*SERVICE, *BODIES])
def test_service_attribute_is_printed_and_hashed_alike(case, body):
    # 2.40's `config --hash` hashes the names of env files, where a container's label covers what is in them.
    without_hash = ["s"] if body.startswith("env_file") else ()
    this = case(of_service(body), files=FILES)
    if this.reference.generation == "5" and body in FAULTS_OF_5:
        assert this.run().stdout != dump(this.project())
    else:
        _same(this, without_hash)


def test_the_default_platform_of_what_is_built_is_hashed_and_not_printed(case):
    text = """
services:
  built: {build: .}
  either: {build: ., image: y}
  said: {build: ., platform: linux/arm64}
  pulled: {image: x}
"""
    _same(case(text, files={".env": "DOCKER_DEFAULT_PLATFORM=linux/amd64\n"}))


@pytest.mark.parametrize("text", DOCUMENT.values(), ids=DOCUMENT)
def test_document_is_printed_and_hashed_alike(case, text):
    _same(case(text))


@pytest.mark.parametrize(("base", "over"), OVERRIDE.values(), ids=OVERRIDE)
def test_two_files_are_printed_and_hashed_alike(case, base, over):
    without_hash = ["s"] if "env_file" in base else ()
    _same(case(of_service(base), over_service(over), files=FILES), without_hash)


def _json(case):
    return json.loads(dump(case.project(), yaml=False))


def test_a_limit_of_zero_says_so_in_json(case):
    """There the reference's JSON has `{}`, which nobody can read again; its YAML has both limits."""
    this = case(of_service("ulimits: {core: 0}\n"))
    assert this.json()["services"]["s"]["ulimits"] == {"core": {}}
    assert _json(this)["services"]["s"]["ulimits"] == {"core": {"soft": 0, "hard": 0}}
    assert dump(this.project()) == this.config()


def test_ssh_keys_are_written_as_they_are_read(case):
    """There the reference's JSON is none, and its YAML says `a: path`, which it does not read again."""
    this = case(of_service("build: {context: ., ssh: [default, a=./key]}\n"))
    assert this.run("--format", "json").returncode != 0
    keys = ["default", f"a={this.folder}/key"]
    assert sorted(_json(this)["services"]["s"]["build"]["ssh"]) == sorted(keys)
    assert f"- 'a: {this.folder}/key'\n" in this.config()
    assert f"- a={this.folder}/key\n" in dump(this.project())


def test_models_are_in_json_too(case):
    """There the reference's JSON has none."""
    this = case(of_service("models: [llm]\n") + "models: {llm: {model: ai/x, context_size: 5}}\n")
    assert "models" not in this.json()
    assert _json(this)["models"] == {"llm": {"model": "ai/x", "context_size": 5}}
    assert dump(this.project()) == this.config()


def test_variables_and_labels_may_be_named_like_extensions(case):
    """There the reference takes them for extensions, and prints what Go makes of that."""
    this = case(of_service("environment: {x-a: b}\nlabels: {x-c: d}\n"))
    theirs, ours = this.json()["services"]["s"], _json(this)["services"]["s"]
    assert theirs["environment"] == {"#extensions": "map[x-a:b]"}
    assert (ours["environment"], ours["labels"]) == ({"x-a": "b"}, {"x-c": "d"})


@pytest.mark.parametrize("reference", ["2.40"], indirect=True)
def test_a_merge_key_s_name_is_quoted(case):
    """There the YAML of 2.40 has `<<: x`, which is read as a merge key."""
    this = case(of_service("labels: {'<<': x}\n"))
    assert "      <<: x\n" in this.config()
    assert '      "<<": x\n' in dump(this.project())
