"""The generations of Docker Compose read this otherwise.

## What it does
Reports what Compose 2.40 refuses or takes to mean something else than Compose 5 does: `pre_start` and
`build.no_cache_filter`, a bind mount in long form with `bind` but without `create_host_path`, what an
included file defines too, an `extends` of an included service, a text for `required` and `restart` in
`depends_on`, `ipam.options`, a required variable in a default that is not used, and `!reset` and
`!override` in a chain of `extends`.

## Why is this bad?
People run both. A project that starts on one machine is refused, or becomes another one, on the next.

## Example
```yaml
services:
  web:
    image: nginx:1
    volumes:
      - type: bind
        source: ./site
        target: /usr/share/nginx/html
        bind:  # portability
          propagation: rprivate
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    volumes:
      - type: bind
        source: ./site
        target: /usr/share/nginx/html
        bind:
          propagation: rprivate
          create_host_path: true
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.diagnostic import Severity

SEVERITY: Severity = "note"
REFUSED = False
