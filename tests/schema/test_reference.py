"""One value at a time: ours and Docker Compose's verdict."""

from __future__ import annotations

import pytest

from composecheck.loading.validate import validate

# What a service may say, one key at a time; a name in it is defined by the document below.
TAKEN = [
    "attach: 'yes'",
    "blkio_config: {device_read_bps: [{path: /dev/sda, rate: 1.5mb}]}",
    "build: {context: ., shm_size: 64m, ulimits: {nofile: {soft: 1, hard: 2}}}",
    "cap_add: [A, A]",
    "command: null",
    "container_name: /ab",
    "cpu_percent: '50'",
    "cpu_quota: 2.5",
    "cpus: '1e-1'",
    "depends_on: {b: {condition: service_started, required: false, restart: 'true', x-own: 1}}",
    "deploy: null",
    "deploy: {replicas: '+2', resources: {limits: {memory: 1_0k}}}",
    "devices: [/dev/null]",
    "env_file: [{path: /dev/null, format: ''}]",
    "environment: [A=1, A=1]",
    "environment: {A: 1, B: 1.5, C: true, D: }",
    "expose: [80, '80-90/tcp']",
    "extends: {service: b, file: }",
    "extra_hosts: {a: [1.1.1.1, 1.1.1.1]}",
    "gpus: [{count: ALL, more: 1}]",
    "group_add: [1, a]",
    "healthcheck: {retries: 2.5, interval: 1.5h, timeout: -5s, start_period: '0', start_interval: 1d}",
    "init: OFF",
    "labels: {a: }",
    "logging: {options: {a: , b: 1.5}}",
    "mem_limit: 2.5",
    "mem_limit: 5 GiB",
    "mem_limit: .5g",
    "memswap_limit: -1",
    "networks: {n: , m: {priority: 1.5}}",
    "oom_score_adj: '-1000'",
    "ports: [{target: '80', published: 8080-8090}]",
    "ports: [80, '80/udp']",
    "provider: {type: p, options: {a: [1, true, b]}}",
    "pull_policy: every_1d2h",
    "restart: sometimes",
    "scale: 0",
    "secrets: [{source: s, mode: '0440'}, s, s]",
    "stop_grace_period: 1h30m",
    "storage_opt: {size: 1}",
    "sysctls: [a=1]",
    "tmpfs: [/a, /a]",
    "ulimits: {nofile: '3', MEM: 1}",
    "volumes: [{type: tmpfs, target: /a, tmpfs: {size: '64m', mode: 2.5}}]",
    "x-anything: [{}]",
]
REFUSED = [
    "attach: 1",
    "attach: maybe",
    "blkio_config: {weight: '300'}",
    "blkio_config: {x-own: 1}",
    "build: null",
    "build: {context: ., ulimits: {nofile: '3'}}",
    "build: {context: ., additional_contexts: [a]}",
    "build: {context: ., ssh: [a:b]}",
    "build: {contxt: .}",
    "cgroup: none",
    "command: {a: b}",
    "container_name: a",
    "cpu_percent: 101",
    "cpu_percent: '2.5'",
    "cpu_quota: '2.5'",
    "depends_on: [b, b]",
    "depends_on: {b: {}}",
    "depends_on: {b: {condition: service_ready}}",
    "depends_on: {b: {condition: service_started, required: 'true'}}",
    "depends_on: {b: }",
    "deploy: {replicas: 1.5}",
    "deploy: {resources: {limits: {memory: 64}}}",
    "deploy: {update_config: {order: random}}",
    "develop: {watch: [{path: ., action: copy}]}",
    "devices: [{source: /dev/null}]",
    "dns: {a: b}",
    "env_file: [{path: /dev/null, format: toml}]",
    "environment: [A=1, 5]",
    "environment: {'': a}",
    "environment: {A: [b]}",
    "expose: [1.5]",
    "extends: {file: a}",
    "extra_hosts: [a]",
    "gpus: some",
    "group_add: [1, 1]",
    "healthcheck: {interval: 5}",
    "healthcheck: {interval: 5 s}",
    "healthcheck: {interval: 1h 30m}",
    "healthcheck: {retries: -1}",
    "healthcheck: {retries: three}",
    "hostname: 5",
    "imgae: a",
    "labels: [a=b, 5]",
    "logging: {options: {a: true}}",
    "mem_limit: '-1'",
    "mem_limit: 5ki",
    "mem_limit: true",
    "networks: [n, n]",
    "networks: {n: {priorty: 1}}",
    "oom_score_adj: 1001",
    "pid: null",
    "ports: 80:80",
    "ports: [{published: 80}]",
    "ports: [{target: 80-81}]",
    "post_start: [{user: root}]",
    "provider: {}",
    "pull_policy: sometimes",
    "restart: 5",
    "restart: false",
    "scale: 1.5",
    "secrets: [{source: s, mode: '0o440'}]",
    "secrets: [{target: s}]",
    "security_opt: [a, a]",
    "stop_grace_period: 10",
    "storage_opt: {size: 1.5}",
    "tty: ''",
    "ulimits: {nofile: {soft: 1}}",
    "use_api_socket: 'true'",
    "user: 1000",
    "volumes: [{source: a, target: /a}]",
    "volumes: [{type: bind, source: /a, target: /a, bind: {selinux: x}}]",
    "volumes: [{type: tmpfs, target: /a, tmpfs: {mode: '0755'}}]",
]
AROUND = """\
services:
  a:
    image: i
    {}
  b: {{image: i}}
networks: {{n: , m: }}
secrets: {{s: {{file: /dev/null}}}}
"""
TAKEN_FILES = [
    "name: A b\nservices: {a: {image: i}}",
    "version: 'any'\nservices: {}",
    "services: {}\ninclude:",
    "services: {}\nx-own: 1",
    "services: {}\nnetworks: {a b: }",
    "services: {}\nnetworks: {a: {external: {name: b}, driver_opts: {a: 1.5}}}",
    "services: {}\nsecrets: {a: {external: {more: 1}}}",
]
REFUSED_FILES = [
    "name: 5\nservices: {}",
    "version: 3\nservices: {}",
    "services: []",
    "services: {a b: {image: i}}",
    "services: {a: }",
    "services: {a: {image: }}",
    "services: {}\njobs: {}",
    "services: {}\nnetworks: {a: {internal: maybe}}",
    "services: {}\nvolumes: {a b: }",
    "services: {}\nvolumes: {a: {labels: [a=1, a=1]}}",
    "services: {}\nvolumes: {a: {external: {more: 1}}}",
    "services: {}\nsecrets: {a: }",
    "services: {}\nmodels: {a: {}}",
    "Version: '3'\nservices: {}",
]
# What Compose 5 takes or refuses the other way; the first two we do not.
OTHERWISE_IN_5 = [
    "services: {}\nnetworks: {a b: }",
    "services: {}\njobs: {}",
    AROUND.format("depends_on: {b: {condition: service_started, required: 'true'}}"),
    AROUND.format("mem_limit: '-1'"),
]
VALID = [*TAKEN_FILES, *(AROUND.format(key) for key in TAKEN)]
INVALID = [*REFUSED_FILES, *(AROUND.format(key) for key in REFUSED)]


def _errors(document):
    return [d.message for d in validate(document) if d.severity == "error"]


@pytest.mark.parametrize("text", VALID)
def test_what_docker_compose_takes_is_valid(read, text):
    assert _errors(read(text)) == []


@pytest.mark.parametrize("text", INVALID)
def test_what_docker_compose_refuses_is_one_error(read, text):
    assert len(_errors(read(text))) == 1


@pytest.mark.parametrize("text", VALID + INVALID)
def test_docker_compose_gives_the_same_verdict(reference, tmp_path, text):
    (tmp_path / "project").mkdir()
    (tmp_path / "project/compose.yml").write_text(text, "utf-8")
    answer = reference.config(tmp_path / "project", "-p", "a", "config", "-q")
    taken = text in VALID
    if reference.generation == "5" and text in OTHERWISE_IN_5:
        taken = not taken
    assert (answer.returncode == 0) == taken, answer.stderr
