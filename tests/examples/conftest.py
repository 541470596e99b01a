"""The examples, as a newcomer finds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def examples() -> Path:
    """The folder of the examples."""
    return EXAMPLES


@pytest.fixture
def bare_environment(python_image) -> dict[str, str]:
    """The environment that names the image made here."""
    return {**os.environ, "PYTHON_IMAGE": python_image}


@pytest.fixture
def environment(bare_environment, postgres_image, redis_image) -> dict[str, str]:
    """The environment that names a real PostgreSQL and a real Redis as well."""
    return {**bare_environment, "POSTGRES_IMAGE": postgres_image, "REDIS_IMAGE": redis_image}
