"""Why a schedule runs no job now, on each engine."""

from collections.abc import Iterator

import pytest

from tidemill import Tidemill
from tidemill.core.errors import NotFound
from tidemill.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:
        app.task(name="tick")(lambda: None)
        yield app


def made(app: Tidemill, **options: object) -> None:
    call = app.client.bound("tick", {}, {})
    app.schedules.create("nightly", call, **options)  # type: ignore[arg-type]  # as a test writes


def told(app: Tidemill) -> dict[str, str]:
    return {cause.kind: cause.text for cause in app.schedules.why("nightly")}


def test_it_is_not_due_and_nobody_is_there(app: Tidemill) -> None:
    made(app, every="1h")
    assert told(app) == {
        "no_worker": "no worker is there, and it is workers that look at schedules",
        "schedule_due": "it comes in 1h",
    }


def test_it_is_late(app: Tidemill, clock: ManualClock) -> None:
    made(app, every="1h")
    clock.advance("3h")
    assert told(app)["schedule_late"] == "it has been due for 2h"


def test_it_is_paused(app: Tidemill) -> None:
    made(app, every="1h")
    app.schedules.pause("nightly", note="stocktaking")
    says = "the schedule is paused since 2026-01-01 00:00 UTC: stocktaking"
    assert told(app)["schedule_paused"] == says


def test_it_runs_by_hand_or_never_again(app: Tidemill) -> None:
    made(app)
    assert told(app)["schedule_by_hand"] == "it runs by hand only"


@pytest.mark.parametrize(
    ("overlap", "says"),
    [
        ("skip", "its ticks are skipped, for job {id} of an earlier tick is still waiting"),
        ("queue", "jobs of its ticks run one after the other, and job {id} of an earlier tick is"),
        ("allow", ""),
        ("replace", ""),
    ],
)
def test_its_overlap_rule_holds_it_up(app: Tidemill, overlap: str, says: str) -> None:
    made(app, every="1h", overlap=overlap)
    job = app.schedules.run("nightly")
    found = told(app)
    if not says:
        assert "schedule_overlap" not in found
    else:
        assert found["schedule_overlap"].startswith(says.format(id=job))
        (cause,) = [each for each in app.schedules.why("nightly") if each.jobs]
        assert cause.jobs == (job,)


def test_one_that_is_not_there_is_not_found(app: Tidemill) -> None:
    with pytest.raises(NotFound):
        app.schedules.why("nothing")
