"""A table of what is found, missed, at a wrong line, too much, and flagged where nothing is wrong."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from .cases import Case, Verdict, cases, examined, judged


def outcome(case: Case, verdict: Verdict) -> str:
    """Return the word for a verdict."""
    if not case.first:
        return "clean flagged" if verdict.extra else "clean"
    if verdict.found:
        if verdict.extra:
            return "extra"
        return "found" if verdict.first else "found second"
    return "wrong line" if verdict.extra else "missed"


def main() -> None:
    """Print a line for each case that is not as it should be, or for those named, and the sums."""
    sums: Counter[str] = Counter()
    for case in [*cases("defects"), *cases("clean")]:
        if sys.argv[1:] and not any(word in case.name for word in sys.argv[1:]):
            continue
        with TemporaryDirectory() as folder:
            verdict = judged(case, examined(case, Path(folder)))
        word = outcome(case, verdict)
        sums[word] += 1
        if word in ("found", "clean") and not sys.argv[1:]:
            continue
        print(f"{word:14}{case.name:24}{case.sentence}")
        for place in sorted(case.first) if word != "extra" else ():
            print(f"{'':14}  expected {place[0]}:{place[1]}")
        for finding in [*verdict.extra, *(verdict.notes if sys.argv[1:] else ())]:
            print(
                f"{'':14}  {finding.file}:{finding.line} {finding.severity}[{finding.rule}] {finding.message}"
            )
    print(", ".join(f"{word}: {count}" for word, count in sums.most_common()))


if __name__ == "__main__":
    main()
