"""A file is not text in UTF-8.

## What it does
Reports the first byte of a file that is not UTF-8, with its line and column. A byte-order mark is
allowed.

## Why is this bad?
YAML is read as UTF-8. In any other encoding names, paths and passwords with letters outside ASCII
would be read as something else.

## Example
A file that an editor saved as Latin-1, in which `é` is the single byte 0xE9.

## Use instead
The same text saved as UTF-8: `iconv -f latin1 -t utf-8 compose.yml`.
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    partial=True,
    unread=True,
    remedy="save the file as UTF-8",
    since="0.1",
)
