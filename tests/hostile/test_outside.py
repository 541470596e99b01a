"""No text of a file outside the repository is shown, whatever the project names and however it is wrong."""

import os

import pytest

from composecheck import check
from composecheck.cli import main

# Words of the files outside, none of which may be seen; and what is wrong with these files.
CANARIES = ("sparrowhawk", "kestrel99", "QUAILWORD", "gyrfalcon", "osprey7")
DOTENV = "KEY_SPARROWHAWK=kestrel99\nHOST=gyrfalcon\nDB_HOST=gyrfalcon.QUAILWORD\nTAG=osprey7\nURL=http://kestrel99:81\n"
TEXTS = {
    "variables": DOTENV,
    "passwords": "sparrowhawk:x:0:0:kestrel99:/QUAILWORD:/bin/gyrfalcon\nosprey7 has a space=1\n",
    "unclosed": "A='sparrowhawk kestrel99 QUAILWORD\n",
    "variable": "A=${sparrowhawk?kestrel99 QUAILWORD}\nB=${\n",
    "services": "services:\n  sparrowhawk: {imagee: kestrel99, depends_on: [QUAILWORD],"
    " volumes: [gyrfalcon]}\n"
    "  b: {image: 'osprey7:latest', environment: {DB_HOST: gyrfalcon}, depends_on: [sparrowhawk],"
    " container_name: kestrel99, ports: ['80:x'], command: [gyrfalcon, '${QUAILWORD:?osprey7}']}\n"
    "volumes: {QUAILWORD: {}}\nnetworks: {kestrel99: {}}\n",
    "good services": "services:\n  sparrowhawk: {image: 'kestrel99/osprey7:1', networks: [QUAILWORD]}\n"
    "  b: {image: 'postgres:16', environment: {DB_HOST: gyrfalcon, POSTGRES_USER: kestrel99,"
    " POSTGRES_PASSWORD: x}, depends_on: [sparrowhawk], container_name: kestrel99}\n"
    "networks: {QUAILWORD: {}}\n",
    "JSON": '{"auths": {"sparrowhawk": {"auth": "kestrel99"}},'
    ' "services": {"b": {"QUAILWORD": "gyrfalcon"}}}',
    "no YAML": "sparrowhawk: [kestrel99\nQUAILWORD: 'gyrfalcon\n\tosprey7",
    "Dockerfile": "FROM sparrowhawk:kestrel99\nENV QUAILWORD=gyrfalcon\n"
    "HEALTHCHECK CMD curl http://gyrfalcon:99/osprey7 || exit 0\nCMD sleep kestrel99 && gyrfalcon\n",
    "script": "#!/bin/sh\nuntil nc -z gyrfalcon 5439; do sleep 1; done\nsparrowhawk --kestrel99 QUAILWORD\n"
    "curl http://osprey7:81/gyrfalcon && exec kestrel99\n",
    "configuration": "ignore: [sparrowhawk]\nkestrel99: QUAILWORD\n",
    "bytes": b"A=sparrowhawk\nB=kestrel99 \xff\n",
}
S = "services:\n  a:\n    image: 'x:1'\n    depends_on: {b: {condition: service_started}}\n"
B = "  b: {image: 'y:1'}\n"
USES = {
    "env_file": f"{S}    env_file: [PATH]\n{B}",
    "raw env_file": f"{S}    env_file: [{{path: PATH, format: raw}}]\n{B}",
    "label_file": f"{S}    label_file: PATH\n{B}",
    "include": f"include: [PATH]\n{S}",
    "env_file of include": f"include: [{{path: more.yml, env_file: PATH}}]\n{S}",
    "extends": f"{S}    extends: {{file: PATH, service: b}}\n  b: {{extends: {{file: PATH, service: zz}}}}\n",
    "dockerfile": f"{S}    build: {{context: ., dockerfile: PATH}}\n"
    "  b: {build: {context: ., dockerfile: PATH}}\n",
    "script": f"{S}    volumes: ['PATH:/run.sh', 'PATH:/etc/app/app.conf']\n    command: sh /run.sh\n"
    "    healthcheck: {test: sh /run.sh}\n"
    "  b: {image: 'y:1', volumes: ['FOLDER:/scripts'], entrypoint: [/scripts/file]}\n",
    "context": f"{S}    build: {{context: FOLDER, dockerfile: Dockerfle}}\n{B}",
    "variables": "services:\n  a: {image: 'x:${TAG}', environment: {URL: '${URL}', DB_HOST: '${DB_HOST}'},"
    " depends_on: [b], container_name: '${HOST}', ports: ['${TAG}:80']}\n  b: {image: '${HOST}/${TAG}'}\n",
}
COMMANDS = [
    *(("check", "--notes", "--all", "--format", form)
      for form in ("text", "json", "sarif", "github", "gitlab", "junit")),
    ("check", "--diff", "--notes"),
    ("check", "--fix", "--notes"),
    *(("graph", "--format", form) for form in ("text", "mermaid", "dot", "svg")),
    ("plan",),
    ("plan", "--format", "json"),
    ("config", "--quiet"),
    ("images", "postgres"),
    ("rules",),
]  # fmt: skip


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A function that writes a project, and a file outside of it; it returns what every command prints."""

    def make(compose, text, *, git=True, links=(), files=None):
        folder = tmp_path / "project"
        folder.mkdir()
        if git:
            (folder / ".git").mkdir()
        away = tmp_path / "away"
        away.mkdir()
        path = away / "file"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (away / "Dockerfile.sparrowhawk").write_text("FROM kestrel99\n")
        (folder / "compose.yml").write_text(compose.replace("PATH", str(path)).replace("FOLDER", str(away)))
        (folder / "more.yml").write_text("services: {more: {image: 'x:${TAG}', hostname: '${HOST}'}}\n")
        for name, content in (files or {}).items():
            (folder / name).write_text(content.replace("PATH", str(path)))
        for name in links:
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(path)
        monkeypatch.chdir(folder)
        return folder

    return make


def seen(capfd, *before):
    """Return which canaries any command shows."""
    found = []
    for command in COMMANDS:
        main([*before, *command])
        printed = "\n".join(capfd.readouterr())
        assert "Traceback" not in printed
        found += [(command, word) for word in CANARIES if word.lower() in printed.lower()]
    return found


# A number that shares no divisor with those of the texts and of what is done with them meets each of these.
EVERY = pytest.mark.slow_but_every(5)


@EVERY
@pytest.mark.parametrize("git", [True, False], ids=["git", "no git"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("use", [use for use in USES if use != "variables"])
def test_text_of_a_named_file_is_not_shown(outside, capfd, use, text, git):
    outside(USES[use], TEXTS[text], git=git)
    assert seen(capfd) == []


@EVERY
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("name", "compose"),
    [
        ("inside", USES["env_file"].replace("PATH", "inside")),
        ("inside.yml", USES["include"].replace("PATH", "inside.yml")),
        (".env", USES["variables"]),
        ("Dockerfile", f"{S}    build: .\n  b: {{build: .}}\n"),
        ("composecheck.yaml", f"{S}{B}"),
        (".composecheck.toml", f"{S}{B}"),
        ("compose.yml", ""),
        ("compose.override.yml", f"{S}{B}"),
    ],
)
def test_text_behind_a_link_is_not_shown(outside, capfd, name, compose, text):
    outside(compose, TEXTS[text], links=[name])
    assert seen(capfd) == []
    if name == "compose.yml":
        assert seen(capfd, "-f", "compose.yml") == []


@EVERY
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("env", [
    "COMPOSE_FILE=PATH\n",
    "COMPOSE_FILE=compose.yml:PATH\n",
    "COMPOSE_ENV_FILES=PATH\n",
    "COMPOSE_PROJECT_NAME=x\nCOMPOSE_FILE=PATH:compose.yml\n",
])  # fmt: skip
def test_text_of_what_the_projects_variables_name_is_not_shown(outside, capfd, env, text):
    outside(f"{S}{B}", TEXTS[text], files={".env": env})
    assert seen(capfd) == []


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_what_a_configuration_names_is_not_shown(outside, capfd, text):
    outside(f"{S}{B}", TEXTS[text], files={"composecheck.yaml": "projects: [[compose.yml, PATH], [PATH]]\n"})
    assert seen(capfd) == []


def test_names_that_variables_make_of_foreign_text_are_not_shown(outside, capfd):
    text = "COMPOSE_PROJECT_NAME=Sparrowhawk!\nCOMPOSE_FILE=kestrel99.yml\n"
    outside(f"{S}{B}", text, links=[".env"])
    assert seen(capfd) == []


def test_token_that_a_checkout_leaves_in_git_is_not_shown(outside, capfd):
    folder = outside(f"{S}    env_file: .git/config\n{B}", "")
    (folder / ".git" / "config").write_text("[http]\n\textraheader = AUTHORIZATION: basic sparrowhawk\n")
    assert seen(capfd) == []


@pytest.mark.parametrize("before", [("-f", "../away/file"), ("-f", "compose.yml", "-f", "../away/file")])
def test_file_that_the_user_names_is_shown(outside, capfd, before):
    outside(f"{S}{B}", TEXTS["services"])
    main([*before, "check"])
    assert "sparrowhawk" in capfd.readouterr().out


def test_env_file_and_configuration_that_the_user_names_are_shown(outside, capfd):
    outside(f"{S}{B}", "A B=sparrowhawk\n")
    main(["--env-file", "../away/file", "check"])
    assert "A B=sparrowhawk" in capfd.readouterr().out


def test_folder_that_the_user_names_is_the_projects_own(outside, capfd):
    folder = outside(USES["include"], TEXTS["services"], git=False)
    main(["check", str(folder.parent)])
    assert "sparrowhawk" in capfd.readouterr().out


def test_place_and_rule_are_told(outside, capfd):
    outside(USES["env_file"], TEXTS["passwords"])
    main(["check", "--select", "invalid-env-file"])
    out = capfd.readouterr().out
    first, remedy, *_ = out.splitlines()
    assert first == (
        f"{os.path.realpath('../away/file')}:2:1: error: a line of an env file cannot be read "
        "(its text is outside the repository and not shown) [invalid-env-file]"
    )
    assert "'composecheck explain invalid-env-file'" in remedy


def test_remedy_without_foreign_words_is_told_and_another_one_says_where_to_look(outside):
    folder = outside(
        f"{USES['env_file']}  c: {{image: 'z:1', depends_on: [$SPARROW]}}\n", "SPARROW=sparrowhawk\n"
    )
    (folder / ".env").symlink_to("../away/file")
    withheld = [
        d for d in check(folder / "compose.yml", environment={}).diagnostics if "not shown" in d.message
    ]
    assert {(d.rule, d.remedy) for d in withheld} == {
        ("undefined-dependency", "define it under 'services', or take it out of 'depends_on'"),
    }


def test_folder_above_a_project_without_a_repository_shows_its_text(outside, capfd):
    folder = outside(f"{S}    env_file: ../away/file\n{B}", "A B=sparrowhawk\n", git=False)
    main(["check", "compose.yml"])
    out = capfd.readouterr().out
    assert "sparrowhawk" not in out
    assert "a folder that holds all of it" in out
    main(["check", str(folder.parent)])
    assert "sparrowhawk" in capfd.readouterr().out


def test_what_has_nothing_of_the_foreign_text_is_told_in_full(outside, capfd):
    outside(f"{USES['env_file']}  c: {{imagee: 'z:1'}}\n", TEXTS["variables"])
    main(["check"])
    out = capfd.readouterr().out
    assert "service 'c' has the unknown key 'imagee'" in out
    assert "did you mean 'image'?" in out
    assert "imagee: 'z:1'" in out


def test_library_shows_no_more(outside):
    folder = outside(USES["include"], TEXTS["services"])
    report = check(folder / "compose.yml", environment={})
    for found in report.diagnostics:
        texts = (found.message, found.remedy, found.service or "", found.span.text)
        assert not any(word in text for word in CANARIES for text in texts)
