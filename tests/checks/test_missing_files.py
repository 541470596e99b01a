"""Contexts, Dockerfiles and contents that are not there, and those of which nobody can say so."""

import pytest

from composecheck import check


@pytest.fixture
def findings(tmp_path):
    """Return the (rule, severity) of each finding in a document beside some files."""
    for name in ("web/Dockerfile", "low/dockerfile", "odd/Dockerfile.dev", "there.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("FROM scratch\n")

    def find(text, **options):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        return [(d.rule, d.severity) for d in check(file, environment={}, **options).diagnostics]

    return find


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("build: web", []),
        ("build: low", []),
        ("build: {context: ., dockerfile: web/Dockerfile}", []),
        ("build: {context: odd, dockerfile: Dockerfile.dev}", []),
        ("build: {context: odd, dockerfile_inline: FROM scratch}", []),
        ("build: https://example.org/x.git", []),
        ("build: git@example.org:x.git", []),
        (
            "build: {context: web, additional_contexts: {a: 'docker-image://alpine', b: 'https://example.org/b'}}",
            [],
        ),
        ("build: {context: web, additional_contexts: {a: ./low}}", []),
        ("build: {context: web, additional_contexts: {a: ./no}}", [("missing-build-context", "error")]),
        ("build: no", [("missing-build-context", "error")]),
        ("build: there.txt", [("missing-build-context", "error")]),
        ("build: odd", [("missing-dockerfile", "error")]),
        ("build: {context: odd, dockerfile: Dockerfile.prod}", [("missing-dockerfile", "error")]),
        ("build: odd, image: app", [("missing-dockerfile", "note")]),
        ("build: no, image: app", [("missing-build-context", "note")]),
        ("build: no, image: app, pull_policy: build", [("missing-build-context", "error")]),
        ("build: no, profiles: [debug]", []),
    ],
)
def test_build_needs_a_folder_with_a_dockerfile(findings, body, found):
    assert findings(f"services:\n  a: {{{body}}}\n") == found


@pytest.mark.parametrize(
    ("use", "definition", "found"),
    [
        ("secrets: [s]", "secrets: {s: {file: there.txt}}", [("readable-secret-file", "note")]),
        ("secrets: [s]", "secrets: {s: {file: ./web}}", []),
        ("secrets: [s]", "secrets: {s: {environment: X}}", [("unset-secret-variable", "note")]),
        ("secrets: [s]", "secrets: {s: {file: no.txt}}", [("missing-content-file", "error")]),
        ("configs: [{source: s}]", "configs: {s: {file: no.txt}}", [("missing-content-file", "error")]),
        ("configs: [s]", "configs: {s: {content: x}}", []),
        ("tty: true", "secrets: {s: {file: no.txt}}", []),
        ("secrets: [s], profiles: [debug]", "secrets: {s: {file: no.txt}}", []),
        ("secrets: [s]", "secrets: {s: {external: true}}", [("unsupported-content", "error")]),
        ("tty: true", "secrets: {s: {external: true}}", []),
    ],
)
def test_content_that_a_service_needs_has_to_be_there(findings, use, definition, found):
    assert findings(f"services:\n  a: {{image: x, {use}}}\n{definition}\n") == found


MOUNTS = [
    # what is mounted as what, and how severe it is that it is not there
    ("./nginx.conf:/etc/nginx/nginx.conf:ro", "warning"),
    ("./web.foo:/etc/web.conf", "warning"),
    ("./web.foo:/etc/web.foo", "warning"),
    ("./web.foo:/etc/web", "note"),
    ("./my.app:/srv/my.app", "note"),
    ("./init.sql/:/init.sql", "note"),
    ("./init.sql:/init.d/init.sql/", "note"),
    ("./ca.org1.example.com:/etc/hyperledger/fabric-ca-server", "note"),
    ("./ca.org1.example.com:/etc/ca.conf", "note"),
    ("./example.com:/srv/example.com", "note"),
    ("./conf.d:/etc/nginx/conf.d", "note"),
    ("./token.txt:/run/token.txt", "note"),
    ("./.env:/app/.env", "note"),
    ("./target/app.json:/app/app.json", "note"),
    ("./tls/server.pem:/tls/server.pem", "note"),
    ("./lib/driver.JAR:/lib/driver.jar", "note"),
    ("./config.json:/app/config.json", "note"),
]


