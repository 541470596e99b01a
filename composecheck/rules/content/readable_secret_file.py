"""Every user of the machine can read the file of a secret.

## What it does
Reports the file of a secret that users other than its owner and group can read.

## Why is this bad?
It is a secret on paper only. The container needs no such right: the engine mounts the file with the
rights that it has, so that its owner's suffice where the service runs as that user.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - password
secrets:
  password:
    file: password.txt  # readable-secret-file
```

```text password.txt
hunter2
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - password
secrets:
  password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

import stat

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

# A checkout makes every file readable, and a container that is not root may need it so.
RULE = Rule(("note",), needs=("top-level secrets",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each file that others can read."""
    for key, secret in facts.project.secrets.items():
        if secret.file is None or not secret.file.startswith("/"):
            continue
        mode = facts.project.disk.mode(secret.file)
        if mode is not None and stat.S_ISREG(mode) and mode & stat.S_IROTH:
            yield Finding(
                secret.place("file"),
                f"every user of this machine can read the file of secret '{key}'",
                remedy="take the right from others: chmod o-r",
            )
