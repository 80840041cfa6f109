"""Who is asked, and with what; and what is said where there is nobody."""

import pytest

from tidemill.core.errors import InvalidOption, StoreUnavailable
from tidemill.remote.jobs import RemoteJobs
from tidemill.remote.wire import Wire


def test_nobody_is_there() -> None:
    with (
        pytest.raises(StoreUnavailable, match="cannot be asked"),
        Wire("http://127.0.0.1:9", "tm_any") as wire,
    ):
        RemoteJobs(wire).get("x")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://jobs.example.org", "readable"),
        ("https://u:p@jobs.example.org", "a name or a password"),
        ("https://", "no URL"),
        ("https://[", "no URL"),
        ("ftp://x", "no URL"),
        ("https://x:port", "no URL"),
    ],
)
def test_a_url_that_will_not_do(url: str, said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        Wire(url, "tm_any")


def test_without_a_key() -> None:
    with pytest.raises(InvalidOption, match="no key"):
        Wire("https://jobs.example.org", "")
