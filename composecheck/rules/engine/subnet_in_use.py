"""A network's subnet overlaps with one that is there already.

## What it does
Reports, with `check --live` and before an `up`, a `subnet` of a network that is to be made and that
overlaps with one of another network of the engine (an error) or, for a bridge on this machine's own
engine, with a route of the machine that does not lead to a bridge of the engine (a warning).

## Why is this bad?
The engine refuses the network: "Pool overlaps with other one on this address space". Over a route it
makes the network, and the machine no longer reaches what the route led to: a company's network behind
a VPN, for one.

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    ipam:
      config:
        - subnet: 172.28.5.0/24  # subnet-in-use
  back:
    ipam:
      config:
        - subnet: 10.8.0.0/24  # subnet-in-use
```

```yaml engine.yml
networks:
  - {name: shop_default, project: shop, subnets: [172.28.0.0/16]}
routes:
  - {subnet: 10.0.0.0/8, interface: tun0}
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    ipam:
      config:
        - subnet: 172.29.5.0/24
  back: {}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error", "warning"), found_by="engine", since="0.1")
