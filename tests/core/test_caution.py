"""What a worker may hold besides what it runs follows from what the job can afford."""

import pytest

from tidemill.core.caution import Allowance, Caution, caution
from tidemill.core.retry import RetryPolicy


@pytest.mark.parametrize(
    ("attempts", "most", "attempt", "crashes", "care"),
    [
        (3, 3, 1, 0, Caution.NONE),
        (3, 3, 2, 0, Caution.NONE),
        (3, 3, 3, 0, Caution.AT_ONCE),
        (1, 3, 1, 0, Caution.AT_ONCE),
        (3, 1, 1, 0, Caution.AT_ONCE),
        (9, 3, 2, 1, Caution.AT_ONCE),
        (9, 3, 3, 2, Caution.APART),
        (2, 3, 2, 1, Caution.APART),
        (9, 1, 2, 1, Caution.APART),
    ],
)
def test_care_follows_from_what_one_more_death_would_do(
    attempts: int, most: int, attempt: int, crashes: int, care: Caution
) -> None:
    assert caution(RetryPolicy(attempts=attempts, crashes=most), attempt, crashes) is care


def test_an_allowance_covers_the_first_places_and_one_apart() -> None:
    allowance = Allowance(2, apart=True)
    asked = [Caution.APART, Caution.APART, Caution.AT_ONCE, Caution.NONE]
    assert [allowance.covers(care, 1) for care in asked] == [True, False, True, True]
    assert not allowance.spent
    assert allowance.covers(Caution.NONE, 2)
    assert not allowance.covers(Caution.AT_ONCE, 2)
    assert allowance.spent