@pytest.mark.parametrize(("mount", "severity"), MOUNTS)
def test_source_that_a_step_makes_or_that_may_be_a_folder_is_a_note(findings, tmp_path, mount, severity):
    (tmp_path / ".gitignore").write_text("token.txt\n.env\ntarget/\n")
    (tmp_path / "config.example.json").touch()
    text = f"services:\n  a: {{image: x, volumes: ['{mount}']}}\n"
    assert findings(text) == [("missing-bind-source", severity)]


@pytest.mark.parametrize(
    "more",
    [
        "working_dir: /etc/x.json/sub",
        "working_dir: /etc/x.json",
        "tmpfs: /unrelated}\n  b: {image: x, volumes: ['./x.json/sub:/sub']",
    ],
)
def test_source_that_is_used_as_a_folder_is_one(findings, more):
    text = f"services:\n  a: {{image: x, volumes: ['./x.json:/etc/x.json'], {more}}}\n"
    assert {severity for rule, severity in findings(text) if rule == "missing-bind-source"} == {"note"}


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (["conf/x.json"], "mount './conf/x.json', the one file of that name; or create it"),
        (["conf/x.json", "old/x.json"], "create it"),
        (["conf/y.json"], "create it"),
    ],
)
def test_the_one_file_of_the_name_of_a_missing_source_is_named(tmp_path, files, remedy):
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("{}\n")
    (tmp_path / "compose.yml").write_text("services: {a: {image: x, volumes: ['./x.json:/etc/x.json']}}\n")
    found = check(tmp_path / "compose.yml", environment={}).diagnostics
    assert [d.remedy for d in found if d.rule == "missing-bind-source"] == [remedy]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("build: out", "missing-build-context"),
        ("build: {context: web, dockerfile: out/Dockerfile}", "missing-dockerfile"),
        ("secrets: [s]}\nsecrets: {s: {file: out/s.txt}", "missing-content-file"),
        ("secrets: [s]}\nsecrets: {s: {file: s.key}", "missing-content-file"),
        (
            "volumes: [{type: bind, source: ./out, target: /o, bind: {create_host_path: false}}]",
            "missing-bind-source",
        ),
    ],
)
def test_what_git_ignores_is_made_before_a_start(findings, tmp_path, body, rule):
    text = f"services:\n  a: {{image: x, pull_policy: build, {body}}}\n"
    before = findings(text)
    (tmp_path / ".gitignore").write_text("out/\n")
    assert findings(text) == [(rule, "note")]
    assert before == [(rule, "note" if "s.key" in body else "error")]


@pytest.mark.parametrize(
    ("named", "beside"),
    [
        (".env", ".env.example"),
        (".env", "env.sample"),
        (".env", "example.env"),
        (".env", ".env.dist"),
        (".env", ".env.template"),
        (".env.docker", ".env.example"),
        ("conf/web.env", "conf/web.env.example"),
        ("conf/web.env", "conf/web.example.env"),
        ("conf/web.env", "conf/example.env"),
    ],
)
def test_env_file_that_is_missing_is_to_be_copied_from_its_sample(tmp_path, named, beside):
    file, sample = tmp_path / "compose.yml", tmp_path / beside
    file.write_text(f"services:\n  a: {{image: x, env_file: {named}}}\n")
    (found,) = check(file, environment={}).diagnostics
    assert found.remedy == "create it; 'required: false' is for a service that starts without it"
    sample.parent.mkdir(exist_ok=True)
    sample.touch()
    (found,) = check(file, environment={}).diagnostics
    assert (found.rule, found.severity) == ("missing-env-file", "error")
    assert found.remedy == f"copy '{beside}' to it; 'required: false' is for a service that starts without it"


def test_env_file_that_several_name_is_missing_once(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "include: [{path: part.yml, env_file: other.env}]\nservices:\n"
        "  a: {image: x, env_file: .env}\n  b: {image: x, env_file: [./.env, other.env]}\n"
    )
    (tmp_path / "part.yml").write_text("services: {p: {image: x}}\n")
    found = check(file, environment={}).diagnostics
    assert [(d.rule, d.span.line, [one.span.line for one in d.related]) for d in found] == [
        ("missing-env-file", 1, [4]),
        ("missing-env-file", 3, [4]),
    ]


