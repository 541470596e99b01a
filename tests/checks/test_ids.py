"""The rules' ids are public: they stand in suppressions, configurations and code scanners."""

from pathlib import Path

from composecheck.findings.catalogue import GROUPS


def test_no_id_that_was_public_is_gone():
    """A new one is added to the list in its place; none is ever taken out."""
    known = (Path(__file__).parent / "ids.txt").read_text().split()
    assert list(GROUPS) == known
