"""Scripts that cannot run: their line ends, their shell, their permissions."""

import pytest

from composecheck.lint import check, examine
from composecheck.loading.options import Options


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, line, message, related place) of what is found of a service `a`, at line 2."""

    def find(body, files, mode=0o755):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text.encode())
            (tmp_path / name).chmod(mode if name.endswith(".sh") else 0o644)
        (tmp_path / "compose.yml").write_text(f"services:\n  a: {{{body}}}\n")
        report = examine(Options(folder=tmp_path, environment={}))
        return [
            (d.severity, d.span.line, d.message, str(d.related[0].span) if d.related else "")
            for d in report.diagnostics
            if d.rule == "unrunnable-script"
        ]

    return find


DIRECT = "image: x, entrypoint: /s/run.sh, volumes: ['.:/s']"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (DIRECT, "the kernel looks for '/bin/sh\\r'"),
        ("image: x, entrypoint: sh /s/run.sh, volumes: ['.:/s']", "has 'sh' read 'run.sh'"),
        ("image: x, command: sh -c '/s/run.sh && serve', volumes: ['.:/s']", "the kernel looks for"),
    ],
)
def test_carriage_returns_keep_a_script_from_running(found, body, said):
    ((severity, line, message, place),) = found(body, {"run.sh": "#!/bin/sh\r\nserve\r\n"})
    assert (severity, line) == ("error", 2)
    assert said in message
    assert place.endswith("run.sh:1:1")
    assert not found(body, {"run.sh": "#!/bin/sh\nserve\n"})


def test_script_that_another_one_runs_is_looked_at(found):
    files = {"run.sh": "#!/bin/sh\nset -e\n/s/next.sh && serve\n", "next.sh": "#!/bin/bash\r\nwait\r\n"}
    ((_, _, message, place),) = found(DIRECT, files)
    assert "'next.sh'" in message
    assert place.endswith("next.sh:1:1")


ALPINE = "FROM python:3.12-alpine\n%sCOPY . /s\n"
BUILT = "build: ., command: [/s/run.sh, 'db:1']"


@pytest.mark.parametrize(
    ("body", "dockerfile", "severity"),
    [
        ("image: 'alpine:3.20', entrypoint: /s/run.sh, volumes: ['.:/s']", "", "error"),
        ("image: 'alpine:3.20', command: bash -c run", "", "error"),
        ("image: 'alpine:3.20', command: [bash, -c, run]", "", "error"),
        (BUILT, ALPINE % "", "error"),
        (BUILT, ALPINE % "RUN apk add curl\n", "warning"),
        (BUILT, ALPINE % "COPY --from=y /usr /usr\n", "warning"),
    ],
)
def test_shell_that_the_image_lacks_keeps_a_script_from_running(found, body, dockerfile, severity):
    files = {"run.sh": "#!/usr/bin/env bash\nserve\n", "Dockerfile": dockerfile}
    ((said, _, message, _),) = found(body, files)
    assert said == severity
    assert "'bash'" in message


@pytest.mark.parametrize(
    ("body", "dockerfile"),
    [
        (BUILT, ALPINE % "RUN apk add --no-cache bash\n"),
        (BUILT, "FROM python:3.12\nCOPY . /s\n"),
        (BUILT, "FROM example/own:1\nCOPY . /s\n"),
        ("image: 'debian:12', entrypoint: /s/run.sh, volumes: ['.:/s']", ""),
        ("image: 'alpine:3.20', entrypoint: sh /s/run.sh, volumes: ['.:/s']", ""),
        ("image: 'alpine:3.20', command: sh -c 'apk add bash && /s/run.sh', volumes: ['.:/s']", ""),
        ("image: 'alpine:3.20', command: sh -c 'echo bash'", ""),
        ("image: 'alpine:3.20', command: ash -c run", ""),
    ],
)
def test_shell_that_is_there_or_may_be_is_no_fault(found, body, dockerfile):
    assert not found(body, {"run.sh": "#!/usr/bin/env bash\nserve\n", "Dockerfile": dockerfile})


@pytest.mark.parametrize(
    ("other", "severity"), [({}, "warning"), ({"tool.bin": "x"}, "warning"), ({"more.sh": "x"}, "error")]
)
def test_script_that_nobody_may_execute_is_a_fault_where_it_is_started_as_such(
    found, tmp_path, other, severity
):
    found(DIRECT, other)
    ((said, _, message, _),) = found(DIRECT, {"run.sh": "#!/bin/sh\nserve\n"}, 0o644)
    assert "runs 'run.sh', which is not executable: it is mounted" in message
    assert said == severity
    assert "permission denied" in message


def test_script_that_is_copied_may_have_lost_its_permission_on_this_disk_alone(found):
    files = {"run.sh": "#!/bin/sh\nserve\n", "Dockerfile": "FROM python:3.12\nCOPY . /s\n"}
    ((said, _, _, _),) = found(BUILT, files, 0o644)
    assert said == "note"


@pytest.mark.parametrize(
    ("body", "dockerfile"),
    [
        ("image: x, command: sh -c 'chmod +x /s/run.sh && /s/run.sh', volumes: ['.:/s']", ""),
        ("image: x, entrypoint: sh /s/run.sh, volumes: ['.:/s']", ""),
        ("build: .", 'FROM x\nCOPY --chmod=755 run.sh /\nENTRYPOINT ["/run.sh"]\n'),
        ("build: .", 'FROM x\nCOPY run.sh /\nRUN chmod +x /run.sh\nENTRYPOINT ["/run.sh"]\n'),
        ("build: .", 'FROM x\nCOPY run.sh /\nRUN chmod -R a+rx /\nENTRYPOINT ["/run.sh"]\n'),
    ],
)
def test_permission_that_is_not_needed_or_given_later_is_no_fault(found, body, dockerfile):
    assert not found(body, {"run.sh": "#!/bin/sh\nserve\n", "Dockerfile": dockerfile}, 0o644)


def test_script_that_services_have_by_an_anchor_is_one_finding(tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "start.sh").write_text("#!/bin/bash\nserve\n")
    (tmp_path / "web" / "start.sh").chmod(0o644)
    (tmp_path / "compose.yml").write_text(
        "x-app: &app\n  image: python:3.12-alpine\n  volumes: [./web:/app]\n"
        "  entrypoint: [/app/start.sh]\n"
        "services:\n  a:\n    <<: *app\n  b:\n    <<: *app\n"
    )
    found = check(tmp_path / "compose.yml", environment={}).diagnostics
    mode, shell = (each for each in found if each.rule == "unrunnable-script")
    for each in (mode, shell):
        assert (each.span.line, each.service) == (4, "a")
        assert "'b' too" in [other.message for other in each.related]
    assert "'chmod +x web/start.sh'" in mode.remedy
    assert "bash /app" not in mode.remedy
