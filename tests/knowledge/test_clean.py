"""Each healthcheck of the knowledge base, put into a file as a fix writes it, checks clean with all notes."""

import json

import pytest

from composecheck import check
from composecheck.knowledge import shipped

from .test_families import ENTRIES, TAGS

FILE = """\
services:
  app:
    image: app:1
    environment: {{PEER: store}}
    depends_on:
      store: {{condition: service_healthy}}
  store:
    image: {image}
    environment: {environment}
    healthcheck: {healthcheck}
"""
# A tag, where it makes a difference: the healthchecks of a family that differ, with the first tag of each.
CASES = {
    (name, family.healthcheck.test, environment): f"{entry['images'][0]}:{tag}"
    for name, entry in ENTRIES.items()
    for tag in reversed(TAGS)
    if (family := shipped().family(f"{entry['images'][0]}:{tag}")).healthcheck is not None
    for environment in (False, True)
}


def test_there_are_many():
    assert len({name for name, _, _ in CASES}) > 80


@pytest.mark.parametrize(("case", "image"), CASES.items(), ids=lambda each: str(each)[:60])
def test_a_healthcheck_checks_clean(case, image, tmp_path):
    name, _, with_environment = case
    family = shipped().family(image)
    healthcheck = {key: value for key, value in family.healthcheck._asdict().items() if value}
    elsewhere, locked = healthcheck.pop("elsewhere", None), healthcheck.pop("locked", None)
    file = tmp_path / "compose.yml"
    # What asks for a password by what the image requires has a test of its own.
    plain = [] if with_environment and locked and family.required else [healthcheck["test"], elsewhere]
    for test in filter(None, [*plain, locked]):
        healthcheck["test"] = [word.replace("{port}", "7000") for word in test]
        file.write_text(
            FILE.format(
                image=image,
                environment={group[0]: "x" for group in family.required} if with_environment else {},
                healthcheck=json.dumps(healthcheck),
            )
        )
        found = check(file, environment={}).diagnostics
        assert [each for each in found if each.span.line in (6, 10)] == [], name
