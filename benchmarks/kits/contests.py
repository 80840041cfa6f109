"""What the kits have to reach, whatever store they stand on."""

from typing import Final

from benchmarks.contest import Bar, Contest
from benchmarks.harness import Subject
from benchmarks.kits import email

STORED: Final = "results, events and statistics stored"

CONTESTS: Final = (
    Contest(
        name="kit-email",
        about="Send mail to a server on this machine",
        unit="mails/s",
        subjects=(
            Subject(name="one line, no jobs", promises="nothing is stored", work=email.bare),
            Subject(name="tidemill", promises=STORED, work=email.letters),
        ),
        bars=(Bar(subject="tidemill", sense="at least", limit=100),),
    ),
)
