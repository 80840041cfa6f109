"""Many letters at once: a job for each, once, and one that says what came of all."""

from typing import Any

import pytest

from tests.kits.email.conftest import Open
from tests.postbox import Postbox
from tidemill import JobContext, Tidemill
from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.kits.email import Bulk, Email, Message
from tidemill.testing import Harness
from tidemill.worker.middleware import Handler


def test_each_letter_is_a_job_and_what_came_of_all_is_said(open_: Open, postbox: Postbox) -> None:
    email = Email(templates={"hello.txt": "Subject: Hello {{ name }}\n\nHow are you?"})
    mill = open_(email)
    messages = [
        Message(to=["a@example.org"], subject="One", text="1", cc=["nobody@example.org"]),
        Message(to=["nobody@example.org"], subject="Two"),
        Message(to=["c@example.org"], template="hello", values={"name": "C"}),
    ]
    job = mill.app.enqueue(email.send_many.bind(messages))
    mill.drain()
    begun = job.result(timeout=0)
    ended = mill.app.jobs.get(begun.batch).result(timeout=0)
    assert begun == Bulk(begun.batch, 3)
    assert ended == Bulk(begun.batch, 3, sent=2, failed=1, refused=1)
    assert {kept.letter["Subject"] for kept in postbox.letters} == {"One", "Hello C"}
    (event,) = mill.events("email.sent_many")
    assert event.payload["sent"] == 2


async def test_an_attempt_that_runs_again_sends_nothing_twice(
    mill: Harness, email: Email, postbox: Postbox
) -> None:
    died: list[str] = []

    async def die_once(job: JobContext, handler: Handler) -> Any:
        answer = await handler()
        if job.task == email.send_many.name and not died:
            died.append(job.id)
            raise ConnectionError("the line to the store was cut")
        return answer

    messages = [Message(to=[f"p{n}@example.org"], subject=str(n)) for n in range(30)]
    job = await mill.app.aenqueue(email.send_many.bind(messages))
    for _ in range(2):
        await mill.app.worker(middleware=[die_once]).run_until_idle()
        mill.clock.advance("1h")
        await (await mill.app.aopen()).jobs.promote(10)
    assert (job.snapshot().state, job.snapshot().attempt) == ("completed", 2)
    assert len(postbox.letters) == 30
    assert len({kept.letter["Message-ID"] for kept in postbox.letters}) == 30


def test_letters_are_of_the_tenant_whose_job_asks_for_them(
    mill: Harness, email: Email, postbox: Postbox
) -> None:
    messages = [Message(to=["a@example.org"], subject="One")]
    mill.app.enqueue(email.send_many.using(tenant="acme").bind(messages))
    mill.drain()
    assert {job.snapshot().tenant for job in mill.jobs()} == {"acme"}
    assert {event.tenant for event in mill.events("email.*")} == {"acme"}
    assert len(postbox.letters) == 1


@pytest.mark.parametrize("count", [0, 5_001])
def test_as_many_as_make_no_sense_are_refused(count: int) -> None:
    with Tidemill("memory://") as app:
        app.include(Email())
        message = {"to": ["a@example.org"]}
        with pytest.raises(InvalidArguments):
            app.enqueue("email.send_many", {"messages": [message] * count})


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        ({"template": "paid", "subject": "Paid"}, "a template has its subject"),
        ({"template": "paid", "html": "<b>"}, "a template has its subject"),
        ({"subject": "Paid", "values": {"no": 7}}, "values say nothing without a template"),
    ],
)
def test_a_letter_that_is_two_things_is_refused_where_it_is_enqueued(
    odd: dict[str, Any], says: str
) -> None:
    whole = {"to": ["zoe@example.org"], "subject": "Paid"}
    with pytest.raises(InvalidArguments, match=f"messages\\[1\\]': {says}"):
        Email().send_many.bind([whole, {"to": ["zoe@example.org"], **odd}])  # type: ignore[list-item]  # as JSON has it


@pytest.mark.parametrize("how", [{"server": "http://mail.example.org"}, {"sender": "nobody"}])
def test_where_mail_cannot_come_from_is_refused_where_it_is_said(how: dict[str, str]) -> None:
    with pytest.raises(InvalidOption, match="of the e-mail kit cannot be used"):
        Email(**how)  # type: ignore[arg-type]  # one text of those it takes
