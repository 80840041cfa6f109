"""Nobody elsewhere comes in before somebody here has said who may."""

import pytest

from tidemill.api.serving import check_reach, greeting
from tidemill.core.errors import InvalidOption

EVERYWHERE = ["0.0.0.0", "::", "10.0.0.7", "jobs.example.org"]  # noqa: S104 - nothing listens there


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_may_always_ask(host: str) -> None:
    check_reach(host, has_admin=False, is_safe=False)


@pytest.mark.parametrize("host", EVERYWHERE)
def test_nobody_else_may_before_there_is_an_admin(host: str) -> None:
    with pytest.raises(InvalidOption, match="there is no admin yet"):
        check_reach(host, has_admin=False, is_safe=True)


@pytest.mark.parametrize("host", EVERYWHERE)
def test_nobody_else_may_where_passwords_could_be_read(host: str) -> None:
    with pytest.raises(InvalidOption, match="there is no TLS"):
        check_reach(host, has_admin=True, is_safe=False)


@pytest.mark.parametrize("host", EVERYWHERE)
def test_others_may_once_both_are_there(host: str) -> None:
    check_reach(host, has_admin=True, is_safe=True)


def test_where_there_is_no_admin_the_address_that_makes_the_first_one_is_told() -> None:
    said = greeting("http://127.0.0.1:8420", "a-token")
    assert "this token makes the first one:\n  a-token\n" in said
    assert said.endswith("http://127.0.0.1:8420/login?setup=true#a-token")


def test_where_there_is_one_no_more_is_told_than_where_it_is() -> None:
    assert greeting("http://127.0.0.1:8420") == "tidemill is at http://127.0.0.1:8420 until Ctrl-C"
