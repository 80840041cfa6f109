"""An application on the memory engine with a hand-wound clock, and a hand that does its jobs."""

from collections.abc import Iterator

import msgspec
import pytest

from tidemill import Tidemill
from tidemill.core.job import Claim
from tidemill.core.lease import WORKER
from tidemill.core.outcome import Done, Outcome
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.testing.clock import ManualClock


class Hand:
    """Claims and settles jobs as a worker would, one step at a time."""

    def __init__(self, app: Tidemill, clock: ManualClock) -> None:
        self.engine = app.open()
        self.clock = clock
        lease = self.engine.leases.take(
            WORKER + "hand", "hand", 3_600_000, b'{"host":"here","pid":7}'
        ).wait()
        assert lease
        self.lease = lease

    def take(self, limit: int = 1_000) -> tuple[Claim, ...]:
        return self.engine.jobs.claim(Want(self.lease, limit)).wait().jobs

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        self.engine.jobs.settle([judge(claim, outcome, self.clock.now(), 0.5)]).wait()

    def do(self, outcome: Outcome | None = None, result: object = None) -> list[str]:
        """Claim all there is and end it so; tell the ids in the order of the claims."""
        claims = self.take()
        for claim in claims:
            self.settle(claim, outcome or Done(msgspec.json.encode(result)))
        return [claim.id for claim in claims]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill("memory://", clock=clock) as app:
        yield app


@pytest.fixture
def hand(app: Tidemill, clock: ManualClock) -> Hand:
    return Hand(app, clock)
