"""What is mounted twice at one place."""

from __future__ import annotations

import pytest

from composecheck.lint import check, examine
from composecheck.loading.options import Options


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("volumes: ['/a:/x', {type: bind, source: /b, target: /x/}]", "two volumes at '/x'"),
        ("tmpfs: ['/x:size=1m', /x]", "two tmpfs at '/x'"),
        ("tmpfs: /x, volumes: ['/a:/x/']", "a volume and a tmpfs at '/x'"),
        ("tmpfs: [/x, /x/]", None),
        ("tmpfs: /x/, volumes: ['/a:/x']", None),
        ("volumes: ['/a:/x', '/b:/x/']", None),
    ],
)
def test_mounts_at_one_place_are_told_as_compose_tells_them(tmp_path, body, told):
    (tmp_path / "compose.yml").write_text(f"services: {{s: {{image: x, {body}}}}}")
    found = [d.message for d in check(tmp_path / "compose.yml").diagnostics if d.severity == "error"]
    assert found == ([f"service 's' mounts {told}"] if told else [])


@pytest.mark.parametrize(
    ("volumes", "lines"),
    [
        ("['/a:/x', '/b:/x/']", [1]),
        ("[va:/x, /x]", [1]),
        ("[va:/x, {type: bind, source: /b, target: /x}]", [1]),
        ("[va:/x, va:/y, vb:/x, vc:/x]", [1, 1]),
        ("[va:/x, va:/y]", []),
        ("['/a:/x', '/a:/x/']", []),
        ("['/a:/x', '/a:/x/', '/b:/x']", [1]),
        ("[va:/x, {type: volume, source: va, target: /x}]", []),
        ("[/x, /x/]", [1]),
        ("[va:/x, {type: volume, source: va, target: /x, volume: {subpath: a}}]", [1]),
    ],
)
def test_volume_that_another_of_its_file_hides_is_a_warning(tmp_path, volumes, lines):
    text = f"{{services: {{s: {{image: x, volumes: {volumes}}}}}, volumes: {{va: , vb: , vc: }}}}"
    (tmp_path / "compose.yml").write_text(text)
    found = check(tmp_path / "compose.yml").diagnostics
    hidden = [d for d in found if d.severity == "warning"]
    assert [d.span.line for d in hidden] == lines
    assert {d.rule for d in hidden} <= {"duplicate-mount-target"}


def test_volume_that_a_later_file_or_an_extension_replaces_is_meant(tmp_path):
    base = "services: {s: {image: x, volumes: ['/a:/x']}, t: {extends: s, volumes: ['/b:/x']}}"
    (tmp_path / "compose.yml").write_text(base)
    (tmp_path / "over.yml").write_text("services: {s: {volumes: ['/c:/x']}}")
    found = check(tmp_path / "compose.yml", tmp_path / "over.yml").diagnostics
    assert [d.rule for d in found if d.severity != "note"] == []


@pytest.fixture
def hidden(tmp_path):
    """Returns the findings of packages that a mount hides, in the service `a`."""

    def find(body, dockerfile, files=("package.json",)):
        (tmp_path / "Dockerfile").write_text(dockerfile)
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text("{}")
        (tmp_path / "compose.yml").write_text(f"services:\n  a: {{build: ., {body}}}\nvolumes: {{vol: }}\n")
        report = examine(Options(folder=tmp_path, environment={}))
        return [d for d in report.diagnostics if d.rule == "hidden-packages"]

    return find


NODE = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN %s\nCMD ["npm", "run", "dev"]\n'


@pytest.mark.parametrize(
    "command", ["npm install", "npm ci --omit=dev", "yarn", "yarn install", "pnpm i", "bun install"]
)
@pytest.mark.parametrize("mount", [".:/app", ".:/app/", "{type: bind, source: ., target: /app}"])
def test_folder_over_installed_packages_hides_them(hidden, command, mount):
    (finding,) = hidden(f"volumes: ['{mount}']" if mount[0] != "{" else f"volumes: [{mount}]", NODE % command)
    assert finding.severity == "warning"
    assert "'/app/node_modules'" in finding.remedy


def test_folder_above_and_other_managers_hide_packages_as_well(hidden):
    assert len(hidden("volumes: ['.:/']", NODE.replace("/app", "/web") % "npm install", ["web/a"])) == 1
    stages = "FROM node:22 AS d\nRUN npm ci\nFROM node:22\nWORKDIR /app\nCOPY --from=d /d/node_modules %s\n"
    assert len(hidden("volumes: ['.:/app']", stages % "./node_modules")) == 1
    assert hidden("volumes: ['.:/app']", stages % "/opt/node_modules") == []
    assert len(hidden("volumes: ['.:/app']", "FROM php:8\nWORKDIR /app\nRUN composer install\n")) == 1


