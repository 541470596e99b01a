"""An image's name is none that an engine can read.

## What it does
Reports an `image` that is not a reference as registries have it: `[host[:port]/]name[:tag][@digest]`.
The name is in lower case, of letters and digits with `.`, `_`, `__` or hyphens between them and `/`
between its parts; a tag has up to 128 letters, digits, `_`, `.` and `-`. Where that is so because a variable
is not set here, it is only a note: where the project is at home it may be set.

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

from composecheck.findings.blank import fact, remedy
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error", "note"), needs=("odd image",), on_values=True, template=True, since="0.1")

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?", re.ASCII)
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_LONGEST = 255


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each image whose name cannot be read, once where services share an anchor."""
    seen = set()
    for service in facts.services.values():
        reason = _fault(service.image) if service.image else ""
        if reason and (place := service.place("image")) not in seen:
            seen.add(place)
            yield _finding(service, reason, facts.project.blank(place))


def _finding(service: Service, reason: str, blank: Mapping[str, bool]) -> Finding:
    span = service.place("image")
    message = f"the image '{service.image}' of service '{service.name}' cannot be read: {reason}"
    if blank:
        # Where the project is at home it may well be set: nothing is wrong with the file.
        message += f", for {fact(blank)}"
        return Finding(span, message, remedy(blank), service.name, severity="note")
    image = service.image or ""
    end = image.find(":", image.rfind("/") + 1)
    lower = image.lower() if end < 0 else image[:end].lower() + image[end:]
    mend = f"write '{lower}'" if lower != service.image and not _fault(lower) else ""
    return Finding(span, message, mend or "write '[host[:port]/]name[:tag][@digest]'", service.name)


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
