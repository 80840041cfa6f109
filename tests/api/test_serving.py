"""Nobody elsewhere comes in before somebody here has said who may."""

import pytest

from tidemill.api.serving import check_reach
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
