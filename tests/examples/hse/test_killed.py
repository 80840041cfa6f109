"""All jobs come to the same, though workers are killed with SIGKILL again and again."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from examples.hse.figures import EXPORTED
from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED, fill
from examples.hse.scene import Told, seed, tick
from examples.hse.system import Setup, create
from examples.hse.tables import MEMBERS, ORGANISATIONS, ROLES, STATIONS
from examples.stage.kept import keep
from tests.examples.workforce import Workforce, until
from tidemill import State
from tidemill.access.users import Users
from tidemill.signatures import new_secret

TICKS = 24
"""So many things happen, two organisations that begin among them."""


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kills", [7])
@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_jobs_come_to_the_same_though_workers_are_killed(
    workforce: Workforce, store_url: str, tmp_path: Path
) -> None:
    secret = new_secret()
    with Receivers().serving() as receivers:
        receivers.secrets.append(secret)
        setup = Setup(mail=receivers.mail, receivers=(receivers.host,))
        keep(tmp_path, setup)
        hse = create(store_url, tmp_path, setup)
        fill(hse.books, hse.today, hse.setup.tenant)
        hse.prepare()
        seed(hse, Told(receivers.url, secret))
        for number in range(TICKS):
            tick(hse, number)
        command = ["examples.hse.worker", "--url", store_url, "--folder", str(tmp_path)]
        with workforce.at_work(hse.app, command):
            until(
                lambda: not any(each.count for each in hse.app.jobs.counts()),
                seconds=200,
                what="all jobs have ended",
            )
        ended = list(hse.app.jobs.find())
        assert [job for job in ended if job.seen and job.seen.state is not State.COMPLETED] == []
        # What may arrive twice has one id, by which it is known to be one.
        sent = [job for job in ended if job.seen and job.seen.task == "hse.email.send"]
        arrived = Counter(str(letter.message["Message-ID"]) for letter in receivers.letters)
        assert {job.result(timeout=0).message_id for job in sent} <= set(arrived)
        posted = [job for job in ended if job.seen and job.seen.task == "hse.webhook.deliver"]
        assert len({post.id for post in receivers.posts}) == len(posted) > 0
        assert receivers.refused == 0
        for job in ended:
            if job.seen and job.seen.task == "hse.export.run":
                whose = hse.books.organisation(job.seen.tenant)["id"]
                for source, rows in job.result(timeout=0).rows.items():
                    table = EXPORTED[source][0]
                    count = select(func.count().label("rows")).where(table.c.organisation == whose)
                    assert rows == hse.books.rows(count)[0]["rows"]
        new = hse.books.rows(select(ORGANISATIONS).where(ORGANISATIONS.c.slug.like("site-%")))
        assert {each["slug"] for each in new} == {"site-5", "site-21"}
        for each in new:
            for table, many in ((ROLES, 3), (STATIONS, 1), (MEMBERS, 1)):
                count = select(func.count().label("rows")).where(table.c.organisation == each["id"])
                assert hse.books.rows(count)[0]["rows"] == many
            admin = Users(hse.app.client).get(f"robin@{each['slug']}.example").value
            assert admin.tenants == (each["tenant"],)
        assert len(ORGANISED) + 2 == len(hse.books.rows(select(ORGANISATIONS.c.id)))
        hse.close()
    assert workforce.deaths > 0
