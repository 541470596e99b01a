"""An image's name is none that an engine can read.

## What it does
Reports an `image` that is not a reference as registries have it: `[host[:port]/]name[:tag][@digest]`.
The name is in lower case, of letters and digits with `.`, `_`, `__` or hyphens between them and `/`
between its parts; a tag has up to 128 letters, digits, `_`, `.` and `-`.

## Why is this bad?
`docker compose config` takes any text; `up` can neither pull nor build it: "invalid reference
format". Often a variable is not set, and its place stays empty.

## Example
```yaml
services:
  web:
    image: Nginx:1.27  # invalid-image
  app:
    image: app:${APP_TAG}  # invalid-image
```

## Use instead
```yaml
services:
  web:
    image: nginx:1.27
  app:
    image: app:${APP_TAG:-1}
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.diagnostic import Severity
    from composecheck.project import Service
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = False

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?", re.ASCII)
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_LONGEST = 255


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each image whose name cannot be read."""
    for service in context.services.values():
        reason = _fault(service.image) if service.image else ""
        if reason:
            yield _finding(service, reason)


def _finding(service: Service, reason: str) -> Diagnostic:
    node = service.place_of("image")
    variables = "$" in node.span.text
    lower = (service.image or "").lower()
    remedy = f"write '{lower}'" if lower != service.image and not _fault(lower) else ""
    if variables:
        remedy = "set the variables in it, or give them defaults: '${NAME:-default}'"
    return Diagnostic(
        "invalid-image",
        SEVERITY,
        f"the image '{service.image}' of service '{service.name}' cannot be read: {reason}",
        node.span,
        remedy=remedy or "write '[host[:port]/]name[:tag][@digest]'",
        service=service.name,
    )


def _fault(image: str) -> str:
    """Return why an image's name cannot be read, "" if it can."""
    named, at, digest = image.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return f"'{digest}' is no digest"
    slash = named.rfind("/") + 1
    last, colon, tag = named[slash:].partition(":")
    name = named[:slash] + last
    if colon and not _TAG.fullmatch(tag):
        return f"'{tag}' is no tag" if tag else "its tag is empty"
    if len(name) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    first, *others = name.split("/")
    # What could be a host is one, but what is none may still be a part of a name.
    host = others and (first == "localhost" or first != first.lower() or set(first) & set(".:["))
    if not (host and _HOST.fullmatch(first)):
        others.insert(0, first)
    return next((_bad_part(part) for part in others if not _PART.fullmatch(part)), "")


def _bad_part(part: str) -> str:
    if not part:
        return "a part of its name is empty"
    if _PART.fullmatch(part.lower()):
        return "its name must be in lower case"
    return f"'{part}' is no part of a name"
