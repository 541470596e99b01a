"""A password, or the hash of one, loses its parts, which are taken for variables.

## What it does
Reports a hash as `htpasswd`, `openssl passwd` or bcrypt make them (`$2y$`, `$apr1$`, `$6$`, `$argon2id$`)
in a value of a Compose file, or in one of an env file that has no quotes or double ones, where a part of
it is taken for a variable that is not set. The same of a password, by the name of its variable, that has a
`$` and small letters amid it.

## Why is this bad?
Compose replaces the `$` and the letters behind it by nothing, and only warns. The hash is no hash any more,
the password another one: the service does not start, or lets nobody in.

## Example
```yaml
services:
  vpn:
    image: vpn:1
    environment:
      - PASSWORD_HASH=$2y$05$QzGhCeq0lnBYuDrfLgAXTuDpq1aQ4I/Z0PMDEXAMPLE  # interpolated-secret
```

## Use instead
In an env file single quotes keep the value as it is.
```yaml
services:
  vpn:
    image: vpn:1
    environment:
      - PASSWORD_HASH=$$2y$$05$$QzGhCeq0lnBYuDrfLgAXTuDpq1aQ4I/Z0PMDEXAMPLE
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("warning",), found_by="loading", since="0.1")
