"""Docker Compose and we, asked about the same project: whether verdicts, models and errors agree."""

from __future__ import annotations

import io
import json
import re
import sys
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck.dump import dump
from composecheck.errors import UsageError
from composecheck.lint import verdict
from composecheck.loading import Options

from ..faults import put_right
from ..reference import MACHINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from composecheck.findings.diagnostic import Diagnostic

    from .. import reference
    from .projects import Project


class Answer(NamedTuple):
    """What one of the two says: the error it gives (None: it takes the project), and the model."""

    error: str | None
    model: Any = None
    findings: tuple[Diagnostic, ...] = ()


class Disagreement(NamedTuple):
    """Where the two differ: in what, and how, as a person reads it; `cause` is the same for its like."""

    kind: str
    cause: str
    text: str


def compare(project: Project, root: Path, compose: reference.Compose) -> tuple[Disagreement | None, bool]:
    """Ask both about a project; returns how they differ, and whether Docker Compose takes it."""
    project.write(root)
    theirs = ask_docker_compose(project, root, compose)
    ours = ask_us(project, root, compose.generation)
    found = _difference(ours, theirs)
    # YAML is compared where JSON leaves something out.
    if found is None and theirs.error is None and ours.model.node.get("models") is not None:
        found = _of_texts(ours.model, _config(project, root, compose, "yaml"))
    return found, theirs.error is None


def ask_docker_compose(project: Project, root: Path, compose: reference.Compose) -> Answer:
    """Return the answer of Docker Compose."""
    process = _config(project, root, compose, "json")
    if process.returncode and "MarshalJSON for type types.SSHKey" in process.stderr:
        return Answer(None)  # it takes the project and cannot print it
    if process.returncode:
        said = process.stderr.strip()
        return Answer(said.replace(str(root), ""))
    return Answer(None, put_right(json.loads(process.stdout)))


def _config(project: Project, root: Path, compose: reference.Compose, form: str) -> reference.Answer:
    return compose.run(
        "--ansi=never",
        *project.arguments,
        "config",
        "--format",
        form,
        root=root,
        folder=root / project.folder,
        environment=MACHINE | project.environment,
        stdin=project.text(project.stdin) if project.stdin else "",
    )


def ask_us(project: Project, root: Path, generation: str) -> Answer:
    """Return our own answer, as a generation of Docker Compose."""
    given: dict[str, list[str]] = {}
    for option, value in zip(project.arguments[::2], project.arguments[1::2], strict=True):
        given.setdefault(option, []).append(value)
    options = Options(
        files=tuple(given.get("-f", ())),
        name=given.get("-p", [None])[-1],
        env_files=tuple(given.get("--env-file", ())),
        profiles=tuple(given.get("--profile", ())),
        project_directory=given.get("--project-directory", [None])[-1],
        environment=MACHINE | project.environment,
        folder=root / project.folder,
        compose=generation,
    )
    stdin = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(project.text(project.stdin).encode() if project.stdin else b""))
    try:
        report = verdict(options)
    except UsageError as error:
        return Answer(f"usage: {error}")
    finally:
        sys.stdin = stdin
    errors = tuple(d for d in report.diagnostics if d.severity == "error")
    if errors:
        return Answer(f"{errors[0].span}: {errors[0].message} [{errors[0].rule}]", report.project, errors)
    return Answer(None, report.project, report.diagnostics)


def _difference(ours: Answer, theirs: Answer) -> Disagreement | None:
    if ours.error is None and theirs.error is None:
        return _of_models(ours.model, theirs.model)
    if ours.error is None:
        return Disagreement("we take it", general(theirs.error), f"theirs: {theirs.error}")
    if theirs.error is None:
        said = [f"{d.span}: {d.message} [{d.rule}]" for d in ours.findings] or [ours.error]
        rule = ours.findings[0].rule if ours.findings else "usage"
        cause = f"{rule}: {general(ours.findings[0].message if ours.findings else ours.error)}"
        return Disagreement("we refuse it", cause, "ours: " + "\n      ".join(said))
    if not _includes(ours, theirs.error):
        rules = sorted({d.rule for d in ours.findings}) or [ours.error]
        said = [f"{d.span}: {d.message} [{d.rule}]" for d in ours.findings] or [ours.error]
        cause = f"{general(theirs.error)} / {' '.join(rules)[:60]}"
        return Disagreement("other error", cause, f"theirs: {theirs.error}\nours: " + "\n      ".join(said))
    return None


