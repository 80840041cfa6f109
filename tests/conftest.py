"""What every test is run with."""

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests.dealing import Dealing
from tests.servers import database, postgres
from tidemill.engines import open_engine

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("dev"), print_blob=True)
settings.register_profile("thorough", parent=settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

# A shell without job control has what it puts in the background ignore Ctrl-C, programs that this
# one starts included. Tests that press it mean one that is heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Type checkers read these; nothing runs them.
collect_ignore = ["typing"]


STORES: Final = ("memory", "sqlite", "postgres")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half as many again as there are processors: a third of their time tests wait."""
    processors = yield
    named = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return processors if named else processors + (processors + 1) // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing | None:
    """Ours, unless another is asked for."""
    return Dealing(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of its own on each engine in turn."""
    with made_store(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=STORES)
def shared_store_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A store on each engine in turn, for all tests of a module that others do not disturb."""
    with made_store(request, tmp_path_factory.mktemp("store")) as url:
        yield url


@contextmanager
def made_store(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A store on the engine that is the parameter of a fixture."""
    match request.param:
        case "memory":
            yield "memory://"
        case "sqlite":
            yield f"sqlite:///{folder}/jobs.db"
        case _:
            server, made = map(request.getfixturevalue, ("postgres_url", "postgres_store"))
            with database(server, like=made) as url:
                yield url


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[str]:
    """A database with an empty store in it: a copy takes less than half as long as a new one."""
    with database(postgres_url) as url:
        open_engine(url).migrate().wait()
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of this test process's own, or a database of its own on one that was named to us."""
    named = os.environ.get("POSTGRES_URL", "")
    if "?" in named:
        raise pytest.UsageError(
            "POSTGRES_URL has options after a ?, where tests put theirs; say them to libpq by"
            " its environment variables, such as PGSSLMODE"
        )
    if named:
        with database(named) as url:
            yield url
    else:
        with postgres() as server:
            yield server.url
