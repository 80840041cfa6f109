"""What is measured in a browser."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from benchmarks import ours
from benchmarks.dashboard.browsing import clock, heap, looking, rests, slowed
from benchmarks.harness import Sample, quantile
from benchmarks.scale import Scale
from tidemill.core.error_info import ErrorInfo
from tidemill.core.lease import WORKER
from tidemill.core.outcome import Done, Failed
from tidemill.core.record import NewEntry, job_log
from tidemill.core.verdict import judge
from tidemill.core.want import Want

PAGES: Final = {
    "overview": "/",
    "jobs": "/jobs",
    "queues": "/queues",
    "failures": "/failures",
    "schedules": "/schedules",
    "statistics": "/statistics",
    "workers": "/workers",
}
VISITS: Final = 3
JOBS: Final = 200
TABS: Final = 14
LINES: Final = 10_000
A_SECOND: Final = 200
"""Jobs that end in a second while a page is looked at for long."""


def _some_jobs() -> None:
    """Some that completed, some that failed, some that wait."""
    ours.fill(JOBS)
    engine = ours.app.open()
    lease = engine.leases.take(WORKER, "bench", 3_600_000).wait()
    assert lease is not None
    claims = engine.jobs.claim(Want(lease, JOBS // 2)).wait().jobs
    error = Failed(ErrorInfo("ConnectionError", "no answer in 30 s"))
    engine.jobs.settle(
        [
            judge(claim, error if number % 9 == 0 else Done(b'"done"'), claim.started_at + 20, 0.5)
            for number, claim in enumerate(claims)
        ]
    ).wait()


def load(folder: Path, _: Scale) -> Sample:
    """Pages that somebody opens for the first time, on a slow machine and network."""
    with looking(folder) as (context, url, _pid):
        _some_jobs()
        figures: dict[str, float] = {}
        shifts = []
        for name, path in PAGES.items():
            paints = []
            for _visit in range(VISITS):
                page = context.new_page()
                slowed(page)
                page.goto(url + path)
                rests(page)
                page.wait_for_timeout(500)  # what else comes may be larger, or push
                paints.append(clock(page, "lcp"))
                shifts.append(clock(page, "cls"))
                page.close()
            figures[f"LCP {name}"] = quantile(paints, 0.5)
    return Sample(figures=figures | {"CLS": max(shifts)})


def interact(folder: Path, _: Scale) -> Sample:
    """What people do with a list, on a slow machine: how long the page takes to show it."""
    with looking(folder) as (context, url, _pid):
        _some_jobs()
        page = context.new_page()
        slowed(page)
        page.goto(f"{url}/jobs")
        rests(page)
        page.get_by_role("checkbox").nth(3).click()
        page.get_by_role("checkbox").nth(9).click(modifiers=["Shift"])
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.keyboard.press("Control+k")
        page.keyboard.type("work")
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        return Sample(figures={"INP": clock(page, "inp")})


def turn_pages(folder: Path, scale: Scale) -> Sample:
    """A list of a store with many jobs: from asking for a page of it to its rows on the screen."""
    with looking(folder) as (context, url, _pid):
        page = context.new_page()
        page.goto(f"{url}/jobs")
        rests(page)
        older = page.get_by_role("button", name="Older", exact=True)
        taken = []
        ends_at = time.monotonic() + scale.seconds
        while time.monotonic() < ends_at:
            taken.append(_timed(page, older.click))
        return Sample(figures={"p95": quantile(taken, 0.95), "p50": quantile(taken, 0.5)})


_FIRST_ROW: Final = "document.querySelector('#page tbody tr')?.dataset.row"


def _timed(page: Page, do: Callable[[], None]) -> float:
    """Milliseconds until the first row of a list is another one."""
    before = page.evaluate(_FIRST_ROW)
    begun = time.perf_counter()
    do()
    page.wait_for_function(f"(before) => {_FIRST_ROW} !== before", arg=before, polling="raf")
    return (time.perf_counter() - begun) * 1_000


_SCROLL: Final = """
async (log) => {
  const frames = [];
  let last = performance.now();
  for (let frame = 0; frame < 300; frame++) {
    log.scrollTop -= 400;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return frames.slice(5);
}
"""


def scroll_log(folder: Path, _: Scale) -> Sample:
    """Frames while one scrolls through the ten thousand lines that a job has said."""
    with looking(folder) as (context, url, _pid):
        _some_jobs()
        job = next(iter(ours.app.jobs.find(states=["completed"]))).id
        engine = ours.app.open()
        for part in range(0, LINES, 500):
            said = [f"line {number}: {'x' * (number % 90)}" for number in range(part, part + 500)]
            lines = [NewEntry("info", b'{"message":"%s"}' % each.encode()) for each in said]
            engine.records.append(job_log(job), lines).wait()
        page = context.new_page()
        page.goto(f"{url}/jobs/{job}")
        rests(page)
        log = page.get_by_role("log")
        expect(log).to_contain_text(f"line {LINES - 1}")
        frames = log.evaluate(_SCROLL)
        return Sample(figures={"p95": quantile(frames, 0.95), "worst": max(frames)})


def many_tabs(folder: Path, _: Scale) -> Sample:
    """Fourteen tabs of one browser: how late the last of them hears of what happens."""
    with looking(folder) as (context, url, _pid):
        _some_jobs()
        pages = []
        for _tab in range(TABS):
            page = context.new_page()
            page.goto(f"{url}/events")
            pages.append(page)
        for page in pages:
            expect(page.get_by_role("button", name="Pause live updates")).to_have_text("Live")
        late = []
        for number in range(5):
            begun = time.perf_counter()
            ours.app.events.emit(f"bench.tick{number}", {})
            for page in pages:
                expect(page.get_by_text(f"bench.tick{number}").first).to_be_attached()
            late.append((time.perf_counter() - begun) * 1_000)
        return Sample(figures={"last of 14": quantile(late, 0.5)})


def stay(folder: Path, scale: Scale) -> Sample:
    """What a page holds more after it has been looked at for long, while 200 jobs end a second."""
    with looking(folder) as (context, url, _pid):
        ours.fill(JOBS)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        page.goto(f"{url}/jobs")
        rests(page)
        engine = ours.app.open()
        lease = engine.leases.take(WORKER, "bench", 36_000_000).wait()
        assert lease is not None

        def some_end(seconds: float) -> None:
            ends_at = time.monotonic() + seconds
            while time.monotonic() < ends_at:
                ours.fill(A_SECOND)
                claims = engine.jobs.claim(Want(lease, A_SECOND)).wait().jobs
                done = [judge(each, Done(b"1"), each.started_at + 5, 0.5) for each in claims]
                engine.jobs.settle(done).wait()
                page.wait_for_timeout(900)

        # What a page keeps to know, it has by then.
        some_end(60)
        before = heap(devtools)
        some_end(scale.stay_minutes * 60)
        grown = heap(devtools) - before
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_visible()
        return Sample(figures={"MB more": grown, "MB": before})
