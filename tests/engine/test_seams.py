"""The two seams of engines hold what is asked of an engine, and nothing else."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import composecheck
from composecheck.engine.docker import DockerSession
from composecheck.engine.docker.engine import DockerEngine
from composecheck.engine.protocol import Engine, Session
from composecheck.engine.simulated import SimulatedEngine
from composecheck.engine.simulated.session import Simulated

PACKAGE = Path(composecheck.__file__).parent
SEAMS = {Engine: ("start",), Session: ("stack", "cli")}
FILLED = [
    (Engine, DockerEngine),
    (Engine, SimulatedEngine),
    (Session, DockerSession),
    (Session, Simulated),
]


def members(seam):
    return {name: value for name, value in vars(seam).items() if not name.startswith("_")}


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.__name__)
def test_each_member_is_used_and_says_what_it_is(seam):
    text = "".join(file.read_text() for folder in SEAMS[seam] for file in (PACKAGE / folder).glob("*.py"))
    for name, member in members(seam).items():
        assert re.search(rf"(engine|session)\.{name}\b", text), name
        assert (member.fget if isinstance(member, property) else member).__doc__


@pytest.mark.parametrize(("seam", "engine"), FILLED, ids=lambda each: each.__name__)
def test_each_engine_takes_what_its_seam_does(seam, engine):
    """Types are held by mypy; here it is names, so that each engine can be asked as the others are."""
    for name, member in members(seam).items():
        filled = inspect.getattr_static(engine, name)
        assert isinstance(filled, property) == isinstance(member, property), name
        if not isinstance(member, property):
            asked = [each.strip("_") for each in inspect.signature(member).parameters]
            assert [each.strip("_") for each in inspect.signature(filled).parameters] == asked, name


def test_nobody_but_its_own_package_names_an_engines_classes():
    names = "DockerEngine|DockerSession|DockerStart"
    others = [
        file
        for file in PACKAGE.rglob("*.py")
        if file.parent != PACKAGE / "engine" / "docker" and re.search(names, file.read_text())
    ]
    assert others == []


def test_engine_at_hand_is_chosen_in_one_place():
    others = [
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if file.parent != PACKAGE / "engine" / "docker"
        and re.search(r"from composecheck\.engine(\.docker import connect| import docker)", file.read_text())
    ]
    assert others == ["engine/__init__.py"]
