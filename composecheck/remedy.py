"""What mends a finding, in words and in YAML that fits the file at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from composecheck.spelling import did_you_mean as did_you_mean  # noqa: PLC0414 - rules ask here for it

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.project import Service

# How to ask whether a well-known image's service answers, with a tool that the image has itself.
# By TCP and on the loopback address: while they set up their data, PostgreSQL, MySQL and MariaDB
# run a first server that only listens on a socket file.
_PROBES = {
    "postgres": '["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]',
    "mysql": '["CMD-SHELL", "mysqladmin ping -h 127.0.0.1 --silent"]',
    "mariadb": '["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"]',
    "redis": '["CMD", "redis-cli", "ping"]',
    "valkey": '["CMD", "valkey-cli", "ping"]',
    "mongo": '["CMD", "mongosh", "--quiet", "--eval", "db.adminCommand(\'ping\').ok"]',
    "rabbitmq": '["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"]',
    "elasticsearch": '["CMD-SHELL", "curl -fs http://127.0.0.1:9200/_cluster/health"]',
}
_PROBES |= {
    "postgis": _PROBES["postgres"],
    "pgvector": _PROBES["postgres"],
    "timescaledb": _PROBES["postgres"],
}


def condition(dependent: str, dependency: str, word: str) -> str:
    """Return the `depends_on` entry with a condition, as YAML under `services`."""
    return f"{dependent}:\n  depends_on:\n    {dependency}:\n      condition: {word}"


def healthcheck(service: Service) -> str:
    """Return a healthcheck for a service, as YAML under `services`."""
    test = _PROBES.get(_family(service.image), '["CMD", "..."]  # a command that succeeds once it answers')
    disabled = service.healthcheck is not None and service.healthcheck.disabled
    lines = [f"{service.name}:", "  healthcheck:", *(["    disable: false"] if disabled else [])]
    return "\n".join([*lines, f"    test: {test}", "    interval: 2s", "    timeout: 5s", "    retries: 30"])


def _family(image: str | None) -> str:
    """Return what an image is commonly called: "postgres" for docker.io/library/postgres:16-alpine."""
    return (image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]


def listed(names: Iterable[str], word: Literal["and", "or"] = "and") -> str:
    """Return "'a', 'b' and 'c'"."""
    quoted = [f"'{name}'" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def indented(text: str) -> str:
    """Return lines set off by two blanks, as a block under a sentence."""
    return "\n".join(f"  {line}" for line in text.split("\n"))
