"""A file is larger, or nested deeper, than any that is written by hand.

## What it does
Reports a file above the size limit, a value or a variable nested too deep, anchors that grow beyond
the limit when their aliases are followed, values that do so when their variables are replaced, and
files and services that include or extend too many others.

## Why is this bad?
A small file in which aliases hold aliases can stand for more values than a machine has memory.
Compose has such a limit too.

## Example
Nine anchors, each of which holds nine aliases of the one before it: a kilobyte that stands for
nearly four hundred million values.

## Use instead
Anchors that hold values, and aliases of them where they are needed.
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    partial=True,
    unread=True,
    remedy="name a smaller file, or several",
    since="0.1",
)
