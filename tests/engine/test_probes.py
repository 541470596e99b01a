"""x-readiness is carried out on real containers."""

from __future__ import annotations

import pytest

from composecheck.model.project import Probe

from .bench import hear

pytestmark = pytest.mark.engine

# Listens on port 8000 half a second after its start, and says so.
SERVER = """
services:
  a:
    image: ${IMAGE}
    init: true
    command:
      - python
      - -uc
      - |
        import time, http.server as h
        time.sleep(0.5)
        server = h.ThreadingHTTPServer(("", 8000), h.SimpleHTTPRequestHandler)
        print("now listening", flush=True)
        server.serve_forever()
"""


CONNECT = "import socket; socket.create_connection(('127.0.0.1', 8000))"


@pytest.fixture
def server(bench):
    def start(extra: str = ""):
        project = bench.load(SERVER + extra)
        bench.up(project, settled=False)
        return bench, project.services["a"]

    return start


def answer(started, probe: Probe):
    bench, service = started
    bench.engine.watch(service, 1, probe)
    return hear(bench.engine, "a", {"probed", "unanswered"})[-1]


@pytest.mark.slow_after(2)
@pytest.mark.parametrize(
    ("probe", "text"),
    [
        (Probe(tcp=(9, 8000), period=0.1), "port 8000 answered"),
        (Probe(http=(8000, "/"), period=0.1), "GET / answered 200"),
        (Probe(log="now .*ing$", period=0.1), "log line 'now listening'"),
        (Probe(exec=("python", "-c", CONNECT), period=0.1, timeout=5), "exit 0"),
    ],
)
def test_a_probe_answers_once_the_service_is_ready(server, probe, text):
    event = answer(server(), probe)
    assert (event.kind, event.text) == ("probed", text)


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("probe", [Probe(tcp=(8000,), period=0.1), Probe(http=(8000, "/"), period=0.1)])
def test_a_published_port_counts_only_when_somebody_listens_behind_it(server, monkeypatch, probe):
    """The engine's proxy accepts at once; as where containers have no address on this machine."""
    started = server("    ports: ['8000']\n")
    monkeypatch.setattr(started[0].engine._reach, "containers_have_addresses", False)
    started_at = next_start(started)
    event = answer(started, probe)
    assert event.kind == "probed"
    assert event.time - started_at > 0.3


def next_start(started):
    return started[0].engine.clock.now()


@pytest.mark.slow_after(2)
@pytest.mark.parametrize(
    ("probe", "text"),
    [
        (Probe(exec=("sh", "-c", "echo no; exit 3"), timeout=5), "exit 3: no"),
        (Probe(exec=("python", "-c", "import time; time.sleep(60)"), timeout=0.2), "no answer within 0.2s"),
        (Probe(exec=("nosuch",), timeout=5), "nosuch"),
        (Probe(tcp=(9,)), "port 9: connection refused"),
        (Probe(log="never", timeout=0.3), "no answer within 0.3s"),
        (Probe(http=(8000, "/é"), timeout=5, initial_delay=1), "GET /é answered 404"),
        (Probe(http=(8000, "/none"), timeout=5, initial_delay=1), "GET /none answered 404"),
    ],
)
def test_a_probe_that_fails_often_enough_is_unanswered(server, probe, text):
    event = answer(server(), probe._replace(period=0.2, failure_threshold=2))
    assert event.kind == "unanswered"
    assert text in event.text


def test_a_late_command_is_never_run_beside_itself(server):
    bench, service = server()
    probe = Probe(
        exec=("python", "-c", "import time; time.sleep(60)"), period=0.1, timeout=0.1, failure_threshold=8
    )
    assert answer((bench, service), probe).kind == "unanswered"
    files = "glob.glob('/proc/[0-9]*/cmdline')"
    code = f"import glob; print(sum(b'sleep(60)' in open(f, 'rb').read() for f in {files}))"
    _, out = bench.sessions[-1].exec(service, 1, ["python", "-c", code])
    assert int(out) - 1 == 1, "the one that counts has the words in its command line too"


def test_the_last_answer_is_part_of_the_trouble(server):
    bench, service = server()
    answer((bench, service), Probe(tcp=(9,), failure_threshold=1))
    trouble = bench.sessions[-1].trouble(service, 1, 5)
    assert trouble.state == "running"
    assert trouble.probes[-1].output == "port 9: connection refused"
