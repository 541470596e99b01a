"""What is printed means the same when it is read again, and is printed as it was."""

from __future__ import annotations

import pytest

from composecheck.dump import dump, service_hash
from composecheck.loading import Options, load_project

from ..loading.documents import DOCUMENT, ENVIRONMENT, FILES, SERVICE, of_service
from .test_attributes import BODIES

# What JSON does not say, as in Docker Compose: the "x-" keys of what is not the whole project.
EXTENDED = ("extension", "nested extensions", "hooks", "models", "provider")


@pytest.fixture(params=["2.40", "5"])
def load(request, tmp_path):
    def load(name, text):
        (tmp_path / name).write_text(text)
        options = Options(files=(name,), folder=tmp_path, profiles=("*",), environment=MACHINE)
        loaded = load_project(options._replace(compose=request.param))
        assert [str(d) for d in loaded.diagnostics if d.severity == "error"] == []
        return loaded.project

    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return load


MACHINE = {"HOME": "/root", **ENVIRONMENT}
# A size below zero is printed as a text, as Docker Compose does, and 2.40 takes none in a file.
CASES = {name: of_service(body) for name, body in (SERVICE | BODIES).items() if name != "memory"} | DOCUMENT


def _hashes(project):
    return {name: service_hash(project, each) for name, each in project.services.items()}


@pytest.mark.parametrize("yaml", [True, False], ids=["yaml", "json"])
@pytest.mark.parametrize("name", CASES)
def test_printed_project_is_the_same_project(load, name, yaml):
    project = load("compose.yml", CASES[name])
    again = load("again.yml", dump(project, yaml=yaml))
    assert dump(again, yaml=yaml) == dump(project, yaml=yaml)
    assert _hashes(again) == _hashes(project)
    if yaml or name not in EXTENDED:
        assert dump(again) == dump(project)
