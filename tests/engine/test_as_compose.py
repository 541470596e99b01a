"""What is created is what Docker Compose creates, and each sees and takes down the other's."""

from __future__ import annotations

import json
import subprocess
from graphlib import TopologicalSorter

import pytest

from composecheck import identity

from .bench import hear

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    init: true
"""

# Every key that goes into a container, in services that an engine accepts.
EVERYTHING = """
services:
  base:
    image: ${IMAGE}
    command: [sleep, "600"]
    restart: always
    volumes: [/from-base]
  a:
    image: ${IMAGE}
    command: sleep '6 00' "$$HOME"
    entrypoint: [sh, -c, sleep 600]
    environment: {A: "1", EMPTY: "", UNSET: , NUMBER: 1.50, B: true}
    working_dir: /tmp
    hostname: hh
    domainname: dd
    labels: {x.y: z, n: 1}
    ports: ["28431-28433:80", "8080", "127.0.0.1:28500:81/udp", "28601-28602:91-92"]
    expose: ["99", "98/udp"]
    volumes:
      - data:/data
      - ./x:/x:ro
      - /anonymous
      - {type: bind, source: ., target: /y, bind: {propagation: rprivate, create_host_path: true}}
      - {type: volume, source: data, target: /nocopy, volume: {nocopy: true}}
      - {type: tmpfs, target: /tt, tmpfs: {size: 1m, mode: 0777}}
      - {type: bind, source: ., target: /z}
      - ./x:/selinux:z
    tmpfs: [/t1, "/t2:size=1m"]
    networks:
      default: {aliases: [da]}
      other: {aliases: [z, zz], ipv4_address: 10.203.77.9, priority: 10}
      third:
    links: [base, "base:bb"]
    deploy:
      replicas: 1
      resources: {limits: {cpus: "0.75", memory: 64m, pids: 50}, reservations: {memory: 20m}}
    healthcheck: {test: exit 0, interval: 90s, timeout: 2s, retries: 4, start_period: 1m}
    restart: on-failure:3
    init: true
    cap_add: [NET_ADMIN]
    cap_drop: [mknod]
    devices: ["/dev/null:/dev/mynull:r", "/dev/zero"]
    dns: 192.0.2.1
    dns_search: [a.b]
    dns_opt: ["ndots:2"]
    extra_hosts: ["h1:192.0.2.4", "h2=::1"]
    ulimits: {nofile: 1024, nproc: {soft: 10000, hard: 20000}}
    sysctls: {net.core.somaxconn: 512}
    shm_size: 32m
    security_opt: [no-new-privileges, systempaths=unconfined, "seccomp=seccomp.json"]
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    tty: true
    stdin_open: true
    logging: {driver: json-file, options: {max-size: 10m}}
    configs: [cf, {source: ci, target: /etc/ci, mode: 0440, uid: "3"}]
    secrets: [sf, {source: se, target: here}]
    oom_score_adj: 100
    cpu_shares: 512
    cpuset: "0"
    memswap_limit: 128m
    annotations: {q: r}
    cgroup: host
    ipc: shareable
    pid: host
    device_cgroup_rules: ["c 1:3 mr"]
    mac_address: 02:42:ac:11:00:07
  joined:
    image: ${IMAGE}
    entrypoint: [sleep, "600"]
    command: []
    network_mode: service:a
    ipc: service:a
    volumes_from: [base]
  host:
    image: ${IMAGE}
    command: [sleep, "600"]
    network_mode: host
    uts: host
    mem_limit: 10m
    cpus: 0.1
    pids_limit: 9
    read_only: true
    privileged: true
    user: "1000:1000"
    group_add: ["5"]
    runtime: runc
    userns_mode: host
    deploy: {restart_policy: {condition: on-failure, max_attempts: 2}, labels: {q: "1"}}
    healthcheck: {disable: true}
volumes: {data: {labels: {v: "1"}}}
networks:
  other: {ipam: {config: [{subnet: 10.203.77.0/24}]}, labels: {n: "1"}, internal: true}
  third: {enable_ipv6: false, attachable: true, driver_opts: {com.docker.network.bridge.name: NAME}}