def _of_models(project: Any, theirs: Any) -> Disagreement | None:
    ours = json.loads(dump(project, yaml=False))
    ours.pop("models", None)  # which it leaves out of its JSON: `_of_texts` looks at them
    found = list(differences(ours, theirs)) if theirs is not None else []
    return Disagreement("other model", general(found[0]), "\n".join(found)) if found else None


def _of_texts(project: Any, printed: reference.Answer) -> Disagreement | None:
    """Compare what is printed as YAML, to the byte."""
    ours = dump(project, yaml=True).splitlines()
    lines = list(unified_diff(printed.stdout.splitlines(), ours, "theirs", "ours", n=1, lineterm=""))
    if not lines:
        return None
    return Disagreement("other model", "as YAML: " + general(lines[3].strip()), "\n".join(lines))


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield where two models differ, a line each; 1, 1.0 and true are three values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                whose = "theirs" if key in theirs else "ours"
                yield f"{path}.{key}: only {whose} has it: {(ours | theirs)[key]!r}"
            else:
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif ours != theirs or type(ours) is not type(theirs):
        yield f"{path}: ours {ours!r}, theirs {theirs!r}"


def general(text: str) -> str:
    """Return a message without the names and numbers in it, to tell one cause from another."""
    text = text.splitlines()[0] if text else text
    text = re.sub(r"services\.[\w.-]+?\.", "services.*.", text)
    text = re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", text)
    text = re.sub(r"/\S+", "/…", text)
    text = re.sub(
        r"\.(base|web|db|job|late|i1|i2|j1|k1|e1|e2|d1|front|back|data|cache|token|key|conf|more|llm)\b",
        ".*",
        text,
    )
    return re.sub(r"\d+", "N", text)[:110]


