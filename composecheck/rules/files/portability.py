"""The generations of Docker Compose read this otherwise.

## What it does
Reports what Compose 2.40 refuses or takes to mean something else than Compose 5 does: `pre_start` and
`build.no_cache_filter`, a bind mount in long form with `bind` but without `create_host_path`, what an
included file defines too, an `extends` of an included service, a text for `required` and `restart` in
`depends_on`, a negative size as a text, a date without quotes, a `?` without quotes between brackets,
`ipam.options`, a required variable in a default that is not used, and `!reset` and `!override` in a chain
of `extends`. `--compose` says which of the two reads the project. Where 2.40 answers at random or crashes,
both are read as 5 does.

Compose 2.40.3 and 5.6.1 were run beside composecheck, over real and made projects: what `config` says of
them, and its hashes. What `up` of Compose 5 does with `pre_start`, `build.no_cache_filter` and
`ipam.options` is as its source says.

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

from composecheck.findings.rule import Rule

RULE = Rule(("note",), found_by="loading", since="0.1")
