"""All jobs of the hub come to the same, though workers are killed with SIGKILL again and again."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from examples.compliance_hub.jobs import STOCK
from examples.compliance_hub.scene import seed, staged
from examples.compliance_hub.tables import (
    CONTACTS,
    ENROLMENTS,
    FEEDBACK,
    INVOICES,
    MAILS,
    STUDENTS,
)
from tests.examples.workforce import Workforce, until
from tidemill import State

STUDENTS_ELSEWHERE = 180


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kills", [11])
def test_jobs_come_to_the_same_though_workers_are_killed(
    workforce: Workforce, kept_store_url: str, tmp_path: Path
) -> None:
    command = ["examples.compliance_hub.worker", "--url", kept_store_url]
    # A job that has lost two workers has one attempt left: it is not to meet a failure, too.
    with staged(kept_store_url, tmp_path, fails_every=0) as hub:
        seed(hub)

        def finished() -> bool:
            hub.outbox.settle()
            with hub.books.begin() as tx:
                waiting = tx.execute(
                    select(func.count()).where(MAILS.c.state.in_(("written", "queued")))
                ).scalar_one()
            return not waiting and not any(each.count for each in hub.app.jobs.counts())

        with workforce.at_work(hub.app, [*command, "--folder", str(tmp_path)]):
            until(finished, seconds=200, what="all jobs of the hub have ended")
        ended = [job for stock in STOCK for job in hub.app.jobs.find(tasks=[stock.name])]
        seen = [job.snapshot() for job in ended]
        assert [(job.task, job.reason) for job in seen if job.state is State.FAILED] == []
        assert len(ended) >= len(STOCK)
        with hub.books.begin() as tx:
            for table in (CONTACTS, INVOICES, STUDENTS, ENROLMENTS):
                count = tx.execute(select(func.count()).select_from(table)).scalar_one()
                assert count == STUDENTS_ELSEWHERE, table.name
            assert (
                tx.execute(select(func.count()).select_from(FEEDBACK)).scalar_one()
                == STUDENTS_ELSEWHERE // 2
            )
            states = set(tx.execute(select(MAILS.c.state)).scalars())
        assert states == {"sent"}
    assert workforce.deaths > 0
