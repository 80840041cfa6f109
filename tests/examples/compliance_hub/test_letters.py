"""Letters go out by real SMTP, once each; failed ones are sent anew; admins hear of what failed."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from examples.compliance_hub.hub import Hub
from examples.compliance_hub.jobs import STOCK
from examples.compliance_hub.outbox import MOST_ROUNDS, Letter
from examples.compliance_hub.tables import MAILS
from examples.stage.mailroom import Mailroom
from tests.examples.compliance_hub.conftest import MakeHub, Mill
from tests.receiver import Receiver
from tidemill import Job, Retry, State
from tidemill.testing import ManualClock

LETTER = Letter("pd:1:30", "pd", "zoe@harbour.example", "Your development", "It is due.\n")


def states(hub: Hub) -> list[tuple[str, str]]:
    """What letters there are, and how each stands, as the hub knows it."""
    hub.outbox.settle()
    with hub.books.begin() as tx:
        rows = tx.execute(select(MAILS.c.once, MAILS.c.state).order_by(MAILS.c.id)).all()
    return [(row.once, row.state) for row in rows]


def spend(mill: Mill) -> None:
    """Let all attempts of what fails go by."""
    for _ in range(6):
        mill.advance("5m")


def fail(mill: Mill, hub: Hub) -> None:
    """Let a letter fail, which waits for a mailroom that is full rather than spend its attempts."""
    for _ in range(24):
        if ("pd:1:30", "failed") in states(hub):
            return
        mill.advance("5m")
    raise AssertionError(states(hub))


def test_a_letter_is_received_as_it_was_written_and_only_once(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    assert hub.outbox.post([LETTER, LETTER]) == 1
    mill.drain()
    assert hub.outbox.post([LETTER]) == 0
    mill.drain()
    (got,) = mailroom.letters
    assert (got.to, got.subject) == (("zoe@harbour.example",), "Your development")
    assert got.text.split() == ["It", "is", "due."]
    assert got.message["From"] == "hub@harbour.example"
    assert states(hub) == [("pd:1:30", "sent")]


def test_letters_without_a_job_get_one_and_no_letter_gets_two(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    hub.outbox.post([LETTER])
    with hub.books.begin() as tx:
        # As whoever dies between two steps leaves them: the job noted is not in the store.
        tx.execute(MAILS.insert().values(
            once="pd:2:30", kind="pd", recipient="omar@harbour.example", subject="s", body="b",
            state="queued", job="0190a000-0000-7000-8000-000000000000", rounds=0, error="",
            written_at=hub.now(),
        ))  # fmt: skip
    assert hub.outbox.dispatch() == 1
    assert hub.outbox.dispatch() == 0
    mill.drain()
    assert sorted(each.to for each in mailroom.letters) == [
        ("omar@harbour.example",), ("zoe@harbour.example",),
    ]  # fmt: skip


def test_a_letter_whose_job_two_ask_for_is_sent_once(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    # One notes the job, and is overtaken by another one before it asks for it.
    bound = hub.app.bind("compliance.email.send", {"to": [LETTER.to], "subject": "s", "text": "t"})
    with hub.books.begin() as tx:
        tx.execute(MAILS.insert().values(
            once="pd:3:30", kind="pd", recipient=LETTER.to, subject="s", body="t",
            state="queued", job=bound.id, rounds=0, error="", written_at=hub.now(),
        ))  # fmt: skip
    assert hub.outbox.dispatch() == 1
    mill.drain()
    assert not hub.app.enqueue(bound).created
    mill.drain()
    assert len(mailroom.letters) == 1
    assert states(hub) == [("pd:3:30", "sent")]


def test_failed_letters_are_sent_anew_every_two_hours_once_there_is_room(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    hub.app.schedules.publish()
    mailroom.is_full = True
    hub.outbox.post([LETTER])
    mill.drain()
    spend(mill)
    assert ("pd:1:30", "failed") in states(hub)
    mailroom.is_full = False
    mill.advance("2h")
    assert LETTER.subject in [each.subject for each in mailroom.letters]
    assert ("pd:1:30", "sent") in states(hub)


def test_a_letter_that_fails_again_and_again_is_given_up_in_the_end_and_told_of_once(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    hub.app.schedules.publish()
    mailroom.is_full = True
    hub.outbox.post([LETTER])
    mill.drain()
    for _ in range(MOST_ROUNDS):
        fail(mill, hub)
        mill.advance("2h")
    fail(mill, hub)
    mailroom.is_full = False
    mill.advance("2h")
    assert ("pd:1:30", "given up") in states(hub)
    (notice,) = mailroom.letters
    assert notice.subject == "Failed for good: compliance.email.send"


def test_a_letter_that_nobody_will_ever_take_is_given_up_at_once(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    hub.app.schedules.publish()
    mailroom.unknown.add(LETTER.to)
    hub.outbox.post([LETTER])
    mill.drain()
    assert states(hub)[0] == ("pd:1:30", "given up")
    mill.advance("4h")
    assert [each.to for each in mailroom.letters] == [("it@harbour.example",)]


def test_a_letter_that_was_run_again_as_a_dead_letter_is_not_sent_anew(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    hub.app.schedules.publish()
    mailroom.is_full = True
    hub.outbox.post([LETTER])
    mill.drain()
    spend(mill)
    assert ("pd:1:30", "failed") in states(hub)
    mailroom.is_full = False
    (job,) = [job for job in hub.app.jobs.find(states=["failed"]) if _is_to(job, LETTER.to)]
    hub.app.jobs.retry(job)
    mill.advance("4h")
    assert [each.to for each in mailroom.letters].count((LETTER.to,)) == 1
    assert ("pd:1:30", "sent") in states(hub)


def _is_to(job: Job[Any], address: str) -> bool:
    assert job.seen is not None
    return bool(json.loads(job.seen.args)["to"] == [address])


@pytest.fixture
def broken(hub: Hub) -> str:
    @hub.app.task(name="compliance.broken", queue="compliance", retry=Retry.exponential(3, "2s"))
    def broken() -> None:
        raise ValueError("the ledger is closed")

    return broken.enqueue().id


def test_admins_are_told_by_mail_of_a_job_that_failed_after_its_third_attempt(
    hub: Hub, mill: Mill, mailroom: Mailroom, broken: str
) -> None:
    mill.drain()
    assert hub.app.jobs.get(broken).state is State.RETRYING
    assert mailroom.letters == []
    spend(mill)
    seen = hub.app.jobs.get(broken).snapshot()
    assert (seen.state, seen.attempt, seen.max_attempts) == (State.FAILED, 3, 3)
    (notice,) = mailroom.letters
    assert notice.to == ("it@harbour.example",)
    assert notice.subject == "Failed for good: compliance.broken"
    assert broken in notice.text
    assert "ValueError: the ledger is closed" in notice.text


def test_a_failure_is_told_once_and_anew_when_it_fails_anew(
    hub: Hub, mill: Mill, mailroom: Mailroom, broken: str
) -> None:
    mill.drain()
    spend(mill)
    hub.app.jobs.retry(broken)
    mill.drain()
    spend(mill)
    assert len(mailroom.letters) == 2


def test_a_notice_that_cannot_be_sent_is_told_by_no_other_but_sent_later(
    hub: Hub, mill: Mill, mailroom: Mailroom, broken: str
) -> None:
    del broken
    hub.app.schedules.publish()
    mailroom.is_full = True
    mill.drain()
    spend(mill)
    spend(mill)
    assert len(states(hub)) == 1
    mailroom.is_full = False
    mill.advance("2h")
    (notice,) = mailroom.letters
    assert notice.subject == "Failed for good: compliance.broken"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise loads all that it knows
def test_a_chat_hears_of_a_failure_as_well(
    make_hub: MakeHub, clock: ManualClock, mailroom: Mailroom
) -> None:
    with Receiver().serving() as receiver:
        host = receiver.url.partition("://")[2]
        hub = make_hub(chat=(f"json://{host}/ops/{{to}}",))

        @hub.app.task(name="compliance.broken", queue="compliance", retry=Retry.never())
        def broken() -> None:
            raise ValueError("the ledger is closed")

        broken.enqueue()
        Mill(hub, clock).drain()
        ((_, body),) = receiver.got
    assert b"Failed for good: compliance.broken" in body
    assert len(mailroom.letters) == 1


def test_failures_of_other_tenants_are_nothing_to_the_hub(
    hub: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    @hub.app.task(name="compliance.strange", retry=Retry.never())
    def strange() -> None:
        raise ValueError("theirs")

    strange.using(tenant="other").enqueue()
    mill.drain()
    assert mailroom.letters == []


@pytest.mark.parametrize("name", [each.name for each in STOCK])
def test_each_job_has_three_attempts_with_waits_that_grow_from_two_seconds(
    hub: Hub, name: str
) -> None:
    policy = hub.app.registry.get(name).options.retry
    assert (policy.attempts, policy.shape, policy.base) == (3, "exponential", 2_000)
