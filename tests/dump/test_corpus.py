"""Real Compose files are printed and hashed as Docker Compose prints and hashes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from composecheck.dump import dump
from composecheck.loading import Options, load_project

from ..reference import MACHINE, Compose
from .conftest import hashes

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]


class Pair(NamedTuple):
    """A valid file of the corpus: our project, and Docker Compose to hold it to."""

    path: Path
    project: object
    compose: Compose

    def config(self, *arguments, hashed=False):
        """Return the answer of `config`."""
        return self.compose.config(
            self.path.parent, "config", *arguments, files=(self.path.name,), constant=True, hashed=hashed
        )

    def prints(self, text, *arguments):
        """Whether `config` prints a text."""
        answer = self.config(*arguments, hashed=True)
        return answer.stdout == self.compose.printed(text, self.path.parent)


@pytest.fixture(scope="module")
def pairs(corpus, reference):
    pairs = []
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file, verdict, *_ = line.split("\t")
        if verdict == "valid":
            path = corpus / file
            options = Options(files=(path.name,), folder=path.parent, environment=MACHINE)
            project = load_project(options._replace(compose=reference.generation)).project
            pairs.append(Pair(path, project, reference))
    return pairs


def test_yaml_is_byte_for_byte_the_same(pairs):
    """Compose 5 breaks lines that are long, which ours does not."""
    texts = [(pair, dump(pair.project)) for pair in pairs]
    differing = [text for pair, text in texts if not pair.prints(text)]
    if pairs[0].compose.generation == "2.40":
        assert differing == []
    assert [text for text in differing if all(len(line) <= 80 for line in text.splitlines())] == []


def test_json_is_byte_for_byte_the_same(pairs):
    def differs(pair):
        printed = dump(pair.project, yaml=False).removesuffix("\n")
        return not pair.prints(printed, "--format", "json")

    assert [pair.path for pair in pairs if differs(pair)] == []


def _hashes_of_what_it_prints(pair, folder):
    """Return both hashes of its own output, in which the env files' content stands."""
    above = pair.path.parent.parent
    (folder / "compose.yml").write_text(pair.config().stdout.replace(str(above), "/corpus"))
    answer = pair.compose.config(folder, "config", "--hash", "*")
    return hashes(answer._replace(parent="/corpus"), pair.project, pair.path.parent)


def test_hashes_are_the_same_but_for_services_with_env_files(pairs, tmp_path):
    """Compose 2.40's `config --hash` hashes the names of env files, and a container's label their content.

    Ours is the label's, which `config --hash` of 5.5 prints too: the same as the hash of a file in which
    that content is written out.
    """
    folder = tmp_path / "project"
    folder.mkdir()
    others = {}
    for pair in pairs:
        theirs, ours = hashes(pair.config("--hash", "*"), pair.project, pair.path.parent)
        assert theirs.keys() == ours.keys()
        differing = {name for name in theirs if theirs[name] != ours[name]}
        if differing:
            written_out, ours = _hashes_of_what_it_prints(pair, folder)
            assert {name for name in ours if written_out[name] != ours[name]} == set()
        for name in differing:
            others[pair.path, name] = "env_file" in pair.project.services[name].node.mapping
    assert set(others.values()) == ({True} if pairs[0].compose.generation == "2.40" else set())
