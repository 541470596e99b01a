"""What the engine does when a service's container ends."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.model.project import Service
    from composecheck.text.source import Span


_FIRST_WAIT, _MOST = 0.1, 1_000
# The words of `deploy`, and the engine's.
_SENT = {"none": "no", "any": "always"}


class RestartPolicy(NamedTuple):
    """A service's restart policy, and where it is written (the service, if nowhere)."""

    name: str  # no, always, on-failure, unless-stopped
    word: str  # as the file calls it: "any", "on-failure:3"
    place: Span
    sent: str  # as the engine is sent it; "" where it is sent none
    attempts: int  # that the engine is sent; 0 is without end

    @property
    def tried(self) -> float | None:
        """For how many seconds a program that ends at once is started again, None for without an end.

        The engine waits 0.1 seconds before the first time, and each time twice as long, a minute at most.
        """
        if not self.attempts or self.name != "on-failure":
            return None
        return sum(min(_FIRST_WAIT * 2.0**number, 60.0) for number in range(min(self.attempts, _MOST)))

    @property
    def after_success(self) -> bool:
        """Whether a container that ends with 0 is started again: it never ends."""
        return self.name in ("always", "unless-stopped")

    @property
    def after_failure(self) -> bool:
        """Whether a container that fails is started again."""
        return self.after_success or self.name == "on-failure"


def restart_policy(service: Service) -> RestartPolicy:
    """Return the policy that the engine gets.

    `deploy.restart_policy` wins over `restart`. Without a condition it sends the engine none, and
    so never restarts (docker compose v2.40, although the specification's default is `any`).
    """
    deployed = service.deploy is not None and service.deploy.restart_policy is not None
    place = service.key_place(*("deploy", "restart_policy", "condition") if deployed else ("restart",))
    text, condition, attempts = service.restart_policy or ("", "", 0)
    word = text or ("none" if deployed else "no")
    return RestartPolicy(service.restart, word, place, _SENT.get(condition, condition), attempts)
