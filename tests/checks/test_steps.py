"""What a project's documents and scripts tell of a file that is missing."""

import pytest

from composecheck import check

MOUNT = "services: {a: {image: 'x:1', volumes: ['./conf/a.conf:/etc/a.conf']}}\n"
ENV = "services: {a: {image: 'x:1', env_file: [.env]}}\n"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Return the severity and the remedy of the one finding of a project with some documents."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path)

    def found(compose, **documents):
        (tmp_path / "app/compose.yml").write_text(compose)
        for name, text in documents.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.write_text(text)
        (finding,) = check("app/compose.yml", environment={}).diagnostics
        return finding.severity, finding.remedy.partition(";")[0]

    return found


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("app__README_md", "Run `cp defaults.conf conf/a.conf` first.\n", "make it as app/README.md:1 does"),
        ("app__README_md", "# A\n\n    $ cp b conf/a.conf\n", "run 'cp b conf/a.conf' (app/README.md:3)"),
        ("README_md", "```\ntouch app/conf/a.conf\n```\n", "run 'touch app/conf/a.conf' (README.md:2)"),
        ("README_rst", "echo secret=hunter22 > app/conf/a.conf\n", "make it as README.rst:1 does"),
        ("app__Makefile", "conf/a.conf: template\n\t./fill\n", "run 'make conf/a.conf' (app/Makefile:1)"),
        ("Makefile", "all: b\nsetup: ## files\n\t@cp b app/conf/a.conf\n", "run 'make setup' (Makefile:3)"),
        ("app__setup_sh", "openssl req -out conf/a.conf\n", "run 'sh app/setup.sh' (app/setup.sh:1)"),
    ],
)
def test_mount_that_a_step_makes_is_a_note_which_names_it(told, name, text, remedy):
    severity, said = told(MOUNT, **{name: text})
    assert (severity, said) == ("note", f"{remedy} before the start")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README_md", "The file conf/a.conf has the settings.\n"),
        ("README_md", "cp conf/a.conf /backup\n"),
        ("README_md", "cp b other/a.conf\n"),
        ("app__README_md", "cat conf/a.conf | grep x\n"),
        ("app__README_md", "cp b conf/a.conf.old\n"),
        ("app__notes_md", "cp b conf/a.conf\n"),
        ("app__Makefile", "A := conf/a.conf\n"),
    ],
)
def test_document_that_only_names_it_makes_nothing(told, name, text):
    assert told(MOUNT, **{name: text}) == ("warning", "create it")


def test_env_file_stays_an_error_and_the_remedy_names_the_step(told):
    assert told(ENV, README_md="cp app/settings.env app/.env\n") == (
        "error",
        "run 'cp app/settings.env app/.env' (README.md:1)",
    )


def test_document_above_the_repository_or_behind_a_link_is_not_read(told, tmp_path):
    (tmp_path / "app/.git").mkdir()
    assert told(ENV, README_md="cp app/settings.env app/.env\n") == ("error", "create it")
    (tmp_path / "app/README.md").symlink_to(tmp_path / "README.md")
    (tmp_path / "README.md").write_text("cp sparrowhawk .env\n")
    assert told(ENV) == ("error", "create it")
