"""Health that asks for others: nobody who is one of them, or who makes them, is to wait for it."""

import pytest

from composecheck import check

NODE = "  %s: {image: '%s', healthcheck: {test: %s, interval: 1s}%s}\n"
CLUSTERS = [
    ("redis:7", "redis-cli cluster info | grep -q cluster_state:ok"),
    ("mongo:7", "mongosh --quiet --eval 'rs.status().ok'"),
    ("mongo:7", "mongosh --eval 'db.hello().isWritablePrimary || rs.initiate()'"),
    ("cassandra:4.1", "nodetool status | grep -q '^UN'"),
    ("elasticsearch:8.15.0", "curl -fs 'http://localhost:9200/_cluster/health?wait_for_status=green'"),
    ("quay.io/coreos/etcd:v3.5.5", "etcdctl endpoint health --cluster"),
    ("bitnami/mariadb-galera:11", "mysql -e \\\"show status like 'wsrep_cluster_size'\\\""),
    ("zalando/spilo-16:3", "patronictl list | grep running"),
    ("hashicorp/vault:1.17", "vault operator raft list-peers"),
    ("quay.io/minio/minio", "curl -f http://localhost:9000/minio/health/cluster"),
]


@pytest.fixture
def told(tmp_path):
    """Returns the remedy of the first unguarded dependency of a file, and whether it has a fix."""

    def find(text):
        (tmp_path / "compose.yml").write_text("services:\n" + text)
        found = check(tmp_path / "compose.yml", environment={}).diagnostics
        found = [each for each in found if each.rule == "unguarded-dependency"]
        return (found[0].remedy, found[0].fix is not None) if found else ("", False)

    return find


@pytest.mark.parametrize(("image", "test"), CLUSTERS)
def test_who_makes_a_cluster_is_not_told_to_wait_for_it(told, image, test):
    nodes = "".join(NODE % (f"node-{n}", image, f'"{test}"', "") for n in range(2))
    creator = f"image: '{image}', entrypoint: [sh, /create.sh]"
    remedy, fix = told(f"{nodes}  last: {{{creator}, depends_on: [node-0, node-1]}}\n")
    assert "asks for more than itself" in remedy
    assert "service_healthy" not in remedy
    assert not fix


@pytest.mark.parametrize(
    "creator", ["image: 'mongo:7', entrypoint: [bash, /create.sh]", "image: 'team/setup:1'"]
)
def test_nor_is_a_creator_of_another_image(told, creator):
    nodes = "".join(
        NODE % (f"n{n}", "mongo:7.0", "\"mongosh --eval 'rs.status().ok'\"", "") for n in range(2)
    )
    remedy, fix = told(f"{nodes}  creator: {{{creator}, depends_on: [n0, n1]}}\n")
    assert "service_healthy" not in remedy
    assert "asks for more than itself ('rs.status')" in remedy
    assert not fix


def test_health_that_asks_who_comes_later_is_not_waited_for(told):
    target = NODE % ("lb", "haproxy:3", '"wget -q -O - http://web:80/"', "")
    remedy, fix = told(f"{target}  web: {{image: 'web:1', depends_on: [lb]}}\n")
    assert "its healthcheck asks 'web', which would itself be waiting" in remedy
    assert not fix


@pytest.mark.parametrize("body", ["image: 'consul:1.15'", "image: 'quay.io/coreos/etcd:v3.5.5'"])
def test_a_healthcheck_of_ours_is_held_against_it_too(told, body):
    remedy, fix = told(f"  first: {{{body}}}\n  second: {{{body}, depends_on: [first]}}\n")
    assert "service_healthy" not in remedy
    assert not fix


def test_a_single_node_is_waited_for(told):
    test = "\"curl -fs 'http://localhost:9200/_cluster/health?wait_for_status=yellow'\""
    remedy, fix = told(
        NODE % ("es", "elasticsearch:8.15.0", test, "") + "  app: {image: 'app:1', depends_on: [es]}\n"
    )
    assert "service_healthy" in remedy
    assert fix


def test_a_replica_waits_for_its_own_kind_where_that_asks_for_nobody(told):
    replica = "{image: 'redis:7', entrypoint: [sh, /replica.sh], depends_on: [a]}"
    remedy, fix = told(f"  a: {{image: 'redis:7'}}\n  b: {replica}\n")
    assert "service_healthy" in remedy
    assert fix
