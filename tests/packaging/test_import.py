"""What an import and a clean run cost: nothing that they do not need."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from composecheck import check, check_paths
from composecheck.cli import main
from composecheck.facts.commands import shell
from composecheck.findings.catalogue import NEEDS

from ..imports import of_argparse

HEAVY = {
    "asyncio", "dataclasses", "difflib", "docker", "encodings.utf_8_sig", "fnmatch", "inspect", "ipaddress",
    "jsonschema", "locale", "networkx", "pathlib", "referencing", "requests", "rich", "shutil", "socket",
    "tempfile", "tenacity", "tomllib", "typing", "urllib.parse", "urllib.request",
}  # fmt: skip
# What only a failure, several files, or a key that is rare has a use for.
RARE = {
    f"composecheck.{name}"
    for name in (
        "dockerfile", "facts.answers", "facts.commands.asked", "facts.commands.files",
        "facts.commands.obstacles", "facts.sharing", "facts.tools", "findings.provenance", "findings.unsound",
        "lint.filtering", "lint.structure", "lint.suppression", "loading.dotenv", "model.built",
        "loading.extends", "model.extensions", "loading.include", "loading.merge", "loading.schema_explain",
        "loading.schema_words", "remedies", "report.text", "settings.read", "text.slips", "text.spelling",
    )
}  # fmt: skip

CLEAN = """
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    environment: {DATABASE_URL: "postgres://app:secret@db:5432/app", CACHE_URL: "redis://cache:6379/0"}
    depends_on:
      db:
        condition: service_healthy
      cache:
        condition: service_healthy
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "${DB_PASSWORD:-secret}"}
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 2s
      retries: 30
    volumes: [data:/var/lib/postgresql/data]
  cache:
    image: redis:7
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 2s
    volumes: [cache:/data]
volumes:
  data:
  cache:
"""


def loaded_by(script, **options):
    code = f"{script}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, **options)
    return set(done.stdout.split("\n")) - of_argparse()


def test_importing_the_package_imports_nothing_heavy():
    assert not loaded_by("import composecheck") & (HEAVY | {"yaml", "composecheck.model.project"})


def loaded_by_a_clean_check(folder):
    (folder / "compose.yml").write_text(CLEAN)
    script = (
        "import contextlib, io\nfrom composecheck.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n    code = main(['check'])\n"
        "assert code == 0, code"
    )
    return loaded_by(script, cwd=folder)


def test_a_clean_check_imports_nothing_that_it_does_not_need(tmp_path):
    assert loaded_by_a_clean_check(tmp_path) & (HEAVY | RARE) == set()


def test_tests_of_plain_words_need_no_grammar(tmp_path, monkeypatch):
    asked = "[CMD-SHELL, 'pg_isready -U \"$$POSTGRES_USER\" || exit 1']"
    (tmp_path / "compose.yml").write_text(CLEAN.replace('["CMD", "pg_isready", "-h", "127.0.0.1"]', asked))
    monkeypatch.setattr(shell, "parsed", lambda text: pytest.fail(f"parsed: {text}"))
    shell.read.cache_clear()
    assert not {each.severity for each in check(tmp_path / "compose.yml").diagnostics} & {"error"}


def test_a_clean_check_imports_no_rule_that_cannot_fire(tmp_path):
    there = {"image", "ports", "depends_on", "service_healthy", "healthcheck", "networks", "environment"}
    there |= {"volumes", "top-level volumes", "volume mount", "service's host", "variable of a store"}
    can_fire = {name.replace("-", "_") for name, needed in NEEDS.items() if there.intersection(needed)}
    loaded = {
        module.rpartition(".")[2]
        for module in loaded_by_a_clean_check(tmp_path)
        if module.startswith("composecheck.rules.") and module.count(".") == 3
    }
    assert "duplicate_host_port" in loaded
    assert loaded <= can_fire


def test_a_clean_check_compiles_few_regular_expressions(tmp_path):
    (tmp_path / "compose.yml").write_text(CLEAN)
    script = (
        "import re._compiler, sys\nfrom composecheck.cli import main\nimport yaml\n"
        "compile, ours = re._compiler.compile, 0\n"
        "def counted(pattern, flags=0):\n"
        "    global ours\n"
        "    frame = sys._getframe(2)\n"
        "    while frame.f_code.co_filename == re.__file__:\n"
        "        frame = frame.f_back\n"
        "    ours += frame.f_globals['__name__'].startswith('composecheck.')\n"
        "    ours -= frame.f_globals['__name__'] == 'composecheck.cli.imports'\n"
        "    return compile(pattern, flags)\n"
        "re._compiler.compile = counted\n"
        "main(['check'])\nprint(ours)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(done.stdout.split("\n")[1]) <= 19, (
        "what is rare is a text, which `re` compiles when it is needed"
    )


def test_a_clean_check_reads_no_entry_but_those_of_its_images(tmp_path):
    (tmp_path / "compose.yml").write_text(CLEAN)
    script = (
        "from composecheck import check\nfrom composecheck.knowledge import Entries\n"
        "taken, get = set(), Entries.__getitem__\n"
        "Entries.__getitem__ = lambda self, name: taken.add(name) or get(self, name)\n"
        "check()\nprint(*sorted(taken))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["nginx", "postgres", "redis"]


def test_modules_that_are_imported_bare_work_as_ever():
    script = (
        "import composecheck.cli\nfrom composecheck.cli.imports import import_bare\n"
        "import_bare('json', 'yaml')\nimport json, yaml\n"
        "print(json.JSONEncoder().encode('\u00e9'), json.encoder.py_encode_basestring('\u00e9'))\n"
        "print(json.loads('[1.5e3]'), json.scanner.py_make_scanner(json.JSONDecoder())('[1.5e3]', 0))\n"
        "print(yaml.load('[1_0, 2020-01-02, 0.5, off]', yaml.SafeLoader), yaml.dump(['yes', 1]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == (
        '"\\u00e9" "\u00e9"\n[1500.0] ([1500.0], 7)\n'
        "[10, datetime.date(2020, 1, 2), 0.5, False] - 'yes'\n- 1\n\n"
    )


def test_a_check_looks_for_no_garbage_and_leaves_the_collector_on(tmp_path, monkeypatch, capsys):
    services = "".join(f"  s{n}: {{image: a, depends_on: [s{n + 1}], restart: always}}\n" for n in range(900))
    (tmp_path / "compose.yml").write_text(f"services:\n{services}  s900: {{image: a}}\n")
    monkeypatch.chdir(tmp_path)
    collections = []
    gc.collect()
    gc.callbacks.append(lambda phase, _: collections.append(phase))
    try:
        assert main(["check"]) == 0
    finally:
        gc.callbacks.pop()
    assert collections == []
    assert gc.isenabled()


def test_the_library_changes_nothing_of_the_process(tmp_path, monkeypatch):
    """The collector and the current folder are whose who calls it; only the command line has its way."""
    (tmp_path / "compose.yml").write_text("services: {a: {image: a, depends_on: [b]}}\n")
    for module, name in ((gc, "disable"), (gc, "enable"), (gc, "freeze"), (os, "chdir")):
        monkeypatch.setattr(module, name, lambda *_, name=name: pytest.fail(name))
    check(tmp_path / "compose.yml", environment={})
    check_paths(tmp_path, environment={})


@pytest.mark.parametrize("name", ["load", "check", "Stack", "Report", "Project", "Diagnostic", "LoadError"])
def test_a_public_name_is_imported_when_it_is_asked_for(name):
    import composecheck

    assert getattr(composecheck, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    import composecheck

    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        composecheck.nonsense  # noqa: B018  # asking is the test
