"""Disagreements that we know of: whose fault each is, why, and a project that shows it.

What is the reference's fault stays; what is ours is to be taken out of the list by mending it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .projects import Project
from .trees import Tagged

if TYPE_CHECKING:
    from .oracle import Disagreement


class Known(NamedTuple):
    """One of them: of which kind, how each line of the disagreement reads, and its smallest project."""

    fault: str  # whose
    reason: str
    kind: str
    lines: str
    example: Project
    generation: str = ""  # which shows it; both where that is empty


def _file(**sections: object) -> Project:
    return Project({"compose.yml": [sections]})


def _service(**keys: object) -> Project:
    return _file(services={"base": {"image": "x", **keys}})


def _extending(services: dict[str, object]) -> Project:
    """Return a project that extends `e1` of a file with these services."""
    main = {"services": {"base": {"image": "x", "extends": {"service": "e1", "file": "base.yml"}}}}
    return Project({"compose.yml": [main], "base.yml": [{"services": services}]})


# What it says of such services.
_UNREAD = r"(services\.\S+ must be a mapping|services\.\S+: (invalid|unexpected) type .*|error while inter.*)"

KNOWN = [
    Known(
        "theirs",
        "an empty list under an 'x-' key is printed as null",
        "other model",
        r"\.x-.*: ours \[\], theirs None",
        _file(services={"base": {"image": "x"}}, **{"x-own": []}),
        "2.40",
    ),
    Known(
        "theirs",
        "a name alone at the very end of an env file, without an end of line, becomes the value of ''",
        "other model",
        r"\.services\..*\.(environment|labels)(\.: only theirs|: only theirs.*\{''|\.\w+: only ours).*",
        Project(
            {
                "compose.yml": [{"services": {"base": {"image": "x", "env_file": "a.env"}}}],
                "a.env": "A=1\nSET",
            }
        ),
    ),
    Known(
        "theirs",
        "breaks down over a list where it expects a text",
        "we take it",
        "theirs: panic: .*",
        _extending({"e1": {}, "unused": {"depends_on": [[]]}}),
    ),
    Known(
        "theirs",
        "a profile whose name is empty is active where no profile is given",
        "other model",
        r"\.(networks|volumes|secrets|configs|services\.\w+): only theirs has it.*",
        _service(profiles=["$UNSET"]),
    ),
    Known(
        "theirs",
        "writes a text with U+2028 or U+2029 in YAML so that it cannot be read again",
        "other model",
        r"---.*|\+\+\+.*|@@.*|[ ].*|-.*|\+.*\\[LP].*",
        Project(
            {
                "compose.yml": [
                    {
                        "services": {"base": {"image": "x", "hostname": "a\u2028"}},
                        "models": {"m": {"model": "x"}},
                    }
                ]
            }
        ),
    ),
    Known(
        "theirs",
        "refuses a config or secret of an included file that takes its content from a variable which is set",
        "we take it",
        r"theirs: (configs|secrets)\.\w+: file\|environment(\|content)? attributes are mutually exclusive",
        Project(
            {
                "compose.yml": [{"include": ["inc.yml"]}],
                "inc.yml": [{"services": {"i": {"image": "x"}}, "configs": {"c": {"environment": "HOME"}}}],
            }
        ),
    ),
    Known(
        "theirs",
        "an 'x-' key among annotations, labels or variables becomes one called '#extensions'",
        "other model",
        r"\.services\..*\.(annotations|labels|environment)\.(#extensions|x-\w+): only .*",
        _service(annotations={"x-own": 1}),
    ),
    Known(
        "theirs",
        "a path that is empty becomes the folder",
        "other model",
        r"\.(secrets|configs)\.\w+\.file: only theirs.*"
        r"|\.services\..*\.volumes\[\d+\]\.target: only theirs has it: '\.'",
        _service(volumes=[{"type": "image", "source": "x", "target": "$UNSET"}]),
    ),
    Known(
        "ours",
        "a size or duration of one file that a later one replaces is judged all the same",
        "we refuse it",
        r"ours: .* must be a (size|duration) such as .*",
        Project(
            {
                "compose.yml": [{"services": {"base": {"image": "x", "shm_size": "much"}}}],
                "compose.override.yml": [{"services": {"base": {"shm_size": "1g"}}}],
            }
        ),
    ),
    Known(
        "ours",
        "a file of nothing but 'version' is empty",
        "we take it",
        "theirs: empty compose file",
        _file(version="3.8"),
    ),
    Known(
        "ours",
        "'name: !reset' does not take the name away",
        "other model",
        r"\.name: ours .*|\.(networks|volumes)\.\w+\.name: ours .*",
        Project({"compose.yml": [{"services": {"base": {"image": "x"}}, "name": Tagged("!reset", "own")}]}),
    ),
    Known(
        "ours",
        "'external.name' of one file beside 'name' of a later one is no conflict",
        "we refuse it",
        r"ours: .*\[conflicting-external\]",
        Project(
            {
                "compose.yml": [
                    {"services": {"base": {"image": "x"}}, "configs": {"c": {"external": {"name": "a"}}}}
                ],
                "compose.override.yml": [{"configs": {"c": {"name": "b"}}}],
            }
        ),
    ),
    Known(
        "ours",
        "services of an extended file that nobody extends are neither cast nor brought to their long form",
        "we take it",
        rf"theirs: {_UNREAD}",
        _extending({"e1": {}, "e2": {"devices": [[]]}}),
    ),
    Known(
        "ours",
        "the same, beside another error",
        "other error",
        rf"theirs: {_UNREAD}|ours: .*| .*",
        _extending({"e1": {"unknown": 1}, "e2": {"devices": [[]]}}),
    ),
    Known(
        "ours",
        "'gpus: all' that is inherited gives way to a list",
        "other model",
        r"\.services\..*\.gpus: ours .*",
        _file(
            services={
                "base": {"image": "x", "gpus": "all"},
                "job": {"image": "x", "gpus": [{"options": ["a=b"]}], "extends": "base"},
            }
        ),
    ),
    Known(
        "ours",
        "an empty list among a provider's options is dropped",
        "other model",
        r"\.services\..*\.provider\.options.*: only ours has it: .*\[\].*",
        _file(services={"base": {"provider": {"type": "x", "options": {"a": [], "b": ["c"]}}}}),
    ),
    Known(
        "ours",
        "'scale' beside 'deploy' becomes 'deploy.replicas'",
        "other model",
        r"\.services\..*\.deploy\.replicas: only theirs has it: \d+",
        _service(scale=1, deploy={}),
    ),
    Known(
        "ours",
        "'build.ssh' with a path is printed as 'id: path' in YAML",
        "other model",
        r"---.*|\+\+\+.*|@@.*|[ ].*|- +- '?[\w.-]+: .*|\+ +- \S+=.*",
        Project(
            {
                "compose.yml": [
                    {
                        "services": {"base": {"build": {"context": ".", "ssh": {"id": "./key"}}}},
                        "models": {"m": {"model": "x"}},
                    }
                ]
            }
        ),
    ),
    Known(
        "ours",
        "two volumes whose targets are alike before they are cleaned, one in short form, are not the same",
        "we refuse it",
        r"ours: .*\[duplicate-mount-target\]",
        _service(volumes=[{"type": "volume", "target": "/d/../e"}, "/abs:/d/../e"]),
    ),
    Known(
        "ours",
        "'include.project_directory' that is no folder stands for the one that it would be in",
        "we refuse it",
        r"ours: .*env file .* does not exist.*|  .*",
        Project(
            {
                "compose.yml": [{"include": [{"path": "inc.yml", "project_directory": "./other"}]}],
                "inc.yml": [{"services": {"i": {"image": "x", "env_file": "a.env"}}}],
                "a.env": "A=1\n",
            }
        ),
    ),
]


# Of Compose 5.6 alone.
KNOWN += [
    Known(
        "ours",
        "'pull_refresh_after' is neither printed nor hashed",
        "other model",
        r"\.services\..*\.pull_refresh_after: only theirs has it: .*",
        _service(pull_policy="refresh", pull_refresh_after="1d"),
        "5",
    ),
    Known(
        "ours",
        "a hook of 'pre_start' has nothing of its service but the image",
        "other model",
        r"\.services\..*\.pre_start\[\d+\]\.\w+: only theirs has it: .*",
        _service(pre_start=[{"command": ["a"]}]),
        "5",
    ),
    Known(
        "ours",
        "a hook of 'pre_start' has few of the keys of a container",
        "we refuse it",
        r"ours: .*'pre_start\[\d+\]' of service .* has the unknown key .*",
        _service(pre_start=[{"entrypoint": ["a"]}]),
        "5",
    ),
    Known(
        "ours",
        "an entry that a later file has twice is a repetition",
        "we refuse it",
        r"ours: .*'\w+\[\d+\]' of service .* repeats .*",
        Project(
            {
                "compose.yml": [{"services": {"base": {"image": "x", "group_add": ["a"]}}}],
                "compose.override.yml": [{"services": {"base": {"group_add": ["b", "b"]}}}],
            }
        ),
        "5",
    ),
]


def known(disagreement: Disagreement) -> str:
    """Return the reasons for a disagreement of which every line is known, else ""."""
    entries = [entry for entry in KNOWN if entry.kind == disagreement.kind]
    reasons = []
    for line in disagreement.text.splitlines():
        reason = next((entry.reason for entry in entries if re.fullmatch(entry.lines, line)), "")
        if not reason:
            return ""
        reasons.append(reason)
    return "; ".join(dict.fromkeys(reasons))
