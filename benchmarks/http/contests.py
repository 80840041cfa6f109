"""What the API has to reach, whatever store it stands on."""

from typing import Final

from benchmarks import depth
from benchmarks.contest import Contest, at_least, at_most
from benchmarks.harness import Subject
from benchmarks.http import raw, work

NOTHING: Final = "nothing is stored"
STORED: Final = "stored before it is answered"

CONTESTS: Final = (
    Contest(
        name="http-enqueue",
        about="Enqueue one job a request, from 64 clients",
        unit="jobs/s",
        subjects=(
            Subject(name="bare FastAPI", promises=NOTHING, work=raw.enqueue),
            Subject(name="tidemill", promises=STORED, work=work.enqueue),
        ),
        bars=(at_least(0.4, "tidemill", "bare FastAPI"),),
    ),
    Contest(
        name="http-bulk",
        about="Enqueue a thousand jobs a request",
        unit="jobs/s",
        subjects=(
            Subject(name="in one process", promises=STORED, work=work.bulk_here),
            Subject(name="over HTTP", promises=STORED, work=work.bulk),
        ),
        bars=(at_least(0.6, "over HTTP", "in one process"),),
    ),
    Contest(
        name="live",
        about="Hear of an event, 500 listeners, five events a second",
        unit="ms",
        subjects=(Subject(name="tidemill", promises=STORED, work=work.live),),
        bars=(
            at_most(250, "tidemill", figure="p99"),
            at_most(64, "tidemill", figure="KB each"),
        ),
    ),
    Contest(
        name="http-rest",
        about="Memory of a server at rest",
        unit="MB",
        subjects=(Subject(name="tidemill", promises=STORED, work=work.at_rest),),
        bars=(at_most(120, "tidemill"),),
    ),
    Contest(
        name="http-busy",
        about="Lists while two workers empty a full queue",
        unit="ms",
        subjects=(Subject(name="tidemill", promises=STORED, work=work.while_busy),),
        bars=(at_most(300, "tidemill", figure="p95"),),
    ),
    Contest(
        name="http-page",
        about="A list out of a long history, over HTTP",
        unit="ms",
        subjects=(
            Subject(name="tidemill", promises=STORED, work=work.pages, stage=depth.build_history),
        ),
        bars=tuple(at_most(200, "tidemill", figure=depth.p95_of(name)) for name in work.LISTS),
    ),
)
