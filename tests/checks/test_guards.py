"""The guard of `api -> db`, case by case."""

import textwrap

import pytest

from composecheck.facts import Facts
from composecheck.facts.restart import restart_policy
from composecheck.lint import load
from composecheck.model.project import Healthcheck, Image

HEALTHY = "{db: {condition: service_healthy}}"
ENDED = "{db: {condition: service_completed_successfully}}"


@pytest.fixture
def project(tmp_path):
    """Return the project of an api and a db, each with the given keys."""

    def make(api="depends_on: [db]", db="", **files):
        for path, text in files.items():
            (tmp_path / path).write_text(text)
        text = "name: shop\nservices:\n  api:\n" + textwrap.indent("image: api:1\n" + api, "    ")
        text += "\n  db:\n" + textwrap.indent(db if "build:" in db else f"image: acme/store:1\n{db}", "    ")
        (tmp_path / "compose.yml").write_text(text + "\n  cache: {image: redis}\n")
        return load(tmp_path / "compose.yml", environment={})

    return make


def of(project, images=None):
    api = project.services["api"]
    facts = Facts(project) if images is None else Facts(project).told(images)
    return facts.guard(api, api.depends_on["db"])


@pytest.mark.parametrize(
    ("api", "db", "verdict", "by"),
    [
        # Health.
        (f"depends_on: {HEALTHY}", "healthcheck: {test: pg_isready}", "holds", "healthcheck"),
        (f"depends_on: {HEALTHY}", 'healthcheck: {test: ["CMD", "x"], interval: 1s}', "holds", "healthcheck"),
        (f"depends_on: {HEALTHY}", "healthcheck: {disable: true}", "broken", "healthcheck"),
        (f"depends_on: {HEALTHY}", 'healthcheck: {test: ["NONE"]}', "broken", "healthcheck"),
        (f"depends_on: {HEALTHY}", "healthcheck: {interval: 1s}", "unknown", None),
        (f"depends_on: {HEALTHY}", "", "unknown", None),
        # A condition that fails is no invitation to try again.
        (f"restart: always\ndepends_on: {HEALTHY}", "healthcheck: {disable: true}", "broken", "healthcheck"),
        (f"x-retry: {{}}\ndepends_on: {HEALTHY}", "healthcheck: {disable: true}", "broken", "healthcheck"),
        (f"restart: always\ndepends_on: {HEALTHY}", "", "unknown", None),
        # Completion.
        (f"depends_on: {ENDED}", "", "holds", "completion"),
        (f"depends_on: {ENDED}", 'restart: "no"', "holds", "completion"),
        (f"depends_on: {ENDED}", "restart: on-failure", "holds", "completion"),
        (f"depends_on: {ENDED}", "restart: always", "broken", "completion"),
        (f"depends_on: {ENDED}", "restart: unless-stopped", "broken", "completion"),
        (f"depends_on: {ENDED}", "deploy: {restart_policy: {condition: any}}", "broken", "completion"),
        (f"depends_on: {ENDED}", "deploy: {restart_policy: {condition: on-failure}}", "holds", "completion"),
        # The block without a condition sends the engine no policy, and wins over `restart`.
        (
            f"depends_on: {ENDED}",
            "restart: always\ndeploy: {restart_policy: {delay: 1s}}",
            "holds",
            "completion",
        ),
        (f"restart: always\ndepends_on: {ENDED}", "restart: always", "broken", "completion"),
        # A declared plan, on the entry and on the service.
        ("depends_on: {db: {condition: service_started, x-retry: {attempts: 3}}}", "", "holds", "x-retry"),
        ("x-retry: {}\ndepends_on: [db]", "", "holds", "x-retry"),
        ("x-retry: {}\ncommand: wait-for-it db:1\ndepends_on: [db]", "", "holds", "x-retry"),
        # A wait wrapper.
        ("command: ./wait-for-it.sh db:5432 -- api\ndepends_on: [db]", "", "holds", "wrapper"),
        ('command: ["./wait-for-it.sh", "db:5432", "--", "api"]\ndepends_on: [db]', "", "holds", "wrapper"),
        (
            'entrypoint: ["wait4x", "tcp", "db:5432", "--"]\ncommand: api\ndepends_on: [db]',
            "",
            "holds",
            "wrapper",
        ),
        (
            'entrypoint: ["sh", "-c"]\ncommand: ["until nc -z db 1; do :; done"]\ndepends_on: [db]',
            "",
            "holds",
            "wrapper",
        ),
        ('command: sh -c "until nc -z db 1; do :; done; api"\ndepends_on: [db]', "", "holds", "wrapper"),
        ("command: wait-for-it database:1\ndepends_on: [db]", "container_name: database", "holds", "wrapper"),
        ("command: wait-for-it database:1\ndepends_on: [db]", "hostname: database", "holds", "wrapper"),
        (
            "command: wait-for-it database:1\ndepends_on: [db]",
            "networks: {default: {aliases: [database]}}",
            "holds",
            "wrapper",
        ),
        ('command: wait-for-it database:1\ndepends_on: [db]\nlinks: ["db:database"]', "", "holds", "wrapper"),
        (
            'command: sh -c "wait-for-it $$H:1"\nenvironment: {H: db}\ndepends_on: [db]',
            "",
            "holds",
            "wrapper",
        ),
        # No shell, and so nothing that expands a variable.
        ("command: wait-for-it $$H:1\nenvironment: {H: db}\ndepends_on: [db]", "", "none", None),
        (
            "command: wait-for-it localhost:1\nnetwork_mode: service:db\ndepends_on: [db]",
            "",
            "holds",
            "wrapper",
        ),
        ("command: wait-for-it localhost:1\ndepends_on: [db]", "", "none", None),
        # Every address of the dependency.
        (
            "command: wait-for-it 127.0.0.1:5432\nnetwork_mode: host\ndepends_on: [db]",
            "network_mode: host",
            "holds",
            "wrapper",
        ),
        (
            "command: wait-for-it -h localhost -p 5432\nnetwork_mode: host\ndepends_on: [db]",
            'ports: ["5432:5432"]',
            "holds",
            "wrapper",
        ),
        (
            "command: wait-for-it localhost:6379\nnetwork_mode: host\ndepends_on: [db]",
            'ports: ["5432:5432"]',
            "none",
            None,
        ),
        (
            "command: wait-for-it localhost:5432\ndepends_on: [db]",
            'ports: ["5432:5432"]',
            "none",
            None,
        ),
        (
            "command: wait-for-it host.docker.internal:5432\ndepends_on: [db]",
            'ports: ["5432:5432"]',
            "holds",
            "wrapper",
        ),
        (
            "command: wait-for-it host.docker.internal:15432\ndepends_on: [db]",
            'ports: ["5432:5432"]',
            "none",
            None,
        ),
        (
            "command: wait-for-it 10.5.0.2:5432\ndepends_on: [db]",
            "networks: {default: {ipv4_address: 10.5.0.2}}",
            "holds",
            "wrapper",
        ),
        ("command: wait-for-it shop-db-1:5432\ndepends_on: [db]", "", "holds", "wrapper"),
        ("command: wait-for-it shop-db-1:5432\ndepends_on: [db]", "container_name: data", "none", None),
        # Without replicas nothing is started, and Compose does not look at the condition.
        ("scale: 0\ndepends_on: [db]", "", "none", None),
        (f"depends_on: {HEALTHY}", "scale: 0\nhealthcheck: {disable: true}", "none", None),
        (f"depends_on: {ENDED}", "deploy: {replicas: 0}\nrestart: always", "none", None),
        (f"depends_on: {HEALTHY}", "scale: 0\nprovider: {type: cloud}", "none", None),
        ("command: wait-for-it cache:1\ndepends_on: [db]", "", "none", None),
        ('command: sh -c "until nc -z cache 1; do :; done"\ndepends_on: [db]', "", "none", None),
        ("command: echo 'until nc -z db 1; do :; done'\ndepends_on: [db]", "", "none", None),
        ("command: api --database db\ndepends_on: [db]", "", "none", None),
        # A restart policy: the dependent's own.
        ("restart: always\ndepends_on: [db]", "", "holds", "restart"),
        ("restart: unless-stopped\ndepends_on: [db]", "", "holds", "restart"),
        ("restart: on-failure\ndepends_on: [db]", "", "holds", "restart"),
        ("restart: on-failure:5\ndepends_on: [db]", "", "holds", "restart"),
        ("deploy: {restart_policy: {condition: on-failure}}\ndepends_on: [db]", "", "holds", "restart"),
        ("deploy: {restart_policy: {condition: any}}\ndepends_on: [db]", "", "holds", "restart"),
        ('restart: "no"\ndepends_on: [db]', "", "none", None),
        ("deploy: {restart_policy: {condition: none}}\nrestart: always\ndepends_on: [db]", "", "none", None),
        ("deploy: {restart_policy: {}}\nrestart: always\ndepends_on: [db]", "", "none", None),
        # The job tries again, but nobody runs its dependent again.
        ("depends_on: [db]", "restart: on-failure", "none", None),
        ("depends_on: [db]", "restart: always", "none", None),
        # A healthcheck that nobody waits for guards nothing.
        ("depends_on: [db]", "healthcheck: {test: pg_isready}", "none", None),
        ("depends_on: {db: {condition: service_started}}", "", "none", None),
        # Compose waits for a provider's own command.
        ("depends_on: [db]", "provider: {type: cloud}", "holds", "completion"),
    ],
)
def test_guard(project, api, db, verdict, by):
    found = of(project(api, db))
    assert (found.verdict, found.by) == (verdict, by)
    assert found.reason
    assert found.span.source.shown.endswith("compose.yml")


