"""What every test is run with."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers import postgres

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("dev"), print_blob=True)
settings.register_profile("thorough", parent=settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

# Type checkers read these; nothing runs them.
collect_ignore = ["typing"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process's own, or one that was named to us."""
    if "POSTGRES_URL" in os.environ:
        yield os.environ["POSTGRES_URL"]
        return
    with postgres() as server:
        yield server.url
