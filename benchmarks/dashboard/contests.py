"""What the dashboard has to reach in a browser."""

from typing import Final

from benchmarks import depth
from benchmarks.contest import Contest, at_most
from benchmarks.dashboard import work
from benchmarks.harness import Subject

SLOW: Final = "a processor four times slower, 10 Mbit/s, 40 ms, nothing seen before"
HERE: Final = "this machine"

CONTESTS: Final = (
    Contest(
        name="page-load",
        about="The largest thing on a page is there, and nothing moves",
        unit="ms",
        subjects=(Subject(name="dashboard", promises=SLOW, work=work.load),),
        bars=(
            *(at_most(1_200, "dashboard", figure=f"LCP {name}") for name in work.PAGES),
            at_most(0.02, "dashboard", figure="CLS"),
        ),
    ),
    Contest(
        name="page-act",
        about="A page shows what somebody does with it",
        unit="ms",
        subjects=(Subject(name="dashboard", promises=SLOW, work=work.interact),),
        bars=(at_most(200, "dashboard", figure="INP"),),
    ),
    Contest(
        name="page-turn",
        about="The next page of a long list is on the screen",
        unit="ms",
        subjects=(
            Subject(
                name="dashboard", promises=HERE, work=work.turn_pages, stage=depth.build_history
            ),
        ),
        bars=(at_most(500, "dashboard", figure="p95"),),
    ),
    Contest(
        name="page-log",
        about="A frame while one scrolls through 10,000 lines of a log",
        unit="ms",
        subjects=(Subject(name="dashboard", promises=HERE, work=work.scroll_log),),
        bars=(at_most(20, "dashboard", figure="p95"),),
    ),
    Contest(
        name="page-tabs",
        about="The last of 14 tabs shows an event",
        unit="ms",
        subjects=(Subject(name="dashboard", promises=HERE, work=work.many_tabs),),
        bars=(at_most(1_000, "dashboard", figure="last of 14"),),
    ),
    Contest(
        name="page-stay",
        about="What a page holds more after long, while 200 jobs end a second",
        unit="MB",
        subjects=(Subject(name="dashboard", promises=HERE, work=work.stay),),
        bars=(at_most(20, "dashboard", figure="MB more"),),
        most_rounds=1,
    ),
)
