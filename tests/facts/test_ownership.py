"""Whose program runs in a service: of somebody else's product nothing here tells how it starts."""

import pytest

from composecheck import check

STACK = """\
services:
  a:
    image: {image}
    environment: {{DATABASE_URL: "postgres://u:p@db/x"}}
    {depends}
  db: {{image: "postgres:16", environment: {{POSTGRES_PASSWORD: p}}, volumes: ["d:/var/lib/postgresql/data"]}}
volumes: {{d: {{}}}}
"""
OWN = [
    "'${IMAGE:?say which}'", "$REGISTRY/orders",
    "api:1", "petclinic", "example/orders:1", "my-shop/orders:1", "registry.example.com/orders:1",
    "acme/orders",
    "'${REGISTRY}/shop/orders:1'", "shop/api:1", "ghcr.io/shop/app-backend:2",
    "1234.dkr.ecr.eu-west-1.amazonaws.com/orders:1", "localhost:5000/orders",
]  # fmt: skip
PRODUCTS = [
    "'${REPO:-docker.umbrella.org/}parasol:1'", "umbrella/${NAME:-parasol-gateway}:${TAG:-1}",
    "umbrella/server:1", "umbrella/web",
    "umbrella/parasol:1", "ghcr.io/umbrella/parasol-server:2", "umbrella/parasol:${TAG:-latest}",
    "'umbrella/parasol:$TAG'", "quay.io/umbrella/parasol", "docker.umbrella.org/parasol-api:3",
]  # fmt: skip


def severities(tmp_path, image, rule, depends):
    file = tmp_path / "compose.yml"
    file.write_text(STACK.format(image=image, depends=depends))
    found = check(file, environment={"REGISTRY": "r.io", "TAG": "1", "IMAGE": "umbrella/parasol"}).diagnostics
    return [each.severity for each in found if each.rule == rule]


@pytest.mark.parametrize(
    ("rule", "depends"),
    [("unguarded-dependency", "depends_on: [db]"), ("undeclared-dependency", "init: true")],
)
@pytest.mark.parametrize(
    ("image", "severity"),
    [*((image, "warning") for image in OWN), *((image, "note") for image in PRODUCTS)],
)
def test_a_race_of_somebody_elses_product_is_only_possible(tmp_path, image, severity, rule, depends):
    assert severities(tmp_path, image, rule, depends) == [severity]


@pytest.mark.parametrize(
    "command",
    ["--store=postgres://u:p@db/x", "serve --database-host db:5432", "['-cp', 'postgres://db:5432']"],
)
def test_options_of_a_product_are_no_client(tmp_path, command):
    image = f"umbrella/parasol:1\n    command: {command}"
    assert severities(tmp_path, image, "unguarded-dependency", "depends_on: [db]") == ["note"]


def test_a_script_of_ones_own_is_no_product(tmp_path):
    image = (
        "umbrella/parasol:1\n    command: sh -c 'parasol-migrate --url postgres://u:p@db/x && exec parasol'"
    )
    assert severities(tmp_path, image, "unguarded-dependency", "depends_on: [db]") == ["warning"]


def test_a_client_in_a_products_command_connects_at_once(tmp_path):
    image = 'umbrella/parasol:1\n    command: psql -h db -c "select 1"'
    assert severities(tmp_path, image, "unguarded-dependency", "depends_on: [db]") == ["warning"]


def test_a_product_that_is_known_to_ask_once_fails(tmp_path):
    image = "quay.io/keycloak/keycloak:26.0\n    command: start"
    depends = "depends_on: [db]"
    file = tmp_path / "compose.yml"
    file.write_text(
        STACK.format(image=image, depends=depends).replace("{DATABASE_URL", "{KC_DB: postgres, KC_DB_URL")
    )
    found = {each.rule: each.severity for each in check(file, environment={}).diagnostics}
    assert found.get("unguarded-dependency") == "warning"
