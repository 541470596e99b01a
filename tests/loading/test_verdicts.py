"""What Docker Compose takes we take, and what it refuses we refuse."""

from __future__ import annotations

import pytest

from composecheck.lint import verdict
from composecheck.loading import Options

from ..reference import MACHINE

SERVICE = "services:\n  s:\n    image: x\n    "

# Bodies of a service that Docker Compose 2.40.3 takes, one a line.
TAKEN = r"""
ports: [{target: 80, published: abc}]
ports: [{target: 80, published: "70000"}]
ports: [{target: 80, protocol: abc}]
ports: [{target: 80, mode: abc}]
ports: [{target: 70000}]
volumes: ["a:"]
volumes: [":a"]
volumes: ["a::b"]
volumes: ["/b:/c:foo"]
volumes: [{type: tmpfs, target: /x, tmpfs: {size: 5}}]
healthcheck: {test: x, interval: -5s}
healthcheck: {test: x, interval: 1d}
healthcheck: {test: x, retries: 1.5}
healthcheck: {test: []}
mem_limit: -5
mem_limit: 1.5
environment: ["A B=1"]
devices: [""]
env_file: [{path: nope.env, required: false}]
env_file: []
env_file: [{path: nope.env, required: "no"}]
env_file: [{path: nope.env, required: "${NEED:-false}"}]
mem_limit: .5g
mem_limit: "1e6"
mem_limit: "1.g"
cpus: "1_0"
ports: ["8080:80/"]
ports: ["0:80"]
ports: [{target: 1e3}]
command: a?b
command: ["a?b"]
command: ["a\\\\/b"]
labels: {?a: b}
tmpfs: [/x, /x/]
ulimits: {NOFILE: 5}
restart: sometimes
restart: no
restart: on-failure:x
pull_policy: every_12h
build: {}
build: {context: ., ssh: [default]}
deploy: {restart_policy: {condition: foo}}
dns: [foo]
hostname: a_b
read_only: "yes"
expose: ["a"]
profiles: ["_a"]
x-foo: 2024-01-01
x-foo: {a: 2024-01-01}
labels: {a: 2024-13-01}
labels: {a: 12:30:45}
labels: {a: 0o8}
labels: {a: !foo bar}
labels: {a: !!float 5}
labels: {a: !!binary aGk=}
labels: {a: ~}
labels: {"1": a}
labels: {!!str 1: a}
labels: {a: "$"}
labels: {a: "${A-$}"}
labels: {"${A?x}": b}
storage_opt: {size: 5}
cap_add: [A, A]
memswap_limit: -1
mem_swappiness: 5
pids_limit: 1.5
cpu_shares: 1.5
cpu_count: "2"
cpu_percent: "50"
isolation: x
credential_spec: {file: x}
attach: "false"
volumes_from: ["container:b:ro"]
deploy: {replicas: 0}
healthcheck: {test: x, start_interval: 5s}
mac_address: abc
networks: {default: {ipv4_address: abc}}
deploy: {restart_policy: {condition: any, max_attempts: 3}}
{network_mode: host, networks: {}}
{cpus: 0, deploy: {resources: {limits: {cpus: "0.1"}}}}
{cpus: 0.30000001, deploy: {resources: {limits: {cpus: "0.3"}}}}
{cpus: 2, deploy: {resources: {reservations: {memory: 1g}}}}
{mem_limit: 1g, deploy: {resources: {limits: {memory: 1024m}}}}
{mem_limit: "0", deploy: {resources: {limits: {memory: 5m}}}}
{scale: 2, deploy: {replicas: 2}}
{build: {context: ., dockerfile: "", dockerfile_inline: y}}
{build: {context: nowhere, dockerfile: nothing}}
"""
# Those that it refuses.
REFUSED = r"""
ports: ["80:0"]
ports: ["0-5"]
ports: ["8080:80/tcp/udp"]
ports: ["80/tcp/"]
ports: [1e3]
ports: [{target: 80, published: 1e3}]
expose: [1e3]
group_add: [1e3]
storage_opt: {size: 1e3}
ulimits: {n: 1e3}
gpus: [{count: 1e0}]
mem_limit: "1e400"
cpus: 1e400
scale: "99999999999999999999"
env_file: [{path: /dev/null, required: "0"}]
environment: {U: postgres://db/x?sslmode=disable}
command: [curl, http://h/p?x=1]
command: [a ? b]
labels: {a?: b}
labels: {a: "x\/y"}
ports: ["abc"]
ports: ["80:abc"]
ports: ["70000"]
ports: ["80:70000"]
ports: ["1.2.3:80:80"]
ports: ["80-81:80-83"]
ports: ["80-70:80"]
ports: ["80/foo"]
ports: [""]
ports: [":"]
ports: [80.5]
ports: [true]
ports: {a: b}
ports: [{published: 80}]
ports: [{target: abc}]
ports: [{target: 80, host_ip: abc}]
ports: [{target: 80, foo: abc}]
volumes: [""]
volumes: ["aa:/b:ro:x"]
volumes: [5]
volumes: [{type: bind, target: /x}]
volumes: [{type: foo, target: /x}]
volumes: [{target: /x}]
volumes: [{type: volume, source: aa}]
volumes: [{type: tmpfs, target: /x, tmpfs: {size: abc}}]
volumes: {a: b}
healthcheck: {test: x, interval: 10}
healthcheck: {test: x, interval: abc}
healthcheck: {test: x, interval: 5 s}
healthcheck: {test: x, interval: ""}
healthcheck: {test: x, retries: abc}
healthcheck: {test: x, retries: -1}
healthcheck: {test: [5]}
healthcheck: {test: 5}
healthcheck: {disable: abc}
healthcheck: {foo: 1}
healthcheck: []
stop_grace_period: abc
stop_grace_period: 5
mem_limit: abc
mem_limit: 1.5x
mem_limit: ""
mem_limit: true
shm_size: "5 5"
cpus: abc
cpus: ""
cpus: []
scale: abc
scale: -1
scale: 1.5
command: "a 'b"
command: "a (b)"
command: a \
command: 5
command: {a: b}
command: [5]
command: [null]
entrypoint: [true]
environment: [A, 5]
environment: [A =1]
environment: {A: [1]}
environment: {A: {b: c}}
environment: abc
environment: [{A: 1}]
environment: [null]
labels: [5]
labels: {a: [b]}
labels: x
depends_on: x
depends_on: [5]
depends_on: {s: x}
depends_on: {s: null}
depends_on: {s: {}}
depends_on: {s: {condition: foo}}
depends_on: {s: {condition: service_started, required: maybe}}
depends_on: {s: {condition: service_started, foo: 1}}
networks: [5]
networks: {a: []}
networks: {default: {foo: 1}}
networks: {default: {ipv4_address: 5}}
devices: ["a:b:c:d"]
devices: [{target: x}]
extra_hosts: ["a"]
extra_hosts: {a: 5}
extra_hosts: [":1.1.1.1"]
extra_hosts: {"a:b": 1.1.1.1}
extra_hosts: x
env_file: nope.env
env_file: [5]
env_file: [{required: false}]
env_file: {path: x}
env_file: null
label_file: nope.env
ulimits: {nofile: abc}
ulimits: {nofile: 5.5}
ulimits: {nofile: {soft: 5}}
ulimits: {nofile: {soft: 5, hard: abc}}
ulimits: [5]
sysctls: {a: [1]}
restart: 5
pull_policy: sometimes
pull_policy: every_x
build: 5
build: []
build: {foo: 1}
build: {context: ., args: [5]}
build: {context: ., ssh: [foo]}
build: {context: ., ssh: default}
build: {context: ., additional_contexts: [x]}
build: null
configs: [5]
secrets: [{source: a, mode: "9"}]
gpus: some
gpus: [{count: 1, device_ids: ["1"]}]
gpus: [{count: x}]
gpus: 5
deploy: {replicas: abc}
deploy: {replicas: -1}
deploy: {resources: {limits: {memory: abc}}}
deploy: {resources: {limits: {cpus: abc}}}
deploy: {resources: {reservations: {devices: [{count: 1}]}}}
deploy: {resources: {reservations: {devices: [{capabilities: [a], count: 1, device_ids: [a]}]}}}
deploy: {restart_policy: {delay: abc}}
deploy: {update_config: {delay: 5}}
deploy: {update_config: {order: foo}}
deploy: {foo: 1}
develop: {watch: [{path: "", action: sync, target: /x}]}
develop: {watch: [{path: ., action: foo}]}
tmpfs: [5]
tmpfs: {a: b}
dns: 5
user: 1000
hostname: 5
container_name: "a b"
domainname: null
privileged: maybe
privileged: 1
init: 5
tty: null
expose: [1.5]
expose: [null]
links: [5]
profiles: [5]
profiles: x
foo: bar
hostname: 2024-01-01
labels: {a: 2024-01-01}
labels: [2024-01-01]
labels: {a: 2024-01-01 10:00:00}
labels: {a: 2024-01-01T10:00:00Z}
labels: {a: 2024-1-1}
labels: {a: !!int abc}
labels: {a: !!bool yes}
labels: {a: !!timestamp 2024-01-01}
labels: {a: !!null x}
labels: {a: *nope}
labels: &a {b: *a}
labels: {<<: 5}
labels: {<<: [5]}
labels: {<<: null}
labels: {<<: {a: 1}, <<: {b: 1}}
labels: {"<<": {a: 1}}
labels: {a: 1, a: 2}
labels: {1: a}
labels: {true: a}
labels: {null: a}
labels: {1.5: a}
labels: {[a]: b}
labels: {? : b}
labels: {2024-01-01: b}
labels: {a: "${"}
labels: {a: "${}"}
labels: {a: "${1A}"}
labels: {a: "${S:x}"}
labels: {a: "${A?}"}
labels: {a: "${A?msg}"}
labels: {a: "${A:?msg ${HOME}}"}
labels: {a: "${A B}"}
labels: {a: "${A.b}"}
labels: {a: "${A-${}}"}
annotations: x
annotations: {a: {b: c}}
logging: {driver: 5}
logging: {options: [a]}
logging: {options: {a: true}}
security_opt: [5]
group_add: [true]
cap_add: x
cap_add: [5]
blkio_config: {weight: abc}
blkio_config: {device_read_bps: [{path: x, rate: abc}]}
pid: 5
network_mode: 5
post_start: [{}]
post_start: [{command: "a 'b"}]
provider: {}
platform: 5
runtime: 5
oom_score_adj: 5000
oom_score_adj: abc
cpu_shares: "1.5"
use_api_socket: "true"
label_file: 5
dns_search: {a: b}
volumes_from: [5]
scale: "-1"
deploy: {replicas: "-2"}
ports: [{target: 80, host_ip: ""}]
ports: [{target: 80, host_ip: "[::1]"}]
ports: [{target: 80, host_ip: "fe80::1%eth0"}]
ports: [{target: 80, host_ip: 010.0.0.1}]
ports: ["010.0.0.1:80:80"]
ports: ["localhost:80:80"]
depends_on: [s]
depends_on: [nobody]
depends_on: {nobody: {condition: service_started, required: false}}
links: ["nobody:alias"]
volumes_from: ["nobody:ro"]
network_mode: service:nobody
ipc: service:nobody
pid: service:nobody
networks: [nowhere]
volumes: ["nothing:/x"]
secrets: [nothing]
configs: [nothing]
models: [nothing]
healthcheck: {test: [curl, localhost]}
tmpfs: [/a, "/a:size=5"]
develop: {watch: [{path: x, action: sync+restart}]}
develop: {watch: [{path: x, action: sync+exec, exec: {command: x}}]}
{container_name: xy, scale: 2}
{container_name: xy, deploy: {replicas: 3}}
{network_mode: host, networks: [default]}
{scale: 0, deploy: {replicas: 1}}
{scale: -1, deploy: {replicas: -1}}
{cpus: 2, deploy: {resources: {limits: {}}}}
{cpus: 2, deploy: {resources: {limits: {memory: 1g}}}}
{cpus: 0.30000001, deploy: {resources: {limits: {cpus: "0.30000003"}}}}
{mem_limit: 2g, deploy: {resources: {limits: {cpus: "1"}}}}
{mem_reservation: 2g, deploy: {resources: {reservations: {cpus: "1"}}}}
{pids_limit: -1, deploy: {resources: {limits: {pids: 5}}}}
{build: {context: ., dockerfile: x, dockerfile_inline: y}}
{build: {context: ., platforms: [linux/arm64]}, platform: linux/amd64}
{build: {context: ., additional_contexts: {b: "service:nobody"}}}
{build: {context: ., secrets: [nothing]}}
{provider: {type: x}, networks: [default]}
"""
TAKEN_DOCUMENTS = [
    "services: {}\n",
    "services: {a: {image: x}}\nx-foo: bar\n",
    "services: {a.b-c_D: {image: x}}\n",
    'name: ""\nservices: {a: {image: x}}\n',
    'version: "9"\nservices: {a: {image: x}}\n',
    "services: {a: {image: x}}\nnetworks: {b: {external: true, driver: x}}\n",
    "services: {a: {image: x}}\nnetworks: {b: {ipam: {config: [{subnet: abc}]}}}\n",
    "services: {a: {image: x}}\nconfigs: {b: {external: true, file: x}}\n",
    "x-a: &a {image: x}\n---\nservices: {s: *a}\n",
    "services: {a: {image: x}}\nnetworks: {n: }\n---\nnetworks:\n",
    "networks: {a: {}}\n",
    "volumes: {a: {}}\n",
    "x-a: 1\n",
    "{services: {a: {image: x}}}\n",
    "include: []\nservices: {a: {image: x}}\n",
    "models: {m: {model: x}}\nservices: {a: {image: x, models: [m]}}\n",
    # What a profile leaves out is not looked at by all.
    "services: {a: {image: x, profiles: [p], networks: [nowhere]}}\n",
    "services: {a: {image: x, profiles: [p], scale: -1}, b: {image: x}}\n",
    "services: {a: {image: x, profiles: [p], healthcheck: {test: [curl]}}, b: {image: x}}\n",
    "services: {a: {image: x, profiles: [p], container_name: xy}, b: {image: x, container_name: xy}}\n",
    "services: {a: {image: x, depends_on: {b: {condition: service_started, required: false}}},"
    " b: {image: x, profiles: [p]}}\n",
    "services: {a: {image: x, ipc: 'service:b',"
    " depends_on: {b: {condition: service_started, required: false}}}, b: {image: x, profiles: [p]}}\n",
    "services: {a: {image: x, profiles: [p], depends_on: [b]}, b: {image: x, profiles: [q]}}\n",
    "services: {a: {image: x, network_mode: '', networks: [default]}, b: {image: x}}\n",
    "services: {a: {image: x, restart: sometimes, ports: ['80:80']},"
    " b: {image: 'x y:::', ports: ['80:80']}}\n",
    "services: {a: {image: x, configs: [{source: c, target: /x}, {source: d, target: /x}]}}\n"
    "configs: {c: {file: a}, d: {file: b}}\n",
    "services: {a: {image: x, secrets: [{source: c, target: /x}], tmpfs: /x}}\nsecrets: {c: {file: a}}\n",
    "services: {a: {image: x, secrets: [b]}}\nsecrets: {b: {external: true, file: nowhere}}\n",
    "services: {a: {image: x, networks: {n: {ipv4_address: 1.2.3.4}}}}\n"
    "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/8, gateway: 11.0.0.1}]}}}\n",
    "services: {a: {image: x, networks: [n, o]}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8}]}},"
    " o: {ipam: {config: [{subnet: 10.1.0.0/16}]}}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: false, driver: x}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: true, name: x, x-foo: 1}}\n",
    "services: {a: {image: x}}\nconfigs: {b: {external: false}}\n",
]
REFUSED_DOCUMENTS = [
    "\n",
    "\n",
    "null\n",
    "[]\n",
    "[a]\n",
    "a\n",
    "5\n",
    "services:\n",
    "services: []\n",
    "services: {a: null}\n",
    "services: {a: 5}\n",
    "services: {a: []}\n",
    "services: {a: {image: x}}\nfoo: bar\n",
    "services: {a b: {image: x}}\n",
    'services: {"": {image: x}}\n',
    "services: {é: {image: x}}\n",
    'name: "@@"\nservices: {a: {image: x}}\n',
    "name: 5\nservices: {a: {image: x}}\n",
    "name: [a]\nservices: {a: {image: x}}\n",
    "name: ${FOO}\nservices: {a: {image: x}}\n",
    "version: 3\nservices: {a: {image: x}}\n",
    "version: 3.8\nservices: {a: {image: x}}\n",
    "services: {a: {image: x}}\nvolumes: []\n",
    "services: {a: {image: x}}\nvolumes: {b: []}\n",
    "services: {a: {image: x}}\nvolumes: {b: {foo: 1}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: true, driver: x}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: maybe}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {driver_opts: {a: [b]}}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: {name: q}, name: z}}\n",
    "services: {a: {image: x}}\nnetworks: {b: {ipam: 5}}\n",
    "services: {a: {image: x}}\nnetworks: [a]\n",
    "services: {a: {image: x}}\nnetworks: {b: {internal: 5}}\n",
    "services: {a: {image: x}}\nsecrets: {b: {}}\n",
    "services: {a: {image: x}}\nsecrets: {b: null}\n",
    "services: {a: {image: x}}\nsecrets: {b: {file: a, environment: B}}\n",
    "services: {a: {image: x}}\nsecrets: {b: {driver: x}}\n",
    "services: {a: {image: x}}\nsecrets: {b: {external: false}}\n",
    "services: {a: {image: x}}\nsecrets: {b: {content: x}}\n",
    "services: {a: {image: x}}\nconfigs: {b: {content: x, file: y}}\n",
    "services: {a: {image: x}}\nconfigs: {b: {content: 5}}\n",
    "services: {a: {image: x}}\nconfigs: {b: {}}\n",
    "services: {a: {image: x}\n\n",
    "services:\n  a:\n  image: x\n b: 1\n",
    'services: {a: {image: "x}}\n',
    "services: {a: {image: x}} trailing\n",
    "services: {a: {image: x}}\n---\nservices:\n",
    "services: {a: {image: x, gpus: all}}\n---\nservices: {a: {gpus: all}}\n",
    "services: {a: {image: x}}\n---\nnull\n",
    "services: {a: {image: x}}\n---\n\n",
    "---\nservices: {a: {image: x}}\n---\n[a]\n",
    "services: {a: {image: x}}\n...\nfoo\n",
    "%YAML 1.2\n---\nservices: {a: {image: x}}\n",
    "%YAML 3.0\n---\nservices: {a: {image: x}}\n",
    "%FOO bar\n---\nservices: {a: {image: x}}\n",
    "services: {1: {image: x}}\n",
    "1: a\n",
    # What a profile leaves out is looked at by some.
    "services: {a: {image: x, profiles: [p], gpus: [{count: 1, device_ids: ['1']}]}, b: {image: x}}\n",
    "services: {a: {image: x, profiles: [p], ports: [{target: 80, host_ip: x}]}, b: {image: x}}\n",
    "services: {a: {image: x, profiles: [p], develop: {watch: [{path: '', action: rebuild}]}},"
    " b: {image: x}}\n",
    "services: {a: {image: x, depends_on: [b]}, b: {image: x, profiles: [p]}}\n",
    "services: {a: {image: x, links: [b]}, b: {image: x, profiles: [p]}}\n",
    "services: {a: {image: x, network_mode: 'service:b',"
    " depends_on: {b: {condition: service_started, required: false}}}, b: {image: x, profiles: [p]}}\n",
    "services: {a: {build: {context: ., additional_contexts: {b: 'service:b'}}},"
    " b: {build: ., profiles: [p]}}\n",
    "services: {a: {build: {context: ., additional_contexts: {b: 'service:b'}}}, b: {image: x}}\n",
    "services: {a: {image: x, container_name: xy}, b: {image: x, container_name: xy}}\n",
    "services: {a: {image: x, container_name: xy, deploy: {replicas: 0}},"
    " b: {image: x, container_name: xy}}\n",
    "services: {a: {image: x, depends_on: [b]}, b: {image: x, links: [a]}}\n",
    "services: {a: {image: x}}\nvolumes: {b: {external: true, labels: {}}}\n",
    "services: {a: {image: x}}\nsecrets: {b: {external: true, file: x, environment: y}}\n",
    "\n",
]


