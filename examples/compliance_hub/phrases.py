"""What students say of their courses: a fixed vocabulary, and labelled feedback made of it."""

import random
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

MOODS: Final = ("positive", "neutral", "negative")
TOPICS: Final = ("trainer", "assessment", "facilities", "support", "materials", "placement")


class Said(NamedTuple):
    """One piece of feedback and what a person has made of it."""

    words: str
    mood: str
    topic: str


_SUBJECTS: Final[Mapping[str, Sequence[str]]] = {
    "trainer": (
        "our trainer", "the trainer", "the teacher", "the instructor", "the facilitator",
        "my lecturer", "the tutor", "the way classes are taught", "teaching",
    ),
    "assessment": (
        "the assessment", "the final assessment", "marking", "the written test", "the exam",
        "feedback on my assignment", "the practical assessment", "the quiz", "getting my results",
    ),
    "facilities": (
        "the classroom", "the training kitchen", "the campus", "parking", "the air conditioning",
        "the workshop", "the computer room", "the wifi", "the building", "the equipment",
    ),
    "support": (
        "student services", "the office", "reception", "the admin team", "the enrolment team",
        "the support line", "the staff at the front desk", "help with my fees", "enrolment",
    ),
    "materials": (
        "the learner guide", "the workbook", "the online portal", "the slides", "the textbook",
        "the course notes", "the videos", "the reading material", "the website with the units",
    ),
    "placement": (
        "the work placement", "my placement", "the host employer", "the practicum",
        "the supervisor at my placement", "my shifts at the aged care home",
        "the placement coordinator", "time in a real workplace", "the logbook of my placement",
    ),
}  # fmt: skip

_ADJECTIVES: Final[Mapping[str, Sequence[str]]] = {
    "positive": (
        "excellent", "great", "really helpful", "very clear", "fantastic", "wonderful", "brilliant",
        "well organised", "friendly", "supportive", "impressive", "easy to follow", "the best part",
        "very good", "fair and well explained", "outstanding", "a pleasure", "amazing",
    ),
    "neutral": (
        "fine", "okay", "average", "as expected", "about the same as last year", "standard",
        "alright", "neither good nor bad", "what the brochure says", "acceptable", "reasonable",
        "much like in other courses", "ordinary",
    ),
    "negative": (
        "terrible", "confusing", "disappointing", "very poor", "unhelpful", "disorganised", "awful",
        "frustrating", "a waste of time", "far too slow", "unacceptable", "badly explained",
        "not good enough", "out of date", "rude", "a mess", "stressful", "unfair",
    ),
}  # fmt: skip

