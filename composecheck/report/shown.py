"""Names and short texts of a project as its plan and its graph show them."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.text.secrets import Secrets
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.lint import Report


def shown(report: Report) -> Callable[[str], str]:
    """Return what gives a text in one line without secrets, and without what is outside the repository."""
    secrets = Secrets(report.project)

    def own(text: str) -> str:
        return one_line(secrets.mask(text))

    if report.options is None:
        return own
    from composecheck.lint.foreign import Foreign

    foreign = Foreign(report.options)
    return (lambda text: own(foreign.named(text))) if foreign else own
