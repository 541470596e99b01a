"""What is known of probing: retry plans, readiness, and what an image says of itself."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Literal

    from composecheck.model.service import Healthcheck
    from composecheck.text.node import Node
    from composecheck.text.source import Span

# The engine's defaults for what a healthcheck leaves out (moby, daemon/health.go), in seconds.
DEFAULT_INTERVAL = 30.0
DEFAULT_TIMEOUT = 30.0
DEFAULT_START_INTERVAL = 5.0
DEFAULT_RETRIES = 3


class Retry(NamedTuple):
    """`x-retry`: the retry logic that a dependent's own start-up has; times in seconds.

    The wait before attempt n + 1 is min(wait * backoff ** (n - 1), max_wait) and up to `jitter`
    more; it ends after `attempts` attempts or `max_time`, whichever comes first.
    """

    node: Node
    attempts: int = 20
    wait: float = 0.5
    backoff: float = 2.0
    max_wait: float = 5.0
    jitter: float = 0.1
    max_time: float = 60.0

    @property
    def place(self) -> Span:
        """Where it is declared."""
        return self.node.place


class Probe(NamedTuple):
    """`x-readiness`, or what an image lets be probed; times in seconds.

    Exactly one of `exec`, `tcp`, `http`, `log` is given. `tcp` holds container ports, of which
    one must accept a connection; `http` is (port, path); `log` a regular expression.
    """

    node: Node | None = None
    exec: tuple[str, ...] | None = None
    tcp: tuple[int, ...] | None = None
    http: tuple[int, str] | None = None
    log: str | None = None
    period: float = 1.0
    timeout: float = 1.0
    initial_delay: float = 0.0
    failure_threshold: int | None = None  # None: goes on until the deadline


class Image(NamedTuple):
    """What an engine (or a Dockerfile) says of an image: resolves what the file leaves open.

    What is `assumed` nobody has said, and nothing else is told of it: a plan reckons with a healthcheck
    or with ports where only an engine could tell.
    """

    healthcheck: Healthcheck | None = None
    ports: tuple[int, ...] = ()  # TCP ports that it exposes
    ends: bool | None = None  # whether its own command ends by itself; None: not known
    assumed: tuple[Literal["healthcheck", "ports"], ...] = ()
