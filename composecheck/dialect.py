"""Where the generations of Docker Compose read a file otherwise: each difference is a field here.

2.40 (compose-go 2.9.1) is the last of version 2; 5 is what followed it, with no 3 or 4 between.
What 5 does is what its newest release does. `docs` of each field name the release that changed it.
"""

from __future__ import annotations

from typing import NamedTuple


class Dialect(NamedTuple):
    """How one generation of Docker Compose reads a project."""

    name: str
    # `${A:-${B?}}` with A set: the text that is not used is not evaluated (5.0.2).
    lazy_defaults: bool = True
    # `include` of a file comes before `extends`, so that an included service can be extended (5.1.4).
    include_first: bool = True
    # What a file and its `include` both define is merged, and no conflict (5.0.0).
    include_merges: bool = True
    # `include.env_file: /dev/null` keeps the included project's own `.env` out too (5.0.0).
    include_null_env_file: bool = True
    # Texts become booleans in `depends_on.*.required` and `.restart` (5.0.0).
    casts_depends_on: bool = True
    # A `bind:` that does not say `create_host_path` means true (5.0.2).
    creates_host_path: bool = True
    # The value of `create_host_path` that is left out of what is printed and hashed (5.0.0).
    omitted_create_host_path: bool = True
    # `services.*.pre_start` (5.3.0).
    pre_start: bool = True
    # `services.*.build.no_cache_filter` (5.0.0).
    no_cache_filter: bool = True
    # `networks.*.ipam.options` is kept (5.2.0), and not dropped on the way.
    ipam_options: bool = True


COMPOSE_5 = Dialect("5")
COMPOSE_2 = Dialect(
    "2.40",
    lazy_defaults=False,
    include_first=False,
    include_merges=False,
    include_null_env_file=False,
    casts_depends_on=False,
    creates_host_path=False,
    omitted_create_host_path=False,
    pre_start=False,
    no_cache_filter=False,
    ipam_options=False,
)
DIALECTS = {dialect.name: dialect for dialect in (COMPOSE_2, COMPOSE_5)}
