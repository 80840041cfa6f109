"""How tests are dealt out to the processes that run them."""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

WHOLE: Final = frozenset(
    {
        "tests/engines/test_postgres_check.py",
        "tests/engines/test_postgres_plans.py",
        "tests/engines/test_postgres_pooled.py",
        "tests/engines/test_postgres_refusals.py",
    }
)
"""Files that one process runs from end to end: what their tests share takes long to make."""

SITES: Final = "tests/dashboard/"
"""Where each file has a site of its own, with a server and a worker: as dear."""


def lot_of(test: str) -> str:
    """What a test is dealt out with: its file, or nothing else."""
    file = test.partition("::")[0]
    return file if file in WHOLE or file.startswith(SITES) else test


class Dealing(LoadScopeScheduling):  # type: ignore[misc]  # xdist brings no types
    """Gives a process that is nearly done the next test, or a whole file where that is dear."""

    def _split_scope(self, nodeid: str) -> str:
        return lot_of(nodeid)
