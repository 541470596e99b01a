"""An engine that runs nothing: its services behave as they are told to.

It predicts (`composecheck plan`), shows a start where there is no Docker Engine (`composecheck demo`), and
lets what uses a Stack be tested without one: `Stack("compose.yml", engine="simulated")`.
"""

from __future__ import annotations

from composecheck.engine.simulated.engine import NEVER, Behaviour, SimulatedEngine

__all__ = ["NEVER", "Behaviour", "SimulatedEngine"]
