"""Shipped healthchecks in real containers: they come true, and not before the service is ready."""

from __future__ import annotations

import time

import pytest

from composecheck.knowledge import shipped

pytestmark = pytest.mark.engine
SECOND = 1_000_000_000  # the engine counts nanoseconds
ENVIRONMENT = {"POSTGRES_PASSWORD": "x", "POSTGRES_USER": "app", "POSTGRES_DB": "app", "SLOW_INIT": "3"}


@pytest.fixture
def started(docker_engine):
    """Return a function that starts a container with a test as its healthcheck."""
    containers = []

    def start(image, test, command=None):
        container = docker_engine.containers.run(
            image,
            command,
            detach=True,
            environment=ENVIRONMENT,
            # As Compose gives it to the engine.
            healthcheck={
                "test": [part.replace("$$", "$") for part in test],
                "interval": SECOND,
                "timeout": 5 * SECOND,
                "retries": 60,
            },
        )
        containers.append(container)
        return container

    yield start
    for container in containers:
        container.remove(force=True, v=True)


def healthy(container):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        container.reload()
        state = container.attrs["State"]
        if state["Health"]["Status"] == "healthy" or not state["Running"]:
            break
        time.sleep(0.2)
    last = [entry["Output"] for entry in state["Health"]["Log"][-1:]]
    return state["Health"]["Status"], last


@pytest.mark.parametrize("family", [pytest.param("postgres", marks=pytest.mark.slow), "redis", "nginx"])
def test_a_healthcheck_comes_true(family, started, request):
    image = request.getfixturevalue(f"{family}_image")
    known = shipped().likely(image)
    assert known.name == family
    status, last = healthy(started(image, known.healthcheck.test))
    assert status == "healthy", last


@pytest.mark.slow
@pytest.mark.parametrize("family", ["postgres", "bitnami-postgresql"])
def test_a_healthcheck_does_not_see_the_temporary_server(family, started, postgres_image):
    """That of the image from Bitnami asks by the container's own name, which every engine sets."""
    (known,) = (each for each in shipped().families() if each.name == family)
    container = started(postgres_image, known.healthcheck.test)
    status, last = healthy(container)
    assert status == "healthy", last
    assert "init process complete" in container.logs().decode()


@pytest.mark.slow_after(1)
@pytest.mark.parametrize(("arguments", "port"), [(["--port", "7001"], 7001), (["--requirepass", "x"], 6379)])
def test_a_redis_that_is_moved_or_locked_comes_true(arguments, port, started, redis_image):
    known = shipped().likely(redis_image)
    test = known.healthcheck.locked if "--requirepass" in arguments else known.healthcheck.elsewhere
    container = started(redis_image, [word.replace("{port}", str(port)) for word in test], arguments)
    status, last = healthy(container)
    assert status == "healthy", last
