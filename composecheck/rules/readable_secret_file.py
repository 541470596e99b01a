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
from pathlib import Path
from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

# A checkout makes every file readable, and a container that is not root may need it so.
SEVERITY: Severity = "note"
REFUSED = False


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each file that others can read."""
    for key, secret in context.defined("secrets").items():
        file = secret.get("file")
        if file is None or not isinstance(file.value, str) or not file.value.startswith("/"):
            continue
        try:
            mode = Path(file.value).stat().st_mode
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(mode) and mode & stat.S_IROTH:
            yield Diagnostic(
                "readable-secret-file",
                SEVERITY,
                f"every user of this machine can read the file of secret '{key}'",
                file.span,
                remedy="take the right from others: chmod o-r",
            )
