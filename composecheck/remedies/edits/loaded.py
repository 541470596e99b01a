"""The fixes of what the loader finds, which knows of no edits itself."""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import ANYTHING, Edit, Fix
from composecheck.loading.schema_words import IN_QUOTES
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import paths_of, remove_key, rename, rename_key, scalar_at
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.model.project import Project

# A merge key of aliases that has its line to itself.
_MERGE = r"([ ]*)<<:[ ]+(\*[\w.-]+|\[[ ]*\*[\w.-]+(?:[ ]*,[ ]*\*[\w.-]+)*[ ]*\])[ ]*"
# A variable in braces with none in it, behind no dollar sign that escapes its own.
_TEMPLATE = r"(?<!\$)(?:\$\$)*(\$\{[^${}\\]*\})"


def fix_of(diagnostic: Diagnostic, project: Project) -> Fix | None:
    """Return the fix of a finding of the loader, None where there is more than one answer."""
    if diagnostic.meant and f"'{diagnostic.meant}'" not in diagnostic.remedy:
        return None
    return _FIXES[diagnostic.rule](diagnostic, project)


def _removed(diagnostic: Diagnostic, project: Project) -> Fix | None:
    return remove_key(diagnostic.span, project.node)


def _another_key(diagnostic: Diagnostic, project: Project) -> Fix | None:
    return rename_key(diagnostic.span, diagnostic.meant, project.node) if diagnostic.meant else None


def _another_base(diagnostic: Diagnostic, _project: Project) -> Fix | None:
    """Return the fix that extends the service that is meant; what is inherited is not known before."""
    service = diagnostic.service
    if not diagnostic.meant or service is None:
        return None
    return rename(diagnostic.span, diagnostic.span.text, diagnostic.meant, ("services", service))()


def _another_value(diagnostic: Diagnostic, project: Project) -> Fix | None:
    """Return the fix that writes the word that is meant, or puts quotes around what is to be a text."""
    found = scalar_at(diagnostic.span)
    paths = paths_of(project.node, diagnostic.span)
    if found is None or not paths or "$" in found[1].value:
        return None
    layout, piece = found
    if diagnostic.meant:
        edit = layout.replaced(piece, diagnostic.meant)
    elif diagnostic.remedy == IN_QUOTES and not piece.style and re.fullmatch(r"[\w.+-]+", piece.value):
        edit = layout.edit(piece.start, piece.end, f'"{layout.text[piece.start : piece.end]}"')
    else:
        return None
    return Fix((edit,), dict.fromkeys(paths, ANYTHING)) if edit is not None else None


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


def _one_merge(diagnostic: Diagnostic, _project: Project) -> Fix | None:
    """Return the fix that names in one list what several merge keys name, each on a line of its own."""
    first, *others = (one.span for one in diagnostic.related)
    spans = (first, diagnostic.span, *others)
    source = first.source
    if any(span.source is not source or span.text != "<<" for span in spans):
        return None
    lines = [match for span in spans if (match := re.fullmatch(_MERGE, source.line(span.line)))]
    if len(lines) < len(spans) or len({match[1] for match in lines}) > 1:
        return None
    aliases = ", ".join(match[2].strip("[ ]") for match in lines)
    value = Span(source, first.line, lines[0].start(2) + 1, first.line, lines[0].end(2) + 1)
    gone = (Edit(Span(source, span.line, 1, span.line + 1, 1), "") for span in spans[1:])
    return Fix((Edit(value, f"[{aliases}]"), *gone), {})


_FIXES: Mapping[str, Callable[[Diagnostic, Project], Fix | None]] = {
    "duplicate-key": _one_merge,
    "invalid-interpolation": _variables,
    "invalid-type": _another_value,
    "invalid-value": _another_value,
    "obsolete-version": _removed,
    "undefined-extends": _another_base,
    "unknown-key": _another_key,
}
