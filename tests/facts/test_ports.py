"""On which ports a service listens, as far as files and the knowledge of images tell."""

import pytest

from composecheck.facts import Facts
from composecheck.facts.ports import exposed, listens, published
from composecheck.lint import load


@pytest.fixture
def facts(tmp_path):
    def make(keys, dockerfile="FROM scratch\nEXPOSE 9000 9100-9102/tcp $PORT\n"):
        (tmp_path / "Dockerfile").write_text(dockerfile)
        (tmp_path / "compose.yml").write_text(f"services:\n  a:\n    {keys}\n")
        return Facts(load(tmp_path / "compose.yml", environment={}))

    return make


@pytest.mark.parametrize(
    ("keys", "ports", "others"),
    [
        ("image: a\n    ports: ['8080:80']", (80,), (8080,)),
        ("image: a\n    expose: ['80', '90-92/udp']", (80, 90, 92), (93,)),
        ("image: postgres:16", (5432,), (80,)),
        ("build: .", (9000, 9101), (9103,)),
    ],
)
def test_a_service_listens(facts, keys, ports, others):
    found = facts(keys)
    service = found.services["a"]
    assert all(listens(found, service, port) for port in ports)
    assert not any(listens(found, service, port) for port in others)


def test_published_and_exposed_ports(facts):
    service = facts("image: a\n    ports: ['8080:80', '9000-9002:90', '70']\n    expose: [70/UDP]").services[
        "a"
    ]
    assert published(service) == {8080}
    assert [(entry.ports, entry.protocol) for entry in exposed(service)] == [(range(70, 71), "udp")]
