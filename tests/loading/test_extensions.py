"""`x-retry` and `x-readiness` are read with the same care as Compose's own keys."""

from __future__ import annotations

import pytest

S = "services:\n  s:\n    image: x\n    "


def test_retry_defaults(service):
    retry = service("x-retry: {}").retry
    assert retry[1:] == (20, 0.5, 2.0, 5.0, 0.1, 60.0)


def test_retry_in_full(service):
    retry = service(
        "x-retry: {attempts: 3, wait: 1s, backoff: 1.5, max_wait: 1m, jitter: 0, max_time: 90}"
    ).retry
    assert retry[1:] == (3, 1.0, 1.5, 60.0, 0.0, 90.0)


def test_retry_of_one_dependency(load):
    entry = "{b: {condition: service_started, x-retry: {attempts: 2}}}"
    text = f"services:\n  a: {{image: x, depends_on: {entry}}}\n  b: {{image: x}}\n"
    loaded = load(text)
    assert loaded.diagnostics == ()
    service = loaded.project.services["a"]
    assert service.depends_on["b"].retry.attempts == 2
    assert service.retry is None


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("exec: [pg_isready, -q]", "exec", ("pg_isready", "-q")),
        ("exec: pg_isready -q", "exec", ("/bin/sh", "-c", "pg_isready -q")),
        ("exec: {command: [a]}", "exec", ("a",)),
        ("tcpSocket: {port: 5432}", "tcp", (5432,)),
        ("httpGet: {path: /healthz, port: 8080}", "http", (8080, "/healthz")),
        ("httpGet: {port: 8080}", "http", (8080, "/")),
        ("log: 'ready to accept'", "log", "ready to accept"),
    ],
)
def test_probe(service, text, field, value):
    probe = service(f"x-readiness: {{{text}}}").readiness
    assert getattr(probe, field) == value
    assert [kind for kind in ("exec", "tcp", "http", "log") if getattr(probe, kind) is not None] == [field]


@pytest.mark.parametrize(
    "text",
    [
        "periodSeconds: 2, timeoutSeconds: 3, initialDelaySeconds: 4, failureThreshold: 5",
        "period: 2s, timeout: 3s, initial_delay: 4s, failure_threshold: 5",
    ],
)
def test_probe_times_in_either_word(service, text):
    probe = service(f"x-readiness: {{tcpSocket: {{port: 1}}, {text}}}").readiness
    assert probe[5:] == (2.0, 3.0, 4.0, 5)


@pytest.mark.parametrize(
    "body",
    [
        "x-retry: 5",
        "x-retry: {atempts: 5}",
        "x-retry: {attempts: 0}",
        "x-retry: {attempts: true}",
        "x-retry: {wait: soon}",
        "x-retry: {backoff: 0.5}",
        "x-retry: {max_time: [1]}",
        "depends_on: {t: {condition: service_started, x-retry: {wait: -1s}}}",
        "x-readiness: {}",
        "x-readiness: {log: a, exec: [b]}",
        "x-readiness: {log: '('}",
        "x-readiness: {exec: []}",
        "x-readiness: {tcpSocket: {}}",
        "x-readiness: {tcpSocket: {port: 0}}",
        "x-readiness: {httpGet: {port: 80, path: x}}",
        "x-readiness: {httpGet: {port: 80, foo: x}}",
        "x-readiness: {log: a, periodSeconds: 0}",
        "x-readiness: {log: a, foo: 0}",
    ],
)
def test_wrong_value_is_one_finding(findings, body):
    ((line, column, rule),) = findings(f"{S}{body}\n  t: {{image: x}}\n")
    assert line == 4
    assert column > 4
    assert rule in ("invalid-type", "invalid-value", "unknown-key", "missing-key")
