"""`composecheck config`."""

from __future__ import annotations

import sys

from composecheck.dump import dump, service_hash, used
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Iterable, Iterator

    from composecheck.model.project import Project


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `config`, named as Docker Compose names them."""
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these and what they depend on")
    parser.add_argument(
        "--format", choices=("yaml", "json"), default="yaml", help="yaml (the default) or json"
    )
    parser.add_argument("--no-interpolate", action="store_true", help="leave variables as they are written")
    parser.add_argument("--mask-secrets", action="store_true", help="hide passwords, tokens and the like")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but what is wrong")
    parser.add_argument("-o", "--output", metavar="FILE", help="write into a file")
    lists = parser.add_mutually_exclusive_group()
    for name, (_, of) in _LISTS.items():
        lists.add_argument(f"--{name}", dest="listing", action="store_const", const=name,
                           help=f"print the {of}, one a line")  # fmt: skip
    lists.add_argument("--hash", metavar="SERVICES",
                       help="print services' config hashes: a,b or '*' for all")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print the project and return 0; 1, and what is wrong, where Docker Compose refuses its files."""
    from composecheck.cli.check import resolved

    if arguments.services and arguments.no_interpolate:
        print("composecheck: with '--no-interpolate' the whole project is printed", file=sys.stderr)
    project = resolved(arguments)
    if project is None:
        return 1
    printed = _text(arguments, project)
    if arguments.quiet:
        return 0
    if arguments.output is None:
        sys.stdout.write(printed)
    else:
        from composecheck.cli.output import write

        write(arguments.output, printed.removesuffix("\n"))
    return 0


def _text(arguments: argparse.Namespace, project: Project) -> str:
    """Return what is asked for; UsageError for a service that there is not."""
    if arguments.hash is not None:
        return _lines(_hashes(project, arguments.hash))
    names = _selected(project, arguments.services) if project.interpolated else None
    if arguments.listing is not None:
        return _lines(_LISTS[arguments.listing][0](project, names))
    masked = None
    if arguments.mask_secrets:
        from composecheck.dump.masking import masking

        masked = masking(project)
    return dump(project, yaml=arguments.format == "yaml", services=names, masked=masked)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _hashes(project: Project, text: str) -> Iterator[str]:
    if not project.interpolated:
        raise UsageError("a hash is of what variables stand for; leave out '--no-interpolate'")
    names = sorted(project.services) if text == "*" else sorted(set(text.split(",")))
    for name in names:
        if name not in project.services:
            _selected(project, [name])  # which says why there is none
        yield f"{name} {service_hash(project, project.services[name])}"


def _selected(project: Project, patterns: list[str]) -> Collection[str] | None:
    """Return the services that are meant and all that they depend on; None for all of them.

    As Docker Compose has it, a name may be a pattern.
    """
    if not patterns:
        return None
    from fnmatch import fnmatchcase

    from composecheck.start.selection import select

    names = [
        name
        for pattern in patterns
        for name in [one for one in project.services if fnmatchcase(one, pattern)] or [pattern]
    ]
    return select(project, names)


def _services(project: Project, _names: Collection[str] | None) -> Iterable[str]:
    if not project.interpolated:
        return sorted({**project.services, **project.disabled})
    from composecheck.facts.graph import order

    services = dict(sorted(project.services.items()))
    edges = {name: [d for d in service.depends_on if d in services] for name, service in services.items()}
    return order(edges)


def _images(project: Project, names: Collection[str] | None) -> Iterator[str]:
    from composecheck.identity import image_name

    for name in sorted(project.services if names is None else names):
        service = project.services[name]
        image = image_name(project, service)
        yield image
        for hook in service.pre_start:
            if hook.image not in (None, image):
                yield hook.image


def _profiles(project: Project, _names: Collection[str] | None) -> Iterable[str]:
    services = (*project.services.values(), *project.disabled.values())
    return sorted({profile for service in services for profile in service.profiles})


def _resources(section: str) -> Callable[[Project, Collection[str] | None], Iterable[str]]:
    def keys(project: Project, _names: Collection[str] | None) -> Iterable[str]:
        if project.interpolated:
            return sorted(used(project)[section])
        # Who uses which may be in a variable.
        return sorted(project.resources(section))

    return keys


_LISTS: dict[str, tuple[Callable[[Project, Collection[str] | None], Iterable[str]], str]] = {
    "services": (_services, "services, each after those that it depends on"),
    "volumes": (_resources("volumes"), "volumes in use"),
    "networks": (_resources("networks"), "networks in use"),
    "images": (_images, "images"),
    "profiles": (_profiles, "profiles"),
}
