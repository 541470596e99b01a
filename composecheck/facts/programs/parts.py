"""The part of a repository's sources that one program is made of, where several lie beside each other."""

from __future__ import annotations

import os
import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.programs.reading import Text
    from composecheck.model.project import Service

_ASSEMBLY = r"([\w.-]+)\.(?:dll|csproj|fsproj)\b"
_REFERENCE = r"ProjectReference\s+Include=\"([^\"]+)\""
_BUILDS = r"\bgo (?:build|install|run)\b([^\n;&|]{0,500})"
# A script that is run, by its path or as a module, or what a server is told to serve.
_SCRIPT = (
    r"([\w/-]+)\.(?:py|[cm]?js|ts)\b"
    r"|\bpython3? (?:-\w+ )*-m (?!gunicorn|uvicorn|flask|celery|pip|alembic)([\w.]+)"
    r"|\b(?:uvicorn|gunicorn|hypercorn|granian)\b.*?\s([\w.]+):\w+"
    r"|\bnode (?:-\S+ )*(?:dist|build|lib)/([\w/-]+)"
)
_IMPORT = (
    r"(?m)^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*\)|.*)|^[ \t]*import[ \t]+[\w., ]+$"
    r"|(?:\bfrom|\brequire\(|\bimport\()\s*['\"][.@~/][^'\"]*"
)
# What a program of its own begins with.
_BEGINS = r"__name__\s*==|\b(?:FastAPI|Flask|Starlette|Sanic)\(|\.listen\(|\A#!"
_MAIN = r"(?m)^package main\b"


class Part(NamedTuple):
    """What is run of the sources: a project of .NET, a package of Go, scripts of Python or JavaScript."""

    project: str = ""
    package: str = ""
    scripts: tuple[str, ...] = ()


def part(facts: Facts, service: Service) -> Part:
    """Return what a service's Dockerfile and command say of which part of the sources it runs."""
    from composecheck.facts.programs.starting import lines

    run = "\n".join(line.text for line in lines(facts, service))
    project = re.search(_ASSEMBLY, run)
    scripts = [next(filter(None, names)).replace(".", "/") for names in re.findall(_SCRIPT, run)]
    package = _package("\n".join(_stages(facts, service)))
    return Part(project[1] if project is not None else "", package, tuple(scripts))


def _package(text: str) -> str:
    """Return the folder of the package that Go is told to build, "" for the one where it is told so."""
    for words in re.findall(_BUILDS, text):
        last = [] if words.split()[-2:-1] == ["-o"] else words.split()[-1:]
        name: str = last[0].removeprefix("./").removesuffix("main.go").rstrip("./") if last else ""
        if re.fullmatch(r"\w[\w./-]*", name):
            return name
    return ""


def own(texts: Sequence[Text], run: Part) -> list[Text]:
    """Return the texts that belong to the part which is run."""
    folders = tuple(_referenced(texts, run.project)) if run.project else ()
    others = _beside(texts, run.scripts) | _commands_beside(texts, run.package)
    return [
        each
        for each in texts
        if each.path not in others
        and not (folders and each.ecosystem.name == "dotnet" and not _folder(each.path).startswith(folders))
    ]


def _commands_beside(texts: Sequence[Text], package: str) -> set[str]:
    """Return the main packages of Go but the one that is built."""
    mains = {each.path for each in texts if each.ecosystem.name == "go" and re.search(_MAIN, each.text)}
    inside = {path for path in mains if package and f"/{package}/" in _folder(path)}
    return mains - inside if inside else set()


def _beside(texts: Sequence[Text], scripts: Sequence[str]) -> set[str]:
    """Return the files that are programs by themselves, and no part of those that some scripts begin."""
    sources = [each for each in texts if each.ecosystem.name in ("python", "node") and not each.is_manifest]
    left = [each for each in sources if any(f"/{name}." in each.path for name in scripts)]
    if not left:
        return set()
    by_name: dict[str, list[Text]] = {}
    for each in sources:
        by_name.setdefault(_module(each.path), []).append(each)
    reached = {each.path for each in left}
    while left:
        words = {word for found in re.findall(_IMPORT, left.pop().text) for word in re.findall(r"\w+", found)}
        new = [each for word in words for each in by_name.get(word, ()) if each.path not in reached]
        reached.update(each.path for each in new)
        left += new
    return {each.path for each in sources if each.path not in reached and re.search(_BEGINS, each.text)}


def _module(path: str) -> str:
    """Return what a source is imported as."""
    folder, name = os.path.split(path)
    stem = name.partition(".")[0]
    return os.path.basename(folder) if stem in ("__init__", "index", "mod") else stem


def _referenced(texts: Sequence[Text], project: str) -> Iterator[str]:
    """Yield the folders of a project and of all that it refers to."""
    projects = {
        os.path.splitext(os.path.basename(text.path))[0]: text for text in texts if text.path.endswith("proj")
    }
    left, seen = [project], set[str]()
    while left:
        name = left.pop()
        if name not in projects or name in seen:
            continue
        seen.add(name)
        yield _folder(projects[name].path)
        paths = re.findall(_REFERENCE, projects[name].text)
        left += [os.path.splitext(re.split(r"[\\/]", path)[-1])[0] for path in paths]


def _folder(path: str) -> str:
    return os.path.join(os.path.dirname(path), "")


def _stages(facts: Facts, service: Service) -> Iterator[str]:
    """Yield what all stages of a service's Dockerfile run."""
    dockerfile = facts.project.builds.dockerfile(service.build) if service.build is not None else None
    for stage in dockerfile.stages({}) if dockerfile is not None else ():
        yield from (each.text for each in stage.instructions if each.keyword == "RUN")
