"""Tickets live their life, each step is an event and a job, and people are told, once."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import select

from examples.property import scene
from examples.property.office import Office
from examples.property.receivers import Receivers
from examples.property.sample import fill
from examples.property.tables import PEOPLE
from examples.property.telling import LINES
from examples.property.tickets import Ticket
from examples.property.words import NOTIFICATIONS, TICKETS
from tests.examples.property.conftest import contractor
from tidemill import State, errors
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # by apprise

HOUR = 3_600_000


def assigned(office: Office, clock: ManualClock, hours: int = 2) -> Ticket:
    """A ticket with an appointment in so many hours."""
    tickets = office.tickets
    reference = tickets.create(1, "Kitchen tap leaks", urgency="urgent").reference
    tickets.quote(reference, contractor(office), 12_500)
    tickets.approve(reference)
    return tickets.assign(reference, clock.now() + hours * HOUR)


def test_a_ticket_lives_its_whole_life_and_each_step_is_an_event(
    kept_office: Office, receivers: Receivers, clock: ManualClock
) -> None:
    office, mill = kept_office, Harness(kept_office.app, clock)
    reference = office.tickets.create(1, "Kitchen tap leaks", urgency="urgent").reference
    mill.drain()
    assert office.tickets.get(reference).trade == "plumbing"
    office.tickets.quote(reference, contractor(office), 12_500)
    office.tickets.approve(reference)
    office.tickets.assign(reference, clock.now() + 2 * HOUR)
    mill.drain()
    assert office.tickets.get(reference).status == "assigned"
    mill.advance("2h")
    assert office.tickets.get(reference).status == "in-progress"
    office.tickets.complete(reference)
    mill.drain()
    assert [each for each, _, _ in office.tickets.steps(reference)] == [
        "created", "quoted", "approved", "assigned", "in-progress", "completed",
    ]  # fmt: skip
    assert [event.name for event in mill.events("ticket.*")] == [
        "ticket.created", "ticket.quoted", "ticket.approved", "ticket.assigned",
        "ticket.appointment-start", "ticket.completed",
    ]  # fmt: skip
    ended = {job.seen.state for job in mill.jobs() if job.seen}
    assert ended <= {State.COMPLETED, State.SCHEDULED}
    assert {each.channel for each in receivers.received} == {"email", "sms", "push"}
    (quote,) = [each for each in receivers.of("email") if "Please approve" in each.body]
    assert "$125.00" in quote.body
    assert quote.subject == f"{reference}: Kitchen tap leaks"


def test_people_are_told_by_mail_sms_and_push_of_what_is_theirs(
    office: Office, mill: Harness, receivers: Receivers, clock: ManualClock
) -> None:
    ticket = assigned(office, clock)
    mill.drain()
    receivers.clear()
    mill.advance("2h")
    told = {(each.channel, each.to.partition("-")[0]) for each in receivers.received}
    assert told <= {("push", "device")}
    begun = [each.body for each in receivers.of("push")]
    assert any("begins" in body for body in begun)
    assert office.tickets.get(ticket.reference).status == "in-progress"
    jobs = [job.seen for job in mill.jobs("property.notify") if job.seen]
    assert {job.queue for job in jobs} == {NOTIFICATIONS}
    assert {job.priority for job in jobs} == {50}
    assert {job.seen.queue for job in mill.jobs("property.ticket-event") if job.seen} == {TICKETS}


def test_an_appointment_that_is_moved_begins_at_its_new_time_alone(
    office: Office, mill: Harness, clock: ManualClock
) -> None:
    ticket = assigned(office, clock, hours=2)
    office.tickets.assign(ticket.reference, clock.now() + 5 * HOUR)
    (job,) = mill.jobs("property.appointment-start")
    mill.advance("2h")
    assert office.tickets.get(ticket.reference).status == "assigned"
    mill.assert_state(job, State.SCHEDULED)
    mill.advance("3h")
    assert office.tickets.get(ticket.reference).status == "in-progress"
    mill.assert_state(job, State.COMPLETED)


def test_an_appointment_of_a_ticket_that_was_cancelled_does_not_begin(
    office: Office, mill: Harness, clock: ManualClock
) -> None:
    ticket = assigned(office, clock)
    office.tickets.cancel(ticket.reference)
    mill.advance("2h")
    (job,) = mill.jobs("property.appointment-start")
    mill.assert_state(job, State.CANCELLED)
    assert job.snapshot().reason == f"{ticket.reference} is cancelled"
    assert office.tickets.get(ticket.reference).status == "cancelled"


@pytest.mark.parametrize("step", ["approve", "start", "complete"])
def test_a_step_that_does_not_follow_is_refused(office: Office, step: str) -> None:
    ticket = office.tickets.create(1, "No hot water")
    with pytest.raises(errors.StateError, match="is created, so it cannot be"):
        getattr(office.tickets, step)(ticket.reference)
    assert office.tickets.get(ticket.reference) == ticket


def test_what_makes_no_sense_is_refused(office: Office, clock: ManualClock) -> None:
    for wrong in ({"unit": 999}, {"title": " "}, {"urgency": "soon"}):
        with pytest.raises(errors.TidemillError):
            office.tickets.create(**{"unit": 1, "title": "Tap", **wrong})  # type: ignore[arg-type]  # wrong
    ticket = office.tickets.create(1, "Tap")
    with pytest.raises(errors.NotFound):
        office.tickets.quote(ticket.reference, 999, 100)
    with pytest.raises(errors.InvalidArguments):
        office.tickets.assign(ticket.reference, clock.now())
    for reference in ("T-99999", "T-x", "", "T-٣", "x" * 100):
        with pytest.raises(errors.NotFound):
            office.tickets.get(reference)
    assert [each.status for each in office.tickets.find()] == ["created"]


def test_a_notice_is_sent_again_until_it_is_taken_and_then_no_more(
    office: Office, mill: Harness, receivers: Receivers
) -> None:
    receivers.is_down = True
    office.tickets.create(1, "No hot water", urgency="emergency")
    mill.drain()
    (job,) = [each for each in mill.jobs("property.notify") if "sms" in str(each.snapshot().args)]
    mill.assert_state(job, State.RETRYING)
    receivers.is_down = False
    mill.advance("10m")
    mill.assert_state(job, State.COMPLETED)
    assert len(receivers.of("sms")) == 1
    office.app.jobs.retry(job.id)
    again = office.app.enqueue("property.notify", _given(job.snapshot().args))
    mill.drain()
    assert again.result(timeout=0) == "sent before"
    assert len(receivers.of("sms")) == 1


def test_who_cannot_be_reached_at_all_is_a_dead_letter_at_once(
    office: Office, mill: Harness, receivers: Receivers
) -> None:
    with office.books.begin() as tx:
        manager = tx.execute(select(PEOPLE.c.email).where(PEOPLE.c.part == "manager")).scalar_one()
    receivers.unknown.add(manager)
    office.tickets.create(1, "No hot water")
    mill.drain()
    (dead,) = [each.snapshot() for each in mill.jobs("property.notify") if each.state == "failed"]
    assert (dead.attempt, dead.reason) == (1, "not_retryable")
    assert dead.error is not None
    assert "Undeliverable" in dead.error.kind
    assert "550" in dead.error.message


def test_an_event_that_comes_twice_tells_nobody_twice(
    office: Office, mill: Harness, receivers: Receivers
) -> None:
    office.tickets.create(1, "No hot water")
    mill.drain()
    before = len(receivers.received)
    (event,) = mill.events("ticket.created")
    office.app.events.emit(event.name, event.payload, source=event.source)
    mill.drain()
    assert len(receivers.received) == before > 0


def test_an_event_of_another_system_in_the_store_is_left_alone(
    office: Office, mill: Harness
) -> None:
    office.app.events.emit("ticket.created", {"ticket": "T-1"}, tenant="other")
    mill.drain()
    assert not mill.jobs("property.ticket-event")
    assert not list(office.app.jobs.find(tenant="other"))


def test_progress_of_a_job_is_told_step_by_step(office: Office, mill: Harness) -> None:
    office.tickets.create(1, "No hot water")
    mill.drain()
    (job,) = mill.jobs("property.ticket-event")
    progress = job.snapshot().progress
    assert progress is not None
    assert (progress.percent, progress.step, progress.of) == (100.0, 3, 3)
    assert [line.message for line in job.logs()] == ["T-00001 is created"]


class TestAway:
    """What becomes of tickets while the store of jobs is away."""

    def test_tickets_go_on_it_is_logged_and_all_is_done_when_the_store_is_back(
        self, office: Office, mill: Harness, clock: ManualClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        mill.drain()
        give_back = office.app.store.lend("postgresql://nobody@127.0.0.1:1/none", clock)
        ticket = office.tickets.create(1, "No hot water")
        office.tickets.quote(ticket.reference, contractor(office), 9_000)
        assert office.spool.waiting() == 2
        assert "ticket.created is logged and not processed yet, and 1 more behind it" in caplog.text
        give_back()
        mill.advance("5m")
        assert office.spool.waiting() == 0
        mill.drain()
        assert [event.name for event in mill.events("ticket.*")] == [
            "ticket.created",
            "ticket.quoted",
        ]
        assert len(mill.jobs("property.ticket-event")) == 2

    def test_the_order_of_what_waits_is_kept_by_what_comes_later(
        self, office: Office, mill: Harness, clock: ManualClock
    ) -> None:
        give_back = office.app.store.lend("postgresql://nobody@127.0.0.1:1/none", clock)
        ticket = office.tickets.create(1, "No hot water")
        give_back()
        office.tickets.quote(ticket.reference, contractor(office), 9_000)
        assert office.spool.waiting() == 0
        names = [event.name for event in mill.events("ticket.*")]
        assert names == ["ticket.created", "ticket.quoted"]

    def test_a_process_that_dies_while_it_tells_the_store_tells_it_again_in_vain(
        self, office: Office, mill: Harness, clock: ManualClock
    ) -> None:
        ticket = assigned(office, clock)
        with office.books.begin() as tx:
            key = f"appointment-start-{ticket.reference}"
            given = {"reference": ticket.reference}
            office.spool.enqueue(
                tx, "property.appointment-start", given, ticket.appointment_at, key
            )
        assert office.spool.flush() == 1
        assert len(mill.jobs("property.appointment-start")) == 1


def test_the_sample_is_always_the_same(office: Office) -> None:
    def people() -> list[tuple[str, str]]:
        with office.books.begin() as tx:
            return [(row.name, row.phone) for row in tx.execute(select(PEOPLE))]

    before = people()
    fill(office.books)
    assert people() == before
    assert len(before) == 1 + 8 + 6 + 24


def test_a_scene_has_tickets_at_every_point_and_goes_on(office: Office, mill: Harness) -> None:
    scene.seed(office, tickets=4)
    scene.seed(office, tickets=4)
    assert len(office.tickets.find()) == 4
    assert {each.status for each in office.tickets.find()} == {
        "created", "quoted", "approved", "assigned",
    }  # fmt: skip
    for number in range(3):
        scene.tick(office, number)
    mill.advance("1m")
    assert "in-progress" in {each.status for each in office.tickets.find()}
    assert not [job for job in mill.jobs() if job.seen and job.seen.state is State.FAILED]


def test_everybody_who_is_told_of_a_step_has_words_that_can_be_filled() -> None:
    known = dict.fromkeys(("title", "urgency", "unit", "contractor", "price", "when"), "x")
    for lines in LINES.values():
        for line in lines:
            assert line.words.format(**known)


def _given(args: bytes) -> dict[str, object]:
    given: dict[str, object] = msgspec.json.decode(args)
    return given


def test_threads_that_tell_the_store_at_once_tell_each_thing_once(
    office: Office, mill: Harness
) -> None:
    for number in range(20):
        with office.books.begin() as tx:
            office.spool.emit(tx, "ticket.noted", {"number": number})
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: office.spool.flush(), range(4)))
    assert sum(told) == 20
    assert [event.payload["number"] for event in mill.events("ticket.noted")] == list(range(20))
