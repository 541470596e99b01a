"""Files that are half a project: checked with the rest of it, or told as such in one line."""

import json
import os
from pathlib import Path

import pytest

from composecheck import LoadError, check, check_paths, load
from composecheck.cli import main
from composecheck.lint import examine
from composecheck.loading.options import Options

BASE = """\
services:
  web: {image: w, networks: [back]}
  db: {image: x, networks: [back], volumes: ["data:/data"]}
networks: {back: }
volumes: {data: }
secrets: {key: {environment: KEY}}
"""
# Without the base all of it follows from its absence.
OVERLAY = """\
services:
  web: {restart: always, env_file: web.env, environment: {DB_HOST: dbx}}
  db: {volumes: ["more:/more"]}
  tools: {build: ./tools, networks: [back], depends_on: [db, cache], secrets: [key]}
volumes: {more: }
"""
# Each service has an image; what they use is not there.
REFERENCES = """\
services:
  tools: {image: t, networks: [back], depends_on: {db: {condition: service_started}}}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes files into the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMPOSE_FILE", raising=False)

    def written(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".").replace("=", "-")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    return written


def told(report):
    return [(d.rule, d.severity, d.span.source.shown, d.span.line) for d in report.diagnostics]


def of_files(report):
    return [[source.shown for source in project.files] for project in report.projects]


def test_override_alone_is_one_finding(write):
    write(prod_yml=OVERLAY)
    report = check("prod.yml", environment={})
    assert told(report) == [("missing-image", "error", "prod.yml", 2)]
    (found,) = report.diagnostics
    assert found.message == (
        "'prod.yml' is half a project: services 'web' and 'db' have neither an image nor a build"
    )
    assert "-f ... -f prod.yml" in found.remedy
    assert "'projects'" in found.remedy
    assert report.exit_code == 1


@pytest.mark.parametrize("base", ["compose.yaml", "docker-compose.yml", "compose.base.yml", "common.yml"])
def test_file_that_has_the_rest_is_named(write, tmp_path, base):
    (tmp_path / base).write_text(BASE)
    (tmp_path / "other.yml").write_text("services: {other: {image: x}}\n")
    (tmp_path / "compose.prod.yml").write_text(OVERLAY.replace("[db, cache]", "[db]"))
    (tmp_path / "web.env").touch()
    (found,) = check("compose.prod.yml", environment={}).diagnostics
    assert found.remedy == f"give '{base}' before it: -f {base} -f compose.prod.yml"
    report = check_paths("compose.prod.yml", environment={})
    assert of_files(report) == [[base, "compose.prod.yml"]]
    errors = [d.rule for d in report.diagnostics if d.severity == "error"]
    assert errors == ["missing-build-context"]  # which is the file's own


def test_references_that_a_file_beside_defines_are_one_finding(write):
    write(compose_yaml=BASE, compose_tools_yml=REFERENCES)
    (found,) = check("compose.tools.yml", environment={}).diagnostics
    assert (found.rule, found.severity) == ("undefined-network", "error")
    assert found.message.startswith("'compose.tools.yml' is half a project: service 'tools' joins")
    assert found.message.endswith(", and 1 more like it")
    assert found.remedy == "give 'compose.yaml' before it: -f compose.yaml -f compose.tools.yml"


def test_build_that_takes_its_files_from_a_service_of_another_file_is_half_a_project(write):
    base = "services:\n  base: {build: .}\n"
    over = "services:\n  web: {build: {context: ., additional_contexts: {b: 'service:base'}}}\n"
    write(compose_yml=base, prod_yml=over, Dockerfile="FROM scratch\n")
    (found,) = check("prod.yml", environment={}).diagnostics
    assert found.rule == "undefined-build-context"
    assert found.message.startswith("'prod.yml' is half a project")
    assert "-f compose.yml -f prod.yml" in found.remedy


def test_references_of_two_kinds_that_nobody_defines_are_one_finding(write):
    write(compose_tools_yml=REFERENCES)
    assert told(check("compose.tools.yml", environment={})) == [
        ("undefined-network", "error", "compose.tools.yml", 2)
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        # a slip of the pen, a forgotten definition, a service without its image among those that have one
        ("compose.yml", "services: {a: {image: x, depends_on: [bb]}, bb1: {image: x, networks: [n]}}"),
        ("compose.kafka.yml", "services: {a: {image: x, volumes: ['data:/data'], environment: {A: b}}}"),
        ("compose.yml", "services: {a: {restart: always}, b: {image: x}}"),
        ("stack.yml", "services: {a: {restart: always}, b: {image: x}, c: {image: x}}"),
    ],
)
def test_mistake_in_a_whole_project_is_none_of_a_half_one(write, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    messages = [d.message for d in check(name, environment={}).diagnostics if d.severity == "error"]
    assert messages
    assert not any("half a project" in message for message in messages)


def test_file_of_a_usual_name_is_half_a_project_where_no_service_has_an_image(write):
    write(compose_yml="services: {a: {restart: always, networks: [n]}, b: {profiles: [x]}}")
    assert told(check(environment={})) == [("missing-image", "error", "compose.yml", 1)]


def test_what_is_wrong_with_its_own_text_is_told_of_half_a_project(write):
    write(prod_yml="services:\n  web: {restat: always}\n  db: {tty: [1]}\n")
    assert {d.rule for d in check("prod.yml", environment={}).diagnostics} == {
        "missing-image",
        "invalid-type",
        "unknown-key",
    }


def test_env_files_are_looked_for_where_the_base_is(write):
    text = "services: {web: {env_file: web.env}}"
    write(prod_yml=text, compose_yml=BASE, alone__prod_yml=text)
    rules = {d.rule for d in check("prod.yml", environment={}).diagnostics}
    assert rules == {"missing-image", "missing-env-file"}
    assert {d.rule for d in check("alone/prod.yml", environment={}).diagnostics} == {"missing-image"}


def test_path_that_is_an_override_is_checked_with_its_base(write, capsys):
    write(compose_yml=BASE, compose_prod_yml="services: {web: {depends_on: [db]}}\n")
    assert main(["check", "compose.prod.yml"]) == 1
    out = capsys.readouterr().out
    assert "compose.prod.yml:1:31: warning: service 'web' starts without waiting until 'db' is ready" in out
    assert out.endswith(
        "\n'compose.prod.yml' was checked with 'compose.yml', whose override it is\n"
        "1 warning found: 2 services in 2 files\n"
    )


def test_override_by_name_is_checked_with_its_base_though_it_is_whole(write):
    write(stack_yml=BASE, stack_override_yml="services: {more: {image: x, networks: [back]}}")
    write(compose_yaml=BASE, compose_override_yml="services: {more: {image: x}}")
    assert of_files(check_paths("stack.override.yml", environment={})) == [
        ["stack.yml", "stack.override.yml"]
    ]
    report = check_paths("compose.override.yml", "compose.yaml", ".", environment={})
    pair = ["compose.yaml", "compose.override.yml"]
    assert of_files(report) == [pair, ["compose.yaml"]]
    assert report.remarks == ("'compose.override.yml' was checked with 'compose.yaml', whose override it is",)


def test_whole_variant_is_checked_alone(write):
    write(compose_yml=BASE, compose_dev_yml=BASE.replace("image: w", "image: other"))
    report = check_paths("compose.dev.yml", environment={})
    assert (of_files(report), report.remarks) == ([["compose.dev.yml"]], ())


@pytest.mark.parametrize(
    "base",
    [
        "services: {web: {image: w, extends: {file: common.yml, service: base}}}",
        "include: [{path: [common.yml, images.yml]}]",
    ],
)
def test_path_that_another_file_reads_is_checked_as_part_of_that(write, base):
    write(
        compose_yml=base,
        images_yml="services: {base: {image: x}}",
        common_yml="services: {base: {tty: true}}",
    )
    report = check_paths("common.yml", environment={})
    assert (of_files(report), told(report)) == ([["compose.yml"]], [])
    assert report.remarks == ("'common.yml' was checked as part of 'compose.yml', which reads it",)
    assert len(check_paths("common.yml", "compose.yml", environment={}).projects) == 1


def test_base_and_what_is_between_are_found_by_the_name(write):
    middle = "services: {extra: {image: x, networks: [back]}}"
    last = "services: {extra: {tty: true}, web: {tty: true}, db: {tty: true}}"
    write(compose_yml=BASE, compose_prod_yml=middle, compose_prod_eu_yml=last)
    files = [["compose.yml", "compose.prod.yml", "compose.prod.eu.yml"]]
    assert of_files(check_paths("compose.prod.eu.yml", environment={})) == files


def test_what_the_base_lacks_too_is_told_at_its_place(write):
    write(compose_yml=BASE, compose_prod_yml="services:\n  web: {tty: true}\n  bd: {tty: true}\n")
    report = check_paths("compose.prod.yml", environment={})
    assert told(report) == [("missing-image", "error", "compose.prod.yml", 3)]
    message = report.diagnostics[0].message
    assert "even with 'compose.yml' before it, service 'bd' has neither an image nor a build" in message
    assert report.remarks == ()


def test_two_halves_are_no_whole(write):
    write(compose_a_yml="services: {web: {image: x}, db: {tty: true}}")
    write(compose_b_yml="services: {web: {tty: true}, db: {image: x}}")
    for name in ("compose.a.yml", "compose.b.yml"):
        report = check_paths(name, environment={})
        assert (report.remarks, report.exit_code) == ((), 1)
        assert "half a project" in report.diagnostics[0].message


def test_one_of_several_that_would_do_is_not_chosen(write):
    write(compose_x_yml=BASE, compose_y_yml=BASE, compose_z_yml="services: {web: {tty: true}}")
    report = check_paths("compose.z.yml", environment={})
    assert report.remarks == ()
    assert "before it, 'compose.x.yml' or 'compose.y.yml', or name both" in report.diagnostics[0].remedy


def test_override_of_the_usual_override_is_checked_with_both(write):
    write(compose_yml=BASE, compose_override_yml="services: {more: {image: x}}")
    write(compose_dev_yml="services: {web: {tty: true}, more: {tty: true}}")
    files = [["compose.yml", "compose.override.yml", "compose.dev.yml"]]
    assert of_files(check_paths("compose.dev.yml", environment={})) == files


@pytest.mark.parametrize("name", ["compose.yml", "compose.prod.yml", "part.yml"])
def test_base_in_a_folder_above_is_named_and_not_taken(write, tmp_path, name):
    write(compose_yml=BASE)
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b" / name).write_text(
        OVERLAY.replace("web: {", "more: {image: x, ").replace(", cache", "")
    )
    report = check_paths(f"a/b/{name}", environment={})
    (found,) = report.diagnostics
    assert "half a project" in found.message
    assert found.remedy.startswith(
        f"give 'compose.yml' before it: -f compose.yml -f a/b/{name}, or name both"
    )
    assert report.remarks == ()


def test_file_whose_builds_and_mounts_lie_where_a_base_above_is_belongs_to_that(write, tmp_path):
    text = "services: {extra: {build: ./tools, env_file: tools/e.env, volumes: ['./tools/x.conf:/x.conf']}}"
    write(compose_yml=BASE, tools__Dockerfile="FROM scratch", tools__e_env="", tools__x_conf="")
    write(ext__extra_yml=text)
    (found,) = [d for d in check("ext/extra.yml", environment={}).diagnostics if d.severity != "note"]
    assert (found.rule, found.severity) == ("missing-build-context", "error")
    assert "'ext/extra.yml' is half a project: service 'extra' is built from './tools'" in found.message
    assert found.remedy.startswith("give 'compose.yml' before it: -f compose.yml -f ext/extra.yml")
    assert check("compose.yml", "ext/extra.yml", environment={}).count("error") == 0
    (tmp_path / "compose.yml").unlink()
    rules = {d.rule for d in check("ext/extra.yml", environment={}).diagnostics if d.severity != "note"}
    assert rules == {"missing-build-context", "missing-bind-source", "missing-env-file"}


def test_file_whose_hosts_another_one_beside_defines_is_checked_with_that(write):
    text = "services:\n  web: {image: new, environment: {DB_HOST: db}}\n  more: {image: x}\n"
    write(compose_yml=BASE, compose_dev_yml=text, stack_yml=text.replace("DB_HOST: db", "DB_HOST: dbx"))
    found = [d for d in check("compose.dev.yml", environment={}).diagnostics if d.severity != "note"]
    assert [(d.rule, d.severity, d.span.line) for d in found] == [("unknown-host", "warning", 2)]
    assert found[0].remedy == "give 'compose.yml' before it: -f compose.yml -f compose.dev.yml"
    report = check_paths("compose.dev.yml", environment={})
    assert of_files(report) == [["compose.yml", "compose.dev.yml"]]
    assert "unknown-host" not in {d.rule for d in report.diagnostics}
    assert "half" not in check("stack.yml", environment={}).diagnostics[0].message


def test_part_that_a_file_above_reads_is_checked_with_that(write, tmp_path):
    write(compose_yml="services: {web: {image: w, extends: {file: sub/part.yml, service: base}}}")
    write(sub__part_yml="services: {base: {tty: true}}")
    report = check_paths("sub/part.yml", environment={})
    assert (of_files(report), told(report)) == ([["compose.yml"]], [])


def test_no_folder_above_the_repository_is_looked_at(write, tmp_path, monkeypatch):
    write(compose_yml=BASE)
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/compose.prod.yml").write_text("services: {web: {tty: true}}")
    (found,) = check("repo/compose.prod.yml", environment={}).diagnostics
    assert "-f ..." in found.remedy
    (tmp_path / "repo/.git").rmdir()
    (found,) = check("repo/compose.prod.yml", environment={}).diagnostics
    assert found.remedy.startswith("give 'compose.yml' before it")
    monkeypatch.chdir(tmp_path / "repo")
    (found,) = check("compose.prod.yml", environment={}).diagnostics
    assert "-f ..." in found.remedy


def test_pipe_and_huge_file_beside_are_not_tried(write, tmp_path):
    write(compose_prod_yml="services: {web: {tty: true}}")
    os.mkfifo(tmp_path / "compose.yml")
    (tmp_path / "base.yml").write_text(BASE + "#" * 1_000_000)
    (found,) = check("compose.prod.yml", environment={}).diagnostics
    assert "-f ..." in found.remedy


def test_nothing_but_a_check_of_a_path_takes_another_file(write, capsys):
    write(compose_yml=BASE, compose_prod_yml="services: {web: {tty: true}, db: {tty: true}}")
    with pytest.raises(LoadError, match="half a project"):
        load("compose.prod.yml", environment={})
    for command in ("plan", "config"):
        assert main([command, "-f", "compose.prod.yml"]) != 0
        assert capsys.readouterr().err.count("error:") == 1
    assert main(["check", "-f", "compose.prod.yml"]) == 1


def test_image_of_a_variable_that_is_not_set_is_no_half_project(write):
    write(compose_yml="services:\n  a: {image: $IMAGE}\n  b: {image: '${IMAGE}'}\n", compose_dev_yml=BASE)
    write(stack_prod_yml="services:\n  web: {image: $IMAGE}\n", stack_yml=BASE)
    (found,) = check("compose.yml", environment={}).diagnostics
    assert (found.rule, found.severity, found.span.line) == ("missing-image", "error", 2)
    assert found.message == "service 'a' has no image, for 'IMAGE' is not set"
    assert found.remedy == "set 'IMAGE', or give a default: '${IMAGE:-...}'"
    assert [one.span.line for one in found.related] == [3]
    report = check("stack.prod.yml", environment={"IMAGE": ""})
    assert report.diagnostics[0].message == "service 'web' has no image, for 'IMAGE' is empty"
    assert told(check("compose.yml", environment={"IMAGE": "x"}))[:1] != [("missing-image", "error")]


def test_what_no_variable_leaves_empty_is_half_a_project(write):
    write(compose_yml="services:\n  a: {image: ''}\n  b: {environment: {IMAGE: $IMAGE}}\n")
    report = check("compose.yml", environment={})
    assert [d.message for d in report.diagnostics if d.severity == "error"] == [
        "'compose.yml' is half a project: services 'a' and 'b' have neither an image nor a build"
    ]


@pytest.mark.parametrize(
    ("image", "remedy"),
    [
        ("{$IMAGE}", 'did you mean "${IMAGE}"? a brace before the dollar opens a mapping'),
        ("{$IMAGE: x}", "write one text"),
        ("{IMAGE}", "write one text"),
        ("{$IMAGE, $TAG}", "write one text"),
        ("{'${A:?Error': set it}", "put it in quotes: ': ' makes a mapping of it"),
        ("{'app:${A:?Error}': set it}", "write one text"),
    ],
)
def test_brace_before_the_dollar(write, image, remedy):
    write(compose_yml=f"services: {{a: {{image: {image}}}}}\n")
    (found,) = check("compose.yml", environment={}).diagnostics
    assert (found.rule, found.remedy) == ("invalid-type", remedy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "rust_version: 1\nplatforms: [a]\nbuild_image: x\n",
            "this is no Compose file: none of its 3 top-level keys is one",
        ),
        ("servcies: {a: {image: x}}\nrust: 1\n", "the file has the unknown key 'servcies'"),
        ("service: {a: {image: x}}\nother: 1\n", "the file has the unknown key 'service'"),
        ("rust: 1\n", "the file has the unknown key 'rust'"),
        ("services: {a: {image: x}}\nrust: 1\nnode: 2\n", "the file has the unknown key 'rust'"),
        ("web: {image: x}\ndb: {image: y}\n", "'web' and 'db' stand at the top level, as in"),
    ],
)
def test_file_of_another_kind_is_one_finding(write, text, message):
    write(settings_yml=text)
    errors = [d for d in check("settings.yml", environment={}).diagnostics if d.severity == "error"]
    assert {d.rule for d in errors} <= {"unknown-key", "empty-project", "no-compose-file"}
    assert errors[0].message.startswith(message)
    assert (len(errors) == 1 and "x-" not in errors[0].remedy) or "no Compose file" not in message


def test_comment_suppresses_half_a_project_and_no_comment_is_called_unused(write):
    write(prod_yml="services:\n  # composecheck: ignore[missing-image] a part\n  web: {tty: true}\n")
    assert told(check("prod.yml", environment={})) == []
    write(prod_yml="services:\n  # composecheck: ignore[no-shared-network] it waits\n  web: {tty: true}\n")
    assert [rule for rule, *_ in told(check("prod.yml", environment={}))] == ["missing-image"]


def test_standard_input_has_no_file_beside_it(write, monkeypatch):
    class Stdin:
        class buffer:
            read = staticmethod(lambda _: b"services: {web: {tty: true}}")

    write(compose_yml=BASE)
    monkeypatch.setattr("sys.stdin", Stdin)
    (found,) = check("-", environment={}).diagnostics
    assert found.message == "service 'web' has neither an image nor a build"


def test_more_files_that_look_like_compose_files_are_told(write, capsys):
    write(
        compose_yml="include: [compose-part.yml]\nservices: {a: {image: x}}",
        compose_override_yml="services: {}",
    )
    write(**{"compose=part_yml": "services: {b: {image: x}}", "docker=compose_prod_yml": BASE})
    write(compose_local_yml=BASE, _gitignore="*.local.yml\n", notes_yml=BASE, sub__compose_dev_yml=BASE)
    counts = "no problems found: 2 services in 3 files (1 suppressed)".replace(" (1 suppressed)", "")
    assert main(["check"]) == 0
    one = (
        "1 more file looks like a Compose file: docker-compose.prod.yml; 'composecheck check FILE' checks it"
    )
    assert capsys.readouterr().out == f"{counts}\n{one}\n"
    assert main(["check", "."]) == 0
    both = "2 more files look like Compose files: docker-compose.prod.yml, sub/compose.dev.yml; "
    out = capsys.readouterr().out
    assert both in out
    assert out.endswith("'composecheck check FILE' checks one of them\n")
    for arguments in (["compose.yml"], ["-f", "compose.yml"]):
        assert main(["check", *arguments]) == 0
        assert "more" not in capsys.readouterr().out
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["more_files"] == ["docker-compose.prod.yml"]
    assert check(environment={}).more == ("docker-compose.prod.yml",)


def test_many_more_files_are_counted_and_not_all_named(write, tmp_path, capsys):
    write(compose_yml="services: {a: {image: x}}")
    for number in range(9):
        (tmp_path / f"compose.{number}.yml").write_text(BASE)
    assert main(["check"]) == 0
    assert "9 more files look like Compose files: compose.0.yml, " in (out := capsys.readouterr().out)
    assert "compose.4.yml, ...; " in out


def test_service_that_extends_a_half_one_of_its_own_file_is_told_why(write):
    half = (
        "services:\n  web: {environment: {A: b}}\n"
        "  worker:\n    extends: web\n    command: work\n  db: {labels: [a]}\n"
    )
    write(compose_yml=BASE, compose_prod_yml=half)
    (found,) = check("compose.prod.yml", environment={}).diagnostics
    assert (found.rule, found.span.line, found.service) == ("missing-image", 4, "worker")
    assert "extends 'web' of its own file" in found.message
    assert "'extends: {file: compose.yml, service: web}'" in found.remedy
    assert "define what is left" not in found.remedy
    write(compose_prod_yml=half.replace("extends: web", "extends: {file: compose.yml, service: web}"))
    assert check("compose.yml", "compose.prod.yml", environment={}).count("error") == 0


HOSTS = "services:\n  api: {image: a, environment: {DB_HOST: db, REDIS_HOST: cache}}\n  other: {image: o}\n"


def test_default_file_whose_hosts_another_one_has_is_checked_with_that(write):
    write(compose_yml=HOSTS, compose_deps_yml="services:\n  db: {image: d}\n  cache: {image: c}\n")
    (found,) = [d for d in check("compose.yml", environment={}).diagnostics if d.severity != "note"]
    assert (found.rule, found.severity) == ("unknown-host", "warning")
    assert found.message.startswith("'compose.yml' is half a project: service 'api' is told to connect to")
    assert found.message.endswith("and 1 more like it")
    assert found.remedy == "give 'compose.deps.yml' before it: -f compose.deps.yml -f compose.yml"
    report = check_paths("compose.yml", environment={})
    assert of_files(report) == [["compose.deps.yml", "compose.yml"]]


@pytest.mark.parametrize(
    "deps",
    [
        "services:\n  db: {image: d}\n",  # not all of them
        "services:\n  db: {image: d}\n  cache: {image: c}\n  api: {image: a}\n",  # another form of the same
        "services:\n  db: {image: d}\n  cache: {restart: always}\n",  # half a project itself
    ],
)
def test_hosts_that_no_other_file_has_for_it_are_told_one_by_one(write, deps):
    write(compose_yml=HOSTS, compose_deps_yml=deps)
    found = [d for d in check("compose.yml", environment={}).diagnostics if d.severity != "note"]
    assert [d.rule for d in found] == ["unknown-host"] * 2
    assert not any("half a project" in d.message for d in found)


def test_default_file_with_an_image_and_a_network_to_come_is_half_a_project(write):
    text = "services:\n  a: {image: c, networks: [back], volumes: ['./x.conf:/x.conf']}\n  b: {tty: true}\n"
    write(compose_yml=text)
    assert [d.rule for d in check("compose.yml", environment={}).diagnostics] == ["missing-image"]
    write(compose_yml=text.replace("[back]", "[default]"))
    rules = [d.rule for d in check("compose.yml", environment={}).diagnostics if d.severity != "note"]
    assert rules == ["missing-bind-source", "missing-image"]


def test_file_whose_networks_stand_among_the_services_is_no_half(tmp_path):
    (tmp_path / "compose.yml").write_text(
        "services:\n  a: {image: x, networks: [n]}\n  networks: {n: {driver: bridge}}\n  volumes: {v: }\n"
    )
    found = examine(Options(folder=tmp_path, environment={})).diagnostics
    assert "half a project" not in " ".join(d.message for d in found)
    places = [d.span.line for d in found if "at the top level" in d.remedy]
    assert places.count(3) == 2
    assert 4 in places


EDGE = "services: {edge: {image: e, depends_on: [api, db, ui]}}\n"
PARTS = {
    "compose.api.yml": "services: {api: {image: a}}\n",
    "compose.data.yml": "services: {db: {image: d}}\n",
    "compose.ui.yml": "services: {ui: {image: u}}\n",
}


def files_of(tmp_path, path):
    """Return the files that a path is checked with, and the ids of what is found."""
    report = check_paths(str(tmp_path / path), environment={})
    names = [Path(source.path).name for project in report.projects for source in project.files]
    return names, [d.rule for d in report.diagnostics if d.severity == "error"]


def lay(tmp_path, files):
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)


@pytest.mark.parametrize(
    "telling",
    [
        {},
        {"README.md": "-f compose.api.yml -f compose.data.yml -f compose.ui.yml -f compose.edge.yml up\n"},
        {"../README.md": "nothing of the kind\n"},
    ],
)
def test_several_files_have_the_rest_together(tmp_path, telling):
    folder = tmp_path / "a"
    folder.mkdir()
    lay(folder, {**PARTS, "compose.edge.yml": EDGE, **telling})
    names, errors = files_of(folder, "compose.edge.yml")
    assert (names[-1], sorted(names[:-1]), errors) == ("compose.edge.yml", sorted(PARTS), [])


def test_several_files_that_lack_a_part_are_not_the_rest(tmp_path):
    lay(tmp_path, {**PARTS, "compose.edge.yml": EDGE.replace("ui]", "iu]")})
    names, errors = files_of(tmp_path, "compose.edge.yml")
    assert names == ["compose.edge.yml"]
    assert "undefined-dependency" in errors


BUILT = {"base/main.yml": "services: {api: {image: a}, db: {image: d}, ui: {image: u}}\n"}


@pytest.mark.parametrize(
    "telling",
    [
        {"README.md": "docker compose -f base/main.yml \\\n   -f edge.yml up\n"},
        {"Makefile": "up:\n\tdocker compose --file base/main.yml --file edge.yml up\n"},
        {".env.example": "COMPOSE_FILE=base/main.yml:edge.yml\n"},
        {"edge.yml": "# docker compose -f base/main.yml \\\n#   -f edge.yml up\n" + EDGE},
    ],
)
def test_files_that_are_named_together_are_tried_first(tmp_path, telling):
    lay(tmp_path, {**BUILT, "edge.yml": EDGE, **telling})
    (found,) = [d for d in check(tmp_path / "edge.yml", environment={}).diagnostics if d.severity == "error"]
    assert "is half a project" in found.message
    assert "base/main.yml" in found.remedy


@pytest.mark.parametrize(
    "telling",
    [
        {"README.md": "docker compose -f base/main.yml up; edge is another story\n"},
        {"README.md": "docker compose -f ../../elsewhere.yml -f edge.yml up\n"},
        {"notes.txt": "docker compose -f base/main.yml -f edge.yml up\n"},
    ],
)
def test_files_that_are_named_apart_or_lie_outside_are_not(tmp_path, telling):
    (tmp_path / "elsewhere.yml").write_text(BUILT["base/main.yml"])
    folder = tmp_path / "x/y"
    folder.mkdir(parents=True)
    lay(folder, {**BUILT, "edge.yml": EDGE, **telling})
    found = check(folder / "edge.yml", environment={}).diagnostics
    assert "undefined-dependency" in {d.rule for d in found}
    assert not any("main.yml" in d.remedy or "elsewhere" in d.remedy for d in found)


@pytest.mark.parametrize("build", ["{args: [A=1]}", "{target: dev}", "{dockerfile: Dockerfile.dev}"])
def test_build_without_a_context_has_that_of_the_base(tmp_path, build):
    lay(
        tmp_path,
        {
            "app/Dockerfile": "FROM x AS dev\n",
            "app/Dockerfile.dev": "FROM x\n",
            "compose.yml": "services: {app: {build: ./app}}\n",
            "compose.dev.yml": f"services: {{app: {{build: {build}}}}}\n",
        },
    )
    assert files_of(tmp_path, "compose.dev.yml") == (["compose.yml", "compose.dev.yml"], [])


def test_build_without_a_context_that_the_base_does_not_have_is_told(tmp_path):
    lay(
        tmp_path,
        {
            "compose.yml": "services: {web: {image: a}}\n",
            "compose.dev.yml": "services: {app: {build: {args: [A=1]}}}\n",
        },
    )
    assert files_of(tmp_path, "compose.dev.yml") == (["compose.dev.yml"], ["missing-dockerfile"])
