"""Tickets live their lives and people are told, though workers are killed again and again."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from examples.property.office import Setup, create
from examples.property.receivers import Receivers
from examples.property.sample import fill
from examples.property.tables import NOTICES, PEOPLE, STEPS
from examples.property.words import URGENCIES
from examples.stage.kept import keep
from tests.examples.property.conftest import contractor
from tests.examples.workforce import Workforce, until
from tidemill import State
from tidemill.core.job import Snapshot

TICKETS = 8
MOST_DEATHS = 5
LIFE = ("created", "quoted", "approved", "assigned", "in-progress", "completed")
SOON = 500
"""Milliseconds until an appointment begins."""


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kills", [7])
@pytest.mark.parametrize("kept_store_url", ["postgres"], indirect=True)
def test_tickets_come_to_the_same_though_workers_are_killed(
    workforce: Workforce, kept_store_url: str, tmp_path: Path
) -> None:
    with Receivers().serving() as receivers:
        setup = Setup(mail=receivers.mail, sms=receivers.sms, push=receivers.push)
        keep(tmp_path, setup)
        office = create(kept_store_url, tmp_path, setup)
        fill(office.books)
        office.prepare()
        command = ["examples.property.worker", "--url", kept_store_url, "--folder", str(tmp_path)]
        tickets, able = office.tickets, contractor(office)
        with workforce.at_work(office.app, command, most=MOST_DEATHS):
            references: list[str] = []
            for number in range(TICKETS):
                urgency = list(URGENCIES)[number % len(URGENCIES)]
                reference = tickets.create(1 + number % 3, "Kitchen tap leaks", "", urgency)
                references.append(reference.reference)
                tickets.quote(references[-1], able, 12_500)
                tickets.approve(references[-1])
                tickets.assign(references[-1], office.app.store.clock.now() + SOON)
            until(
                lambda: {tickets.get(each).status for each in references} == {"in-progress"},
                seconds=100,
                what="all appointments have begun",
            )
            for each in references:
                tickets.complete(each)

            def finished() -> bool:
                jobs = office.app.jobs.find(tasks=["property.ticket-event"])
                # Two processes may tell the store of one step at once, which is heard as one.
                heard = {step_of(job.seen) for job in jobs if job.state is State.COMPLETED}
                left = any(each.count for each in office.app.jobs.counts())
                return len(heard) == TICKETS * len(LIFE) and not left

            until(finished, seconds=100, what="everybody is told")
        assert list(office.app.jobs.find(states=[State.FAILED])) == []
        with office.books.look() as tx:
            steps = Counter(tx.execute(select(STEPS.c.status)).scalars())
            told = select(NOTICES.c.channel, NOTICES.c.sent_at, PEOPLE.c.device)
            notices = tx.execute(told.join(PEOPLE, PEOPLE.c.id == NOTICES.c.person)).all()
        office.close()
    assert steps == dict.fromkeys(LIFE, TICKETS)
    channels = Counter(each.channel for each in notices)
    assert (channels["email"], channels["sms"]) == (TICKETS * 8, TICKETS * 3)
    assert TICKETS <= channels["push"] <= TICKETS * 2  # residents without a device get none
    assert all(each.sent_at for each in notices)
    # What came twice, for a worker died between sending it and noting that, is word for word one.
    assert len(set(receivers.received)) == len(notices)
    assert workforce.deaths > 0


def step_of(job: Snapshot | None) -> int:
    """The step that a job was told of."""
    assert job is not None
    step: int = msgspec.json.decode(job.args)["event"]["payload"]["step"]
    return step
