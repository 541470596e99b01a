"""With --mask-secrets, no secret is in what is printed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.dump import dump
from composecheck.dump.masking import masking
from composecheck.loading import Options, load_project
from composecheck.text.redact import MASK

SECRET = "hunter2-and-more"  # noqa: S105 - nobody's


@pytest.fixture
def masked(tmp_path):
    """A function that loads the body of a service and returns it as it is printed, masked."""

    def masked(body, *, rest="", yaml=False, environment=None, files=None):
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content)
        lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
        (tmp_path / "compose.yml").write_text(f"services:\n  s:\n    image: x\n{lines}{rest}")
        options = Options(files=("compose.yml",), folder=tmp_path, environment=environment or {})
        project = load_project(options).project
        printed = dump(project, yaml=yaml, masked=masking(project))
        return printed if yaml else json.loads(printed)["services"]["s"]

    return masked


@pytest.mark.parametrize(
    "body",
    [
        f"environment: {{DB_PASSWORD: {SECRET}}}",
        f"environment: [DB_PASSWORD={SECRET}]",
        f"environment: ['DB_PASSWORD=a #{SECRET}']",
        f"environment: {{A: 'postgres://u:{SECRET}@db/x'}}",
        f"environment: {{API_KEY: {SECRET}, OTHER: 'key is {SECRET}'}}",
        f"command: [redis-server, --password, {SECRET}]",
        f"command: [redis-server, --password={SECRET}]",
        f"command: mysql --password {SECRET}",
        f"labels: {{auth.token: {SECRET}}}",
        f"build: {{context: ., args: {{NPM_TOKEN: {SECRET}}}}}",
        f"healthcheck: {{test: 'PGPASSWORD={SECRET} psql'}}",
        f"logging: {{driver: x, options: {{splunk-token: {SECRET}}}}}",
        f"x-settings: {{password: {SECRET}}}",
        f"x-settings: {{passwords: [{SECRET}, {{a: {SECRET}}}]}}",
        f'environment: {{DB_PASSWORD: "{SECRET}\\nsecond", A: "{SECRET}\\nsecond"}}',
        "env_file: secret.env",
    ],
)
def test_a_secret_is_not_printed(masked, body):
    files = {"secret.env": f"TOKEN={SECRET}\n"}
    assert SECRET not in masked(body, yaml=True, files=files)
    assert MASK in masked(body, yaml=True, files=files)


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        ("environment: {DB_PASSWORD_FILE: /run/secrets/db_password}", ""),
        ("environment: {PASSWORD: ''}", ""),
        ("networks: [secret]", "networks: {secret: {}}\n"),
        ("secrets: [db_password]", "secrets: {db_password: {file: ./x}}\n"),
    ],
)
def test_what_only_names_a_secret_stays(masked, body, rest):
    assert MASK not in masked(body, rest=rest, yaml=True)


def test_the_value_of_a_secret_is_hidden_wherever_it_stands(masked):
    rest = "secrets: {a: {environment: THE_VALUE}}\n"
    found = masked(
        "secrets: [a]\nenvironment: {A: '${THE_VALUE}'}", rest=rest, environment={"THE_VALUE": SECRET}
    )
    assert found["environment"] == {"A": MASK}


def test_a_masked_value_has_no_length(masked):
    assert masked("environment: {TOKEN: abcdefgh}") == masked("environment: {TOKEN: abcdefghijklmno}")


_words = st.text("abcXYZ019-.", min_size=1, max_size=6)
_secrets = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), min_size=6, max_size=20).filter(
    lambda text: text.strip() == text and "$" not in text
)


@given(secret=_secrets, before=_words, after=_words, data=st.data())
def test_no_secret_is_anywhere_in_what_is_printed(tmp_path_factory, secret, before, after, data):
    """A secret is the value of a key that says so; it may stand in any other value too."""
    places = {
        "image": f"{before}{secret}",
        "command": [before, f"{before}{secret}{after}", secret],
        "environment": {"DB_PASSWORD": secret, "A": f"{before} {secret}\n{after}", "B": secret},
        "labels": {"a": f"{secret}{secret}", "b": f"x={secret}"},
        "healthcheck": {"test": ["CMD", f"--flag={secret}"]},
        "x-more": {"list": [secret, {"deep": f"{after}{secret}"}]},
    }
    said = data.draw(st.sets(st.sampled_from(sorted(places))))
    service = {"image": "x", **{key: places[key] for key in {*said, "environment"}}}
    folder = tmp_path_factory.mktemp("p")
    (folder / "compose.yml").write_text(json.dumps({"services": {"s": service}}))
    loaded = load_project(Options(files=("compose.yml",), folder=folder, environment={}))
    assert [d for d in loaded.diagnostics if d.severity == "error"] == []
    printed = json.loads(dump(loaded.project, yaml=False, masked=masking(loaded.project)))
    assert [text for text in _texts(printed) if secret in text] == []


def _texts(value):
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
