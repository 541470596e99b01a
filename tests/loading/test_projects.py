"""Projects of several files, with `include`, `extends` and tags, mean to us what they mean to Compose."""

from __future__ import annotations

import json

import pytest

from composecheck.dump import dump
from composecheck.lint import verdict
from composecheck.loading import Options

from ..differential.oracle import differences
from ..faults import put_right
from ..reference import MACHINE

# By name: what the files hold; `.env` and the like may be among them.
TAKEN = {
    "extends a service of the file": {
        "compose.yml": """
services:
  a: {extends: b, environment: {X: 1}, ports: ['80:80']}
  b:
    image: x
    environment: [Y=2, X=0]
    ports: ['81:81', '80:80']
    depends_on: [c]
    healthcheck: {test: a, interval: 5s}
  c: {image: y}
"""
    },
    "extends in a chain": {
        "compose.yml": """
services:
  a: {extends: b, command: z}
  b: {extends: {service: c}, volumes: ['./x:/x']}
  c: {image: y, volumes: ['./y:/x', './z:/z'], build: ./d, labels: {a: b}}
"""
    },
    "extends a service of another folder": {
        "compose.yml": """
services:
  a: {extends: {file: sub/base.yml, service: b}, build: {args: [A=1]}}
volumes: {v: }
""",
        "sub/base.yml": """
services:
  b:
    image: x
    build: ./ctx
    env_file: [e.env, {path: f.env, required: false}]
    volumes: ['./data:/d', 'v:/v', '~/h:/h']
    label_file: l.lab
    develop: {watch: [{path: ./w, action: rebuild}]}
volumes: {v: {}}
""",
        "sub/e.env": "E=1\n",
        "sub/l.lab": "L=1\n",
    },
    "extends a service beside one that is none": {
        "compose.yml": "services: {a: {extends: {file: base.yml, service: b}}}\n",
        "base.yml": "services: {b: {image: x}, c: text, d: [], e: }\n",
    },
    "extends across three folders": {
        "compose.yml": "services: {a: {extends: {file: sub/base.yml, service: b}}}\n",
        "sub/base.yml": "services: {b: {image: x, extends: {file: ../other/o.yml, service: q}}}\n",
        "other/o.yml": "services: {q: {volumes: ['./od:/od'], build: {additional_contexts: [r=./r]}}}\n",
    },
    "a build without a context stays with who extends it": {
        "compose.yml": "services: {a: {extends: {file: sub/base.yml, service: b}}}\n",
        "sub/base.yml": "services: {b: {build: {dockerfile: D2}}}\n",
    },
    "extends with no file": {
        "compose.yml": "services: {a: {extends: {file: , service: b}}, b: {image: x}}\n",
    },
    "another service of an extended file may be wrong": {
        "compose.yml": "services: {a: {extends: {file: o.yml, service: b}}}\n",
        "o.yml": "odd: 1\nservices: {b: {image: x}, c: {imgae: y}}\n",
    },
    "extends with tags": {
        "compose.yml": """
services:
  a: {extends: b, ports: !reset null, environment: !override {Z: 1}}
  b: {image: x, ports: ['80:80'], environment: {A: 1}}
"""
    },
    "extends with tags deeper down": {
        "compose.yml": """
services:
  a:
    extends: b
    environment: {A: !reset null}
    healthcheck: {interval: !reset null, timeout: 3s}
  b: {image: x, environment: {A: 1, B: 2}, healthcheck: {test: x, interval: 5s}}
"""
    },
    "tags in an extended file": {
        "compose.yml": "services: {a: {extends: {file: o.yml, service: b}}}\n",
        "o.yml": "services: {b: {extends: c, ports: !reset []}, c: {image: x, ports: ['1:1']}}\n",
    },
    "extends with every kind of merge": {
        "compose.yml": """
services:
  a:
    extends: b
    depends_on: {d: {condition: service_healthy}}
    networks: {n: {aliases: [z]}}
    extra_hosts: {h: 1.1.1.1}
    logging: {driver: json-file, options: {a: b}}
    ulimits: {nofile: 5}
    dns: 1.1.1.1
    secrets: [s]
  b:
    image: x
    depends_on: [c, d]
    networks: [n, m]
    extra_hosts: ['h:1.1.1.1', 'i:2.2.2.2']
    logging: {options: {c: d}}
    ulimits: {nofile: {soft: 1, hard: 2}}
    dns: [8.8.8.8]
    secrets: [{source: s, target: q}]
    sysctls: [a=b]
  c: {image: x}
  d: {image: x, healthcheck: {test: x}}
networks: {n: , m: }
secrets: {s: {file: ./s}}
"""
    },
    "extends a service that is disabled": {
        "compose.yml": "services: {a: {extends: b}, b: {image: x, profiles: [p]}, c: {image: y}}\n",
    },
    "includes another folder": {
        "compose.yml": "include: [sub/compose.yml]\nservices: {a: {image: x, depends_on: [b]}}\n",
        "sub/compose.yml": """
services:
  b:
    image: '${IMG:-no}'
    build: .
    volumes: ['./d:/d', 'v:/v']
    environment: [Q, R=$R]
    env_file: e.env
volumes: {v: }
networks: {n: }
secrets: {s: {file: ./s.txt}}
""",
        "sub/.env": "IMG=sub\nQ=qq\nR=rr\n",
        "sub/e.env": "E=$R\n",
    },
    "included variables in a mapping": {
        "compose.yml": "include: [sub/compose.yml]\nservices: {a: {image: x}}\n",
        "sub/compose.yml": "services: {b: {image: x, environment: {Q: , R: $R}}}\n",
        "sub/.env": "Q=qq\nR=rr\n",
    },
    "the outer environment goes before the included one": {
        "compose.yml": "include: [sub/compose.yml]\nservices: {a: {image: $IMG}}\n",
        "sub/compose.yml": "services: {b: {image: '${IMG:-no}'}}\n",
        "sub/.env": "IMG=sub\n",
        ".env": "IMG=main\n",
    },
    "include in its long form": {
        "compose.yml": """
include:
  - path: [sub/a.yml, sub/b.yml]
    project_directory: other
    env_file: [one.env, two.env]
services: {z: {image: x}}
""",
        "sub/a.yml": "services: {b: {image: '${A}-${B}', build: ./c}}\n",
        "sub/b.yml": "services: {b: {environment: {X: 1}, volumes: ['./v:/v']}}\n",
        "other/.env": "A=3\nB=3\n",
        "one.env": "A=1\nB=1\n",
        "two.env": "B=2\n",
    },
    "includes that include": {
        "compose.yml": "include: [sub/compose.yml]\nservices: {a: {image: x}}\n",
        "sub/compose.yml": "include: [deep/compose.yml]\nservices: {b: {image: '${V:-n}', build: .}}\n",
        "sub/deep/compose.yml": "services: {c: {image: '${V:-n}${W:-m}', build: ./x}}\n",
        "sub/.env": "V=sub\n",
        "sub/deep/.env": "V=deep\nW=deep\n",
    },
    "an included service that extends": {
        "compose.yml": "include: [s/b.yml]\nservices: {a: {image: x}}\n",
        "s/b.yml": "services: {b: {extends: {file: c.yml, service: c}}}\n",
        "s/c.yml": "services: {c: {image: y, build: ./q, volumes: ['./w:/w']}}\n",
    },
    "an included file in two ways": {
        "compose.yml": "include: [b.yml, c.yml]\nservices: {a: {image: x}}\n",
        "b.yml": "include: [d.yml]\nservices: {b: {image: x}}\n",
        "c.yml": "include: [d.yml]\nservices: {c: {image: x}}\n",
        "d.yml": "services: {d: {image: x, ports: ['80:80'], security_opt: [a]}}\n",
    },
    "the same defined here and there": {
        "compose.yml": "include: [b.yml]\nservices: {a: {image: x, networks: [n]}}\nnetworks: {n: {}}\n",
        "b.yml": "services: {b: {image: x, networks: [n]}}\nnetworks: {n: {}}\n",
    },
    "no env file at all": {
        "compose.yml": "include: [{path: s/b.yml, env_file: /dev/null}]\nservices: {a: {image: x}}\n",
        "s/b.yml": "services: {b: {image: '${V:-none}'}}\n",
        "s/.env": "V=1\n",
    },
    "the project's folder has the variables": {
        "compose.yml": "include: [{path: s/b.yml, project_directory: p}]\nservices: {a: {image: x}}\n",
        "s/b.yml": "services: {b: {image: '${V:-0}', build: .}}\n",
        "s/.env": "V=s\n",
        "p/.env": "V=p\n",
    },
    "nothing to include": {"compose.yml": "include: []\nservices: {a: {image: x}}\n"},
    "include without a value": {"compose.yml": "include:\nservices: {a: {image: x}}\n"},
    "include without a path": {"compose.yml": "include: [{}]\nservices: {a: {image: x}}\n"},
    "an included name is not the project's": {
        "compose.yml": "include: [s/b.yml]\nservices: {a: {image: x}}\n",
        "s/b.yml": """
name: other
services: {b: {image: $COMPOSE_PROJECT_NAME, volumes: ['v:/v']}}
volumes: {v: }
""",
    },
    "an override over what is included": {
        "compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\n",
        "b.yml": "services: {b: {image: y, environment: {A: 1}, ports: ['1:1']}}\n",
        "compose.override.yml": """
services: {b: {image: z, environment: {B: 1}, ports: !override ['2:2']}}
""",
    },
    "an included service needs what is outside": {
        "compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\nnetworks: {n: }\n",
        "b.yml": "services: {b: {image: y, networks: [n], depends_on: [a]}}\n",
    },
    "included extensions": {
        "compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\nx-a: 1\n",
        "b.yml": "x-b: 2\nservices: {b: {image: y, x-c: 3}}\n",
    },
    "nothing but an include": {
        "compose.yml": "include: [b.yml]\n",
        "b.yml": "services: {b: {image: y}}\n",
    },
    "a tag behind an alias": {
        "compose.yml": """
services: {a: {image: x, ports: ['1:1']}}
---
x-q: &q
  ports: !override ['2:2']
services:
  a: *q
""",
    },
    "a tag behind a merge key": {
        "compose.yml": """
services: {a: {image: x, ports: ['1:1'], environment: {A: 1}}}
---
x-q: &q
  ports: !override ['2:2']
services:
  a: {<<: *q, environment: {B: 1}}
""",
    },
    "a tag in a list drops nothing": {
        "compose.yml": """
services: {a: {image: x, volumes: ['./a:/a']}}
---
services: {a: {volumes: [!override './b:/b']}}
""",
    },
    "a whole section reset": {
        "compose.yml": """
services: {a: {image: x}}
networks: {n: {}}
---
networks: !reset null
services: {b: {image: y}}
""",
    },
    "bind mounts in their long form": {
        "compose.yml": """
services:
  a:
    image: x
    volumes:
      - {type: bind, source: ., target: /a, bind: {propagation: rprivate}}
      - {type: bind, source: ., target: /b}
      - ./c:/c:z
      - v:/v:Z
volumes: {v: }
""",
    },
}

