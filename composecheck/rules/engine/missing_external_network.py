"""An external network does not exist.

## What it does
Reports, with `check --live` and before an `up`, an external network that a service joins and the engine
does not have. In a swarm an overlay network may be one of another node, and does not count.

## Why is this bad?
Compose does not make what is external: nothing is started.

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    external: true
    name: proxies  # missing-external-network
  back:  # missing-external-network
    external: true
```

```yaml engine.yml
networks:
  - {name: proxy}
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    external: true
    name: proxy
  back: {}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="engine", since="0.1")
