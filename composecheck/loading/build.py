"""The canonical document as the model: what has a wrong type is left out, as if it were not said."""

from __future__ import annotations

from composecheck.model.service import Service
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.loading.findings import Findings
    from composecheck.text.node import Node


def build_service(name: str, node: Node, findings: Findings) -> Service:
    """Return the model of one service from its canonical Node."""
    readiness = node.mapping.get("x-readiness")
    if readiness is not None:
        from composecheck.model.extensions import wrong_expression

        wrong = wrong_expression(readiness)
        if wrong is not None:
            log, message = wrong
            findings.error("invalid-value", message, log.span, "mend it", service=name)
    return Service(name, node)
