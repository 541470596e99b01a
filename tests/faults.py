"""Where Docker Compose's own JSON is no help to a reader, and what stands there instead."""

from __future__ import annotations

# Its blkio_config has the names of Go's fields, which nothing reads back.
NAMES = {"Path": "path", "Rate": "rate", "Weight": "weight"}


def put_right(value):
    """Return what the JSON of `config` says without these faults."""
    if isinstance(value, dict):
        named = value if value.keys() <= NAMES.keys() and value else {}
        return {NAMES[key] if key in named else key: put_right(inner) for key, inner in value.items()}
    return [put_right(inner) for inner in value] if isinstance(value, list) else value
