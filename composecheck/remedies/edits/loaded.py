"""The fixes of what the loader finds, which knows of no edits itself."""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import ANYTHING, Fix
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import paths_of, remove_key, rename, rename_key, scalar_at

if TYPE_CHECKING:
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.model.project import Project

# A variable in braces with none in it, behind no dollar sign that escapes its own.
_TEMPLATE = r"(?<!\$)(?:\$\$)*(\$\{[^${}\\]*\})"


def fix_of(diagnostic: Diagnostic, project: Project) -> Fix | None:
    """Return the fix of a finding of the loader, None where there is more than one answer."""
    if diagnostic.rule == "obsolete-version":
        return remove_key(diagnostic.span, project.node)
    if diagnostic.rule == "invalid-interpolation":
        return _variables(diagnostic, project)
    if not diagnostic.meant or f"'{diagnostic.meant}'" not in diagnostic.remedy:
        return None
    if diagnostic.rule == "unknown-key":
        return rename_key(diagnostic.span, diagnostic.meant, project.node)
    service = diagnostic.service
    if diagnostic.rule == "undefined-extends" and service is not None:
        # What a service inherits is not known before it does.
        return rename(diagnostic.span, diagnostic.span.text, diagnostic.meant, ("services", service))()
    return None


def _variables(diagnostic: Diagnostic, project: Project) -> Fix | None:
    """Return the fix that makes `${X:-1000}` of `${X:1000}`, wherever in a value: one is told at a time."""
    from composecheck.loading.interpolate import TemplateError, substitute
    from composecheck.loading.templates import meant

    found = scalar_at(diagnostic.span)
    if found is None:
        return None
    layout, piece = found
    nothing: dict[str, str] = {}
    edits = []
    for template in re.finditer(_TEMPLATE, layout.text[piece.start : piece.end]):
        start = piece.start + template.start(1)
        try:
            substitute(template[1], nothing.get)
        except TemplateError:
            edits.append(layout.edit(start, start + len(template[1]), meant(template[1])))
        except ValueError:
            continue
    paths = paths_of(project.node, diagnostic.span.source.span(piece.start, piece.end))
    if not edits or not paths or not all(edit.text for edit in edits):
        return None
    return Fix(tuple(edits), dict.fromkeys(paths, ANYTHING))
