"""What is known of the image that a service runs: by the files, by the knowledge base, by an engine."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from composecheck.knowledge import Family, Knowledge
    from composecheck.model.built import Built
    from composecheck.model.project import Healthcheck, Image, Project, Service


class Images:
    """What is known of each service's image, worked out when it is first asked for.

    `engine` is what an engine says of them by the name of a service, which then is all that counts: what a
    name commonly stands for is no matter where the image is at hand.
    """

    __slots__ = ("_built", "_engine", "_images", "_knowledge", "_known", "_likely", "project")

    def __init__(self, project: Project, engine: Mapping[str, Image | None] | None = None) -> None:
        self.project = project
        self._engine = engine
        self._knowledge: Knowledge | None = None
        self._built: dict[str, Built | None] = {}
        self._images: dict[str, Image | None] = {}
        self._known: dict[str, Family | None] = {}
        self._likely: dict[str, Family | None] = {}

    def told(self, engine: Mapping[str, Image | None]) -> Images:
        """Return the same with what an engine says."""
        return Images(self.project, engine)

    @property
    def knowledge(self) -> Knowledge:
        """What images commonly bring, and those that the configuration knows; read when first asked for."""
        if self._knowledge is None:
            from composecheck.knowledge import knowing

            self._knowledge = knowing(self.project.families)
        return self._knowledge

    def built(self, service: Service) -> Built | None:
        """Return what a service's Dockerfile says of its image; None where there is none, or none to read."""
        if service.build is None:
            return None
        if service.name not in self._built:
            self._built[service.name] = self.project.builds.built(service.build)
        return self._built[service.name]

    def family(self, service: Service) -> Family | None:
        """Return what is known of a service's image; of one that is built here nothing is (see `base`)."""
        return self.knowledge.family(service.image) if service.build is None else None

    def base(self, service: Service) -> Family | None:
        """Return what is known of the image that a service's Dockerfile begins with.

        What the Dockerfile adds to it or changes is not in it.
        """
        image = self.built(service)
        return self.knowledge.family(image.base) if image is not None else None

    def known(self, service: Service) -> Family | None:
        """Return what is known of a service's image, or of that which its Dockerfile begins with."""
        if service.name not in self._known:
            self._known[service.name] = self.family(service) or self.base(service)
        return self._known[service.name]

    def likely(self, service: Service) -> Family | None:
        """Return what a service's image seems to be, by its name or by what its Dockerfile begins with."""
        if service.name not in self._likely:
            image = self.built(service)
            base = self.knowledge.likely(image.base) if image is not None else None
            self._likely[service.name] = base or self.knowledge.likely(service.image)
        return self._likely[service.name]

    def store(self, service: Service) -> Family | None:
        """Return what is known of a service's image, and also what it seems to be if that is a store of data.

        Only of these a name of one's own says much: `team/postgres`, but not `team/node` or `team/registry`.
        """
        known = self.known(service)
        if known is not None:
            return known
        found = self.likely(service)
        from composecheck.knowledge import STORES

        return found if found is not None and found.kind in STORES else None

    def resembled(self, service: Service) -> Family | None:
        """Return what a service's image seems to be, if only by a part of its name.

        That is enough to say what a dependent asks for, and for nothing else.
        """
        return self.likely(service) or self.knowledge.resembled(service.image)

    def listens(self, service: Service, port: int) -> bool:
        """Return whether a service's image may listen on a port, by whatever may be known of it."""
        families, built = (self.family(service), self.likely(service)), self.built(service)
        return any(port in family.ports for family in families if family is not None) or (
            built is not None and any(port in ports for ports in built.ports)
        )

    def has_entrypoint(self, service: Service) -> bool:
        """Return whether the file or a Dockerfile gives a service an entrypoint of its own."""
        if service.entrypoint is not None:
            return True
        built = self.built(service)
        return built is not None and built.entrypoint is not None

    def image(self, service: Service) -> Image | None:
        """Return what is known for certain of a service's image, as an engine would say it.

        A Dockerfile without a HEALTHCHECK hands on that of the image that it begins with: none, if that
        is known to have none.
        """
        if self._engine is not None:
            return self._engine.get(service.name)
        if service.name not in self._images:
            from composecheck.model.project import Image

            family = self.known(service)
            bare = family is not None and family.image_healthcheck is False
            self._images[service.name] = Image(ends=self.ends(service)) if bare else None
        return self._images[service.name]

    def ends(self, service: Service) -> bool | None:
        """Return whether the command that an image itself brings ends; None where that is not known."""
        image = self._engine.get(service.name) if self._engine is not None else None
        if image is not None and image.ends is not None:
            return image.ends  # most engines do not say
        family = self.family(service)
        return family.ends if family is not None else None

    def healthcheck(self, service: Service) -> Healthcheck | Literal["unknown"] | None:
        """Return the healthcheck whose test a service's container runs, None where it has none.

        The file's own wins, then the Dockerfile's that it is built from, then the image's; a
        healthcheck in the file that only has times keeps the image's test.
        """
        stated = self.stated_healthcheck(service)
        if stated != "unknown":
            return stated
        image = self.image(service)
        return "unknown" if image is None or "healthcheck" in image.assumed else image.healthcheck

    def stated_healthcheck(self, service: Service) -> Healthcheck | Literal["unknown"] | None:
        """Return the healthcheck that the Compose file or the Dockerfile states, "unknown" for neither."""
        healthcheck = service.healthcheck
        if healthcheck is not None and healthcheck.test:
            return healthcheck
        image = self.built(service)
        if image is not None and image.healthcheck is not None:
            return image.healthcheck
        return None if image is not None and image.base == "scratch" else "unknown"
