"""`composecheck down`."""

from __future__ import annotations

from composecheck.cli import standing
from composecheck.cli.interrupt import Interrupted, Interrupts
from composecheck.cli.options import duration
from composecheck.cli.output import say
from composecheck.errors import EngineError
from composecheck.identity import image_name
from composecheck.named import TYPE_CHECKING
from composecheck.stack import take_down
from composecheck.stack.failure import stands
from composecheck.stack.standing import require_known

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from composecheck.engine.protocol import Progress, Status
    from composecheck.model.project import Project


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `down`."""
    standing.add_services(parser, "only these, with --volumes what they alone mount")
    parser.add_argument("-v", "--volumes", action="store_true", help="remove the volumes as well")
    parser.add_argument("--rmi", choices=("local", "all"), help="remove the images as well: those without a "
                        "name in the file, or all")  # fmt: skip
    parser.add_argument("-t", "--timeout", type=duration, metavar="TIME",
                        help="grace at stop, in place of each service's own")  # fmt: skip
    parser.add_argument("--remove-orphans", action="store_true",
                        help="remove containers of services that the file no longer has")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Take the project down; a file with errors is no obstacle as long as it says its name.

    With `-p` alone, as with Compose, the labels say what the project is, and there are no orphans.
    """
    seen: list[str] = []

    def progress(thing: str, text: str) -> None:
        seen.append(thing)
        say(f"{thing}  {text}")

    try:
        with Interrupts(list, text=lambda _left: "interrupted; what is not yet removed stands"):
            name = _take_down(arguments, progress)
    except Interrupted as interrupted:
        return interrupted.exit_code
    if not seen:
        say(f"nothing to take down: the engine has nothing of project '{name}'")
    return 0


def _take_down(arguments: argparse.Namespace, progress: Progress) -> str:
    """Take the project down and return its name."""
    name, model = standing.meant(arguments)
    named = arguments.project_name is not None and not arguments.files
    services: set[str] | None = None
    if model is not None and not (named or arguments.remove_orphans):
        services = {*model.services, *model.disabled}
    with standing.engine() as session:
        there = session.standing(name) if arguments.services or arguments.rmi else ()
        for each in arguments.services:
            known = {*model.services, *model.disabled} if model is not None else set[str]()
            require_known(each, known | {container.service for container in there})
        images = _images(name, there, model, arguments)
        if arguments.services:
            for each in there:
                if each.service not in arguments.services and each.image in images:
                    images.remove(each.image)
                    progress(f"image {each.image}", f"left: container '{each.name}' uses it")
        take_down(
            session,
            name,
            services=None if arguments.services else services,
            asked=arguments.services,
            volumes=arguments.volumes,
            timeout=arguments.timeout,
            model=model,
            on_progress=progress,
        )
        if images:
            left = session.remove_images(images, progress)
            if left.things:
                raise EngineError(stands(left))
    return name


def _images(
    name: str, there: Iterable[Status], model: Project | None, arguments: argparse.Namespace
) -> list[str]:
    """Return the images that go: of the file's services those that Compose would name, and of containers."""
    if arguments.rmi is None:
        return []
    found: set[str] = set()
    for service in model.services.values() if model is not None else ():
        if model is not None and (service.name in arguments.services or not arguments.services):
            own = not service.image and service.build is not None
            if own or (arguments.rmi == "all" and service.image):
                found.add(image_name(model, service))
    for each in there:
        if each.service in arguments.services or not arguments.services:
            own = model is None and each.image in (f"{name}-{each.service}", f"{name}_{each.service}")
            if own or arguments.rmi == "all":
                found.add(each.image)
    return sorted(found)