configs: {cf: {file: ./conf.txt}, ci: {content: "hello $$x"}}
secrets: {sf: {file: ./secret.txt}, se: {environment: HOME}}
"""


@pytest.fixture
def compose(bench, docker_compose, python_image):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [docker_compose, "-p", bench.name, "-f", str(bench.file), *arguments]
        return subprocess.run(
            command, env=bench.environment, cwd=bench.folder, text=True, capture_output=True, check=True
        )

    return run


def everything(bench) -> str:
    for name, content in (
        ("conf.txt", "x"),
        ("secret.txt", "x"),
        ("seccomp.json", '{"defaultAction":\n "SCMP_ACT_ALLOW"}'),
    ):
        (bench.folder / name).write_text(content)
    return EVERYTHING.replace("NAME", f"cc{bench.name[-8:]}")


def seen(client, project: str) -> dict[str, object]:
    """Return what the engine has of a project, flat, without what differs from one run to the next."""
    mine = {"label": f"{identity.PROJECT}={project}"}
    containers = [client.inspect_container(c["Id"]) for c in client.containers(all=True, filters=mine)]
    facts = {}
    for each in containers:
        networks = {
            name: {key: end[key] for key in ("IPAMConfig", "Links", "Aliases", "DriverOpts")}
            for name, end in each["NetworkSettings"]["Networks"].items()
        }
        mounts = {
            m["Destination"]: {k: m[k] for k in ("Type", "Mode", "RW", "Propagation")} for m in each["Mounts"]
        }
        facts[each["Name"]] = {
            "Config": each["Config"],
            "Host": each["HostConfig"],
            "Networks": networks,
            "Mounts": mounts,
        }
    for each in client.networks(filters=mine):
        facts[f"network {each['Name']}"] = {
            key: value for key, value in each.items() if key not in {"Id", "Created", "Containers"}
        }
        if "10.203.77" not in str(each["IPAM"]):
            facts[f"network {each['Name']}"].pop("IPAM")
    for each in client.volumes(filters=mine)["Volumes"] or []:
        facts[f"volume {each['Name']}"] = {key: value for key, value in each.items() if key != "CreatedAt"}
    text = json.dumps(facts)
    for each in containers:
        text = text.replace(each["Id"], f"<{each['Name']}>").replace(each["Id"][:12], f"<{each['Name']}>")
    return {key: value for key, value in flat(json.loads(text), "") if value}


def flat(value, path):
    if isinstance(value, dict):
        for key, each in value.items():
            # Ours say which run made it; depends_on has no order; the hash of what shares a namespace
            # covers the id of the other container; Compose may have made it in place of another one.
            if "composecheck" not in key and not key.endswith(("depends_on", ".replace")):
                yield from flat(each, f"{path} {key}")
    elif isinstance(value, list):
        yield path, sorted(json.dumps(each, sort_keys=True) for each in value)
    else:
        yield path, value


def test_everything_is_created_as_compose_creates_it(bench, compose, docker_engine):
    project = bench.load(everything(bench))
    compose("up", "--no-start")
    theirs = seen(docker_engine.api, bench.name)
    compose("down", "-v", "-t", "0")
    session = bench.begun(project)
    names = list(project.services)
    session.preflight(project, names)
    bench.engine, _ = session.prepare(project, names, bench.tell)
    for name in TopologicalSorter({n: set(project.services[n].depends_on) for n in names}).static_order():
        bench.engine.create([project.services[name]])
        assert hear(bench.engine, name, {"created", "refused"})[-1].text == ""
    ours = seen(docker_engine.api, bench.name)
    differing = {
        key: (theirs.get(key), ours.get(key))
        for key in theirs.keys() | ours.keys()
        if theirs.get(key) != ours.get(key)
    }
    shared = f" /{bench.name}-joined-1 Config Labels {identity.CONFIG_HASH}"
    assert differing.pop(shared), "the hash covers the id of the container whose network it shares"
    assert differing == {}


def test_hashes_are_compose_s_own(bench, docker_compose):
    project = bench.load(everything(bench))
    out = subprocess.run(
        [docker_compose, "-p", bench.name, "-f", str(bench.file), "config", "--hash", "*"],
        env=bench.environment, cwd=bench.folder, text=True, capture_output=True, check=True,
    ).stdout  # fmt: skip
    theirs = dict(line.split() for line in out.splitlines())
    # `config --hash` hashes "service:a" as written; a container's label has the id in its place.
    services = project.services.items()
    assert {name: identity.service_hash(project, each) for name, each in services} == theirs


def test_compose_sees_ours_finds_nothing_to_do_and_takes_it_down(bench, compose, left):
    text = f"""services:
  web:{SLEEPER}    depends_on: [db]
    ports: ["8000"]
  db:{SLEEPER}    volumes: [data:/d]
volumes: {{data: }}
"""
    _, events = bench.up(bench.load(text))
    assert [event.kind for event in events] == ["created", "created", "started", "started"]
    listed = json.loads(compose("ls", "--format", "json", "--filter", f"name={bench.name}").stdout)
    assert listed == [{"Name": bench.name, "Status": "running(2)", "ConfigFiles": str(bench.file)}]
    services = [json.loads(line)["Service"] for line in compose("ps", "--format", "json").stdout.splitlines()]
    assert sorted(services) == ["db", "web"]
    again = compose("up", "-d").stderr
    assert again.count("Running") == 2
    assert "Recreate" not in again
    compose("down", "-v", "-t", "0")
    assert left() == []


@pytest.mark.slow
def test_a_default_platform_makes_nothing_another_one(bench, compose, docker_engine):
    """It is of the hash that a container of a service with `build` has, and of no other one's."""
    (bench.folder / "Dockerfile").write_text("FROM scratch\n")
    bench.environment["DOCKER_DEFAULT_PLATFORM"] = f"linux/{docker_engine.api.version()['Arch']}"
    project = bench.load(f"services:\n  built:{SLEEPER}    build: .\n  pulled:{SLEEPER}")
    bench.up(project)
    again = compose("up", "-d", "--no-build").stderr
    assert again.count("Running") == 2
    assert "Recreate" not in again
    compose("down", "-t", "0")
    compose("up", "-d", "--no-build")
    _, events = bench.up(project)
    assert [event.text for event in events] == ["unchanged", "unchanged", "running", "running"]
    compose("down", "-t", "0")


def test_compose_s_stack_is_left_alone_and_taken_down(bench, compose, left):
    text = f"""services:
  web:{SLEEPER}    depends_on: [db]
  db:{SLEEPER}    volumes: [data:/d]
volumes: {{data: }}
"""
    project = bench.load(text)
    compose("up", "-d")
    session, events = bench.up(project)
    assert [e.text for e in events] == ["unchanged", "unchanged", "running", "running"]
    assert session.undo(bench.tell).things == {}
    assert len(left()) == 4
    assert bench.session().down(bench.name, volumes=True, timeout=0, progress=bench.tell).things == {}
    assert left() == []


def test_logs_of_ours_are_shown_by_compose(bench, compose):
    project = bench.load("services:\n  a:\n    image: ${IMAGE}\n    command: [sh, -c, echo said]\n")
    _, events = bench.up(project, settled=False)
    if events[-1].kind != "exited":
        hear(bench.engine, "a", {"exited"})
    assert "said" in compose("logs").stdout
