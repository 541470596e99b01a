"""Real Compose files are printed and hashed as Docker Compose prints and hashes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from composecheck.dump import dump, service_hash
from composecheck.loading import Options, load_project

from .conftest import Compose

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]
MACHINE = {"PATH": "/usr/bin:/bin", "HOME": "/root"}


class Pair(NamedTuple):
    """A valid file of the corpus: our project, and the reference to hold it to."""

    file: str
    project: object
    compose: Compose


@pytest.fixture(scope="module")
def pairs(corpus, docker_compose):
    pairs = []
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file, verdict, *_ = line.split("\t")
        if verdict == "valid":
            path = corpus / file
            options = Options(files=(path.name,), folder=path.parent, environment=MACHINE, compose="2.40")
            compose = Compose(docker_compose, path.parent, (path.name,), MACHINE)
            pairs.append(Pair(file, load_project(options).project, compose))
    return pairs


def _differing(pairs, differs):
    with ThreadPoolExecutor(2) as pool:
        return [pair.file for pair, other in zip(pairs, pool.map(differs, pairs), strict=True) if other]


def test_yaml_is_byte_for_byte_the_same(pairs):
    assert _differing(pairs, lambda pair: dump(pair.project) != pair.compose.config()) == []


def test_json_is_byte_for_byte_the_same(pairs):
    def differs(pair):
        return dump(pair.project, yaml=False) != pair.compose.config("--format", "json") + "\n"

    assert _differing(pairs, differs) == []


def _hashes(project):
    return {name: service_hash(each, dialect=project.dialect) for name, each in project.services.items()}


def _hashes_of_what_it_prints(pair, folder):
    """Return the reference's hashes of its own output, in which the env files' content stands."""
    printed = folder / "compose.yml"
    printed.write_text(pair.compose.config())
    return Compose(pair.compose.binary, folder, (printed.name,), MACHINE).hashes()


def test_hashes_are_the_same_but_for_services_with_env_files(pairs, tmp_path):
    """Compose 2.40's `config --hash` hashes the names of env files, and a container's label their content.

    Ours is the label's, which 5.5's `config --hash` prints too: the same as the hash of a file in which
    that content is written out.
    """
    others = {}
    for pair in pairs:
        theirs, ours = pair.compose.hashes(), _hashes(pair.project)
        assert theirs.keys() == ours.keys()
        differing = {name for name in theirs if theirs[name] != ours[name]}
        if differing:
            written_out = _hashes_of_what_it_prints(pair, tmp_path)
            assert {name for name in theirs if written_out[name] != ours[name]} == set()
        for name in differing:
            others[pair.file, name] = "env_file" in pair.project.services[name].node.mapping
    assert others
    assert set(others.values()) == {True}
