"""Files that are no Compose files: one finding says what they seem to be, and a search leaves them out."""

import pytest

from composecheck import check, check_paths
from composecheck.report.text import render

WORKFLOW = """\
name: CI
on: {push: {branches: [main]}}
env: {REF: "${{ github.ref }}"}
jobs:
  build:
    runs-on: ubuntu-latest
    services: {db: {image: postgres}}
    steps:
      - run: echo ${{ secrets.KEY }} ${a b}
"""
TEMPLATE = """\
services:
  web:
    image: nginx:{{ version }}
{% if database %}
  db:
    image: postgres:16
{% endif %}
"""
SERVICES = "services: {web: {image: 'nginx:1'}}\n"


def told(path, text):
    path.write_text(text)
    found = check(path, environment={}).diagnostics
    return [(d.rule, d.span.line, d.message.partition(", ")[0]) for d in found if d.severity != "note"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (WORKFLOW, 2, "this seems to be a GitHub workflow"),
        ("name: a\ndescription: b\nruns: {using: composite}\n", 2, "this seems to be a GitHub action"),
        ("image: a\nservices: [docker:dind]\nstages: [b]\n", 1, "this seems to be a GitLab pipeline"),
        ("build: {image: a, script: [make]}\n", 1, "this seems to be a GitLab pipeline"),
        (
            "version: 2.1\njobs: {a: {docker: [{image: b}]}}\nworkflows: {c: {jobs: [a]}}\n",
            2,
            "this seems to be a CircleCI configuration",
        ),
        ("---\napiVersion: v1\nkind: Pod\nmetadata: {}\n", 2, "this seems to be a Kubernetes manifest"),
        ("apiVersion: v2\nname: a\nversion: 1.0.0\n", 1, "this seems to be the description of a Helm chart"),
        ("- hosts: all\n  tasks: []\n", 1, "this seems to be an Ansible playbook"),
        (
            "- name: a\n  copy: {src: b}\n- name: c\n  shell: d\n",
            1,
            "this seems to be a list of Ansible tasks",
        ),
        (TEMPLATE, 4, "this seems to be a Jinja template"),
        (
            "services:\n  {{ cookiecutter.name }}:\n    image: nginx:1\n",
            2,
            "this seems to be a template of cookiecutter",
        ),
        (
            "services:\n  a:\n    image: {{ .Values.image }}\n    {{- if .Values.b }}\n    init: true\n",
            3,
            "this seems to be a Go template",
        ),
        ("services:\n  a:\n    <% if b %>\n    image: c\n", 3, "this seems to be an ERB template"),
        ("services:\n  a:\n    image: {{ image }}\n", 3, "this seems to be a template"),
        ("services:\n  a:\n    image: [% image %]\n", 3, "this seems to be a template"),
        ("services:\n  a:\n    image: app:{{ version }}\n", 3, "this seems to be a template"),
        ("services:\n  a:\n    image: [[ .image ]]\n", 3, "this seems to be a template"),
        ("services:\n  a:\n    image: @IMAGE@\n", 3, "this seems to be a template"),
        ("services:\n  a:\n    %{ if b }\n    image: c\n", 3, "this seems to be a template"),
        ('local tag = "1";\n{services: {a: {image: "b:" + tag}}}\n', 1, "this seems to be a Jsonnet program"),
        (
            "#! ytt\nservices:\n  a:\n    #@ if b:\n    image: b\n    #@ else:\n    image: c\n    #@ end\n",
            4,
            "this seems to be a ytt template",
        ),
        (
            '#@ load("@ytt:data", "data")\nservices:\n  a:\n    image: b\n    volumes: ["(@= d @):x"]\n',
            1,
            "this seems to be a ytt template",
        ),
        (
            "services:\n  a:\n    image: #@ data.values.image\n",
            3,
            "this seems to be a ytt template",
        ),
    ],
)
def test_file_of_another_kind_is_one_finding(tmp_path, text, line, message):
    assert told(tmp_path / "compose.yml", text) == [("no-compose-file", line, message)]


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {image: 'nginx:1'}}\njobs: {a: 1}\non: push\n",
        "web: {image: 'nginx:1'}\njobs: {image: 'redis:7'}\n",
        "services: {web: {image: 'nginx:1', hostname: '{{.Node.Hostname}}', prots: ['80']}}\n",
        "services:\n  web:\n    image: nginx:1\n    logging: {driver: syslog, options: {tag: {{.Name}}}}\n",
        "services:\n  web:\n    image: nginx:1\n    command: ${x y} --format {{json}}\n",
        "services:\n  web:\n    image: [nginx\n    labels: {a: '{% b %}'}\n",
        "services:\n  web:\n    #@ if you need it\n    image: nginx:1\n    prots: #@ of the outside\n",
        "services:\n  web:\n    #! load it first\n    image: '@IMAGE@'\n",
        "- web\n- db\n",
    ],
)
def test_compose_file_with_mistakes_stays_one(tmp_path, text):
    found = told(tmp_path / "compose.yml", text)
    assert found
    assert all(rule != "no-compose-file" for rule, *_ in found)


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {image: 'nginx:1', labels: {a: '{{ b }}', c: '{% d %}'}}}\n",
        "services: {web: {image: 'nginx:1'}}\n# {% if a %}\nx-jobs: {on: push}\n",
        '#@ load("@ytt:data", "data")\nservices: {web: {image: \'nginx:1\'}}\n',
    ],
)
def test_marks_in_what_is_right_are_nothing(tmp_path, text):
    assert told(tmp_path / "compose.yml", text) == []


def test_search_leaves_out_what_is_no_compose_file_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, text in (("a", SERVICES), ("b", TEMPLATE)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "compose.yml").write_text(text)
    report = check_paths(".", environment={})
    assert (report.exit_code, report.diagnostics, report.more) == (0, (), ())
    assert "'b/compose.yml' is not checked: this seems to be a Jinja template" in render(report)


@pytest.mark.parametrize("path", ["b", "b/compose.yml"])
def test_one_that_is_all_there_is_or_that_is_given_is_an_error(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/compose.yml").write_text(WORKFLOW)
    (tmp_path / "compose.yml").write_text(SERVICES)
    report = (
        check_paths("compose.yml", path, environment={}) if "/" in path else check_paths(path, environment={})
    )
    assert [d.rule for d in report.diagnostics] == ["no-compose-file"]
    assert report.exit_code == 1


def test_one_among_several_files_of_a_project_is_all_that_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text("services: {web: {image: 'nginx:1', prots: []}}\n")
    (tmp_path / "ci.yml").write_text(WORKFLOW)
    (found,) = check("compose.yml", "ci.yml", environment={}).diagnostics
    assert (found.rule, found.span.source.shown) == ("no-compose-file", "ci.yml")
