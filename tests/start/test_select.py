"""Which services a start is about, and in what order."""

from __future__ import annotations

import pytest

from composecheck.errors import UsageError
from composecheck.start import select

from .projects import needs, project, service


def test_no_name_is_every_enabled_service_after_its_dependencies():
    found = select(project(api=service(needs("db")), db=service(), other=service()))
    assert found == ("db", "other", "api")


def test_a_name_brings_its_dependencies_and_no_more():
    found = select(
        project(web=service(needs("api")), api=service(needs("db")), db=service(), x=service()), ["api"]
    )
    assert found == ("db", "api")


def test_an_unknown_service_is_named_with_the_one_that_was_meant():
    with pytest.raises(UsageError, match="no such service: 'dbs'; did you mean 'db'"):
        select(project(db=service()), ["dbs"])


def test_a_disabled_service_is_named_with_its_profiles():
    disabled = {"debug": service(profiles=("tools", "dev"))}
    with pytest.raises(UsageError, match="'debug' is disabled; enable it with --profile tools --profile dev"):
        select(project(disabled=disabled, db=service()), ["debug"])


def test_a_circle_is_refused_and_shown():
    stack = project(x=service(needs("a")), a=service(needs("b")), b=service(needs("a")))
    with pytest.raises(UsageError, match=r"'a' -> 'b' -> 'a'|'b' -> 'a' -> 'b'"):
        select(stack)


def test_a_dependency_that_is_not_required_may_be_missing():
    stack = project(api=service(needs("cache", required=False)))
    assert select(stack) == ("api",)


def test_a_required_dependency_that_is_disabled_is_refused():
    stack = project(disabled={"db": service(profiles=("x",))}, api=service(needs("db")))
    with pytest.raises(UsageError, match="'api' depends on 'db', which is disabled"):
        select(stack)


def test_a_chain_may_be_long():
    stack = project(**{f"s{n}": service(*([needs(f"s{n + 1}")] if n < 5000 else [])) for n in range(5001)})
    assert select(stack, ["s0"])[0] == "s5000"
