"""Images are built from `build:` by the classic builder, and a failure shows its step."""

from __future__ import annotations

import pytest

from composecheck.errors import EngineError
from composecheck.model.project import Healthcheck

from .bench import hear

pytestmark = pytest.mark.engine


def run(bench, text: str) -> str:
    """Bring up service `a` until it ends; return what it wrote."""
    project = bench.load(text)
    session, events = bench.up(project, settled=False)
    if events[-1].kind != "exited":
        hear(bench.engine, "a", {"exited"})
    return session.logs(project.services["a"], 1)


def write(bench, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = bench.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("IMAGE", bench.environment["IMAGE"]))


@pytest.mark.slow
def test_a_context_is_built_with_arguments_target_and_labels(bench, docker_engine):
    write(
        bench,
        {
            "api/app.Dockerfile": """FROM IMAGE AS first
ARG GREETING=none
ARG FROM_ENVIRONMENT
ENV GREETING=$GREETING FROM_ENVIRONMENT=$FROM_ENVIRONMENT
COPY . /app
EXPOSE 80 53/udp
HEALTHCHECK --interval=3s --retries=2 CMD true
CMD ["sh", "-c", "echo $GREETING $FROM_ENVIRONMENT; cd /app; echo *"]
FROM first AS second
CMD ["sh", "-c", "echo wrong target"]
""",
            "api/kept.txt": "",
            "api/ignored.txt": "",
            "api/.dockerignore": "ignored.txt\n.dockerignore\napp.Dockerfile\n",
        },
    )
    bench.environment["FROM_ENVIRONMENT"] = "seen"
    text = """services:
  a:
    build:
      context: api
      dockerfile: app.Dockerfile
      target: first
      args: {GREETING: hello, FROM_ENVIRONMENT: }
      labels: {mine: "1"}
"""
    assert run(bench, text) == "hello seen\nkept.txt\n"
    image = bench.sessions[-1].image(bench.engine.project.services["a"])
    assert image.ports == (80,)
    assert image.healthcheck == Healthcheck(None, ("CMD-SHELL", "true"), interval=3.0, retries=2)
    labels = docker_engine.images.get(f"{bench.name}-a").labels
    assert labels["mine"] == "1"
    assert labels["com.docker.compose.project"] == bench.name
    steps = [text for name, text in bench.told if name == f"{bench.name}-a"]
    assert [step.split()[2] for step in steps[:5]] == ["FROM", "ARG", "ARG", "ENV", "COPY"]
    assert steps[-1] == "built"


@pytest.mark.slow
def test_an_image_that_is_there_is_built_again_only_where_the_file_says_so(bench):
    text = """services:
  a:
    build:
      dockerfile_inline: |
        FROM IMAGE
        CMD ["sh", "-c", "echo first"]
""".replace("IMAGE", bench.environment["IMAGE"])
    assert run(bench, text) == "first\n"
    bench.told.clear()
    second = bench.load(text.replace("first", "second"))
    bench.sessions[-1].settle(stands=True)
    session = bench.prepared(second)
    assert bench.told == []
    session.prepare(
        bench.load(text.replace("first", "second") + "    pull_policy: build\n"), ["a"], bench.tell
    )
    assert bench.told[-1] == (f"{bench.name}-a", "built")
    assert "echo second" in " ".join(text for _, text in bench.told)


def test_a_step_that_fails_is_shown_with_its_last_output(bench, left):
    dockerfile = 'FROM IMAGE\nRUN ["python", "-c", "print(\'about to fail\'); raise SystemExit(3)"]\n'
    write(bench, {"api/Dockerfile": dockerfile})
    project = bench.load("services:\n  a:\n    build: api\n")
    with pytest.raises(EngineError) as raised:
        bench.begun(project).prepare(project, ["a"], bench.tell)
    head, *output = str(raised.value).splitlines()
    place = project.services["a"].key_place("build")
    assert head.startswith(f"{place}: the image of service 'a' cannot be built at step 2/5 RUN [")
    assert head.endswith("returned a non-zero code: 3")
    assert output == ["  build    about to fail"]
    assert left() == []


@pytest.mark.parametrize(
    ("build", "reason"),
    [("nowhere", "is no folder"), ("{context: ., dockerfile: Nofile}", "there is no")],
)
def test_a_context_or_dockerfile_that_is_missing_is_named(bench, build, reason):
    project = bench.load(f"services:\n  a:\n    build: {build}\n")
    with pytest.raises(EngineError, match=rf"service 'a' cannot be built: .*{reason}"):
        bench.begun(project).prepare(project, ["a"], bench.tell)


def test_an_instruction_that_is_none_is_an_error(bench):
    write(bench, {"Dockerfile": "FROM IMAGE\nRUNN x\n"})
    project = bench.load("services:\n  a:\n    build: .\n")
    with pytest.raises(EngineError, match=r"cannot be built: .*unknown instruction: RUNN"):
        bench.begun(project).prepare(project, ["a"], bench.tell)


def test_a_build_that_is_interrupted_leaves_no_container(bench, left):
    write(bench, {"Dockerfile": 'FROM IMAGE\nRUN ["python", "-c", "import time; time.sleep(61)"]\n'})
    project = bench.load("services:\n  a:\n    build: .\n")

    session = bench.begun(project)

    def steps() -> list[str]:
        return [c["Id"] for c in session._client.containers(all=True) if "time.sleep(61)" in c["Command"]]

    def interrupt(_name: str, text: str) -> None:
        while "RUN" in text:
            if steps():
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.prepare(project, ["a"], interrupt)
    assert steps() == []
    assert session.undo(bench.tell).things == {}
    assert left() == []
