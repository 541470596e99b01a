"""A folder that is mounted over the application hides the packages that its image has installed.

## What it does
Follows the Dockerfile of a service to where it runs `npm install`, `yarn`, `pnpm install` or
`composer install`. Reports a folder of this machine that is mounted over that place and has no
`node_modules` (or `vendor`) itself, where nothing else is mounted there, no command of the service
installs the packages at its start, and one of them runs what needs them: `node`, `npm`, a script of
JavaScript (`php`, `php-fpm`, a script of PHP). A server in Python whose image has both needs none.

## Why is this bad?
What is mounted stands in place of what the image has there, all of it. On a machine on which nobody has
installed the packages, a colleague's or CI's, the program finds none: "Cannot find module". Packages that
were installed on the machine itself may be for another system than the container's.

## Example
```yaml
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        WORKDIR /app
        COPY package.json .
        RUN npm install
        CMD ["npm", "run", "dev"]
    volumes:
      - .:/app  # hidden-packages
```

## Use instead
A volume of its own keeps what the image has installed.
```yaml
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        WORKDIR /app
        COPY package.json .
        RUN npm install
        CMD ["npm", "run", "dev"]
    volumes:
      - .:/app
      - /app/node_modules
```
"""

from __future__ import annotations

import os
import posixpath
import re

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Mount, Service
    from composecheck.text.source import Span

RULE = Rule(("warning",), needs=("build under a mount",), confidence="likely", since="0.1")

_NODE = r"\b(?:npm|pnpm|bun)\s+(?:ci|i|install)\b|\byarn\b(?:\s+install\b|\s*(?:$|[&;|\n]|--))"
# What a command runs that needs them: a program, a script in its language, or what lies in the packages.
_JAVASCRIPT = (
    r"(?<!gosu )(?<!su-exec )(?:^|(?<=[\s/\"';&|(]))"
    r"(?:node(?:js)?|npm|npx|pnpm|pnpx|yarn|bunx?|deno|nodemon|pm2(?:-\w+)?|tsx|ts-node(?:-dev)?|next|nuxt|nuxi"
    r"|vite|vitest|webpack(?:-dev-server)?|react-scripts|vue-cli-service|ng|nest|gatsby|astro|remix|svelte-kit"
    r"|strapi|medusa|directus|gulp|grunt|parcel|turbo|nx|expo|ember|eleventy|storybook|prisma|concurrently)"
    r"(?=$|[\s\"';&|)])|node_modules/|\.[cm]?[jt]sx?(?=$|[\s\"';&|)])"
)
_PHP = (
    r"(?:^|(?<=[\s/\"';&|(]))(?:php[\d.]*|php-fpm[\d.]*|apache2-foreground|apache2ctl|frankenphp|rr|unitd"
    r"|artisan|symfony|composer|(?:docker-)?php-entrypoint)(?=$|[\s\"';&|)])|\.php(?=$|[\s\"';&|)])"
)


class _Manager(NamedTuple):
    """What installs packages, where they lie, what else they may be found by, and who needs them.

    A base by the name of `image` runs such a program where nothing else is given.
    """

    pattern: str
    folder: str
    others: tuple[str, ...]
    needed: str
    image: str


_MANAGERS = (
    _Manager(_NODE, "node_modules", (".pnp.cjs", ".pnp.js"), _JAVASCRIPT, r"\bnode\b|\bbun\b"),
    _Manager(r"\bcomposer\s+(?:i|install|update)\b", "vendor", (), _PHP, r"php|frankenphp"),
)
_ELSEWHERE = r"\s(?:-g|--global|--prefix|--cwd|-C|--dir|-d)\b"
_LEAVES = r"\b(?:cd|pushd)\s+"
_IDLE = r"\bsleep\s+infinity\b|\btail\s+-[fF]\b"


class _Installed(NamedTuple):
    """A folder of packages in an image, the instruction that fills it, and what does."""

    path: str
    place: Span
    manager: _Manager


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each mount that hides packages."""
    for service in facts.project.services.values():
        folders = [m for m in service.mounts if m.type == "bind" and m.source and service.build is not None]
        for installed in _installed(facts, service) if folders else ():
            mount = _hiding(service, installed.path)
            if (
                mount is None
                or _has(facts, mount, installed)
                or not _needs(facts, service, installed.manager)
            ):
                continue
            yield Finding(
                mount.place(),
                f"what service '{service.name}' mounts at '{mount.target}' hides '{installed.path}', "
                "which its image has installed",
                remedy=f"add the volume '{installed.path}' to its 'volumes'",
                service=service.name,
                related=(Related(installed.place, "installed here"),),
            )


def _installed(facts: Facts, service: Service) -> Iterator[_Installed]:
    """Yield the folders of packages that a Dockerfile fills, each once."""
    built = facts.images.built(service)
    folder = None
    seen = set()
    for instruction in built.instructions if built is not None else ():
        if instruction.keyword == "WORKDIR":
            folder = posixpath.join(folder or "/", instruction.text.strip("\"'"))
        elif instruction.keyword == "COPY" and instruction.flag("from") is not None and folder:
            target = posixpath.normpath(posixpath.join(folder, instruction.text.split()[-1].strip("\"'[],")))
            if target.endswith("/node_modules") and "$" not in target and target not in seen:
                seen.add(target)
                yield _Installed(target, instruction.span, _MANAGERS[0])
        elif instruction.keyword == "RUN" and folder and "$" not in folder:
            text = instruction.text
            for manager in _MANAGERS:
                path = posixpath.normpath(posixpath.join(folder, manager.folder))
                if (
                    path not in seen
                    and re.search(manager.pattern, text)
                    and not re.search(f"{_ELSEWHERE}|{_LEAVES}", text)
                ):
                    seen.add(path)
                    yield _Installed(path, instruction.span, manager)


def _hiding(service: Service, path: str) -> Mount | None:
    """Return the folder of this machine that is mounted over a path, None where another mount keeps it."""
    over = [mount for mount in service.mounts if f"{path}/".startswith(f"{mount.target.rstrip('/')}/")]
    inner = max(over, key=lambda mount: len(mount.target.rstrip("/")), default=None)
    if inner is None or inner.type != "bind" or service.says("volumes_from"):
        return None
    return None if inner.target.rstrip("/") == path else inner


def _has(facts: Facts, mount: Mount, installed: _Installed) -> bool:
    """Whether the folder that is mounted has the packages itself, or is none."""
    disk, source = facts.project.disk, mount.source or ""
    relative = posixpath.relpath(installed.path, mount.target.rstrip("/") or "/")
    packages = os.path.join(source, relative)
    beside = (os.path.join(os.path.dirname(packages), other) for other in installed.manager.others)
    return (
        not disk.is_folder(os.path.dirname(packages))
        or disk.is_folder(packages)
        or any(map(disk.exists, beside))
    )


def _needs(facts: Facts, service: Service, manager: _Manager) -> bool:
    """Whether a service runs what needs the packages, and does not install them when it starts."""
    from composecheck.facts.commands import started
    from composecheck.facts.commands.calls import scripts_among
    from composecheck.facts.programs.starting import lines

    words, _ = started(facts, service)
    if not words:
        built = facts.images.built(service)
        return built is not None and re.search(manager.image, built.base or "") is not None
    texts = [" ".join(words), *(line.text for line in lines(facts, service))]
    installing = f"{manager.pattern}|{_IDLE}"
    if any(re.search(installing, text) for text in (*texts, *scripts_among(words, facts.files(service)))):
        return False
    return any(re.search(manager.needed, text) for text in texts)
