"""Entries of `depends_on` that order the builds: the one image is made from the other."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span


# Who says any of these of a service means it to run.
_OF_RUNS = frozenset(
    """command entrypoint environment env_file expose healthcheck links ports restart secrets
    volumes""".split()  # noqa: SIM905 - words
)


def built_from(facts: Facts, service: Service, target: Service) -> Span | None:
    """Return the place that says that an entry orders the builds, and that nothing else is meant by it.

    The Dockerfile begins with the other's image, or the build is given its name or its files; or the other
    is there only to be built, for those that begin with it. Nothing else in the service names it.
    """
    if service.build is None:
        return None
    place = _made_of(facts, service, target)
    if place is None and target.build is not None and target.words().isdisjoint(_OF_RUNS):
        others = facts.services.values()
        if any(each is not target and _made_of(facts, each, target) is not None for each in others):
            place = target.key_place("build")
    if place is None or facts.connections.naming(service, target) in ("command", "value", "web"):
        return None
    return place


def _made_of(facts: Facts, service: Service, target: Service) -> Span | None:
    """Return the place that says that a service's image is made of another's."""
    build = service.build
    if build is None:
        return None
    contexts = build.additional_contexts.items()
    taken = next((name for name, text in contexts if text == f"service:{target.name}"), None)
    if taken is not None:
        return build.place("additional_contexts", taken)
    if not target.image:
        return None
    image = _full(target.image)
    built = facts.images.built(service)
    if built is not None and built.base and _full(built.base) == image:
        return service.key_place("build")
    given = [("args", name) for name, text in build.args.items() if text and _full(text) == image]
    images = (f"docker-image://{target.image}", target.image)
    given += [("additional_contexts", name) for name, text in contexts if text in images]
    return build.place(*given[0]) if given else None


def _full(image: str) -> str:
    head, slash, last = image.rpartition("/")
    return head + slash + (last if ":" in last or "@" in last else f"{last}:latest")
