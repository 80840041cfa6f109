"""Who acts beside a journey ends with it, also where the journey has failed."""

from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd
from tests.journeys.stage import Customer
from tests.journeys.test_two_releases import BulkCustomer
from tests.servers import free_port

pytestmark = pytest.mark.timeout(30)


class JourneyFailedError(Exception): ...


def test_a_customer_does_not_wait_for_jobs_that_nobody_runs(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, f"sqlite:///{tmp_path}/jobs.db")
    with pytest.raises(JourneyFailedError), BulkCustomer(crowd, 100_000):
        raise JourneyFailedError
    crowd.end()


def test_a_customer_does_not_insist_on_a_store_that_is_gone(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, f"postgresql://me@127.0.0.1:{free_port()}/x?patience=1s")
    with pytest.raises(JourneyFailedError), Customer(crowd) as customer:
        raise JourneyFailedError
    assert customer.accepted == []
    crowd.end()
