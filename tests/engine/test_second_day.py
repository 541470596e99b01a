"""Options against states: what an `up` makes of a stack that stands is what Docker Compose makes of it."""

from __future__ import annotations

import os
import subprocess
from itertools import product

import pytest

import composecheck
from composecheck import identity

from ..reference import binary, missing

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    stop_grace_period: 0s
"""
FILE = f"""services:
  web:{SLEEPER}    depends_on: {{db: {{condition: service_started, restart: true}}}}
  side:{SLEEPER}    network_mode: service:db
  alone:{SLEEPER}    volumes: [data:/data]
  db:{SLEEPER}    volumes: [/anonymous]
    environment: {{V: "VALUE"}}
volumes: {{data: }}
"""
EXTRA = FILE.replace("volumes: {data", f"  extra:{SLEEPER}volumes: {{data")

# How a stack is that an `up` meets: the file that it was made of, and what happened to it since.
STATES = {
    "fresh": (None, ()),
    "unchanged": (FILE, ()),
    "changed": (FILE.replace("VALUE", "other"), ()),
    "stopped": (FILE, ("stop -t 0",)),
    "one stopped": (FILE, ("stop -t 0 db",)),
    "half removed": (FILE, ("rm -s -f db",)),
    "dependent removed": (FILE, ("rm -s -f web",)),
    "created": (FILE, ("create",)),
    "scaled": (FILE, ("up -d --scale web=3", "rm -s -f --index 1")),
    "orphaned": (EXTRA, ()),
}
# An option of Docker Compose, and the keywords of ours.
OPTIONS = {
    "": {},
    "--force-recreate": {"force_recreate": True},
    "--force-recreate web": {"force_recreate": True, "services": ["web"]},
    "--no-recreate": {"no_recreate": True},
    "--always-recreate-deps web": {"always_recreate_deps": True, "services": ["web"]},
    "--no-deps web": {"no_deps": True, "services": ["web"]},
    "--scale web=2": {"scale": {"web": 2}},
    "--scale web=0": {"scale": {"web": 0}},
    "--remove-orphans": {"remove_orphans": True},
    "--no-start": {"no_start": True},
    "-V": {"renew_anon_volumes": True},
}


class Day:
    """A project's folder with one file, and both tools on it."""

    def __init__(self, folder, name: str, image: str, api, generation: str) -> None:
        self.folder, self.name, self.api, self.generation = folder, name, api, generation
        self.compose = binary(generation)
        self.environment = {**os.environ, "IMAGE": image, "COMPOSE_PROJECT_NAME": name}
        self.file = folder / "compose.yml"

    def theirs(self, command: str) -> str:
        done = subprocess.run(
            [self.compose, *command.split()],
            cwd=self.folder, env=self.environment, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def ours(self, **options) -> None:
        stack = composecheck.Stack(
            self.file, name=self.name, environment=self.environment, project_directory=self.folder
        )
        services = options.pop("services", ())
        stack.up(services, timeout=60, stop_timeout=0, on_notice=lambda _: None, **options)
        stack.close()

    def meets(self, state: str) -> None:
        """Bring the project into a state, by the reference alone."""
        text, commands = STATES[state]
        if text is not None:
            self.file.write_text(text)
            self.theirs("create" if "create" in commands else "up -d")
            for command in commands:
                if "--index" in command:
                    self.api.remove_container(f"{self.name}-web-1", force=True)
                elif command != "create":
                    self.theirs(command)
        self.file.write_text(FILE)

    def containers(self) -> dict[str, dict]:
        mine = {"label": f"{identity.PROJECT}={self.name}"}
        found = [self.api.inspect_container(e["Id"]) for e in self.api.containers(all=True, filters=mine)]
        return {each["Name"].removeprefix(f"/{self.name}-"): each for each in found}


def shape(before: dict[str, dict], after: dict[str, dict]) -> dict[str, dict]:
    """Return what has become of each container, as far as it is the same whoever does it."""
    return {
        name: {
            "id": "kept" if before.get(name, {}).get("Id") == each["Id"] else "new",
            "state": each["State"]["Status"],
            "process": "kept"
            if before.get(name, {}).get("State", {}).get("StartedAt") == each["State"]["StartedAt"]
            else "new",
            "volumes": [
                mount["Name"] if len(mount["Name"]) < 64
                # An anonymous volume is new, or the one that its former had.
                else mount["Name"] in {m.get("Name") for m in before.get(name, {}).get("Mounts", ())}
                for mount in each["Mounts"]
            ],
            "labels": {
                key: sorted(value.split(",")) if key == identity.DEPENDS_ON else value
                for key, value in each["Config"]["Labels"].items()
                if not key.startswith("composecheck")
                # It covers the id of the container whose network is shared.
                and not (name.startswith("side") and key == identity.CONFIG_HASH)
            },
            "environment": [text for text in each["Config"]["Env"] if text.startswith("V=")],
        }
        for name, each in after.items()
    }  # fmt: skip


@pytest.fixture
def day(request, tmp_path, project_name, python_image, docker_engine, monkeypatch) -> Day:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if not binary(request.param):
        pytest.skip(missing(request.param))
    return Day(tmp_path, project_name, python_image, docker_engine.api, request.param)


@pytest.mark.slow_but_every(148)
@pytest.mark.sweep_but_every(9)
@pytest.mark.parametrize(
    ("state", "options", "day"), list(product(STATES, OPTIONS, ("2.40", "5"))), indirect=["day"]
)
def test_up_makes_of_what_stands_what_compose_makes_of_it(day, state, options):
    day.meets(state)
    before = day.containers()
    day.theirs(f"up -d -t 0 {options}")
    theirs = shape(before, day.containers())
    day.theirs("down -v -t 0 --remove-orphans")
    day.meets(state)
    before = day.containers()
    day.ours(**OPTIONS[options])
    ours = shape(before, day.containers())
    if state == "fresh":  # what stands names the generation; here it is that of the option
        for each in (*theirs.values(), *ours.values()):
            each["labels"].pop(identity.VERSION)
    if (state, day.generation) == ("scaled", "2.40") and options in (
        "-V",
        "--force-recreate",
        "--force-recreate web",
    ):
        # Where all are made anew, 2.40 keeps the numbers that its sort happens to end with, 5 the low ones.
        ours, theirs = ({name for name in found if "web" not in name} for found in (ours, theirs))
    assert ours == theirs


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("day", ["2.40", "5"], indirect=True)
def test_compose_finds_nothing_to_do_after_ours_nor_ours_after_it(day):
    day.file.write_text(FILE.replace("VALUE", "other"))
    day.ours()
    day.file.write_text(FILE)
    day.ours()
    before = day.containers()
    assert day.theirs("up -d").count("Running") == len(before)
    day.ours()
    after = day.containers()
    assert {n: (c["Id"], c["State"]["StartedAt"]) for n, c in after.items()} == {
        n: (c["Id"], c["State"]["StartedAt"]) for n, c in before.items()
    }


@pytest.mark.parametrize("day", ["5"], indirect=True)
def test_what_is_somebody_else_s_is_left_to_him(day):
    """Compose 2.40 refuses a foreign network, and 5 takes it with a warning."""
    day.api.create_network(f"{day.name}_default")
    try:
        day.file.write_text(FILE)
        with pytest.raises(composecheck.UnsupportedError, match="say `external: true` to use it"):
            day.ours(force_recreate=True)
        assert day.containers() == {}
    finally:
        day.api.remove_network(f"{day.name}_default")