def documents(lines, whole):
    """Return all as documents; a body in braces says itself what its image is, or has a build."""
    bodies = lines.strip("\n").split("\n")
    return [
        f"services:\n  s: {{{'' if 'build:' in body or 'provider:' in body else 'image: x, '}{body[1:]}\n"
        if body.startswith("{")
        else SERVICE + body
        for body in bodies
    ] + whole


def refused(folder, text, compose="2.40"):
    """Whether there is an error in a document that Docker Compose has as well."""
    (folder / "compose.yml").write_text(text)
    options = Options(folder=folder, environment=MACHINE, compose=compose)
    return verdict(options).count("error") > 0


# Compose 5.6 takes a context of a service that no active profile enables.
KNOWN = {
    ("5", text) for text in REFUSED_DOCUMENTS if "additional_contexts" in text and "profiles: [p]" in text
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def test_what_compose_takes_is_taken(folder):
    texts = documents(TAKEN, TAKEN_DOCUMENTS)
    assert [text for text in texts if refused(folder, text)] == []


def test_what_compose_refuses_is_refused(folder):
    texts = documents(REFUSED, REFUSED_DOCUMENTS)
    assert [text for text in texts if not refused(folder, text)] == []


def test_compose_takes_and_refuses_them_so(reference, folder):
    others = []
    for text in documents(TAKEN, TAKEN_DOCUMENTS) + documents(REFUSED, REFUSED_DOCUMENTS):
        ours = refused(folder, text, reference.generation)
        theirs = reference.config(folder, "--ansi=never", "config", "-q")
        if ours != (theirs.returncode != 0) and (reference.generation, text) not in KNOWN:
            others.append(f"{text}: {theirs.stderr or 'taken'}")
    assert not others, "\n".join(others)
