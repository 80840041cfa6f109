"""Feedback is read by a classifier that runs here: how often it is right, and what is done with it."""

from sqlalchemy import select

from examples.compliance_hub.feedback import Analyst
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.phrases import MOODS, TOPICS, make_feedback
from examples.compliance_hub.tables import FEEDBACK
from tests.examples.compliance_hub.conftest import TODAY, Mill

WRITTEN_BY_HAND = (
    ("Our trainer Priya made every topic interesting and always had time for us.", "positive", "trainer"),
    ("The instructor clearly knows the trade, I learnt a lot from his stories.", "positive", "trainer"),
    ("Our teacher turned up late most mornings and then rushed through everything.", "negative", "trainer"),
    ("The trainer was dismissive whenever somebody asked a question.", "negative", "trainer"),
    ("We had a different lecturer after week five.", "neutral", "trainer"),
    ("Lessons with our tutor ran from nine until noon.", "neutral", "trainer"),
    ("Great comments on my assignment, I knew exactly how to improve.", "positive", "assessment"),
    ("The assessment tasks were fair and close to what we do at work.", "positive", "assessment"),
    ("I am still waiting for my results after two months, this is unacceptable.", "negative", "assessment"),
    ("The exam questions had nothing to do with what we learnt in class.", "negative", "assessment"),
    ("The written test took about ninety minutes.", "neutral", "assessment"),
    ("Marking of the quiz was what I expected.", "neutral", "assessment"),
    ("Lovely bright rooms and the equipment is brand new.", "positive", "facilities"),
    ("The campus is clean and easy to reach from the station.", "positive", "facilities"),
    ("Broken heating again, the classroom was freezing.", "negative", "facilities"),
    ("There is never anywhere to park and the toilets are filthy.", "negative", "facilities"),
    ("Our room is on the third floor of the building.", "neutral", "facilities"),
    ("The computer room has about twenty seats.", "neutral", "facilities"),
    ("Student services called me back within an hour and fixed my payment plan.", "positive", "support"),
    ("The lady at reception was so kind and helped me with the forms.", "positive", "support"),
    ("I emailed the office four times and nobody answers.", "negative", "support"),
    ("I was charged twice and the admin team refuses to refund me.", "negative", "support"),
    ("I rang the enrolment team to change my phone number.", "neutral", "support"),
    ("The office is open until five.", "neutral", "support"),
    ("The workbook is easy to follow and the examples are current.", "positive", "materials"),
    ("I loved the videos on the online portal, I could study at night.", "positive", "materials"),
    ("The learner guide is full of mistakes and out of date.", "negative", "materials"),
    ("The portal crashes and half the links do not work.", "negative", "materials"),
    ("The textbook has fourteen chapters.", "neutral", "materials"),
    ("We were given printed slides in week two.", "neutral", "materials"),
    ("My placement was wonderful, the team made me feel welcome and offered me a job.", "positive", "placement"),
    ("The host employer let me do real work and taught me heaps.", "positive", "placement"),
    ("At my work placement I was only allowed to mop floors.", "negative", "placement"),
    ("My placement was cancelled and I had to find a new host employer by myself.", "negative", "placement"),
    ("The practicum was 160 hours over four weeks.", "neutral", "placement"),
    ("I did my shifts in two blocks at the aged care home.", "neutral", "placement"),
)  # fmt: skip
"""Feedback that nobody put together of the shipped vocabulary, and what a person makes of it."""


def right(pairs: list[tuple[str, str]]) -> float:
    return sum(said == meant for said, meant in pairs) / len(pairs)


def test_of_feedback_written_by_hand_three_moods_of_four_and_nearly_all_topics_are_read_right() -> None:
    readings = Analyst().read([words for words, *_ in WRITTEN_BY_HAND])
    moods = [(read.mood, mood) for read, (_, mood, _) in zip(readings, WRITTEN_BY_HAND, strict=True)]
    topics = [
        (read.topic, topic) for read, (*_, topic) in zip(readings, WRITTEN_BY_HAND, strict=True)
    ]
    assert right(moods) >= 0.75
    assert right(topics) >= 0.9
    assert all(0 < read.certainty <= 1 for read in readings)


def test_of_feedback_held_out_of_the_shipped_nearly_all_is_read_right() -> None:
    said = make_feedback(1_000, seed=5)
    learnt, held_out = said[:800], said[800:]
    readings = Analyst(learnt).read([each.words for each in held_out])
    pairs = list(zip(readings, held_out, strict=True))
    assert right([(read.mood, each.mood) for read, each in pairs]) >= 0.95
    assert right([(read.topic, each.topic) for read, each in pairs]) >= 0.95


def test_what_is_shipped_is_believable_and_always_the_same() -> None:
    said = make_feedback(300)
    assert said == make_feedback(300)
    assert {each.mood for each in said} == set(MOODS)
    assert {each.topic for each in said} == set(TOPICS)
    assert len({each.words for each in said}) > 280


def test_the_job_reads_what_has_not_been_read_and_asks_nobody_outside(hub: Hub, mill: Mill) -> None:
    with hub.books.begin() as tx:
        hub.books.add(tx, FEEDBACK, [
            {"external": f"F{number}", "course": "CHC33021", "words": words, "given_on": TODAY}
            for number, (words, *_) in enumerate(WRITTEN_BY_HAND[:6])
        ])  # fmt: skip
    hub.app.schedules.publish()
    job = hub.app.jobs.get(hub.app.schedules.run("compliance.feedback-analysis"))
    mill.drain()
    answer = job.result(timeout=0)
    assert answer["read"] == 6
    assert sum(answer[mood] for mood in MOODS) == 6
    with hub.books.begin() as tx:
        rows = tx.execute(select(FEEDBACK).order_by(FEEDBACK.c.id)).all()
    assert all(row.mood in MOODS and row.topic in TOPICS and row.analysed_at for row in rows)
    again = hub.app.jobs.get(hub.app.schedules.run("compliance.feedback-analysis"))
    mill.drain()
    assert again.result(timeout=0)["read"] == 0
