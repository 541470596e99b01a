"""`composecheck images [IMAGE]`."""

from __future__ import annotations

import json

from composecheck.cli.options import configuration, given, project_options
from composecheck.findings.errors import LoadError
from composecheck.knowledge import knowing
from composecheck.lint.foreign import settled
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from composecheck.knowledge import Asking, Family, Knowledge

_A_LINE = 3  # names of images


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the image that is asked for."""
    parser.add_argument("image", nargs="?", metavar="IMAGE",
                        help="an image as a Compose file names it, such as postgres:16-alpine")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print the families, or what is known of one image; 1 where nothing is."""
    knowledge = _knowledge(arguments)
    if arguments.image is None:
        families = sorted(knowledge.families())
        widest = max(len(family.name) for family in families)
        for each in families:
            print(f"{each.name:{widest}}  {each.kind:13}  {_first(each.images)}")
        return 0
    family = knowledge.family(arguments.image)
    if family is None:
        meant = _meant(arguments.image, knowledge)
        meant = meant or "; 'images' in the configuration can say what it is"
        print(f"nothing is known of '{arguments.image}'{meant}")
        return 1
    print(f"'{arguments.image}' is of the family '{family.name}'\n")
    for title, lines in _facts(family):
        first, *rest = lines
        print(f"{title:17} {first}")
        for line in rest:
            print(f"{'':17} {line}")
    return 0


def _meant(image: str, knowledge: Knowledge) -> str:
    """Return ": did you mean 'x'?" for an image whose name is that of a known one by a slip, else ""."""
    from composecheck.knowledge import split
    from composecheck.text.spelling import Names

    name, _ = split(image)
    meant = Names(each for family in knowledge.families() for each in family.images).closest(name)
    return f": {meant}" if meant else ""


def _knowledge(arguments: argparse.Namespace) -> Knowledge:
    # Standard input, which nobody reads here, is a project in the folder at hand: none need be there.
    options = project_options(arguments)
    options = options._replace(files=options.files or ("-",))
    settings, wrong = settled(options, configuration(arguments), given(arguments))
    if wrong:
        raise LoadError(wrong)
    return knowing(settings.images)


def _first(images: tuple[str, ...]) -> str:
    more = len(images) - _A_LINE
    return ", ".join(images[:_A_LINE]) + (f" and {more} more" if more > 0 else "")


def _facts(family: Family) -> Iterator[tuple[str, list[str]]]:
    """Yield the facts that there are: what each is about, and the lines that say it."""
    yield "kind", [family.kind]
    for title, values in (
        ("ports", map(str, family.ports)),
        ("data", family.data),
        ("declares volumes", family.volumes),
        ("writes also to", family.writes),
        ("has", sorted(family.tools)),
        ("lacks", sorted(family.absent)),
        ("set one of", (" or ".join(group) for group in family.required)),
        ("as NAME_FILE, too", family.secrets),
        ("reads also", family.variables),
        ("refuses", (f"{name}={value}" for name, refused in family.refused for value in refused)),
        ("may be moved by", (name for name, what in family.settings.items() if what != "harmless")),
    ):
        yield from _listed(title, values)
    if not family.shell:
        yield "shell", ["none: a CMD-SHELL healthcheck fails"]
    if family.healthcheck is not None:
        test, *others = family.healthcheck._asdict().items()
        lines = [f"test: {json.dumps(test[1], ensure_ascii=False)}"]
        yield (
            "healthcheck",
            lines
            + [f"{key}: {value}" for key, value in others if value and key not in ("elsewhere", "locked")],
        )
    if family.image_healthcheck is not None:
        yield "brings its own", ["yes" if family.image_healthcheck else "no"]
    if family.first_boot is not None:
        usual, slow = map(format_duration, family.first_boot)
        yield "first boot", [f"{usual}, on a slow machine {slow}"]
    if family.temporary_server:
        yield "", ["with a temporary server on the Unix socket meanwhile"]
    if family.temporary_loopback:
        yield "", ["maybe with a temporary server on 127.0.0.1 meanwhile"]
    if family.ends is not None:
        yield "ends by itself", ["yes" if family.ends else "no"]
    if family.dependent:
        yield "as a dependent", [_asked(each) for each in family.dependent]
    if family.sources:
        yield "sources", list(family.sources)


_ASKS = {
    "waits": "waits before it starts",
    "retries": "asks again",
    "demand": "connects on demand",
    "never": "never connects",
    "once": "asks once",
}


def _asked(asking: Asking) -> str:
    """Return how an image gets along with some of what it depends on, in one line."""
    program = f", where it runs {' or '.join(sorted(asking.program))}" if asking.program else ""
    text = f"{', '.join(sorted(asking.on)) or 'anything'}: {_ASKS[asking.asks]}"
    if asking.limit is not None:
        text += f", for {format_duration(asking.limit)}"
    if asking.variable is not None:
        text += f" (set by {asking.variable})"
    for variable, pattern in asking.when:
        text += f", where {variable} is {pattern}"
    return text + program


def _listed(title: str, values: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    text = ", ".join(values)
    if text:
        yield title, [text]
