"""A port of the host is in use already.

## What it does
Reports, with `check --live` and before an `up`, a published port that another container of the engine
has or, where the engine is this machine's, another process, and says which. Ports are the same if their
protocol is and their addresses overlap. Of a range as many ports must be free as the service has
replicas. What the project's own containers have is in nobody's way, and a port that the engine chooses
never is.

## Why is this bad?
The engine creates the container and cannot start it: "port is already allocated". Services that were
started before it stand there, half a stack.

## Example
What an engine has stands beside each file: `engine.yml` is no file that is read.
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "127.0.0.1:8080:80"  # port-in-use
      - "8080:80/udp"
      - "80"
  worker:
    image: worker:1
    scale: 3
    ports:
      - target: 9000
        published: "9000-9003"  # port-in-use
```

```yaml engine.yml
containers:
  - {name: shop-api-1, project: shop, service: api, ports: ["8080", "9001"]}
processes:
  - {port: "127.0.0.1:9002", holder: process 'python3' (pid 4711)}
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "127.0.0.1:8081:80"
      - "8080:80/udp"
      - "80"
  worker:
    image: worker:1
    scale: 3
    ports:
      - target: 9000
        published: "9000-9004"
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule

RULE = Rule(("error",), found_by="engine", since="0.1")
