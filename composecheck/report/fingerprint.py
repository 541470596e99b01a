"""What a finding is known by from run to run, wherever its lines have moved."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.findings.diagnostic import Diagnostic


def fingerprints(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield a fingerprint for each of a report's masked findings, in order; no two are the same.

    It is made of the rule, the file and the message, which names the thing; of those that are the
    same in all of it, the first is the first.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    for diagnostic in diagnostics:
        key = (diagnostic.rule, diagnostic.span.source.shown, diagnostic.message)
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        yield sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
