"""Looking at how far the demo has come: from the store as it is, through the public API."""

from pathlib import Path

import pytest

from tidemill import Retry, State, Tidemill
from tidemill.demo.harvest import gather
from tidemill.demo.look import Pace, Watch
from tidemill.demo.measure import Measured, measure, read
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import LOST, claim_one, settle, start_worker


def test_a_pace_is_taken_over_its_window() -> None:
    pace = Pace(window=5.0)
    assert pace.per_second(100.0, 10) == 0.0
    assert pace.per_second(101.0, 30) == 20.0
    assert pace.per_second(105.0, 110) == 20.0
    # Ten seconds later nothing more has come, and what came before is forgotten by and by.
    assert pace.per_second(108.0, 110) == pytest.approx(80 / 7)
    assert pace.per_second(110.0, 110) == 0.0


class Demo:
    """The demo's jobs in small, run in this process."""

    def __init__(self, folder: Path) -> None:
        self.app = Tidemill("memory://")
        self.folder = folder

        @self.app.task(name="file", queue="measure", retry=Retry.never())
        def measure_file(path: str, name: str) -> Measured:
            return measure(read(Path(path)), name)

        @self.app.task(name="report", queue="report")
        def report() -> None:
            """Nothing is written here."""

        texts = {"b.py": "def f(): pass\n", "a.py": "x = 1\n", "broken.py": "x = = 1\n"}
        for name, text in texts.items():
            (folder / name).write_text(text)
        self.report = self.app.batch(
            report.bind(), [measure_file.bind(str(folder / name), name) for name in texts]
        )

    def watch(self) -> Watch:
        moments = iter((10.0, 12.0, 14.0))
        return Watch(
            self.app,
            self.report,
            queues=("measure", "report"),
            total=3,
            processes=1,
            now=lambda: next(moments),
        )


async def test_a_look_before_and_after(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    watch = demo.watch()
    before = watch.look()
    assert (before.total, before.finished, before.failures, before.workers) == (3, 0, (), ())
    assert before.queues[0].states == {"waiting": 3, "completed": 0, "failed": 0}
    assert before.queues[1].states == {"blocked": 1, "completed": 0}
    await demo.app.worker().run_until_idle()
    after = watch.look()
    assert (after.finished, after.seconds, after.restarts) == (3, 4.0, 0)
    assert after.queues[0].states == {"completed": 2, "failed": 1}
    assert after.queues[0].rate == 1.5
    assert [(failure.name, failure.kind) for failure in after.failures] == [
        ("broken.py", "SyntaxError")
    ]
    assert demo.report.state is State.COMPLETED


async def test_what_was_found_is_gathered_in_the_order_of_the_files(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.app.worker().run_until_idle()
    found = gather(demo.app, demo.report.id, "/home")
    assert [measured.name for measured in found.measured] == ["a.py", "b.py"]
    assert found.measured[1].functions[0].name == "f"
    (failure,) = found.failures
    assert (failure.name, failure.kind) == ("broken.py", "SyntaxError")
    assert failure.message == "invalid syntax (broken.py, line 1)"


async def test_a_job_that_was_cancelled_is_told_with_its_reason(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    demo.app.jobs.cancel(queues=["measure"], reason="enough")
    found = gather(demo.app, demo.report.id, "/home")
    assert [(each.kind, each.message) for each in found.failures] == [("cancelled", "enough")] * 3


async def test_a_file_fails_with_its_own_error_even_if_its_worker_died_later(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    app = Tidemill("memory://", clock=clock)

    @app.task(name="file", queue="measure", retry=Retry.fixed(attempts=2, base="1s"))
    def measure_file(path: str, name: str) -> Measured:
        return measure(read(Path(path)), name)

    @app.task(name="report", queue="report")
    def report() -> None:
        """Nothing is written here."""

    (tmp_path / "broken.py").write_text("x = = 1\n")
    batch = app.batch(report.bind(), [measure_file.bind(str(tmp_path / "broken.py"), "broken.py")])
    await app.worker(queues=["measure"]).run_until_idle()
    clock.advance("1s")
    engine = app.open()
    settle(engine, clock, claim_one(engine, start_worker(engine)), LOST)
    (job,) = app.jobs.find(batch=batch.id)
    assert job.seen is not None
    assert job.seen.error is not None
    assert job.seen.error.kind != "SyntaxError"
    (failure,) = gather(app, batch.id, "/home").failures
    assert (failure.kind, failure.message) == (
        "SyntaxError",
        "invalid syntax (broken.py, line 1)",
    )