# What Docker Compose says, and the rules by which we say it; the first that matches counts.
RULES: list[tuple[str, tuple[str, ...]]] = [
    ("^panic: interface conversion", ("invalid-type",)),
    ("^yaml: unmarshal errors", ("invalid-type", "invalid-yaml")),
    ("required variable", ("required-variable",)),
    ("invalid interpolation format", ("invalid-interpolation",)),
    ("failed to cast to expected type", ("invalid-type", "invalid-value")),
    ("depends_on additional properties", ("unknown-key", "invalid-value", "undefined-dependency")),
    ("additional properties '.*' not allowed|false schema", ("unknown-key", "invalid-value")),
    (
        "missing property|is required$|is missing$|is missing a (mount target|target port)",
        ("missing-key", "invalid-type", "invalid-yaml"),
    ),
    ("are equal", ("invalid-value",)),
    ("cannot override", ("merge-conflict", "invalid-type")),
    ("unexpected type|unsupported|invalid type|expected a map", ("invalid-type", "merge-conflict")),
    ("cannot extend service", ("undefined-extends", "invalid-type", "extends-cycle", "invalid-yaml")),
    ("Circular reference", ("extends-cycle",)),
    ("include cycle", ("include-cycle",)),
    ("conflicts with imported resource", ("include-conflict",)),
    (
        "depends on undefined service|not found for network_mode|undefined service",
        (
            *("undefined-dependency", "hidden-dependency", "undefined-link", "undefined-namespace"),
            "undefined-volumes-from",
        ),
    ),
    ("dependency cycle detected", ("dependency-cycle",)),
    ("neither an image nor a build", ("missing-image",)),
    ("undefined network", ("undefined-network",)),
    ("undefined volume", ("undefined-volume",)),
    ("undefined (build )?secret", ("undefined-secret",)),
    ("undefined config", ("undefined-config",)),
    ("undefined model", ("undefined-model",)),
    ("additional contexts", ("undefined-build-context", "unbuilt-build-context")),
    ("dockerfile and dockerfile_inline", ("conflicting-dockerfile",)),
    ("mutually exclusive `network_mode` and `networks`", ("network-mode-with-networks",)),
    ("healthcheck.test must start", ("invalid-healthcheck-test",)),
    ("MUST include service.platform", ("platform-mismatch",)),
    (
        "can't set distinct values|must be greater than or equal to 0",
        ("conflicting-deploy", "invalid-value", "negative-replicas"),
    ),
    ("container name must be unique", ("container-name-with-replicas",)),
    ("container name .* is already in use", ("duplicate-container-name",)),
    ("target is required for non-rebuild", ("missing-watch-target",)),
    ("already mounted as", ("duplicate-mount-target",)),
    (
        "attributes are (mutually )?exclusive|conflicting parameters|name and external.name conflict",
        ("invalid-value", "conflicting-content", "conflicting-external", "conflicting-device-count"),
    ),
    ("must declare either|one of .* must be set", ("missing-key", "missing-content")),
    ("value can't be blank", ("missing-watch-path", "invalid-value")),
    ("invalid ip address", ("invalid-host-ip", "invalid-value")),
    ("mapping key .* already defined", ("duplicate-key",)),
    ("non-string key", ("non-string-key",)),
    (
        "unknown anchor|(^|failed to parse .*|: )yaml: |map merge requires|invalid jsonType time.Time",
        ("invalid-yaml", "document-limit"),
    ),
    ("empty compose file|top-level object must be a mapping", ("empty-project", "invalid-type")),
    ("project name must not be empty", ("invalid-project-name",)),
    ("couldn't find env file|env file .* not found|label file ", ("missing-env-file", "invalid-env-file")),
    ("failed to read .*env|unexpected character|can't separate|unterminated", ("invalid-env-file",)),
    (
        "no such file or directory|is a directory|not found",
        ("missing-file", "missing-env-file", "unreadable-file"),
    ),
    (
        "validating |must be a |must be |invalid ",
        (
            *("invalid-type", "invalid-value", "missing-key", "merge-conflict", "invalid-project-name"),
            "invalid-yaml",  # a date is a text neither to it nor to us
        ),
    ),
    ("", ("invalid-value", "invalid-type")),
]
# Of which it says little more than that there is one.
_OPAQUE = {"invalid-yaml", "missing-env-file", "missing-file"}
_WORD = re.compile(r"[\w-]+")
# Words of the message itself, and those that stand in every file.
_OWN = set(
    """validating services service must be a an mapping string array number integer boolean or null not
    allowed of the additional properties property missing error while interpolating invalid interpolation
    format for You may need to escape any with another is variable required value compose project yml yaml
    main over refers undefined""".split()  # noqa: SIM905 - they are words
)


def _includes(ours: Answer, theirs: str) -> bool:
    """Whether one of our findings is what Docker Compose says, of the same thing."""
    if not ours.findings:
        return True
    first = theirs.partition("\n")[0]
    rules = next(rules for pattern, rules in RULES if re.search(pattern, first))
    words = set(_WORD.findall(theirs)) - _OWN if len(rules) > 1 and _OPAQUE.isdisjoint(rules) else set()
    return any(
        d.rule in rules and (not words or words & set(_WORD.findall(_about(d)))) for d in ours.findings
    )


def _about(d: Diagnostic) -> str:
    """Return all that a finding shows: its words, and the lines that it points at."""
    lines = [span.source.line(span.line) for span in (d.span, *(one.span for one in d.related))]
    return " ".join([d.message, d.remedy, d.service or "", d.span.source.shown, *lines])
