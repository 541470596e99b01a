"""What a service mounts from the project's folder does not exist.

## What it does
Reports a bind mount whose source lies in the project's folder and is not there. Where a file is
meant, by its name, that is a warning; where it may be a folder, a note; and an error where
`create_host_path: false` forbids to make it. What git ignores, has a sample beside it (`a.conf.example`),
is made by a command in a README, a makefile or a script of the project, or is a key, a certificate or what a
build leaves by its name, is made by some step before the start: a note, which names the step.

## Why is this bad?
The engine makes a folder of that name, which belongs to root, and mounts it. A service that expects
a file there fails in strange ways, and from then on the folder is in the way of the file.

## Example
```yaml
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro  # missing-bind-source
```

## Use instead
```yaml
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
```

```nginx nginx.conf
events {}
```
"""

from __future__ import annotations

import os
from posixpath import basename, splitext

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Severity
    from composecheck.model.project import Mount, Service

RULE = Rule(("warning", "error", "note"), needs=("bind mount",), lacks="path", since="0.1")
_EXTENSIONS = frozenset(
    """acl bash bat cer cert cfg cjs cnf conf cql crt cs css csv cypher db ddl der dist ear env fish
    geojson go gz hbs hcl htm html htpasswd ini j2 jar java jks js json json5 jsonc key keystore ldif
    lic list lock log lua md mjs p12 pem pfx php pid pl pol policy pp prop properties ps1 pub py pyc r
    rb repo rs rules sh so sock sql sqlite sqlite3 svg tar template tf tgz tmpl toml tpl truststore ts
    tsv txt vcl war whl xml xsd yaml yml zip zsh
    """.split()  # noqa: SIM905 - words
)
# What ends folders' names, and hosts' after which folders are named.
_NO_EXTENSIONS = frozenset(
    """app aws cache com config d dev docker example git internal io kube lan local m2 net org ssh test
    """.split()  # noqa: SIM905 - words
)
_FILES = ("Dockerfile", "Caddyfile", "Corefile", "Makefile", "Procfile", "Gemfile", "Pipfile", "Jenkinsfile")
_MOST_FILES = 5_000
_QUOTES = "'\""
_DOTTED = (".env", ".htpasswd", ".netrc", ".npmrc", ".pgpass", ".my.cnf")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each source that is missing, once for each service that mounts it."""
    inside = os.path.join(facts.project.folder, "")
    exists: dict[str, bool] = {}
    folders: set[str] | None = None
    named: dict[str, list[str]] | None = None
    for service in facts.project.services.values():
        for mount in service.mounts:
            path = mount.source
            if mount.type != "bind" or path is None or not path.startswith(inside):
                continue
            if path not in exists:
                exists[path] = facts.project.disk.lexists(path)
            if not exists[path]:
                folders = _folders(facts) if folders is None else folders
                file = not _written_as_folder(mount) and _is_file(path, mount.target, folders)
                if file and named is None:
                    named = _named_so(facts)
                yield _finding(facts, service, mount, file=file, others=(named or {}).get(basename(path), []))


def _named_so(facts: Facts) -> dict[str, list[str]]:
    """Return the files of the repository, as far as a limit goes, by their names."""
    from composecheck.facts.folders import listing

    project = facts.project
    top = project.disk.repository(project.folder) or project.folder
    named: dict[str, list[str]] = {}
    for path in listing(project.disk, top, lambda _: True, _MOST_FILES).files:
        named.setdefault(basename(path), []).append(path)
    return named


def _finding(facts: Facts, service: Service, mount: Mount, *, file: bool, others: list[str]) -> Finding:
    from composecheck.facts.absent import how_to_make, why_absent

    source = mount.source or ""
    path = source.removeprefix(os.path.join(facts.project.folder, ""))
    made = why_absent(facts, source)
    severity: Severity
    if mount.bind is not None and mount.bind.create_host_path is False:
        severity, what = "error", "the engine may not make it"
    elif file:
        severity, what = "warning", "a folder will be made in its place"
    else:
        severity, what = "note", "an empty folder will be made, which belongs to root"
    if made:
        severity, what = "note", f"{what}; {made}"
    return Finding(
        mount.place("source"),
        f"service '{service.name}' mounts './{path}', which does not exist: {what}",
        remedy=(how_to_make(facts, source) if made else _near(facts, path) or _elsewhere(facts, others, file))
        or f"create it{'' if file else ', or mount a named volume'}",
        service=service.name,
        severity=severity,
    )


def _folders(facts: Facts) -> set[str]:
    """Return the folders that a use of them tells: something lies in them, or a container works there.

    Those of this machine and those of the containers are together: what is one anywhere is one here.
    """
    folders: set[str] = set()
    for service in facts.project.services.values():
        if service.working_dir:
            _add(folders, os.path.normpath(service.working_dir))
        for mount in service.mounts:
            for path in (mount.source, mount.target):
                _add(folders, os.path.dirname(path or ""))
    return folders


def _add(folders: set[str], path: str) -> None:
    while path not in folders and path != os.path.dirname(path):
        folders.add(path)
        path = os.path.dirname(path)


def _written_as_folder(mount: Mount) -> bool:
    """Whether a slash ends the source or the target, in the short form or the long one."""
    texts = (mount.place(key).text.strip(_QUOTES) for key in ("source", "target"))
    return any("/:" in text or text.endswith("/") for text in texts)


def _is_file(path: str, target: str, folders: set[str]) -> bool:
    """Whether a path is a file's by its name or by that of what it is mounted as."""
    if not folders.isdisjoint((path, target)):
        return False
    name = basename(path)
    if _named_like_a_file(name):
        return True
    if name.count(".") != 1 or name.startswith("."):
        return False
    # 'users.acl' as 'users.acl' is some kind of file; so is what a file is mounted as.
    mounted = basename(target)
    return _named_like_a_file(mounted) or (name == mounted and name.split(".")[1] not in _NO_EXTENSIONS)


def _named_like_a_file(name: str) -> bool:
    extension = splitext(name)[1][1:].lower()
    return name in _FILES or extension in _EXTENSIONS or name.startswith(_DOTTED)


def _elsewhere(facts: Facts, others: list[str], file: bool) -> str:
    """Return advice to mount the one file of that name that the repository has, or ""."""
    if not file or len(others) != 1:
        return ""
    path = os.path.relpath(others[0], facts.project.folder).replace(os.sep, "/")
    return (
        f"mount '{path if path.startswith('../') else f'./{path}'}', the one file of that name; or create it"
    )


def _near(facts: Facts, path: str) -> str:
    """Return "did you mean 'x'?" for what lies there under a similar name, or ""."""
    folder, name = os.path.split(path)
    names = facts.project.disk.names(os.path.join(facts.project.folder, folder))
    return did_you_mean(name, names[:1000], cutoff=0.75)