@pytest.mark.parametrize(
    ("dockerfile", "verdict"),
    [
        ("FROM scratch\nHEALTHCHECK CMD x\n", "holds"),
        ("FROM scratch\n", "broken"),
        ("FROM scratch\nHEALTHCHECK NONE\n", "broken"),
        ("FROM acme/base\n", "unknown"),
        ("FROM alpine AS a\nHEALTHCHECK CMD x\nFROM a\n", "holds"),
        ("FROM alpine AS a\nHEALTHCHECK CMD x\nFROM acme/base\nCOPY --from=a /x /x\n", "unknown"),
    ],
)
def test_health_is_credited_to_the_dockerfile(project, dockerfile, verdict):
    made = project(f"depends_on: {HEALTHY}", "build: .", Dockerfile=dockerfile)
    assert of(made).verdict == verdict


@pytest.mark.parametrize("target", ["a", "b"])
def test_the_target_of_the_build_is_what_counts(project, target):
    dockerfile = "FROM scratch AS a\nHEALTHCHECK CMD x\nFROM scratch AS b\n"
    made = project(
        f"depends_on: {HEALTHY}", f"build: {{context: ., target: {target}}}", Dockerfile=dockerfile
    )
    assert of(made).verdict == {"a": "holds", "b": "broken"}[target]