def test_env_file_of_one_name_in_another_folder_is_another_one(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  a: {image: x, env_file: .env}\n  b: {image: x, env_file: sub/.env}\n"
        "  c: {image: x, env_file: {path: .env, required: false}}\n".replace("{path", "[{path").replace(
            "false}", "false}]"
        )
    )
    found = check(file, environment={}).diagnostics
    assert [(d.span.line, d.related) for d in found] == [(2, ()), (3, ())]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("image: x, volumes: ['../shared:/s']", "mounts '../shared', which is not in the project's folder"),
        ("image: x, volumes: ['~/shared:/s']", "mounts '~/shared', which"),
        ("image: x, volumes: ['${HOME}/shared:/s']", "mounts '~/shared', which"),
        ("image: x, volumes: ['/opt/shared:/s']", "mounts '/opt/shared', which"),
        ("build: ../no", "built from '../no', which does not exist"),
        ("build: ../there", "which is not in '../there'"),
        ("extends: {file: ../common.yml, service: no}", "extends 'no', which is not defined in 'common.yml'"),
    ],
)
def test_messages_do_not_tell_where_on_the_machine_a_project_lies(tmp_path, monkeypatch, body, told):
    (tmp_path / "a").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "common.yml").write_text("services: {yes: {image: x}}")
    (tmp_path / "a/compose.yml").write_text(f"services:\n  a: {{{body}}}\n")
    monkeypatch.chdir(tmp_path)
    messages = [d.message for d in check("a/compose.yml", environment={"HOME": "/home/me"}).diagnostics]
    assert any(told in message for message in messages)
    assert not any(str(tmp_path) in message for message in messages)


def test_build_context_of_another_machine_is_a_note(tmp_path):
    (tmp_path / ".git").mkdir()
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  a: {build: /opt/absent/a}\n  b: {build: ./absent}\n"
        f"  c: {{build: '{tmp_path}/absent'}}\n  d: {{build: {{context: '${{ROOT}}/absent/d'}}}}\n"
    )
    found = [d for d in check(file, environment={}).diagnostics if d.rule == "missing-build-context"]
    assert [(d.span.line, d.severity) for d in found] == [
        (2, "note"),
        (3, "error"),
        (4, "error"),
        (5, "error"),
    ]
    assert found[0].message.endswith("which does not exist on this machine")
    assert found[3].message.endswith("for 'ROOT' is not set")
    assert found[3].remedy == "set 'ROOT', or give a default: '${ROOT:-...}'"


def test_data_directory_of_a_release_that_a_missing_variable_tells_is_not_judged(tmp_path):
    file = tmp_path / "compose.yml"
    service = "{{image: 'postgres:{}', volumes: [db:/var/lib/postgresql/data]}}"
    text = f"services:\n  a: {service}\nvolumes: {{{{db: }}}}\n"
    file.write_text(text.format("${TAG:?set it}"))
    assert [d.rule for d in check(file, environment={}).diagnostics if d.severity != "note"] == [
        "required-variable"
    ]
    file.write_text(text.format("18"))
    assert "data-directory-missed" in [d.rule for d in check(file, environment={}).diagnostics]


def builds(tmp_path, body):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitmodules").write_text('[submodule "x"]\n\tpath = vendor/x\n\turl = https://x\n')
    (tmp_path / "vendor/x").mkdir(parents=True)
    (tmp_path / "compose.yml").write_text(f"services: {{a: {{build: {body}}}}}\n")
    (found,) = check(tmp_path / "compose.yml", environment={}).diagnostics
    return found


@pytest.mark.parametrize(
    ("body", "fetched"),
    [
        ("./vendor/x", True),
        ("./vendor/x/app", True),
        ("./vendor/xy", False),
        ("./other", False),
        ("{context: ./vendor}", False),
    ],
)
def test_build_from_a_submodule_that_is_not_fetched_says_how(tmp_path, body, fetched):
    assert ("git submodule update --init" in builds(tmp_path, body).remedy) is fetched


def test_dockerfile_of_a_variable_that_is_not_set_is_told_by_the_variable(tmp_path):
    found = builds(tmp_path, "{context: ., dockerfile: '${DF}'}")
    assert found.rule == "missing-dockerfile"
    assert "'DF' is not set" in found.message
    assert "create" not in found.remedy
