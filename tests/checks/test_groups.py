"""Rules are selected and ignored by what they look at, too."""

import pytest

from composecheck import Settings, UsageError, check
from composecheck.cli import main
from composecheck.findings.catalogue import GROUPS, OFF

# A race, an unused network and a tag that is left open.
PROJECT = """
services:
  api: {image: example/api:1, depends_on: [db]}
  db: {image: postgres, environment: {POSTGRES_PASSWORD_FILE: x}}
networks:
  back: {}
"""


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text(PROJECT)

    def find(config=None, **settings):
        if config is not None:
            (tmp_path / ".composecheck.yaml").write_text(config)
        given = Settings(**settings) if settings else None
        return {GROUPS[d.rule] for d in check("compose.yml", environment={}, config=given).diagnostics}

    return find


def test_every_group_is_found_without_a_choice(found):
    assert {"startup", "network", "images"} <= found()


def test_a_group_that_is_selected_runs_alone(found):
    assert found(select=["startup"]) == {"startup"}


def test_a_group_and_a_rule_are_selected_together(found):
    assert found(select=["startup", "untagged-image"]) == {"startup", "images"}


def test_a_group_that_is_ignored_does_not_run(found):
    assert not found(ignore=["startup", "network"]) & {"startup", "network"}


@pytest.mark.parametrize(
    ("config", "groups"),
    [("select: [network]", {"network"}), ("select: [network, images]\nignore: [unused-network]", {"images"})],
)
def test_a_configuration_names_groups(found, config, groups):
    assert found(config) == groups


def test_the_command_line_names_groups(found, capsys):
    assert main(["check", "--notes", "--select", "images"]) == 0
    assert "untagged-image" in capsys.readouterr().out
    assert main(["check", "--ignore", "startup"]) == 0


def test_a_group_switches_on_no_rule_that_is_off_by_default():
    (rule,) = OFF
    assert not Settings(select=[GROUPS[rule]]).enabled(rule)
    assert not Settings(extend_select=[GROUPS[rule]]).enabled(rule)
    assert Settings(select=[GROUPS[rule], rule]).enabled(rule)


def test_a_group_is_no_rule_where_one_rule_is_meant(found):
    with pytest.raises(UsageError, match="there is no rule 'startup'"):
        found(severity={"startup": "note"})
    assert "settings" in found("severity: {startup: note}")


def test_a_mistyped_group_is_understood(found):
    with pytest.raises(UsageError, match="did you mean 'startup'"):
        found(select=["startu"])


def test_no_group_has_the_name_of_a_rule():
    assert not set(GROUPS) & set(GROUPS.values())
