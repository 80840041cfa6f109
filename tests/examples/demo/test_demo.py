"""`python -m examples.demo`: all applications at work in one store, and nothing left of it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from examples.demo.company import NAMES
from tests.examples.demo.running import Demo
from tests.journeys.crowd import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    demo.close()


def test_all_applications_are_at_work_and_nothing_is_left_behind(
    demo: Demo, tmp_path: Path
) -> None:
    until(demo.begun, seconds=150, what="the demo")
    demo.come_in()
    begun = {name: demo.of(name) for name in NAMES}
    for name in NAMES:
        assert begun[name], f"{name} has no jobs"
        until(
            lambda name=name: bool(demo.of(name, states="completed") - begun[name]),  # type: ignore[misc]  # bound now
            seconds=90,
            what=f"a job of {name} is done",
        )
        assert demo.http.get(f"/{name}/").status_code < 500
    family = demo.family()
    assert len(family) > len(NAMES)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0, demo.said
    assert demo.said.endswith("Everything has ended.\n")
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, [each.cmdline() for each in alive]
    assert gone
    with pytest.raises(httpx.ConnectError):
        demo.http.get("/livez")
    assert sorted(path.name for path in tmp_path.glob("tidemill-*")) == []
