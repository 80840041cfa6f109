"""Syncs bring over all that has changed, though the other side pages, throttles and fails."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from examples.compliance_hub.hub import Hub, create
from examples.compliance_hub.sample import elsewhere
from examples.compliance_hub.setup import Setup
from examples.compliance_hub.standin import Answer, Secrets, StandIn, Throttle
from examples.compliance_hub.tables import CONTACTS, ENROLMENTS, FEEDBACK, INVOICES, STUDENTS, SYNCS
from examples.stage.mailroom import Mailroom
from tests.examples.compliance_hub.conftest import TODAY, MakeHub, Mill, Moody, running
from tidemill import Job, State
from tidemill.testing import ManualClock


def count(hub: Hub, table: Any) -> int:
    with hub.books.begin() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def run(hub: Hub, type_: str) -> Job[Any]:
    hub.app.schedules.publish()
    return hub.app.jobs.get(hub.app.schedules.run(f"compliance.{type_}"))


def statuses(stand_in: StandIn) -> Counter[int]:
    return Counter(status for _, status in stand_in.asked)


def test_xero_is_read_page_by_page_and_then_only_what_has_changed(
    hub: Hub, mill: Mill, stand_in: StandIn
) -> None:
    first = run(hub, "xero-sync")
    mill.drain()
    assert first.result(timeout=0) == {"contacts": 60, "invoices": 60}
    assert (count(hub, CONTACTS), count(hub, INVOICES)) == (60, 60)
    with hub.books.begin() as tx:
        assert tx.execute(select(func.sum(INVOICES.c.cents))).scalar_one() == sum(
            round(float(each["Total"]) * 100) for each in stand_in.data.invoices
        )
    asked = len(stand_in.asked)
    changed = {**stand_in.data.invoices.pop(0), "Status": "VOIDED"}
    stand_in.data.invoices.append({**changed, "UpdatedDateUTC": "2027-01-31T00:00:00+00:00"})
    second = run(hub, "xero-sync")
    mill.drain()
    assert second.result(timeout=0)["invoices"] == 2  # the last one that was known, and this one
    assert len(stand_in.asked) - asked < 8
    with hub.books.begin() as tx:
        voided = select(INVOICES.c.external).where(INVOICES.c.status == "VOIDED")
        assert tx.execute(voided).scalar_one() == changed["InvoiceID"]
    assert count(hub, INVOICES) == 60


def test_accelerate_is_read_page_by_page_and_feedback_that_was_read_stays_as_it_is(
    hub: Hub, mill: Mill
) -> None:
    first = run(hub, "accelerate-sync")
    mill.drain()
    assert first.result(timeout=0) == {"students": 60, "enrolments": 60, "feedback": 30}
    assert (count(hub, STUDENTS), count(hub, ENROLMENTS), count(hub, FEEDBACK)) == (60, 60, 30)
    with hub.books.begin() as tx:
        tx.execute(FEEDBACK.update().values(mood="neutral"))
        tx.execute(SYNCS.delete())
    run(hub, "accelerate-sync")
    mill.drain()
    with hub.books.begin() as tx:
        assert set(tx.execute(select(FEEDBACK.c.mood)).scalars()) == {"neutral"}


def test_rows_that_change_while_pages_are_read_hide_no_other_ones(
    hub: Hub, mill: Mill, stand_in: Moody
) -> None:
    def change(path: str) -> Answer | None:
        if "Invoices" in path and "page=1" in path and len(stand_in.asked) < 9:
            # What has just been read is changed: it moves to the end, and the rest moves up.
            for row in stand_in.data.invoices[:20]:
                row["UpdatedDateUTC"] = "2027-01-31T00:00:00+00:00"
            stand_in.data.invoices.sort(key=lambda row: row["UpdatedDateUTC"])
        return None

    stand_in.instead = change
    run(hub, "xero-sync")
    mill.drain()
    assert count(hub, INVOICES) == 60


def test_a_sync_that_is_throttled_waits_as_it_is_told_and_spends_no_attempt(
    tmp_path: Path, mailroom: Mailroom, clock: ManualClock
) -> None:
    throttle = Throttle(4, 10.0, now=clock.monotonic)
    stand_in = StandIn(elsewhere(TODAY, 60), Secrets.new(), page=25, throttle=throttle)
    with stand_in.serving():
        setup = Setup(third_party=stand_in.url, known=stand_in.known, mail=mailroom.url)
        hub = create("memory://", tmp_path, setup, clock=clock)
        mill = Mill(hub, clock)
        job = run(hub, "accelerate-sync")
        mill.drain()
        rounds = 0
        while not job.state.finished:
            assert job.state is State.SCHEDULED
            mill.advance("30s")
            rounds += 1
            assert rounds < 20
        assert statuses(stand_in)[429] > 1
        assert job.snapshot().attempt == 1
        assert (count(hub, STUDENTS), count(hub, FEEDBACK)) == (60, 30)
        hub.close()


def test_a_sync_that_meets_failures_goes_on_where_it_was(
    hub: Hub, mill: Mill, stand_in: Moody
) -> None:
    stand_in.instead = lambda _: Answer(500) if len(stand_in.asked) >= 5 else None
    job = run(hub, "accelerate-sync")
    mill.drain()
    assert job.state is State.RETRYING
    reached = count(hub, STUDENTS)
    assert reached == 60
    stand_in.instead = None
    mill.advance("10s")
    seen = job.snapshot()
    assert (seen.state, seen.attempt) == (State.COMPLETED, 2)
    students = [path for path, status in stand_in.asked[6:] if "students" in path]
    assert len(students) == 1, "what had been read is not read again"
    assert (count(hub, STUDENTS), count(hub, FEEDBACK)) == (60, 30)


def test_a_third_party_that_is_down_is_left_in_peace_until_it_is_back(
    make_hub: MakeHub, clock: ManualClock, stand_in: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Between two tries of one call time would have to pass, which stands still here.
    monkeypatch.setenv("TIDEMILL_SERVICES_HTTP_TRIES", "1")
    hub = make_hub()
    mill = Mill(hub, clock)
    stand_in.go_down()
    jobs = [run(hub, type_) for type_ in ("xero-sync", "accelerate-sync")]
    for _ in range(12):
        mill.advance("5s")
    assert len(stand_in.asked) <= 10
    assert not any(job.state.finished for job in jobs)
    stand_in.come_back()
    for _ in range(8):
        mill.advance("10s")
    assert [job.state for job in jobs] == [State.COMPLETED] * 2
    assert count(hub, STUDENTS) == 60


def test_a_wrong_secret_is_told_by_its_status(
    tmp_path: Path, stand_in: StandIn, mailroom: Mailroom, clock: ManualClock
) -> None:
    setup = Setup(third_party=stand_in.url, known=Secrets.new(), mail=mailroom.url)
    hub = create("memory://", tmp_path, setup, clock=clock)
    mill = Mill(hub, clock)
    job = run(hub, "xero-sync")
    mill.drain()
    error = job.snapshot().error
    assert error is not None
    assert "401" in error.message
    hub.close()


@pytest.mark.slow
def test_on_the_real_clock_a_third_party_that_throttles_and_fails_is_read_to_its_end(
    tmp_path: Path, mailroom: Mailroom
) -> None:
    stand_in = StandIn(
        elsewhere(TODAY, 60), Secrets.new(), page=20, throttle=Throttle(9, 1.0), fails_every=7
    )
    with stand_in.serving():
        setup = Setup(third_party=stand_in.url, known=stand_in.known, mail=mailroom.url)
        hub = create(f"sqlite:///{tmp_path}/jobs.db", tmp_path, setup)
        with running(hub):
            jobs = [run(hub, type_) for type_ in ("xero-sync", "accelerate-sync")]
            results = [job.result(timeout="50s") for job in jobs]
        assert count(hub, INVOICES) == count(hub, STUDENTS) == 60
        assert count(hub, FEEDBACK) == 30
        assert set(results[0]) == {"contacts", "invoices"}
        assert {429, 500} & set(statuses(stand_in))
        hub.close()
