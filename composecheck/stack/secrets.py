"""What no error and no progress of a start may show."""

from __future__ import annotations

from contextlib import contextmanager, suppress

from composecheck.errors import ComposecheckError, SourceError
from composecheck.named import TYPE_CHECKING
from composecheck.text.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.model.project import Project

# What is larger is a key store, and what is shorter would blot out every log.
_SECRET_BYTES = 64 * 1024
_SECRET_LENGTH = 6


def secrets_in(project: Project) -> Secrets:
    """Return the secrets that a project's values and its files of `secrets` hold."""
    return Secrets(project, _of_files(project))


def _of_files(project: Project) -> frozenset[str]:
    """Return what the files of a project's `secrets` hold, of those that are one secret each."""
    found = set[str]()
    for secret in project.secrets.values():
        with suppress(SourceError):
            text = project.disk.read(secret.file, limit=_SECRET_BYTES).text.strip() if secret.file else ""
            found.update(line for line in (text, *text.split("\n")) if len(line) >= _SECRET_LENGTH)
    return frozenset(found)


@contextmanager
def masked(secrets: Secrets) -> Iterator[None]:
    """Hide secrets in what the engine, a registry or a build says."""
    try:
        yield
    except ComposecheckError as error:
        error.args = tuple(secrets.mask(str(part)) for part in error.args)
        raise
