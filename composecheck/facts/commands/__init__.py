"""What runs in a service's container: its words, the shells among them, what it waits for and asks."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.facts.commands.calls import Call
    from composecheck.model.project import Service


def written(service: Service) -> tuple[str, ...]:
    """Return the words of a service's entrypoint and command, as far as the Compose file gives them."""
    return (*(service.entrypoint or ()), *(service.command or ()))


def started(facts: Facts, service: Service) -> tuple[tuple[str, ...], str]:
    """Return the words that a service's container starts with, as far as files tell, and their key."""
    image = facts.images.built(service) if service.entrypoint is None else None
    if image is not None:
        # An entrypoint in the Compose file would drop the image's command.
        words = (*(image.entrypoint or ()), *(service.command or image.command or ()))
        return words, "command" if service.command and not image.entrypoint else "build"
    return written(service), "command" if service.command else "entrypoint"


def call_of(facts: Facts, service: Service) -> Call | None:
    """Return what a service's container has a shell read when it starts; asked of `Facts.call`, once."""
    from composecheck.facts.commands.calls import called

    words, _ = started(facts, service)
    return called(words, facts.files(service)) if words else None


def may_run_script(facts: Facts, service: Service) -> bool:
    """Return whether a shell, or a file of the project, may be what a service's container runs."""
    from composecheck.facts.commands.shells import is_shell

    return facts.files(service) is not None or any(map(is_shell, started(facts, service)[0]))
