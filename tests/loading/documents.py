"""Small documents, attribute by attribute, that mean to us what they mean to Docker Compose.

What holds the two together is in tests/dump: the same bytes are printed, and the same hashes.
"""

from __future__ import annotations

ENVIRONMENT = {"SET": "here", "EMPTY": "", "NUMBER": "7", "YES": "yes"}

# The body of one service `s`; the service `other` stands beside it.
SERVICE = {
    "annotations": "annotations: {a: 1, b: x}\n",
    "annotations list": "annotations: [a=1, b]\n",
    "blkio": "blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 12mb}]}\n",
    "build short": "build: ./dir\n",
    "build url": "build: https://example.org/a.git#main:sub\n",
    "build long": """
build:
  context: .
  dockerfile: ../other.Dockerfile
  args: [A=1, SET, UNSET_ARGUMENT]
  target: final
  labels: [x=1]
  cache_from: [a, b]
  extra_hosts: ["h:10.0.0.1"]
  network: host
  shm_size: 2gb
  tags: [a:1, a:2]
  platforms: [linux/amd64]
  ulimits: {nproc: 5}
  additional_contexts: [r=./sub, d=docker-image://alpine]
  secrets: [sec]
""",
    "build args mapping": "build: {context: ., args: {A: 1.50, B: true, SET: null, C: '0x10'}}\n",
    "build inline": "build: {dockerfile_inline: 'FROM scratch'}\n",
    "capabilities": "cap_add: [ALL]\ncap_drop: [NET_ADMIN, SYS_ADMIN]\n",
    "command words": 'command: sh -c \'echo "a b" $$HOME\' "c d" e\\ f\n',
    "command list": 'command: ["a b", "c"]\n',
    "command empty": "command: []\n",
    "command empty text": 'entrypoint: ""\n',
    "command null": "command: null\n",
    "command stops": "command: echo a; echo b\n",
    "command substitution": "command: echo $$(date -u) `hostname`\n",
    "command quotes": "command: echo '' \"\" x''y\n",
    "command block": "command: >\n  one\n  two\n",
    "configs short": "configs: [con]\n",
    "configs long": "configs: [{source: con, target: /x, uid: '103', gid: '104', mode: 0440}]\n",
    "cpu": "cpus: 1.5\ncpu_shares: 73\ncpu_quota: 50000\ncpu_period: '100000'\ncpuset: 0,1\ncpu_count: 2\n",
    "cpus text": "cpus: '0.50'\n",
    "depends_on short": "depends_on: [other]\n",
    "depends_on long": "depends_on: {other: {condition: service_healthy, restart: true}}\n",
    "depends_on not required": "depends_on: {other: {condition: service_started, required: false}}\n",
    "deploy": """
deploy:
  mode: replicated
  replicas: 2
  endpoint_mode: vip
  labels: [a=b]
  resources:
    limits: {cpus: '0.50', memory: 50M, pids: 5}
    reservations: {cpus: 0.25, memory: 20mb, devices: [{capabilities: [gpu], driver: nvidia}]}
  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 120s}
  update_config: {parallelism: 2, delay: 10s, order: stop-first, max_failure_ratio: 0.2}
  rollback_config: {parallelism: 0, monitor: 1m}
  placement: {constraints: [node.role==manager], preferences: [{spread: node.labels.zone}]}
""",
    "devices": 'devices: ["/dev/a", "/dev/b:/dev/c", "/dev/d:/dev/e:r"]\n',
    "devices long": "devices: [{source: /dev/a, target: /dev/b, permissions: r}]\n",
    "dns": "dns: 8.8.8.8\ndns_search: example.com\ndns_opt: [use-vc]\n",
    "dns list": "dns: [8.8.8.8, 9.9.9.9]\ndns_search: [a.example, b.example]\n",
    "entrypoint": "entrypoint: /code/entry.sh -p 3000\n",
    "environment list": "environment: [A=1, 'B=two words', C=, SET, UNSET_ONE, 'E=a=b']\n",
    "environment mapping": """
environment: {A: 1, B: true, C: null, SET: null, D: '', E: 1.0, F: 1e3, G: 010, H: 'yes', I: yes, J: 0x1f}
""",
    "environment numbers": """
environment: {A: 1_000, B: 08, C: .5, D: -0, E: 100000000000000000000, F: .inf, G: 123456789.5,
  H: 0.00001, I: 22:22, J: ~, K: 0o17, L: 0b11, M: +12, N: -.5e3, O: 1e400, P: 0x_f}
""",
    "environment twice": "environment: [A=1, A=2]\n",
    "expose": "expose: [3000, '8000', 9000/udp, 7000-7010]\n",
    "extra_hosts": 'extra_hosts: ["a:1.1.1.1", "b=::1", "a:2.2.2.2", "c=[::2]"]\n',
    "extra_hosts mapping": "extra_hosts: {a: 1.1.1.1, b: ['::1', 2.2.2.2]}\n",
    "external_links": "external_links: [redis, a:b]\n",
    "gpus": "gpus: all\n",
    "gpus long": "gpus: [{driver: x, count: 2}, {device_ids: ['1']}, {count: all}]\n",
    "group_add": "group_add: [mail, 5]\n",
    "healthcheck text": """
healthcheck: {test: curl -f x || exit 1, interval: 1m30s, timeout: 10s, retries: 3, start_period: 40s,
  start_interval: 500ms}
""",
    "healthcheck list": "healthcheck: {test: [CMD, 'true'], retries: '5'}\n",
    "healthcheck disabled": "healthcheck: {disable: true}\n",
    "healthcheck none": "healthcheck: {test: [NONE]}\n",
    "healthcheck durations": "healthcheck: {test: x, interval: 1h, timeout: 1.5s, start_period: 0s}\n",
    "flags as texts": """
attach: "false"
build: {context: ., no_cache: "no", pull: "True", privileged: "${NONE:-false}"}
volumes: [{type: bind, source: ., target: /x, bind: {create_host_path: "false"}}]
develop: {watch: [{path: ., action: sync+exec, target: /x, exec: {command: "a 'b c'", privileged: "true"}}]}
""",
    "numbers as texts": """
ulimits: {nofile: {soft: "10", hard: "20"}}
deploy: {resources: {limits: {pids: "7"}}}
ports: [{target: 1e3}]
""",
    "working_dir": "working_dir: ${PWD}\n",
    "init": "init: true\nprivileged: 'true'\nread_only: on\ntty: y\nstdin_open: 'False'\n",
    "ipc": "ipc: host\npid: host\nuts: host\ncgroup: private\nuserns_mode: host\nisolation: default\n",
    "ipc of a service": "ipc: service:other\n",
    "labels": "labels: {a: 1, b: null, c: 1.5, d: true, e: x}\n",
    "labels list": "labels: [a=1, b, c=d=e]\n",
    "links": "links: [other, 'other:alias']\n",
    "logging": "logging: {driver: json-file, options: {max-size: 10m, max-file: 3, x: null}}\n",
    "memory": "mem_limit: 1g\nmem_reservation: 512mb\nmemswap_limit: -1\nshm_size: 64m\nmem_swappiness: 5\n",
    "memory numbers": "mem_limit: 1000000000\nmem_reservation: '1000'\n",
    "memory fraction": "mem_limit: 1.5gb\nshm_size: 1 GiB\n",
    "memory written oddly": "mem_limit: .5g\nmem_reservation: '1e6'\nshm_size: 1_0.m\n",
    "names": "container_name: cc\nhostname: h\ndomainname: d\nuser: '1000:1000'\nworking_dir: /w\n",
    "network_mode": "network_mode: host\n",
    "network_mode of a service": "network_mode: service:other\n",
    "networks list": "networks: [net, default]\n",
    "networks mapping": """
networks:
  net: {aliases: [a, b], ipv4_address: 172.16.238.10, priority: 100, link_local_ips: [57.123.22.11],
    mac_address: 02:42:ac:11:00:01, driver_opts: {a: 1}, gw_priority: 2, interface_name: eth9}
  default:
""",
    "networks empty": "networks: {}\n",
    "oom": "oom_score_adj: 500\noom_kill_disable: true\npids_limit: 10\n",
    "platform": "platform: linux/amd64\npull_policy: if_not_present\nruntime: runc\n",
    "ports short": """
ports: ["3000", "3000-3002", "8000:8000", "9090-9091:8080-8081", "127.0.0.1:8001:8001", "6060:6060/udp",
  "127.0.0.1::5000", "[::1]:6001:6001", "10000-10010:80", 90, "::1:6003:6003", ":81"]
""",
    "ports long": """
ports:
  - {target: 80, host_ip: 127.0.0.1, published: "8080", protocol: tcp, mode: host, name: web,
     app_protocol: http}
  - {target: "81", published: 8081}
  - {target: 82, published: "8000-9000"}
  - target: 83
""",
    "ports twice": 'ports: ["80:80", "80:80", "81:81"]\n',
    "ports capital protocol": 'ports: ["53:53/UDP"]\n',
    "post_start": "post_start: [{command: ./do it.sh, user: root, environment: [A=1]}]\n",
    "pre_stop": "pre_stop: [{command: [a, b], working_dir: /x, privileged: true}]\n",
    "profiles of another": "profiles: [unused]\n",
    "restart": 'restart: "no"\nstop_signal: SIGINT\nstop_grace_period: 1m30s\n',
    "restart on failure": "restart: on-failure:3\n",
    "scale": "scale: '3'\n",
    "secrets short": "secrets: [sec]\n",
    "secrets long": "secrets: [{source: sec, target: x, uid: '1', gid: '2', mode: 0o400}]\n",
    "secrets mode text": 'secrets: [{source: sec, mode: "0440"}]\n',
    "security": "security_opt: [label:user:USER]\nstorage_opt: {size: 1G}\nuse_api_socket: false\n",
    "sysctls": "sysctls: {net.core.somaxconn: 1024, x: '1'}\n",
    "sysctls list": "sysctls: [net.core.somaxconn=1024, net.ipv4.tcp_syncookies=0]\n",
    "tmpfs": "tmpfs: /run\n",
    "tmpfs list": "tmpfs: [/run, '/tmp:mode=755,size=5m']\n",
    "ulimits": "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}, core: '5'}\n",
    "volumes short": """
volumes: [/anonymous, data:/d, "data:/e:ro", "./rel:/f", "../up:/g:rw", "~/home:/h", "/abs/:/i:ro,z",
  "data:/j:nocopy", "./k:/k:rshared,Z", "/x/../y:/l/../m/"]
""",
    "volumes long": """
volumes:
  - {type: bind, source: ./a, target: /a, read_only: true,
     bind: {propagation: shared, create_host_path: true}}
  - {type: volume, source: data, target: /b/, volume: {nocopy: true, subpath: x}}
  - {type: tmpfs, target: /c, tmpfs: {size: 10mb, mode: 0o1777}}
  - {type: volume, target: /d}
  - {type: image, source: alpine, target: /e, image: {subpath: y}}
""",
    "volumes twice": "volumes: [data:/d, ./x:/d]\n",
    "volumes one letter": "volumes: ['v:/m']\n",
    "volumes windows": "volumes: ['C:\\a:/b', '\\\\.\\pipe\\x:\\\\.\\pipe\\y']\n",
    "volumes_from": "volumes_from: [other, 'other:ro', 'container:x:ro']\n",
    "anchors": "environment: &e {A: 1}\nlabels: *e\n",
    "interpolation": """
environment:
  A: $SET
  B: ${SET}x
  C: ${NOT_SET:-default}
  D: ${EMPTY:-default}
  E: ${EMPTY-default}
  F: ${NOT_SET-default}
  G: ${SET:+alternative}
  H: ${EMPTY:+alternative}
  I: ${EMPTY+alternative}
  J: ${NOT_SET+alternative}
  K: $$literal
  L: $${SET}
  M: ${NOT_SET:-a:-b}
  N: ${NOT_SET:-${SET}}
  O: ${NOT_SET:-${ALSO_NOT:-deep}} and after
  P: ${SET}${NUMBER}
  Q: $
  R: $1
  S: end$
  T: ${NOT_SET:-{"json":1}}
  U: ${NOT_SET:-a b} c ${SET}
  V: ${SET:?must be set}
  W: $SET-$NUMBER.x
  X: ${NOT_SET:-}
  Y: '${NOT_SET:-"q"}'
  Z: ${NOT_SET:-a?b}
""",
    "interpolated types": "privileged: ${YES}\nscale: ${NUMBER}\ncpus: $NUMBER\noom_score_adj: ${NO:-5}\n",
    "interpolated names": "image: repo/${SET}:${TAG:-latest}\nports: ['${NUMBER}000:80']\n",
    "env_file": "env_file: a.env\n",
    "env_file list": "env_file: [a.env, b.env]\nenvironment: {A: own, N: null}\n",
    "env_file long": "env_file: [{path: a.env}, {path: missing.env, required: false}]\n",
    "env_file raw": "env_file: [{path: raw.env, format: raw}]\n",
    "label_file": "label_file: a.env\nlabels: {A: own}\n",
    "label_files": "label_file: [a.env, b.env]\n",
    "develop": "build: .\ndevelop: {watch: [{path: ./src, action: sync, target: /x, ignore: [a]}]}\n",
    "models": "x-models: [a]\nattach: false\n",
    "provider": "provider: {type: awesome, options: {a: 1, b: [c, d]}}\n",
}
TOP = """
networks: {net: {}}
volumes: {data: {}}
secrets: {sec: {file: ./sec.txt}}
configs: {con: {file: ./con.txt}}
"""
# Whole documents.
DOCUMENT = {
    "networks": """
services: {s: {image: x, networks: [a, b, c, d, default]}}
networks:
  a:
  b: {driver: bridge, driver_opts: {a: 1, b: x}, internal: true, attachable: 'true', enable_ipv6: true,
    labels: [x=1], name: real, ipam: {driver: default, config: [{subnet: 172.28.0.0/16,
    ip_range: 172.28.5.0/24, gateway: 172.28.5.254, aux_addresses: {host1: 172.28.1.5}}]}}
  c: {external: true}
  d: {external: true, name: 'real-${SET}'}
  unused: {}
  default: {driver_opts: {com.docker.network.driver.mtu: 1450}}
""",
    "volumes": """
services: {s: {image: x, volumes: [a:/a, b:/b, c:/c, d:/d, ee:/e]}}
volumes:
  a:
  b: {driver: local, driver_opts: {type: none, o: bind, device: ./dev}, labels: {x: 1}, name: real}
  c: {external: true}
  d: {external: true, name: x}
  ee: {driver: foo, driver_opts: {size: 5}}
""",
    "short names": "services: {s: {image: x, volumes: [aa:/a]}}\nvolumes: {aa: }\n",
    "secrets": """
services: {s: {image: x, secrets: [a, b, c], configs: [d, e]}}
secrets: {a: {file: ./a}, b: {environment: SET}, c: {external: true, name: real}}
configs: {d: {content: "x ${SET}"}, e: {file: ~/e, name: n}}
""",
    "old external": "services: {s: {image: x, networks: [a]}}\nnetworks: {a: {external: {name: real}}}\n",
    "name": "name: My-Name\nservices: {s: {image: '${COMPOSE_PROJECT_NAME}'}}\n",
    "name interpolated": "name: n-${SET}\nservices: {s: {image: '${COMPOSE_PROJECT_NAME}'}}\n",
    "version": "version: '3.8'\nservices: {s: {image: x}}\n",
    "merge keys": """
x-base: &base {image: base, environment: {A: 1, B: 2}, restart: always}
x-more: &more {image: more, hostname: h}
services:
  a: {<<: *base, environment: {C: 3}}
  b:
    <<: [*base, *more]
    command: x
  c: {<<: {image: inline}, restart: 'no'}
""",
    "anchored lists": """
x-e: &e [A=1, B=2]
services: {a: {image: &i x, environment: *e}, b: {image: *i, environment: *e}}
""",
    "documents": "services: {a: {image: x, dns: [b]}}\n---\nservices: {a: {image: y, dns: c}}\n",
    "explicit tags": "services: {a: {image: !!str 5, labels: {A: !!int '5', B: !!float 5, C: !!str yes}}}\n",
    "links too": "services: {a: {image: x, depends_on: [b], links: [c]}, b: {image: x}, c: {image: x}}\n",
}
# Two files.
OVERRIDE = {
    "scalars": ("image: a\nhostname: h", "image: b"),
    "lists append": ("cap_add: [A]\ndns_opt: [x]", "cap_add: [B, A]\ndns_opt: [y]"),
    "command replaces": ("command: [a, b]\nentrypoint: x", "command: c\nentrypoint: [y]"),
    "environment": ("environment: [A=1, B=2]", "environment: {B: 3, C: null}"),
    "environment back": ("environment: {B: 3, C: null}", "environment: [A=1, B=2]"),
    "labels": ("labels: {a: 1}", "labels: [a=2, b=3]"),
    "ports": ('ports: ["80:80", "90:90"]', 'ports: ["80:80", "91:90", {target: 80, published: "80"}]'),
    "ports published as a number": (
        'ports: ["80:80", {target: 90, published: 90}]',
        "ports: [{target: 80, published: 80}, {target: 90, published: 90, mode: host}]",
    ),
    "volumes": ("volumes: [data:/d, ./a:/e]", "volumes: [./b:/d, {type: volume, source: data, target: /e}]"),
    "depends_on": ("depends_on: [other]", "depends_on: {other: {condition: service_healthy}}"),
    "networks": ("networks: [net]", "networks: {net: {aliases: [a]}, default: }"),
    "build": ("build: ./a", "build: {args: {A: 1}}"),
    "build args": ("build: {context: ., args: [A=1, B=2]}", "build: {args: {B: 3}}"),
    "healthcheck": ("healthcheck: {test: [CMD, a], interval: 5s}", "healthcheck: {test: b, retries: 2}"),
    "logging same": ("logging: {options: {a: 1}}", "logging: {driver: x, options: {b: 2}}"),
    "logging other": ("logging: {driver: y, options: {a: 1}}", "logging: {driver: x, options: {b: 2}}"),
    "env_file": ("env_file: a.env", "env_file: [b.env]"),
    "dns and tmpfs": ("dns: 1.1.1.1\ntmpfs: /a", "dns: [2.2.2.2]\ntmpfs: /b"),
    "extra_hosts": ('extra_hosts: ["a:1.1.1.1"]', 'extra_hosts: ["a:1.1.1.1", "b:2.2.2.2"]'),
    "ulimits": ("ulimits: {nofile: 5, core: 1}", "ulimits: {nofile: {soft: 1, hard: 2}}"),
    "sysctls": ("sysctls: {a: 1}", "sysctls: [a=2, b=3]"),
    "secrets": ("secrets: [sec]", "secrets: [{source: sec, mode: 0400}]"),
    "devices": ("devices: [/dev/a:/dev/b]", "devices: [/dev/c:/dev/b, /dev/d]"),
    "deploy": (
        "deploy: {replicas: 2, labels: {a: 1}}",
        "deploy: {labels: [b=2], resources: {limits: {memory: 5m}}}",
    ),
    "reset": (
        "environment: {A: 1, B: 2}\nports: ['80:80']",
        "environment: {A: !reset null}\nports: !reset []",
    ),
    "override": ("ports: ['80:80']\nlabels: {a: 1}", "ports: !override ['90:90']\nlabels: !override {b: 2}"),
    "override a scalar": ("hostname: h", "hostname: !reset x"),
    "null keeps": ("environment: {A: 1}\ncap_add: [A]", "environment:\ncap_add:"),
    "expose": ("expose: ['80']", "expose: [80, 90]"),
    "profiles": ("profiles: [a]", "profiles: [b]"),
    "depends_on list over mapping": (
        "depends_on: {other: {condition: service_healthy, required: false}}",
        "depends_on: [other]",
    ),
    "gpus": ("gpus: all", "gpus: [{count: 1}]"),
}


# Files that they name.
FILES = {
    "a.env": "A=from a\nexport M='single $SET'\nN=\"x ${SET}\\n\"\nSHARED=a\n# no\nQ=1 # c\n",
    "b.env": "SHARED=b\nREF=${A}\nSET\nEMPTY_ONE=\nY: yaml\n",
    "raw.env": "A='quoted' $SET\nB=\"x\" # y\n",
}


def of_service(body, name="s"):
    """Return the document of a service with this body, beside one that it may depend on."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    image = "" if body.startswith(("image:", "provider:")) else "    image: x\n"
    return f"services:\n  other: {{image: y}}\n  {name}:\n{image}{lines}{TOP}"


def over_service(body):
    """Return the document that goes over such a one."""
    return "services:\n  s:\n" + "".join(f"    {line}\n" for line in body.split("\n"))
