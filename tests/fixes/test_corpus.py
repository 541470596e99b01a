"""Docker Compose takes what `--fix` makes of real files as before, and reads it so but for the fixes."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter

import pytest

from composecheck.cli import main

from ..differential.oracle import differences

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]
FIXED = re.compile(
    r"\.services\.[^.]+\.("
    r"healthcheck: only theirs|healthcheck\.(interval|retries|test)\b"
    r"|volumes\[\d+\]\.target: "
    r"|ports\[\d+\]\.host_ip: only theirs"
    r"|depends_on\.[^.]+\.condition: ours 'service_started', theirs 'service_healthy')"
)


def _config(reference, path):
    """Return what Docker Compose makes of a file, and None where it refuses it."""
    answer = reference.config(path.parent, "config", "--format", "json", files=(path.name,))
    return json.loads(answer.stdout) if answer.returncode == 0 else None


# All that is in no doubt, and all that there is but for the line that half of the files have.
WAYS = {"safe": (), "every": ("--notes", "--unsafe-fixes", "--ignore", "obsolete-version")}


def _said(out):
    """Return what a report says of each service, and of the healthchecks that others wait for from now on."""
    found = json.loads(out)["diagnostics"]
    said = Counter((one["rule"], one["service"]) for one in found if one["rule"] != "slow-healthcheck")
    return said, any(one["severity"] == "error" for one in found)


@pytest.mark.parametrize("way", ["safe", pytest.param("every", marks=pytest.mark.slow)])
def test_fixed_files_mean_what_they_did(way, corpus, reference, tmp_path, monkeypatch, capsys):
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"):
        monkeypatch.delenv(name, raising=False)
    copy = shutil.copytree(corpus, tmp_path / "corpus", symlinks=True)
    changed = 0
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        path = copy / line.split("\t")[0]
        monkeypatch.chdir(path.parent)
        before = path.read_bytes()
        check = ["check", "--no-config", "--compose", reference.generation, path.name]
        asked = [*check, "--fix", *WAYS[way]]
        main(asked)
        after = path.read_bytes()
        out = capsys.readouterr().out
        assert (before != after) == out.startswith("fixed: "), path
        if before == after:
            continue
        changed += 1
        main(asked)
        assert path.read_bytes() == after, f"{path}: a second --fix changes something"
        assert "\nfixed: " not in f"\n{capsys.readouterr().out}"
        main([*check, "--format", "json"])
        said, _ = _said(capsys.readouterr().out)
        path.write_bytes(before)
        main([*check, "--format", "json"])
        said_before, failed = _said(capsys.readouterr().out)
        path.write_bytes(after)
        assert failed or not said - said_before, path
        new = _config(reference, path)
        path.write_bytes(before)
        old = _config(reference, path)
        assert (old is None) == (new is None), path
        for each in differences(old, new) if old is not None else ():
            assert FIXED.match(each), f"{path}: {each}"
    print(f"{changed} files were changed")
    assert changed
