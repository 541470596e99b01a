"""A file that the project needs cannot be opened.

## What it does
Reports a Compose file, or a file that one names, that exists but is a folder, may not be read, or
cannot be read for another reason. The message has the reason that the operating system gives.

## Why is this bad?
What the file says is unknown, so nothing can be said of the project as a whole.

## Example
A Compose file without read permission: `chmod 000 compose.yml`. A folder named `compose.yml`,
which the engine leaves behind when a bind mount's source was missing.

## Use instead
A file that the user who runs composecheck may read: `chmod 644 compose.yml`.
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(
    ("error",),
    found_by="loading",
    refused=True,
    partial=True,
    unread=True,
    remedy="name a file that can be read, or let it be read",
    since="0.1",
)