# By name: the files, and what is wrong with them, as (file, line, column, rule).
REFUSED = {
    "a circle of extends": (
        {"compose.yml": "services:\n  a: {extends: b, image: x}\n  b: {extends: a}\n"},
        [("compose.yml", 2, 16, "extends-cycle")],
    ),
    "extends itself": (
        {"compose.yml": "services:\n  a: {extends: a, image: x}\n"},
        [("compose.yml", 2, 16, "extends-cycle")],
    ),
    "a circle of extends across files": (
        {
            "compose.yml": "services:\n  a: {extends: {file: o.yml, service: b}}\n",
            "o.yml": "services:\n  b: {extends: {file: compose.yml, service: a}, image: x}\n",
        },
        [("compose.yml", 2, 16, "extends-cycle")],
    ),
    "extends a service that is not there": (
        {"compose.yml": "services:\n  a: {extends: wbe, image: x}\n  web: {image: x}\n"},
        [("compose.yml", 2, 16, "undefined-extends")],
    ),
    "extends a file that is not there": (
        {"compose.yml": "services:\n  a: {extends: {file: nope.yml, service: b}, image: x}\n"},
        [("compose.yml", 2, 23, "missing-file")],
    ),
    "extends a file without services": (
        {
            "compose.yml": "services:\n  a: {extends: {file: o.yml, service: b}, image: x}\n",
            "o.yml": "networks: {a: }\n",
        },
        [("compose.yml", 2, 39, "undefined-extends")],
    ),
    "extends what an earlier document has": (
        {"compose.yml": "services:\n  a: {image: x}\n---\nservices:\n  b: {extends: a}\n"},
        [("compose.yml", 5, 16, "undefined-extends")],
    ),
    "inherits an unknown key": (
        {
            "compose.yml": "services:\n  a: {extends: {file: o.yml, service: b}}\n",
            "o.yml": "services:\n  b: {image: x, foo: 1}\n",
        },
        [("o.yml", 2, 17, "unknown-key")],
    ),
    "a port in an extended file that nobody extends": (
        {
            "compose.yml": "services:\n  a: {extends: {file: o.yml, service: b}}\n",
            "o.yml": "services:\n  b: {image: x}\n  c: {ports: ['a:b']}\n",
        },
        [("o.yml", 3, 15, "invalid-value")],
    ),
    "a variable in an extended file": (
        {
            "compose.yml": "services:\n  a: {extends: {file: o.yml, service: b}}\n",
            "o.yml": "services:\n  b: {image: x}\n  c: {image: '${X?no}'}\n",
        },
        [("o.yml", 3, 15, "required-variable")],
    ),
    "an include that is not there": (
        {"compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\n"},
        [("compose.yml", 1, 11, "missing-file")],
    ),
    "an include's env file that is not there": (
        {
            "compose.yml": "include: [{path: b.yml, env_file: no.env}]\nservices: {a: {image: x}}\n",
            "b.yml": "services: {b: {image: y}}\n",
        },
        [("compose.yml", 1, 35, "missing-env-file")],
    ),
    "a circle of includes": (
        {
            "compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\n",
            "b.yml": "include: [compose.yml]\nservices: {b: {image: x}}\n",
        },
        [("b.yml", 1, 11, "include-cycle")],
    ),
    "includes itself": (
        {"compose.yml": "include: [compose.yml]\nservices: {a: {image: x}}\n"},
        [("compose.yml", 1, 11, "include-cycle")],
    ),
    "include as a text": (
        {"compose.yml": "include: b.yml\nservices: {a: {image: x}}\n"},
        [("compose.yml", 1, 10, "invalid-type")],
    ),
    "include of a number": (
        {"compose.yml": "include: [1]\nservices: {a: {image: x}}\n"},
        [("compose.yml", 1, 11, "invalid-type")],
    ),
    "an include over no services": (
        {
            "compose.yml": "include: [b.yml]\nservices:\n",
            "b.yml": "services: {b: {image: y}}\n",
        },
        [("compose.yml", 2, 1, "invalid-type")],
    ),
    "defined here and there": (
        {
            "compose.yml": "include: [b.yml]\nservices:\n  a: {image: x}\n",
            "b.yml": "services: {a: {image: y}}\n",
        },
        [("compose.yml", 3, 3, "include-conflict")],
    ),
    "defined by two includes": (
        {
            "compose.yml": "include: [b.yml, c.yml]\nservices: {z: {image: x}}\n",
            "b.yml": "services: {a: {image: x, networks: [n]}}\nnetworks:\n  n:\n",
            "c.yml": "services: {c: {image: x, networks: [n]}}\nnetworks:\n  n: {}\n",
        },
        [("b.yml", 3, 3, "include-conflict")],
    ),
    "the same file with other variables": (
        {
            "compose.yml": "include: [b.yml, {path: b.yml, env_file: two.env}]\n",
            "b.yml": "services:\n  b: {image: 'x:${TAG:-1}'}\n",
            "two.env": "TAG=2\n",
        },
        [("b.yml", 2, 3, "include-conflict")],
    ),
    "extends a service that is included": (
        {
            "compose.yml": "include: [b.yml]\nservices:\n  a: {extends: b}\n",
            "b.yml": "services: {b: {image: y}}\n",
        },
        [("compose.yml", 3, 16, "undefined-extends")],
    ),
    "an included mistake": (
        {
            "compose.yml": "include: [b.yml]\nservices: {a: {image: x}}\n",
            "b.yml": "services:\n  b: {image: y, networks: [n]}\n",
        },
        [("b.yml", 2, 28, "undefined-network")],
    ),
    "a required variable that is not used": (
        {"compose.yml": "services:\n  a: {image: '${PATH:-${B?no}}'}\n"},
        [("compose.yml", 2, 23, "required-variable")],
    ),
    "a text for a boolean of depends_on": (
        {
            "compose.yml": """services:
  a: {image: x, depends_on: {b: {condition: service_started, required: "true"}}}
  b: {image: y}
"""
        },
        [("compose.yml", 2, 72, "invalid-type")],
    ),
    "pre_start": (
        {"compose.yml": "services:\n  a: {image: x, pre_start: [{command: a}]}\n"},
        [("compose.yml", 2, 17, "unknown-key")],
    ),
    "no_cache_filter": (
        {"compose.yml": "services:\n  a: {build: {context: ., no_cache_filter: [a]}}\n"},
        [("compose.yml", 2, 27, "unknown-key")],
    ),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Write files and return their folder, which is then the current one."""

    def project(files):
        folder = tmp_path / "project"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(folder)
        return folder

    return project


def _examined(folder, compose="2.40"):
    return verdict(Options(folder=folder, environment=MACHINE, compose=compose))


def _errors(report):
    return [
        (d.span.source.shown, d.span.line, d.span.column, d.rule)
        for d in report.diagnostics
        if d.severity == "error"
    ]


def _model(reference, folder):
    answer = reference.config(folder, "config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    return put_right(json.loads(answer.stdout))


def _differences(report, model):
    """Return where our model differs from that of Docker Compose, a line each."""
    return list(differences(json.loads(dump(report.project, yaml=False)), model))


@pytest.mark.parametrize("files", TAKEN.values(), ids=TAKEN)
def test_project_means_the_same(project, reference, files):
    folder = project(files)
    model = _model(reference, folder)
    report = _examined(folder, reference.generation)
    assert _errors(report) == []
    assert _differences(report, model) == []


@pytest.mark.parametrize(("files", "errors"), REFUSED.values(), ids=REFUSED)
def test_fault_is_found_at_its_place(project, files, errors):
    assert _errors(_examined(project(files))) == errors


@pytest.mark.parametrize("files", [files for files, _ in REFUSED.values()], ids=REFUSED)
def test_each_generation_has_its_verdict(project, reference, files):
    folder = project(files)
    refused = bool(_errors(_examined(folder, reference.generation)))
    assert (reference.config(folder, "config").returncode != 0) == refused
    assert refused or reference.generation != "2.40"


def test_base_that_is_null_leaves_a_service_as_it_is(project, reference):
    folder = project(
        {
            "compose.yml": "services: {a: {extends: {file: o.yml, service: b}, image: x}}\n",
            "o.yml": "services: {b: }\n",
        }
    )
    model = _model(reference, folder)
    assert model["services"]["a"].pop("extends")["service"] == "b", "the reference prints what it did not use"
    assert _differences(_examined(folder, reference.generation), model) == []


def test_included_config_from_a_variable_is_right(project, reference):
    """There the reference is at fault: it reads the variable, and then finds two contents."""
    folder = project(
        {
            "compose.yml": "include: [s/b.yml]\nservices: {a: {image: x}}\n",
            "s/b.yml": "services: {b: {image: y, configs: [c]}}\nconfigs: {c: {environment: V}}\n",
            "s/.env": "V=1\n",
        }
    )
    assert "mutually exclusive" in reference.config(folder, "config").stderr
    assert _errors(_examined(folder, reference.generation)) == []


def test_folder_of_an_include_that_is_not_there_is_taken_as_it_is_named(project):
    """There the reference takes the folder above it."""
    folder = project(
        {
            "compose.yml": "include: [{path: b.yml, project_directory: nowhere}]\n",
            "b.yml": "services: {b: {build: ./c}}\n",
        }
    )
    build = _examined(folder).project.services["b"].build
    assert build.context == f"{folder}/nowhere/c"


def test_file_that_is_there_from_a_folder_above_is_told_with_that_folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "ops").mkdir()
    monkeypatch.chdir(tmp_path)
    extends = "{extends: {file: ops/base.yml, service: x}}"
    text = f"services:\n  a: {extends}\n  b: {extends}\n"
    (tmp_path / "ops/compose.yml").write_text(text)

    def missing():
        found = verdict(Options(files=("ops/compose.yml",), environment={})).diagnostics
        return [(d.span.line, len(d.related), d.remedy) for d in found if d.rule == "missing-file"]

    assert missing() == [(2, 1, "create it, or mend the path")]
    (tmp_path / "ops/base.yml").write_text("services: {x: {image: y}}\n")
    assert missing() == [(2, 1, "it is there from '.': give that as '--project-directory'")]
