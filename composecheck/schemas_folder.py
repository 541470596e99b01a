"""Where the JSON Schemas are, in a wheel and in a checkout alike."""

from __future__ import annotations

import os


def schema_path(name: str) -> str:
    """Return the file of a schema, such as "compose.schema.json".

    The wheel carries the folder inside the package; an editable install finds it beside it.
    """
    package = os.path.dirname(__file__)
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, "schemas", name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"the schema {name} is missing from this installation of composecheck")