_REASONS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("trainer", "positive"): (
        "she took the time to answer every question", "he explains hard things in plain words",
        "the stories from industry kept us interested", "nobody was left behind in class",
        "I felt encouraged in every lesson", "he knows the industry inside out",
        "she is patient and always prepared",
    ),
    ("trainer", "neutral"): (
        "we had two of them over the term", "classes ran from nine to three",
        "she read from the slides most days", "he covers four units this term",
        "lessons follow the timetable",
    ),
    ("trainer", "negative"): (
        "he was late every week", "she could not answer our questions",
        "he talks over people and ignores the quiet ones", "classes were cancelled without notice",
        "we never learnt anything in class", "she rushed through the lesson",
        "he reads out slides and nobody understands",
    ),
    ("assessment", "positive"): (
        "my assignment was marked within two days", "the comments told me how to improve",
        "the criteria were spelled out", "I knew what was expected of me",
        "the tasks were close to real work", "I got useful feedback on every task",
    ),
    ("assessment", "neutral"): (
        "there were three tasks per unit", "I handed it in online", "it took about two hours",
        "results came after a fortnight", "we could submit twice",
    ),
    ("assessment", "negative"): (
        "I have waited six weeks for a mark", "the questions did not match what we learnt",
        "my assignment was lost and I had to submit again", "nobody explains why I failed",
        "the due date was changed the night before", "the instructions contradict each other",
    ),
    ("facilities", "positive"): (
        "everything is new and clean", "there is plenty of room for practice",
        "the rooms are bright and quiet", "it is close to the station",
        "all tools were there and working",
    ),
    ("facilities", "neutral"): (
        "there are twenty seats", "it is on the second floor", "we shared the room with a class",
        "the bus stops across the road", "rooms changed once during the term",
    ),
    ("facilities", "negative"): (
        "it was freezing all winter", "half of the computers do not work",
        "there is nowhere to park", "the toilets are dirty", "the room is too small for us",
        "the heating has been broken since May", "the lift is out of order again",
    ),
    ("support", "positive"): (
        "they rang me back the same day", "they sorted out my payment plan at once",
        "somebody always answers the phone", "they helped me with my forms",
        "I got an extension when I was ill", "they found me a tutor for my English",
    ),
    ("support", "neutral"): (
        "I sent an email and got the form", "they are open until four",
        "I rang once to change my address", "the forms are on the website",
        "I was sent a receipt for my fees",
    ),
    ("support", "negative"): (
        "nobody answers my emails", "I was charged twice and cannot get a refund",
        "they keep passing me on to somebody else", "I waited an hour on the phone",
        "my enrolment was lost", "they hung up on me", "my certificate still has not been sent",
    ),
    ("materials", "positive"): (
        "I could study at home at my own pace", "the examples are up to date",
        "everything I needed was in one place", "the videos show each step",
        "it works well on my phone", "the chapters build on each other",
    ),
    ("materials", "neutral"): (
        "it has twelve chapters", "we were given a printed copy", "there is a PDF for each unit",
        "we used it in week three", "some of it is on the portal",
    ),
    ("materials", "negative"): (
        "it is full of spelling mistakes", "half of the links are broken",
        "the legislation in it was replaced years ago", "the site crashes when I log in",
        "pages are missing", "I paid for a book that we never opened",
    ),
    ("placement", "positive"): (
        "I was offered a job at the end", "they let me do real work from the first day",
        "I learnt more there than in a year of class", "the team made me feel welcome",
        "my supervisor gave me time to learn",
    ),
    ("placement", "neutral"): (
        "it was 120 hours", "I did mine in two blocks", "it began in week ten",
        "I had day shifts and two evenings", "I went there by train",
    ),
    ("placement", "negative"): (
        "they used me as free labour", "I had to find one myself with no help",
        "nobody at the workplace knew that I was coming", "my hours were never signed off",
        "I mopped floors for three weeks", "it was cancelled two days before the start",
    ),
}  # fmt: skip

_OPENINGS: Final = (
    "", "", "", "Honestly, ", "Overall, ", "I think ", "In my view ", "For me ", "To be honest, ",
    "This term ", "As a mature student I found ", "So far ",
)  # fmt: skip
_LINKS: Final = (": ", ", ", " because ", ". ", " - ", "; ")
_CLOSINGS: Final[Mapping[str, Sequence[str]]] = {
    "positive": ("", "", "Thank you!", "I would recommend it.", "Keep it up.", "Very happy.",
                 "I loved it."),
    "neutral": ("", "", "", "No other comments.", "That is all.", "Nothing to add."),
    "negative": ("", "", "Please fix this.", "I want my money back.", "I would not come again.",
                 "Very unhappy.", "Not worth the fees."),
}  # fmt: skip


def make_feedback(count: int, seed: int = 2026) -> list[Said]:
    """So many pieces of feedback, always the same for one seed.

    Example:
        >>> make_feedback(1) == make_feedback(1)
        True
    """
    dice = random.Random(seed)  # noqa: S311 - makes sentences, guards nothing
    return [_piece(dice) for _ in range(count)]


def _piece(dice: random.Random) -> Said:
    topic = dice.choice(TOPICS)
    mood = dice.choices(MOODS, weights=(45, 25, 30))[0]
    reasons = _REASONS[topic, mood]
    subject = dice.choice(_SUBJECTS[topic])
    verb = "were" if subject.endswith("s") and not subject.endswith("ss") else "was"
    opinion = f"{subject} {verb} {dice.choice(_ADJECTIVES[mood])}"
    form = dice.random()
    if form < 0.6:
        said = f"{opinion}{dice.choice(_LINKS)}{dice.choice(reasons)}"
    elif form < 0.8:
        said = f"{subject}: {' and '.join(dice.sample(reasons, 2))}"
    else:
        said = opinion
    words = f"{dice.choice(_OPENINGS)}{said}. {dice.choice(_CLOSINGS[mood])}".strip()
    return Said(words[0].upper() + words[1:], mood, topic)
