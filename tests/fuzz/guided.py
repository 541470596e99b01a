"""Let atheris look for ways through the loader that no document has taken yet.

`python tests/fuzz/guided.py SECONDS [SEED]`, from `run.py`; needs the package atheris. Exit code 1
and the document in `crash-...` of the current folder where anything broke.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["composecheck"], enable_loader_override=False):
    from composecheck.findings.catalogue import GROUPS
    from composecheck.lint import examine
    from composecheck.loading import load_project
    from composecheck.rules import module

    assert all(map(module, GROUPS))  # instrumented now, and not at its first document

from tests.fuzz.documents import KEYS, MAIN, Case, seeds  # noqa: E402 - the checkout comes first
from tests.fuzz.examination import examined, prepare  # noqa: E402

assert examine is not None
assert load_project is not None


def main() -> None:
    """Fuzz for so many seconds, beginning with this repository's own documents."""
    seconds, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk for each document
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder, corpus, words = Path(name, "project"), Path(name, "corpus"), Path(name, "words")
        folder.mkdir()
        corpus.mkdir()
        prepare(folder)
        for number, text in enumerate(seeds()):
            (corpus / str(number)).write_text("\0" + text)
        words.write_text("".join(f'"{key}:"\n' for key in KEYS))

        def one(data: bytes) -> None:
            generation = "2.40" if data[:1] > b"\x7f" else "5"
            answer = examined(Case("guided", {MAIN: data[1:]}), folder, compose=generation)
            if answer.broken:
                raise RuntimeError(answer.broken)

        options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-dict={words}"]
        options += ["-max_len=3000", "-timeout=90"]
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", "-verbosity=0", str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
