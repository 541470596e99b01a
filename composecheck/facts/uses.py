"""The secrets and configs that services use."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from composecheck.model.project import Config, Grant, Project, Secret, Service

# Where those land in a container that name no place.
_FOLDERS = {"secrets": "/run/secrets/", "configs": "/"}


class Use(NamedTuple):
    """A secret or config of a service: its entry there, and what it is (None: not defined).

    `target` is its place in the container; in a build it has none, and `target` is "".
    """

    section: str
    grant: Grant
    resource: Secret | Config | None
    target: str = ""

    @property
    def kind(self) -> str:
        """What it is in a sentence: "secret" or "config"."""
        return self.section[:-1]

    @property
    def source(self) -> str:
        """The name by which it is defined."""
        return self.grant.source or ""


def uses(project: Project, service: Service) -> Iterator[Use]:
    """Yield the secrets and configs of a service's containers."""
    for section, grants, resources in _sections(project, service):
        for grant in grants:
            source = grant.source or ""
            target = grant.target or source
            path = target if target.startswith("/") else _FOLDERS[section] + target
            yield Use(section, grant, resources.get(source), path)


def uses_of_build(project: Project, service: Service) -> Iterator[Use]:
    """Yield the secrets of a service's build."""
    for grant in service.build.secrets if service.build is not None else ():
        yield Use("secrets", grant, project.secrets.get(grant.source or ""))


def _sections(
    project: Project, service: Service
) -> tuple[tuple[str, Iterable[Grant], Mapping[str, Secret | Config]], ...]:
    return (
        ("secrets", service.secrets, project.secrets),
        ("configs", service.configs, project.configs),
    )
