"""The start of a stack: what to do next, as a function of Project, goals and Events so far.

`drive` is the one loop, on the real engine and on the simulated one. It folds each Event into a
`Run` and does what `decide` says: start these services, conclude this of those. There are no
waves: each service starts the moment its own guards hold.
"""

from __future__ import annotations

from composecheck.start.drive import drive, provide
from composecheck.start.goals import Goal, Settings, Wait
from composecheck.start.run import Decision, Run, decide
from composecheck.start.selection import select

__all__ = ["Decision", "Goal", "Run", "Settings", "Wait", "decide", "drive", "provide", "select"]
