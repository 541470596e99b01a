"""What an import and a clean run cost: nothing that they do not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio", "dataclasses", "docker", "inspect", "jsonschema", "networkx", "requests", "rich",
    "tenacity", "urllib.request",
}  # fmt: skip

CLEAN = """
services:
  web:
    image: nginx
    ports: ["8080:80"]
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
"""


def loaded_by(script, **options):
    code = f"{script}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, **options)
    return set(done.stdout.split("\n"))


def test_importing_the_package_imports_nothing_heavy():
    assert not loaded_by("import composecheck") & (HEAVY | {"yaml", "composecheck.project"})


def test_a_clean_check_imports_nothing_heavy(tmp_path):
    (tmp_path / "compose.yml").write_text(CLEAN)
    script = "import contextlib, io\nfrom composecheck.cli import main\n"
    script += (
        "with contextlib.redirect_stdout(io.StringIO()):\n    code = main(['check'])\nassert code == 0, code"
    )
    assert not loaded_by(script, cwd=tmp_path) & HEAVY


@pytest.mark.parametrize("name", ["load", "check", "Stack", "Report", "Project", "Diagnostic", "LoadError"])
def test_a_public_name_is_imported_when_it_is_asked_for(name):
    import composecheck

    assert getattr(composecheck, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    import composecheck

    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        composecheck.nonsense  # noqa: B018  # asking is the test
