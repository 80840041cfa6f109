"""What buckets add up to."""

from tidemill.client.statistics import Spread, summarise
from tidemill.core.histogram import count
from tidemill.core.query import Bucket


def bucket(*runs: int) -> Bucket:
    counts = tuple(count(runs))
    waits = tuple(count([0] * len(runs)))
    return Bucket(0, "default", "t", "", "completed", len(runs), 0, sum(runs), waits, counts)


def test_one_job_has_one_length_at_every_percentile() -> None:
    assert summarise([bucket(37)]).run == Spread(37.0, 37, 37, 37)


def test_percentiles_of_several_lie_between_the_bounds_of_their_bin() -> None:
    told = summarise([bucket(37), bucket(40, 41)]).run
    assert told.p50 is not None
    assert told.p99 is not None
    assert 32 <= told.p50 < told.p99 <= 64
