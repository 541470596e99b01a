"""A port is published on an address that is none.

## What it does
Reports a port, in the short or the long syntax, whose host address is no IP address. A name is none,
and neither is an interface: `localhost`, `eth0`.

## Why is this bad?
docker compose refuses the project, and does not say which service it is.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "localhost:8080:80"  # invalid-host-ip
      - target: 443
        published: "8443"
        host_ip: 127.0.0.256  # invalid-host-ip
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "127.0.0.1:8080:80"
      - target: 443
        published: "8443"
        host_ip: 127.0.0.1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="loading", refused=True, on_values=True, template=True, since="0.1")