def test_times_in_the_file_keep_the_test_of_the_dockerfile(project):
    db = "build: .\nhealthcheck: {interval: 1s}"
    assert (
        of(project(f"depends_on: {HEALTHY}", db, Dockerfile="FROM a\nHEALTHCHECK CMD x\n")).verdict == "holds"
    )


def test_healthcheck_in_the_file_wins_over_the_dockerfile(project):
    db = "build: .\nhealthcheck: {disable: true}"
    assert (
        of(project(f"depends_on: {HEALTHY}", db, Dockerfile="FROM a\nHEALTHCHECK CMD x\n")).verdict
        == "broken"
    )


def test_healthcheck_may_come_from_an_anchor_and_a_merge(project):
    api = f"depends_on: {HEALTHY}\nx-base: &base\n  healthcheck: {{test: pg_isready}}"
    assert of(project(api, "<<: *base")).verdict == "holds"


def test_image_resolves_what_the_file_leaves_open(project):
    made = project(f"depends_on: {HEALTHY}")
    seen = Healthcheck(None, ("CMD", "x"))
    assert of(made, {"db": Image(seen)}).verdict == "holds"
    assert of(made, {"db": Image(None)}).verdict == "broken"
    assert of(made, {"db": Image(Healthcheck(None, ("NONE",)))}).verdict == "broken"
    assert of(made, {"api": Image(None)}).verdict == "unknown"