@pytest.mark.parametrize(
    ("body", "dockerfile", "files"),
    [
        ("volumes: ['.:/app', /app/node_modules]", NODE % "npm install", ()),
        ("volumes: ['.:/app', 'vol:/app/node_modules']", NODE % "npm install", ()),
        ("volumes: ['./src:/app/src']", NODE % "npm install", ["src/a"]),
        ("volumes: ['vol:/app']", NODE % "npm install", ()),
        ("volumes: ['.:/code']", NODE % "npm install", ()),
        ("volumes: ['.:/app']", NODE % "npm install", ["node_modules/x"]),
        ("volumes: ['.:/app']", NODE % "yarn install", [".pnp.cjs"]),
        ("volumes: ['.:/app'], command: sh -c 'npm install && npm run dev'", NODE % "npm install", ()),
        ("volumes: ['.:/app'], command: sleep infinity", NODE % "npm install", ()),
        ("volumes: ['.:/app'], command: sh run.sh", NODE % "npm install", ()),
        ("volumes: ['.:/app']", NODE % "npm install -g serve", ()),
        ("volumes: ['.:/app']", NODE % "cd /deps && npm install", ()),
        ("volumes: ['.:/app']", NODE % "npm run build", ()),
        ("volumes: ['.:/app']", "FROM node:22\nWORKDIR /app\nRUN npm install\nFROM nginx:1\nCOPY . /x\n", ()),
        ("volumes: ['./package.json:/app/package.json']", NODE % "npm install", ()),
    ],
)
def test_packages_are_kept_or_made_again(hidden, tmp_path, body, dockerfile, files):
    (tmp_path / "run.sh").write_text("#!/bin/sh\nnpm ci\nexec npm run dev\n")
    assert hidden(body, dockerfile, [*files, "package.json"]) == []


BOTH = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN composer install\n%s"


@pytest.mark.parametrize(
    ("command", "last", "packages"),
    [
        ("", "", []),
        ("", 'CMD ["gunicorn", "app:app"]', []),
        ("", 'CMD ["npm", "start"]', ["node_modules"]),
        ("", "CMD php-fpm8.3 -F", ["vendor"]),
        ("command: gunicorn app:app", 'CMD ["npm", "start"]', []),
        ("command: sh run.sh", "", []),
        ("command: sh serve.sh", "", ["node_modules"]),
        ("command: php artisan serve", "", ["vendor"]),
        ("command: gosu node python app.py", "", []),
        ("command: node_modules/.bin/vite --host", "", ["node_modules"]),
        ("command: tini -- python server.py --log app.json", "", []),
        ("command: tini -- nodemon", "", ["node_modules"]),
        ("command: node server.mjs", 'ENTRYPOINT ["docker-entrypoint.sh"]', ["node_modules"]),
        ("entrypoint: uvicorn app:app", 'CMD ["npm", "start"]', []),
    ],
)
def test_packages_are_missed_by_who_runs_what_needs_them(hidden, tmp_path, command, last, packages):
    (tmp_path / "run.sh").write_text("#!/bin/sh\n# npm start is for the others\nexec gunicorn app:app\n")
    (tmp_path / "serve.sh").write_text("#!/bin/sh\nset -e\nexec npm start\n")
    body = ", ".join(filter(None, ("volumes: ['.:/app']", command)))
    found = hidden(body, BOTH % last, ["package.json", "composer.json"])
    assert [name for d in found for name in ("node_modules", "vendor") if name in d.remedy] == packages


def written(tmp_path, body, more=""):
    text = f"services:\n  a: {{{body}}}\n{more}volumes: {{vol: , ext: {{external: true}}}}\n"
    (tmp_path / "compose.yml").write_text(text)
    return [d.severity for d in check(tmp_path / "compose.yml").diagnostics if d.rule == "unwritable-volume"]


@pytest.mark.parametrize("user", ["'1000'", "1000:1000", "node"])
def test_volume_of_a_user_at_a_place_that_the_image_lacks_is_a_note(tmp_path, user):
    assert written(
        tmp_path, f"image: 'node:22', user: '{user}', volumes: ['vol:/app']".replace("''", "'")
    ) == ["note"]


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("image: 'node:22', volumes: ['vol:/app']", ""),
        ("image: 'node:22', user: root, volumes: ['vol:/app']", ""),
        ("image: 'node:22', user: '0:0', volumes: ['vol:/app']", ""),
        ("image: 'node:22', user: node, volumes: ['vol:/home/node/app']", ""),
        ("image: 'node:22', user: node, volumes: ['.:/app']", ""),
        ("image: 'node:22', user: node, volumes: ['vol:/app:ro']", ""),
        ("image: 'node:22', user: node, volumes: ['ext:/app']", ""),
        ("image: 'postgres:16', user: '1000', volumes: ['vol:/var/lib/postgresql/data']", ""),
        ("image: 'acme/app:1', user: '1000', volumes: ['vol:/app']", ""),
        (
            "image: 'node:22', user: node, volumes: ['vol:/app']",
            "  b: {image: busybox, command: chown 1000 /d}\n",
        ),
        ("image: 'node:22', user: node, volumes: ['vol:/app']", "  b: {image: y, volumes: ['vol:/d']}\n"),
    ],
)
def test_volume_is_the_users_or_somebody_may_make_it_so(tmp_path, body, more):
    assert written(tmp_path, body, more) == []


@pytest.mark.parametrize(
    ("lines", "target", "severities"),
    [
        ("USER node", "/data", ["note"]),
        ("USER 1000:1000", "/data", ["note"]),
        ("USER node\nUSER root", "/data", []),
        ("", "/data", []),
        ("RUN mkdir /data\nUSER node", "/data", []),
        ("RUN chown node /srv\nUSER node", "/data", []),
        ("WORKDIR /app\nCOPY . .\nUSER node", "/app/data", []),
        ("WORKDIR /app\nCOPY . /app\nUSER node", "/data", ["note"]),
        ('USER node\nENTRYPOINT ["/start.sh"]', "/data", []),
    ],
)
def test_user_of_a_dockerfile_and_the_folders_that_it_makes(tmp_path, lines, target, severities):
    (tmp_path / "Dockerfile").write_text(f"FROM node:22\n{lines}\n")
    assert written(tmp_path, f"build: ., volumes: ['vol:{target}']") == severities
