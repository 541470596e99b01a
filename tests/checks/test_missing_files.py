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
