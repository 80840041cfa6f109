"""Jobs are looked for page by page, and a page that is short or empty is not the last one."""

from typing import cast

from tidemill.client.dead_letters import DeadLetters, count_dead
from tidemill.client.scan import MOST_PAGES, look_through, newest_jobs
from tidemill.client.steps import Walk
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter, Page
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Call, Immediate
from tidemill.testing.conformance.steps import ids, insert
from tidemill.testing.sample import a_job


class ShortPages:
    """An engine, and its reader, of which each page looks at so few jobs."""

    def __init__(self, engine: Engine, looks_at: int) -> None:
        self.reader = self
        self.pages = 0
        self._engine = engine
        self._looks_at = looks_at

    def find(self, which: JobFilter, *, cursor: str | None = None, limit: int = 25) -> Call[Page]:
        self.pages += 1
        looks_at = min(self._looks_at, limit)
        near = self._engine.reader.find(JobFilter(), cursor=cursor, limit=looks_at).wait()
        meant = ids(self._engine.reader.find(which, limit=1_000).wait().jobs)
        jobs = tuple(job for job in near.jobs if job.id in meant)
        return Immediate(lambda: Page(jobs, near.cursor))


def short_pages(*sources: str, looks_at: int = 5) -> ShortPages:
    """A store whose jobs have these sources, in order."""
    engine = open_engine("memory://")
    engine.open().wait()
    insert(engine, *(a_job(source=source) for source in sources))
    return ShortPages(engine, looks_at)


def test_the_newest_jobs_are_looked_for_until_there_are_enough() -> None:
    engine = short_pages("x", *["y"] * 3, "x", *["y"] * 40, "x")
    for wanted in (1, 2, 3, 4):
        found = Walk(newest_jobs(cast("Engine", engine), JobFilter(source="x"), wanted)).wait()
        assert [job.source for job in found] == ["x"] * min(wanted, 3)


def test_jobs_are_looked_through_to_the_last_page() -> None:
    engine = short_pages(*["x", *["y"] * 20] * 3)
    seen: list[Snapshot] = []
    looking = look_through(cast("Engine", engine), JobFilter(source="x"), 100, seen.extend)
    assert Walk(looking).wait() == (3, False)
    assert [job.source for job in seen] == ["x"] * 3
    assert engine.pages == 13


def test_no_more_pages_are_looked_at_than_one_waits_for() -> None:
    engine = short_pages("x", *["y"] * 5 * MOST_PAGES)
    looking = look_through(cast("Engine", engine), JobFilter(source="x"), 100, lambda _: None)
    assert Walk(looking).wait() == (0, True)
    assert engine.pages == MOST_PAGES


def test_nor_more_than_there_are_jobs_wanted() -> None:
    engine = short_pages(*["x"] * 50)
    looking = look_through(cast("Engine", engine), JobFilter(source="x"), 10, lambda _: None)
    assert Walk(looking).wait() == (10, True)


def test_dead_letters_of_which_there_are_none_near_are_said_to_be_more() -> None:
    engine = short_pages(*["y"] * 6 * MOST_PAGES)
    assert Walk(count_dead(cast("Engine", engine), None)).wait() == DeadLetters((), True)
