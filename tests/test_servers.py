"""The tests' own servers are not left behind, whatever becomes of them."""

import signal
import subprocess
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from tests.servers import database, postgres, role


def servers() -> set[int]:
    """The servers that run now of those that this process has started."""
    return {child.pid for child in psutil.Process().children() if child.name() == "postgres"}


def test_a_server_that_does_not_answer_in_time_is_ended() -> None:
    before = servers()
    with pytest.raises(AssertionError, match="the server answers"):  # noqa: SIM117 - raised by it
        with postgres(patience=2, listen_addresses=""):
            pass
    assert servers() == before


def test_a_server_that_does_not_stop_in_time_is_killed_and_that_is_told() -> None:
    before = servers()
    with postgres() as server:
        (pid,) = servers() - before
        psutil.Process(pid).send_signal(signal.SIGSTOP)
        server.patience = 0.5
        with pytest.raises(subprocess.TimeoutExpired):
            server.stop()
    assert servers() == before


def test_what_is_made_on_a_server_is_called_like_nothing_else_and_dropped(
    postgres_url: str,
) -> None:
    with ExitStack() as stack:
        places = [stack.enter_context(database(postgres_url)) for _ in range(2)]
        users = [stack.enter_context(role(place)) for place in places]
        for user in users:
            with psycopg.connect(user) as link:
                link.execute("CREATE SCHEMA jobs CREATE TABLE job ()")
        made = {urlsplit(place).path[1:] for place in places}
        made |= {str(urlsplit(user).username) for user in users}
        assert len(made) == 4
        assert made <= names(postgres_url)
    assert not made & names(postgres_url)


def names(url: str) -> set[str]:
    """The databases and users of a server."""
    with psycopg.connect(url) as link:
        found = link.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles")
        return {name for (name,) in found}
