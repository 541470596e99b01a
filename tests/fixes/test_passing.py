"""A test that may pass today gets no other unasked, whatever is wrong with it: who waits starts today."""

from __future__ import annotations

import pytest

HEAD = "services:\n  api: {image: api, depends_on: {store: {condition: service_healthy}}}\n  store:\n"
POSTGRES = "    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x, POSTGRES_USER: me}\n"
REDIS = "    image: redis:7\n"
UNSAFE = " (changes a test that may pass today)"


@pytest.mark.parametrize(
    ("store", "test", "rule", "safe"),
    [
        (POSTGRES, "curl -f http://localhost:5432", "healthcheck-missing-tool", True),
        (POSTGRES, "curl -f http://localhost:5432 || exit 1", "healthcheck-missing-tool", True),
        (POSTGRES, "curl -f http://localhost:5432 || false;", "healthcheck-missing-tool", True),
        (POSTGRES, "curl -f http://localhost:5432 || true", "healthcheck-missing-tool", False),
        (POSTGRES, "curl -f http://localhost:5432 || exit 0", "healthcheck-missing-tool", False),
        (POSTGRES, "curl -f http://localhost:5432; echo done", "healthcheck-missing-tool", False),
        (POSTGRES, "pg_isready -h localhost -U $POSTGRES_USER", "healthcheck-interpolated-variable", True),
        (POSTGRES, "pg_isready -h localhost -U ${POSTGRES_DB}", "healthcheck-interpolated-variable", False),
        (POSTGRES, ["pg_isready", "||", "exit", "1"], "healthcheck-shell-syntax", True),
        (REDIS, ["redis-cli", "ping", "|", "grep", "PONG"], "healthcheck-shell-syntax", False),
        (REDIS, ["echo", "ok", "&&", "redis-cli", "ping"], "healthcheck-shell-syntax", False),
        (REDIS, ["redis-cli ping"], "healthcheck-shell-syntax", True),
    ],
)
def test_test_that_may_pass_today_is_changed_only_where_that_is_allowed(folder, store, test, rule, safe):
    folder[".env"] = "POSTGRES_DB=other\n"
    store = store.replace("USER: me", "USER: me, POSTGRES_DB: shop")
    words = ["CMD", *test] if isinstance(test, list) else ["CMD-SHELL", test]
    written = ", ".join(f"'{word}'" for word in words)
    text = f"{HEAD}{store}    healthcheck: {{test: [{written}], interval: 2s, retries: 60}}\n"
    folder["compose.yml"] = text
    lines = folder.check("--fix").out.splitlines()
    assert any(line.startswith("fixed: ") and f" {rule}: " in line for line in lines) == safe
    if not safe:
        assert folder["compose.yml"] == text
        lines = folder.check("--fix", "--unsafe-fixes").out.splitlines()
        assert any(f" {rule}: " in line and line.endswith(UNSAFE) for line in lines)
