"""A third party is down with a thousand jobs due: few attempts are spent, and all are done soon.

The bar is for a minute; here each length of time is half of what it is by default.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.journeys.crowd import Crowd, until
from tests.servers import free_port
from tests.services.third_party import Answer, ThirdParty

JOBS = 1_000
DOWN = 30.0
"""Seconds; half a minute."""
MOST_SPENT = 10
SETTINGS = {
    "TIDEMILL_SERVICES_ALLOW": "127.0.0.1",
    "TIDEMILL_SERVICES_HTTP_WINDOW": "15s",
    "TIDEMILL_SERVICES_HTTP_REST": "2500ms",
    "TIDEMILL_SERVICES_HTTP_LONGEST": "7500ms",
}

pytestmark = [pytest.mark.timeout(180), pytest.mark.slow]

Down = Callable[[int], AbstractContextManager[list[int]]]


@contextmanager
def nobody_listens(_port: int) -> Iterator[list[int]]:
    yield []


@contextmanager
def it_has_no_time(port: int) -> Iterator[list[int]]:
    with ThirdParty(lambda _: Answer(503), port=port).serving() as third:
        counted: list[int] = []
        yield counted
        counted.append(len(third.asked))


@contextmanager
def it_breaks_off(port: int) -> Iterator[list[int]]:
    """Each request is taken, and answered with what says nothing of its cause."""
    with ThirdParty(lambda _: Answer(500), port=port).serving() as third:
        counted: list[int] = []
        yield counted
        counted.append(len(third.asked))


@pytest.mark.parametrize(
    ("scheme", "down"),
    [
        ("sqlite", nobody_listens),
        ("postgresql", it_has_no_time),
        ("sqlite", it_breaks_off),
    ],
    indirect=["scheme"],
)
def test_a_third_party_that_is_down_spends_few_attempts_and_all_are_done_soon(
    crowd: Crowd, down: Down
) -> None:
    port = free_port()
    settings = SETTINGS | {"THIRD": f"http://127.0.0.1:{port}"}
    ids = crowd.enqueue("call", range(JOBS))
    with down(port) as asked:
        for number in range(2):
            crowd.run("calling_app", f"worker-{number}", release=None, **settings)
        until(lambda: parked(crowd) > JOBS // 2, seconds=60, what="jobs are put off")
        time.sleep(DOWN)
    with ThirdParty(port=port).serving() as third:
        took = until(lambda: crowd.all_completed(ids), seconds=60, what="every job is done")
        done = Counter(asked.path for asked in third.asked)
    found = [each for each in crowd.app.open().reader.get(ids).wait() if each is not None]
    spent = sum(each.attempt for each in found) - JOBS
    sys.stderr.write(
        f"\n{down.__name__}, {crowd.url.partition(':')[0]}: {spent} attempts spent by {JOBS} jobs"
        f" while it was down for {DOWN:.0f} s ({sum(asked)} requests met it); all done {took:.1f} s"
        " after its return\n"
    )
    assert spent <= MOST_SPENT
    assert took <= DOWN
    assert done.keys() == {f"/{number}" for number in range(JOBS)}
    assert set(done.values()) == {1}


def parked(crowd: Crowd) -> int:
    """Jobs that are scheduled."""
    counts = crowd.app.open().reader.counts().wait()
    return sum(count.count for count in counts if count.state == "scheduled")
