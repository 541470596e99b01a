"""The names under which a dependent reaches a dependency, and the kinds of thing that this is."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What people call a service by its kind, beside its name.
_CALLED = {
    "database": "db database databases dbs sql postgres postgresql pg mysql mariadb mongo mongodb",
    "broker": "broker brokers queue mq amqp rabbit rabbitmq kafka",
    "cache": "cache redis valkey broker queue",
    "search": "search elastic elasticsearch es opensearch",
    "object-store": "storage minio s3",
}
_ANYTHING = frozenset(
    "services service deps dependencies dependency all everything backends backend hosts".split()  # noqa: SIM905
)
_STATES = (
    r"(?:[-_](?:to[-_]be|be|is|server|service|connection|ready|up|reachable|available|online|healthy"
    r"|start(?:ed)?))+$"
)


class Hosts:
    """The names under which a dependent reaches a dependency.

    `beside` is a pattern of what it calls itself where it is in the same network namespace, and `machine`
    one of the machine, where others answer too: there it is the ports that are `published`. `kind` is what
    the dependency's image is, as far as that is known.
    """

    __slots__ = ("_called", "_machine", "_mentioned", "_published", "kind", "known_by", "names")

    def __init__(
        self,
        hosts: Iterable[str],
        images: Iterable[str] = (),
        *,
        beside: str = "",
        machine: str = "",
        published: Iterable[int] = (),
        kind: str = "",
    ) -> None:
        reached = sorted(set(hosts))
        # A script may be named after what it waits for: wait-for-postgres.sh.
        self.names = frozenset(name.lower() for name in (*reached, *images))
        # None: by patterns as well, wherever a service answers that is not alone.
        self.known_by = None if beside else self.names
        words = _CALLED.get(kind, "").split()
        self.kind = kind or next((kind for kind, text in _CALLED.items() if self.names & {*text.split()}), "")
        self._called = frozenset(words or _CALLED.get(self.kind, "").split())
        self._mentioned = _mention("|".join([*map(re.escape, reached), *filter(None, (beside,))]))
        self._machine, self._published = machine, tuple(published)

    def among(self, words: Iterable[str]) -> bool:
        """Whether one of the words names one of them."""
        text = " ".join(words)
        if self._mentioned.search(text):
            return True
        if not self._machine or not any(str(port) in text for port in self._published):
            return False
        ports = "|".join(map(str, self._published))
        return bool(_mention(self._machine).search(text) and re.search(rf"(?<!\d)(?:{ports})(?!\d)", text))

    def are_called(self, name: str) -> bool:
        """Whether the name within that of a script or function means them: "db", "database_ready"."""
        return any(
            called in self.names or called in self._called or called in _ANYTHING
            for called in spellings(name)
        )

    def are_asked(self, text: str) -> bool:
        """Whether the text of a program names them, or what they are: DATABASE_URL."""
        words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
        return self.among((text,)) or not words.isdisjoint(self._called)


def spellings(name: str) -> set[str]:
    """Return what may be the name of a host in the name within that of a script."""
    name = name.lower()
    plain = re.sub(_STATES, "", name)
    return {name, plain, name.replace("_", "-"), name.replace("-", "_"), plain.replace("_", "-")}


def _mention(hosts: str) -> re.Pattern[str]:
    """Return what finds a host that fits a pattern in a command or in a value.

    A path's last part is no host, and "my-db" and "db.example.org" are other hosts than "db".
    """
    return re.compile(
        rf"(?:^|[\s@=,\"'(\[;]|//|/dev/(?:tcp|udp)/|\b(?:tcp|udp|https?|http-get|https-get):|(?:^|\s)-h)"
        rf"(?:{hosts})(?=$|[\s:/,\"'?)\];]|\.(?!\w))",
        re.IGNORECASE,
    )
