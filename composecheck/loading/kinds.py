"""What a file seems to be that is no Compose file: another tool's, or a template of which one is made.

Imported only for files in which something is wrong. The keys are those of
https://learn.microsoft.com/en-us/training/modules/introduction-to-github-actions/5-describe-standard-workflow-syntax-elements,
https://docs.gitlab.com/ee/ci/yaml/, https://circleci.com/docs/configuration and
https://kubernetes.io/es/docs/concepts/overview/working-with-objects/kubernetes-objects/.
What ytt reads is told by https://carvel.dev/ytt/docs/v0.52.x/ytt-text-templating.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from composecheck.findings.catalogue import TEMPLATE
from composecheck.findings.diagnostic import Diagnostic
from composecheck.loading.findings import Findings
from composecheck.loading.parse import parse
from composecheck.loading.schema_fast import read_schema
from composecheck.loading.strays import strays
from composecheck.named import TYPE_CHECKING
from composecheck.text.slips import slip_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.text.node import Node
    from composecheck.text.source import Source, Span


class _Kind(NamedTuple):
    """A kind of file, by keys of its top level: all of some, and one of others where there are any."""

    name: str
    keys: frozenset[str]
    one_of: frozenset[str] = frozenset()


_KINDS = (
    _Kind("a GitHub workflow", frozenset(("on", "jobs"))),
    _Kind("a GitHub action", frozenset(("name", "runs"))),
    _Kind("a CircleCI configuration", frozenset(("version", "jobs")), frozenset(("workflows", "orbs"))),
    _Kind("a CircleCI configuration", frozenset(("version", "orbs", "workflows"))),
    _Kind("a Kubernetes manifest", frozenset(("apiVersion", "kind"))),
    _Kind("the description of a Helm chart", frozenset(("apiVersion", "name", "version"))),
    _Kind("a GitLab pipeline", frozenset(("stages",)), frozenset(("variables", "image", "before_script"))),
    _Kind("an OpenAPI description", frozenset(("paths",)), frozenset(("openapi", "swagger"))),
    _Kind("a Taskfile", frozenset(("version", "tasks"))),
)
# What a job of a pipeline has; and what a play or a task has, in a list of them.
_SCRIPT = "script"
_PLAYS = frozenset(("hosts", "tasks", "roles", "import_playbook"))
_TASK = "name"

# The marks of template languages; what follows the third an engine fills in itself, in a Compose file.
_MARKS = (
    ("{%", "a Jinja template"),
    ("<%", "an ERB template"),
    (r"\[%", ""),
    (r"\[\[-?\s*\.\w", ""),
    (r"%\{-?~?\s*(?:if|for|else|endif|endfor)\b", ""),
    (r":\s*@@?[A-Z][A-Z0-9_]*@@?(?:\s|$)", ""),
    (r"\{\{(?!-?\s*\.(?:Name|ID|FullID|ImageName|ImageID|ImageFullID|DaemonName|Node|Service|Task)\b)", ""),
)
_LANGUAGES = (
    (r"\{\{-?\s*cookiecutter\.", "a template of cookiecutter"),
    (r"\{\{-?\s*(?:\.|\$|if\b|end\b|range\b|else\b|with\b|template\b|include\b)", "a Go template"),
)
# What ytt carries out, each line of its own kind: to YAML all of it is comments.
_YTT = (
    r"(?m)^[ \t]*(?:-[ \t]+)*#@[ \t]*(?:load\(|else:|end[ \t]*$|(?:data|overlay|schema|yaml)/\w"
    r"|(?:if|elif|for|def)(?:/end)?[ \t][^\n]*:[ \t]*$)"
    r"|^[^#\n]*:[ \t]+#@[ \t]+(?:[\"'(\[{]|[\w.]+(?:\(|[ \t]*$))"
)
# What a program in Jsonnet begins with, behind its comments.
_JSONNET = r"(?:[ \t]*(?:(?://|#)[^\n]*)?\n)*[ \t]*local \w+ ?="
_QUOTED = r"'[^']*'|\"[^\"]*\""
# So many keys that Compose does not know are no slips.
_OTHERS = 2


def other_kind(source: Source, found: Iterable[Diagnostic]) -> Diagnostic | None:
    """Return the one finding for a file that is no Compose file, where it is wrong as `found` says."""
    documents = [one.node for one in parse(source, Findings())]
    for document in documents:
        services = document.get("services")
        name = _named(document) if services is None or not services.mapping else ""
        if name:
            return _finding(f"this seems to be {name}, and no Compose file", _telling(document))
    template = template_of(source, found)
    if template is not None:
        return template
    return next((one for one in map(_unknown, documents[:1]) if one is not None), None)


def _named(document: Node) -> str:
    """Return what a document seems to be by the keys of its top level, "" for nothing that is known."""
    if isinstance(document.value, list):
        items = [set(item.mapping) for item in document.items]
        plays = any(not _PLAYS.isdisjoint(keys) for keys in items)
        tasks = bool(items) and all(_TASK in keys and len(keys) > 1 for keys in items)
        return "an Ansible playbook" if plays else "a list of Ansible tasks" if tasks else ""
    keys = document.mapping.keys()
    for kind in _KINDS:
        if kind.keys <= keys and (not kind.one_of or not kind.one_of.isdisjoint(keys)):
            return kind.name
    jobs = document.mapping.values()
    return "a GitLab pipeline" if any(_SCRIPT in job.mapping for job in jobs) else ""


def _telling(document: Node) -> Span:
    """Return the place of the first key that no Compose file has."""
    known = read_schema("compose.schema.json")["properties"]
    return next((node.place for key, node in document.mapping.items() if key not in known), document.span)


def template_of(source: Source, found: Iterable[Diagnostic]) -> Diagnostic | None:
    """Return the finding for a template: what cannot be read in it stands beside such a mark.

    One of ytt's is YAML as it stands, with comments, and anything may be wrong with it.
    """
    wrong = [each for each in found if each.severity != "note" and each.span.source is source]
    ytt = re.search(_YTT, source.text) if wrong and "#@" in source.text else None
    if ytt is not None:
        return _of_template("a ytt template", source.span(*ytt.span()))
    jsonnet = re.match(_JSONNET, source.text) if wrong else None
    if jsonnet is not None:
        return _of_template("a Jsonnet program", source.span(jsonnet.end(), jsonnet.end()))
    for diagnostic in wrong:
        spans = (diagnostic.span, *(one.span for one in diagnostic.related))
        if diagnostic.severity != "error" or diagnostic.rule not in TEMPLATE:
            continue
        for span in spans:
            language = _language(source.line(span.line)) if span.source is diagnostic.span.source else ""
            if language:
                return _of_template(language, span)
    return None


def _of_template(language: str, span: Span) -> Diagnostic:
    return _finding(
        f"this seems to be {language}, of which a Compose file is yet to be made",
        span,
        "check the file that is made of it",
    )


def _language(line: str) -> str:
    """Return in what language a line of a template is written, "" for none: what is in quotes is text."""
    line = re.sub(_QUOTED, "", line)
    for mark, language in _MARKS:
        if re.search(mark, line):
            return language or next(
                (name for like, name in _LANGUAGES if re.search(like, line)), "a template"
            )
    return ""


def _unknown(document: Node) -> Diagnostic | None:
    """Return the finding for a file of whose keys none is one, or is meant for one: whatever it is."""
    known = read_schema("compose.schema.json")["properties"]
    keys = list(document.mapping)
    if len(keys) < _OTHERS or any(key in known or key.startswith("x-") for key in keys):
        return None
    if strays(document) or any(_is_meant(key, known) for key in keys):
        return None
    return _finding(
        f"this is no Compose file: none of its {len(keys)} top-level keys is one",
        _telling(document),
        "give a Compose file; if it is to be one, its services belong under 'services:'",
    )


def _is_meant(key: str, known: Iterable[str]) -> bool:
    """Whether a key is one that Compose knows, but for a slip or the number of what it names."""
    return slip_of(key, known) is not None or any(key.lower().rstrip("s") == one.rstrip("s") for one in known)


def _finding(
    message: str, span: Span, remedy: str = "give a Compose file, or leave this one out"
) -> Diagnostic:
    return Diagnostic("no-compose-file", "error", message, span, remedy)
