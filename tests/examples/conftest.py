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
def environment(python_image, postgres_image, redis_image) -> dict[str, str]:
    """The environment that names images which this machine has."""
    return {
        **os.environ,
        "PYTHON_IMAGE": python_image,
        "POSTGRES_IMAGE": postgres_image,
        "REDIS_IMAGE": redis_image,
    }
