"""How long ago something was is told by the clock of the server, and not by that of who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from tests.api.conftest import api, app, clock, serving  # noqa: F401 - fixtures
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.api.serving import configured
from tidemill.cli.main import program
from tidemill.loops.clock import SystemClock
from tidemill.remote.remote import Remote

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@contextmanager
def served(api: FastAPI, ahead: int) -> Iterator[str]:  # noqa: F811 - the fixture
    """The API on a machine whose clock is so far ahead of ours."""
    config = configured(api, "127.0.0.1", 0)
    config.date_header = False
    told = formatdate((SystemClock().now() + ahead) / 1_000, usegmt=True)
    config.headers = [("date", told)]
    with serving(config) as url:
        yield url


@pytest.fixture
def key(app: Tidemill) -> str:  # noqa: F811 - the fixture
    return Keys(app.client, "tests").create("far", role="admin").secret


@pytest.mark.parametrize("ahead", [3 * HOUR, -DAY, MINUTE])
def test_the_time_is_that_of_a_server_whose_clock_goes_otherwise(
    api: FastAPI,  # noqa: F811 - the fixture
    key: str,
    ahead: int,
) -> None:
    with served(api, ahead) as url, Remote(url, key) as far:
        assert abs(far.now() - SystemClock().now() - ahead) < MINUTE / 3


def test_the_time_of_a_server_whose_clock_goes_alike_is_ours(
    api: FastAPI,  # noqa: F811 - the fixture
    key: str,
) -> None:
    with serving(configured(api, "127.0.0.1", 0)) as url, Remote(url, key) as far:
        begun = SystemClock().now()
        far.queues.find()
        assert begun <= far.now() <= SystemClock().now()


def test_a_command_tells_ages_by_the_clock_of_the_server(
    api: FastAPI,  # noqa: F811 - the fixture
    key: str,
    app: Tidemill,  # noqa: F811 - the fixture
) -> None:
    app.enqueue("add", {"a": 1})  # at the time of a clock that tests wind, which stands still
    ahead = app.store.clock.now() + 5 * HOUR // 2 - SystemClock().now()
    with served(api, ahead) as url:
        environment = {"TIDEMILL_URL": url, "TIDEMILL_KEY": key}
        shown = CliRunner(env=environment).invoke(program, ["jobs", "list"]).output
    assert "2h ago" in shown


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("jobs list --since 1h", "No jobs match."),
        ("jobs list --since 3h", "2h ago"),
        ("jobs list --until 1h", "2h ago"),
        ("jobs cancel --since 1h --yes", "cancel: 0 jobs"),
        ("audit list --action queues.pause --since 1h", "Nobody has done anything like that."),
        ("audit list --action queues.pause --since 3h", "queues.pause"),
    ],
)
def test_so_long_ago_is_counted_by_the_clock_of_the_server(
    api: FastAPI,  # noqa: F811 - the fixture
    key: str,
    app: Tidemill,  # noqa: F811 - the fixture
    command: str,
    says: str,
) -> None:
    app.enqueue("add", {"a": 1})
    ahead = app.store.clock.now() + 5 * HOUR // 2 - SystemClock().now()
    with served(api, ahead) as url:
        typed = CliRunner(env={"TIDEMILL_URL": url, "TIDEMILL_KEY": key})
        typed.invoke(program, ["queues", "pause", "sums"])
        assert says in typed.invoke(program, command.split()).output


@pytest.mark.parametrize(
    "told", ["", "soon", "Mon, 01 Jan 99999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00", "\xff"]
)
def test_a_time_that_is_none_is_not_gone_by(told: str, store_url: str) -> None:
    del store_url
    answer = httpx.Response(200, json={"queues": []}, headers=[(b"date", told.encode("latin-1"))])
    transport = httpx.MockTransport(lambda _: answer)
    with Remote("https://jobs.example.org", "tm_x", transport=transport) as far:
        far.queues.find()
        assert abs(far.now() - SystemClock().now()) < MINUTE / 3