def test_image_changes_nothing_that_the_file_says(project):
    made = project(f"depends_on: {HEALTHY}", "healthcheck: {test: pg_isready}")
    assert of(made, {"db": Image(None)}).verdict == "holds"


@pytest.mark.parametrize(
    ("dockerfile", "verdict"),
    [
        ('FROM a\nCMD ["./wait-for-it.sh", "db:1", "--", "api"]\n', "holds"),
        ('FROM a\nENTRYPOINT ["wait-for-it", "db:1", "--"]\nCMD api\n', "holds"),
        ("FROM a\nCMD until nc -z db 1; do sleep 1; done; api\n", "holds"),
        ("FROM a\nCMD api\n", "none"),
        ('FROM a\nCMD ["./wait-for-it.sh", "cache:1", "--", "api"]\n', "none"),
    ],
)
def test_wrapper_may_stand_in_the_dockerfile(project, tmp_path, dockerfile, verdict):
    made = project("build: .\ndepends_on: [db]", Dockerfile=dockerfile)
    assert of(made).verdict == verdict


@pytest.mark.parametrize("key", ["entrypoint", "command"])
def test_command_in_the_file_replaces_the_dockerfiles(project, key):
    dockerfile = 'FROM a\nCMD ["./wait-for-it.sh", "db:1", "--", "api"]\n'
    assert of(project(f"build: .\n{key}: api\ndepends_on: [db]", Dockerfile=dockerfile)).verdict == "none"


def test_span_is_where_the_guard_is_written(project):
    found = of(project("restart: always\ndepends_on: [db]"))
    assert found.span.text == "restart"
    found = of(project("depends_on: [db]"))
    assert found.span.text == "db"


def test_restart_policy_is_the_one_that_the_engine_gets(project):
    services = project(
        "restart: always\ndeploy: {restart_policy: {condition: on-failure}}", "restart: on-failure:3"
    ).services
    assert restart_policy(services["api"]).name == "on-failure"
    assert restart_policy(services["db"]).name == "on-failure"
    assert restart_policy(services["cache"]).name == "no"


CHECKED = "healthcheck: {test: x}\n"
DONE, WELL = "service_completed_successfully", "service_healthy"


@pytest.mark.parametrize(
    ("condition", "other", "kind"),
    [
        (DONE, f"depends_on: {HEALTHY}", "through"),
        (WELL, f"{CHECKED}depends_on: {HEALTHY}", "through"),
        (DONE, "command: wait-for-it db:1 -s -t 0 -- run\ndepends_on: [db]", "through"),
        (DONE, "command: wait-for-it db:1 -- run\ndepends_on: [db]", "none"),
        (DONE, "depends_on: [db]", "none"),
        (DONE, f"restart: always\ndepends_on: {HEALTHY}", "none"),
        ("service_started", f"depends_on: {HEALTHY}", "none"),
        (WELL, f"{CHECKED}depends_on: {{third: {{condition: {DONE}}}}}", "through"),
    ],
)  # fmt: skip
def test_who_is_waited_for_may_have_waited(tmp_path, condition, other, kind):
    """The api only starts after db, but waits for another one that has waited for db."""
    text = (
        f"services:\n  api:\n    image: api:1\n    depends_on:\n      db: {{condition: service_started}}\n"
        f"      other: {{condition: {condition}}}\n"
        "  db: {image: 'postgres:16', healthcheck: {test: x}}\n"
        f"  third: {{image: x, depends_on: {HEALTHY}}}\n"
        "  other:\n" + textwrap.indent(f"image: x\n{other}", "    ") + "\n"
    )
    (tmp_path / "compose.yml").write_text(text)
    found = of(load(tmp_path / "compose.yml", environment={}))
    assert (found.kind, found.holds) == (kind, kind == "through")
