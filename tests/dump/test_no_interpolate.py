"""With --no-interpolate variables stay, and what they stand in, as in Docker Compose."""

from __future__ import annotations

import json

import pytest

from composecheck.dump import dump

from ..loading.documents import DOCUMENT, FILES, OVERRIDE, SERVICE, of_service, over_service
from .test_attributes import BODIES

VARIABLES = {
    "plain": "image: x:${TAG:-1}\nrestart: ${R:-always}\nlabels: {a: '$A', b: $$B}\nhostname: ${N}\n",
    "ports that cannot be read": "ports: ['80:80', '${P}:81', {target: 5}]\n",
    "ports with a default": "ports: ['${P:-80}:81', '9000-9001:80-81']\n",
    "ports that can be read": "ports: ['80:80', 90, {target: 5}, '9000-9001:80-81/udp']\n",
    "volumes": """
volumes: ['${D}:/a', './x:/y:ro', '${DIR}/q:/q', {type: bind, source: '${DIR}/z', target: /z/}, '${D:-x}:/b',
  './a:/${B}:${O:-ro}', '${A:-/x:${B:-c}}:/d:ro', '/anonymous']
""",
    "devices": "devices: ['${A}:/b', /a]\n",
    "environment list": "environment: ['A=${A}', SET, B]\nenv_file: ['${E}', {path: a.env}]\n",
    "build": "build: {context: '${C}', args: ['A=${A}', SET, B], ssh: [default], secrets: [sec]}\n",
    "casts": """
privileged: ${PRIV}
scale: ${NUMBER}
mem_limit: ${M:-1g}
healthcheck: {test: 'x ${A}', interval: 5s, retries: '${NUMBER}'}
cpus: ${CPU}
ulimits: {nofile: {soft: 1, hard: 2}}
deploy: {resources: {limits: {memory: '${M}'}, reservations: {devices: [{capabilities: [gpu]}]}}}
""",
    "networks": "networks: {net: {ipv4_address: '${IP}'}}\nextra_hosts: ['a:${IP}']\n",
    "service in a variable": "network_mode: service:${A}\nlinks: ['other:${A}']\n",
    "gpus": "gpus: all\n",
    "watch": "develop: {watch: [{path: './${A}', action: rebuild, ignore: a}]}\n",
}
# What the reference refuses or writes wrongly while variables are not replaced.
ULIMIT_AS_TEXT = "panics at a limit that is a text, as a variable is"
NOT_A_NUMBER = "cannot write infinity to JSON, and writes nothing"
NEWLINE_LOST = "its older YAML library loses a line end at the start of a text"
FAULTS = {"ulimits": ULIMIT_AS_TEXT, "environment numbers": NOT_A_NUMBER, "texts": NEWLINE_LOST}


def _same(case):
    project = case.project(interpolate=False)
    assert dump(project) == case.config("--no-interpolate")
    theirs = case.config("--no-interpolate", "--format", "json")
    assert _read(dump(project, yaml=False)) == _read(theirs)


def _read(text):
    """Return a model with null for each empty list, which is what the reference's JSON mostly has there."""
    return json.loads(
        text, object_hook=lambda mapping: {k: None if v == [] else v for k, v in mapping.items()}
    )


TABLE = SERVICE | BODIES | VARIABLES
CLEAN = {name: body for name, body in TABLE.items() if name not in FAULTS}


@pytest.mark.parametrize("body", CLEAN.values(), ids=CLEAN)
def test_service_attribute_stays_as_docker_compose_leaves_it(case, body):
    _same(case(of_service(body), files=FILES))


@pytest.mark.parametrize("text", DOCUMENT.values(), ids=DOCUMENT)
def test_document_stays_as_docker_compose_leaves_it(case, text):
    _same(case(text))


@pytest.mark.parametrize(("base", "over"), OVERRIDE.values(), ids=OVERRIDE)
def test_two_files_stay_as_docker_compose_leaves_them(case, base, over):
    _same(case(of_service(base), over_service(over), files=FILES))


@pytest.mark.parametrize("reference", ["2.40"], indirect=True)
@pytest.mark.parametrize("name", FAULTS)
def test_where_the_reference_fails_ours_prints_what_is_written(case, name):
    this = case(of_service(TABLE[name]), files=FILES)
    project = this.project(interpolate=False)
    theirs = this.run("--no-interpolate"), this.run("--no-interpolate", "--format", "json")
    ours = dump(project), dump(project, yaml=False)
    assert any(
        process.returncode or process.stdout.strip() != text.strip()
        for process, text in zip(theirs, ours, strict=True)
    )


def test_a_default_with_a_colon_does_not_cut_a_device(case):
    project = case(of_service("devices: ['${A:-/dev/x}:/b']\n")).project(interpolate=False)
    assert "source: ${A:-/dev/x}\n" in dump(project)


@pytest.mark.parametrize("listing", ["--services", "--profiles", "--volumes", "--networks", "--images"])
def test_lists_are_of_what_is_written(case, listing, capsys, monkeypatch):
    from composecheck.cli import main

    body = "volumes: ['${V}:/a']\nmem_limit: ${M}\nprofiles: [p]\nports: ['${P}:80']\n"
    this = case(of_service(body))
    monkeypatch.chdir(this.folder)
    assert main(["-f", "0.yml", "config", "--no-interpolate", listing]) == 0
    listed = {
        "--services": ["other", "s"],
        "--profiles": ["p"],
        "--volumes": ["data"],
        "--networks": ["default", "net"],
        "--images": ["y"],
    }
    assert capsys.readouterr().out.split() == listed[listing]


def test_a_hash_without_values_is_a_usage_error(case, capsys, monkeypatch):
    from composecheck.cli import main

    this = case(of_service("mem_limit: ${M}\n"))
    monkeypatch.chdir(this.folder)
    assert main(["-f", "0.yml", "config", "--no-interpolate", "--hash", "*"]) == 2
    assert "leave out '--no-interpolate'" in capsys.readouterr().err


def test_services_that_are_named_are_said_to_be_ignored(case, capsys, monkeypatch):
    from composecheck.cli import main

    this = case(of_service("links: ['other:${A}']\n"))
    monkeypatch.chdir(this.folder)
    assert main(["-f", "0.yml", "config", "--no-interpolate", "s"]) == 0
    said = capsys.readouterr()
    assert "the whole project is printed" in said.err
    assert "  other:\n" in said.out


def test_includes_and_extends_are_resolved(case):
    included = "services: {base: {image: 'x:${T}', volumes: ['./${D}:/x'], environment: [B=1, 'C=${C}']}}\n"
    text = """
include: [inc.yml]
services:
  s: {extends: {file: inc.yml, service: base}, environment: {A: '${A}'}}
"""
    _same(case(text, files={"inc.yml": included}))


def test_the_project_is_named_by_what_is_written(case):
    _same(case("name: N-${SET}\nservices: {s: {image: x}}\n"))
