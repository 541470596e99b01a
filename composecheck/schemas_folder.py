"""Where the JSON Schemas are, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path


def schema_path(name: str) -> Path:
    """Return the file of a schema, such as "compose.schema.json".

    The wheel carries the folder inside the package; an editable install finds it beside it.
    """
    package = Path(__file__).parent
    for folder in (package / "schemas", package.parent / "schemas"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"the schema {name} is missing from this installation of composecheck")
