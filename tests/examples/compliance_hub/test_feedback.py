"""Feedback is read by a classifier that runs here: how often it is right, and what it does."""

from sqlalchemy import select

from examples.compliance_hub.feedback import Analyst
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.phrases import MOODS, TOPICS, Said, make_feedback
from examples.compliance_hub.tables import FEEDBACK
from tests.examples.compliance_hub.conftest import TODAY, Mill

BY_HAND: dict[tuple[str, str], list[str]] = {
    ("positive", "trainer"): [
        "Our trainer Priya made every topic interesting and always had time for us.",
        "The instructor clearly knows the trade, I learnt a lot from his stories.",
    ],
    ("negative", "trainer"): [
        "Our teacher turned up late most mornings and then rushed through everything.",
        "The trainer was dismissive whenever somebody asked a question.",
    ],
    ("neutral", "trainer"): [
        "We had a different lecturer after week five.",
        "Lessons with our tutor ran from nine until noon.",
    ],
    ("positive", "assessment"): [
        "Great comments on my assignment, I knew exactly how to improve.",
        "The assessment tasks were fair and close to what we do at work.",
    ],
    ("negative", "assessment"): [
        "I am still waiting for my results after two months, this is unacceptable.",
        "The exam questions had nothing to do with what we learnt in class.",
    ],
    ("neutral", "assessment"): [
        "The written test took about ninety minutes.",
        "Marking of the quiz was what I expected.",
    ],
    ("positive", "facilities"): [
        "Lovely bright rooms and the equipment is brand new.",
        "The campus is clean and easy to reach from the station.",
    ],
    ("negative", "facilities"): [
        "Broken heating again, the classroom was freezing.",
        "There is never anywhere to park and the toilets are filthy.",
    ],
    ("neutral", "facilities"): [
        "Our room is on the third floor of the building.",
        "The computer room has about twenty seats.",
    ],
    ("positive", "support"): [
        "Student services called me back within an hour and fixed my payment plan.",
        "The lady at reception was so kind and helped me with the forms.",
    ],
    ("negative", "support"): [
        "I emailed the office four times and nobody answers.",
        "I was charged twice and the admin team refuses to refund me.",
    ],
    ("neutral", "support"): [
        "I rang the enrolment team to change my phone number.",
        "The office is open until five.",
    ],
    ("positive", "materials"): [
        "The workbook is easy to follow and the examples are current.",
        "I loved the videos on the online portal, I could study at night.",
    ],
    ("negative", "materials"): [
        "The learner guide is full of mistakes and out of date.",
        "The portal crashes and half the links do not work.",
    ],
    ("neutral", "materials"): [
        "The textbook has fourteen chapters.",
        "We were given printed slides in week two.",
    ],
    ("positive", "placement"): [
        "My placement was wonderful, the team made me feel welcome and offered me a job.",
        "The host employer let me do real work and taught me heaps.",
    ],
    ("negative", "placement"): [
        "At my work placement I was only allowed to mop floors.",
        "My placement was cancelled and I had to find a new host employer by myself.",
    ],
    ("neutral", "placement"): [
        "The practicum was 160 hours over four weeks.",
        "I did my shifts in two blocks at the aged care home.",
    ],
}
"""What a person makes of feedback that nobody put together of the shipped vocabulary."""

WRITTEN_BY_HAND = [
    Said(words, mood, topic) for (mood, topic), several in BY_HAND.items() for words in several
]


def right(pairs: list[tuple[str, str]]) -> float:
    return sum(said == meant for said, meant in pairs) / len(pairs)


def test_of_feedback_written_by_hand_nine_moods_of_ten_and_nearly_all_topics_are_read_right() -> (
    None
):
    readings = Analyst().read([each.words for each in WRITTEN_BY_HAND])
    pairs = list(zip(readings, WRITTEN_BY_HAND, strict=True))
    assert len(pairs) == 36
    assert right([(read.mood, each.mood) for read, each in pairs]) >= 0.9
    assert right([(read.topic, each.topic) for read, each in pairs]) >= 0.95
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
