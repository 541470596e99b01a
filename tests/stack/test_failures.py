"""What goes wrong on a real engine: a clear message, its exit code, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

import composecheck

from .polling import until

pytestmark = pytest.mark.engine

SLEEP = "command: [python, -c, 'import time; time.sleep(600)']"


def test_container_that_exits_fails_at_once_with_its_code_and_log(folder, left):
    folder.write("""
services:
  db:
    image: ${IMAGE}
    command: [python, -c, "print('FATAL: bad config'); raise SystemExit(3)"]
    healthcheck: {test: [CMD, python, -c, ""], interval: 30s}
  api:
    image: ${IMAGE}
    depends_on: {db: {condition: service_healthy}}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "composecheck: compose.yml:3:3: service 'db' failed: exit code 3\n" in result.stderr
    assert "  log      FATAL: bad config\n" in result.stderr
    assert "  blocked  api: needs 'db' (service_healthy), which failed\n" in result.stderr
    assert left() == []


def test_crash_loop_fails_though_the_engine_restarts_it(folder, left):
    folder.write("""
services:
  app:
    image: ${IMAGE}
    restart: always
    command: [python, -c, "raise SystemExit(7)"]
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "compose.yml:3:3: service 'app' failed: restarted twice, exit code 7\n" in result.stderr
    assert left() == []


def test_unhealthy_container_fails_with_its_last_probe_output(folder, left):
    folder.write("""
services:
  db:
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    healthcheck:
      test: [CMD, python, -c, "print('no answer on 5432'); raise SystemExit(1)"]
      interval: 300ms
      timeout: 5s
      retries: 2
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "exit 1: no answer on 5432" in result.stderr
    assert left() == []


def test_one_that_never_answers_ends_at_the_deadline(folder, left):
    folder.write("""
services:
  db:
    image: ${IMAGE}
    command: [python, -c, "import time; print('booting'); time.sleep(600)"]
    x-readiness: {tcpSocket: {port: 5432}}
  api:
    image: ${IMAGE}
    depends_on: [db]
""")
    result = folder.run("up", "--wait-timeout", "2s")
    assert result.returncode == 4
    assert "composecheck: not ready within 2s: 'db', 'api' had not become ready\n" in result.stderr
    assert "\ncompose.yml:3:3: service 'db': " in result.stderr
    assert left() == []


def test_host_port_taken_by_a_container_names_it(folder, left, docker_engine, project_name, python_image):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    holder = docker_engine.containers.run(
        python_image, ["python", "-c", "import time; time.sleep(60)"],
        detach=True, name=f"{project_name}-holder", ports={"80/tcp": ("127.0.0.1", port)},
    )  # fmt: skip
    try:
        folder.write(f"""
services:
  web:
    image: ${{IMAGE}}
    {SLEEP}
    ports: ["127.0.0.1:{port}:80"]
""")
        result = folder.run("up")
    finally:
        holder.remove(force=True)
    assert result.returncode == 3
    found = f"host port 127.0.0.1:{port} is in use by container '{project_name}-holder'"
    assert f"error: service 'web': {found} [port-in-use]\n" in result.stderr
    assert f"help: stop it (`docker stop {project_name}-holder`), or publish another port" in result.stderr
    assert left() == []


def test_host_port_taken_by_another_process_is_said(folder, left):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        folder.write(f"""
services:
  web:
    image: ${{IMAGE}}
    {SLEEP}
    ports: ["127.0.0.1:{port}:80"]
""")
        result = folder.run("up")
    assert result.returncode == 3
    found = re.search(r"error: (.*) in use by process '[^']+' \((.*)\) \[port-in-use\]\n", result.stderr)
    assert found is not None
    assert found[1] == f"service 'web': host port 127.0.0.1:{port} is"
    assert found[2] == f"pid {os.getpid()}"
    assert left() == []


def test_container_name_taken_is_said(folder, left, docker_engine, project_name, python_image):
    name = f"{project_name}-mine"
    holder = docker_engine.containers.create(python_image, ["python"], name=name)
    try:
        folder.write(f"services:\n  web:\n    image: ${{IMAGE}}\n    container_name: {name}\n    {SLEEP}\n")
        result = folder.run("up")
    finally:
        holder.remove(force=True)
    assert result.returncode == 3
    whose = "of service 'web' is in use by a container that Compose did not make"
    assert f"error: the container name '{name}' {whose} [container-name-in-use]\n" in result.stderr
    assert left() == []


def test_absent_image_is_named(folder, left):
    folder.write("services:\n  web:\n    image: 127.0.0.1:1/absent:1\n")
    result = folder.run("up")
    assert result.returncode == 3
    assert (
        "compose.yml:3:12: image '127.0.0.1:1/absent:1' of service 'web' cannot be pulled: " in result.stderr
    )
    assert left() == []


def test_failing_build_shows_its_step_and_output(folder, left):
    folder.write("services:\n  web:\n    build: {context: app, args: {IMAGE: '${IMAGE}'}}\n")
    folder.write(
        'ARG IMAGE\nFROM ${IMAGE}\nRUN ["python", "-c", "print(\'no such package\'); raise SystemExit(9)"]\n',
        "app/Dockerfile",
    )
    result = folder.run("up")
    assert result.returncode == 3
    assert "compose.yml:3:5: the image of service 'web' cannot be built at step 3/6 RUN " in result.stderr
    assert "  build    no such package\n" in result.stderr
    assert left() == []


def test_unsupported_key_is_refused_by_line_before_anything_is_created(folder, left):
    folder.write(f"""
services:
  web:
    image: ${{IMAGE}}
    {SLEEP}
    post_start:
      - command: [python, -c, ""]
""")
    result = folder.run("up")
    assert result.returncode == 2
    assert (
        result.stderr == "composecheck: compose.yml:6:5: service 'web': 'post_start' is not supported yet\n"
    )
    assert left() == []


def test_file_with_errors_leaves_the_engine_untouched(folder, left):
    folder.write("services:\n  web:\n    image: ${IMAGE}\n    depends_on: [dbb]\n")
    result = folder.run("up")
    assert result.returncode == 2
    undefined = "service 'web' depends on 'dbb', which is not defined"
    assert f"compose.yml:4:18: error: {undefined} [undefined-dependency]\n" in result.stderr
    assert left() == []


def test_absent_engine_is_said_with_exit_code_3(folder):
    folder.write("services:\n  web:\n    image: ${IMAGE}\n")
    folder.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    result = folder.run("up")
    assert result.returncode == 3
    assert result.stderr == (
        "composecheck: cannot reach a Docker Engine at unix:///nowhere/docker.sock (DOCKER_HOST): "
        "there is no such socket; start Docker, or set DOCKER_HOST to where it runs\n"
    )


@pytest.mark.slow_but_every(5)
@pytest.mark.parametrize("delay", [0.4, 0.8, 1.2, 1.6, 2.0, 2.5])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_at_any_moment_leaves_nothing(folder, left, delay, number):
    folder.write(f"""
services:
  db:
    image: ${{IMAGE}}
    {SLEEP}
    volumes: [data:/data]
    healthcheck: {{test: [CMD, python, -c, ""], interval: 1s}}
  api:
    image: ${{IMAGE}}
    {SLEEP}
    depends_on: {{db: {{condition: service_healthy}}}}
    x-readiness: {{tcpSocket: {{port: 9}}}}
volumes: {{data: }}
""")
    process = folder.begin("up")
    time.sleep(delay)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    # Before the program has begun its work, the signal ends it as it ends any program.
    assert process.returncode in (128 + number, -number), out + err
    assert left() == []


@pytest.mark.slow
def test_second_interrupt_ends_at_once_and_says_what_is_left(folder, left):
    folder.write("""
services:
  slow:
    image: ${IMAGE}
    stop_grace_period: 60s
    command:
      - python
      - -c
      - "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    x-readiness: {tcpSocket: {port: 9}}
""")
    process = folder.begin("up")
    deadline = time.monotonic() + 20
    while not any("slow" in name for name in left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.7)  # two within half a second are one
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 5
    # A fast engine may have removed all of it between the two signals.
    if left():
        assert "still there" in err
        folder.write("services:\n  other:\n    image: ${IMAGE}\n    command: [python, -c, '']\n")
        assert folder.run("up").returncode == 0
        assert not any("slow" in name for name in left())
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_no_secret_reaches_what_is_printed(folder, left):
    folder.environment["OF_THE_HOST"] = "s3cr3t-of-the-host"
    folder.write("""
services:
  db:
    image: ${IMAGE}
    environment: {DB_PASSWORD: hunter2hunter2}
    secrets: [token]
    command: [sh, -c, 'echo "$$DB_PASSWORD"; read -r line < /run/secrets/token; echo "$$line"; exit 3']
  probed:
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    x-readiness: {exec: [sh, -c, "echo hunter2hunter2; exit 1"], failureThreshold: 1, initialDelaySeconds: 3}
secrets: {token: {environment: OF_THE_HOST}}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "  log      ***\n  log      ***\n" in result.stderr
    assert "hunter2hunter2" not in result.stdout + result.stderr
    assert "s3cr3t-of-the-host" not in result.stdout + result.stderr
    result = folder.run("up", "probed")
    assert result.returncode == 1
    assert "  probe    exit 1: ***\n" in result.stderr
    assert "hunter2hunter2" not in result.stdout + result.stderr
    assert left() == []


def test_a_second_failure_does_not_tell_the_first_again(folder, left, monkeypatch):
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, 'raise SystemExit(4)']}}")
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(key, folder.environment[key])
    stack = composecheck.Stack(folder.path / "compose.yml")
    for _ in range(2):
        with pytest.raises(composecheck.NotReadyError) as caught:
            stack.up(timeout=60)
        assert str(caught.value).count("service 'job' failed") == 1
    assert left() == []


@pytest.mark.slow
def test_a_program_killed_inside_the_block_is_cleaned_up_after_by_the_next_up(folder, left):
    folder.write(f"services: {{app: {{image: '${{IMAGE}}', init: true, {SLEEP}}}}}")
    script = "import composecheck, os\nwith composecheck.Stack().up():\n    os.kill(os.getpid(), 9)"
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=folder.path, env=folder.environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert left() != []
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, '']}}")
    assert folder.run("up").returncode == 0
    assert not any("app" in name for name in left())
    assert folder.run("down").returncode == 0


@pytest.mark.slow
def test_an_interrupt_while_it_cleans_up_lets_it_finish_and_say_why(folder, left, docker_engine):
    folder.write("""
services:
  stubborn:
    image: ${IMAGE}
    stop_grace_period: 4s
    volumes: [.:/here]
    command: [python, -c, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
    stop_signal: SIGTERM
  job: {image: "${IMAGE}", command: [python, -c, "import time; time.sleep(0.5); exit(3)"]}
""")
    names = {"name": f"^{folder.project}-(job|stubborn)-1$"}
    seen = set()

    def job_ended():
        states = {c["Names"][0]: c["State"] for c in docker_engine.api.containers(all=True, filters=names)}
        seen.update(states)
        job = f"/{folder.project}-job-1"
        return len(seen) == 2 and states.get(job, "removed") in ("exited", "removed")  # it may be gone soon

    process = folder.begin("up")
    until(job_ended)
    time.sleep(1)  # by then it is stopping the other one, which takes four
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "which goes on" in err
    assert "service 'job' failed: exit code 3" in err
    assert left() == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["up", "down"])
def test_a_reader_who_goes_away_stops_nothing(folder, left, command):
    folder.write(
        "services:" + "".join(f"\n  s{n}: {{image: '${{IMAGE}}', init: true, {SLEEP}}}" for n in range(3))
    )
    if command == "down":
        assert folder.run("up").returncode == 0
    process = folder.begin(command)
    process.stderr.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert len(left()) == (4 if command == "up" else 0)


@pytest.mark.slow
def test_a_paused_container_is_refused_and_one_without_its_network_made_anew(
    folder, docker_engine, project_name
):
    folder.write(f"services: {{app: {{image: '${{IMAGE}}', init: true, {SLEEP}}}}}")
    assert folder.run("up").returncode == 0
    docker_engine.api.pause(f"{project_name}-app-1")
    paused = folder.run("up")
    assert paused.returncode == 2
    assert paused.stderr == (
        f"composecheck: compose.yml:1:12: container '{project_name}-app-1' of service 'app' is paused; "
        f"`docker unpause {project_name}-app-1` lets it go on\n"
    )
    docker_engine.api.unpause(f"{project_name}-app-1")
    docker_engine.api.disconnect_container_from_network(f"{project_name}-app-1", f"{project_name}_default")
    cut_off = folder.run("up")
    assert cut_off.returncode == 0
    assert f"made anew: it is not connected to network '{project_name}_default'" in cut_off.stderr


@pytest.mark.slow
def test_a_container_that_was_stopped_is_started_again_and_not_called_unchanged(
    folder, docker_engine, project_name
):
    folder.write(f"services: {{app: {{image: '${{IMAGE}}', init: true, {SLEEP}}}}}")
    assert folder.run("up").returncode == 0
    docker_engine.api.kill(f"{project_name}-app-1")
    again = folder.run("up")
    assert again.returncode == 0
    assert "unchanged" not in again.stdout


def test_two_starts_of_one_project_take_turns(folder, left):
    folder.write(f"services: {{app: {{image: '${{IMAGE}}', init: true, {SLEEP}}}}}")
    both = [folder.begin("up"), folder.begin("up")]
    outputs = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert len(left()) == 2


def test_secrets_in_files_and_what_steers_a_terminal_stay_out_of_the_log(folder, left):
    folder.write("of-the-file\n", "token.txt")
    folder.write("""
services:
  app:
    image: ${IMAGE}
    secrets: [token]
    command: [python, -c, "print(chr(27) + '[2J', open('/run/secrets/token').read(), 'x' * 5000); exit(3)"]
secrets: {token: {file: ./token.txt}}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "of-the-file" not in result.stderr
    assert chr(27) not in result.stderr
    assert max(map(len, result.stderr.splitlines())) < 600
    assert left() == []
