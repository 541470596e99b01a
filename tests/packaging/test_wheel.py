"""What is installed: the wheel, its schemas, its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import composecheck
from composecheck.loading.schema_fast import read_schema
from composecheck.schemas_folder import schema_path

SCHEMAS = ("compose", "configuration", "plan", "report", "x-readiness", "x-retry")


@pytest.mark.parametrize("name", [f"{name}.schema.json" for name in SCHEMAS])
def test_schemas_are_found_and_are_schemas(name):
    assert read_schema(name)["$schema"].startswith("http")


def test_a_schema_that_is_missing_is_named():
    with pytest.raises(FileNotFoundError, match=r"the schema nonsense\.json is missing"):
        schema_path("nonsense.json")


def test_the_version_is_the_distributions():
    assert version("composecheck") == composecheck.__version__


def test_the_package_says_that_it_is_typed():
    assert (Path(composecheck.__file__).parent / "py.typed").is_file()


def test_the_console_script_and_the_module_are_the_same_command(tmp_path):
    script = distribution("composecheck").entry_points["composecheck"]
    assert (script.group, script.value) == ("console_scripts", "composecheck.cli:main")
    command = [sys.executable, "-m", "composecheck", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == f"composecheck {composecheck.__version__}\n"


def test_the_installed_package_is_what_is_tested():
    # .ci/run sets this after it has installed the wheel: without it, any checkout will do.
    if os.environ.get("COMPOSECHECK_INSTALLED"):
        assert "site-packages" in Path(composecheck.__file__).parts
        assert Path(schema_path("compose.schema.json")).parent.parent == Path(composecheck.__file__).parent
