"""A module that is found by workers is disabled while they run, and others start later."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.journeys.crowd import until
from tidemill import State, Tidemill
from tidemill.modules.beginning import begin

APPLICATION = """
from tidemill import Tidemill

app = Tidemill()

@app.task(name="plain")
def plain() -> None:
    "Do nothing."
"""


@contextmanager
def running(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the command line."""
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tidemill", "worker", "--app", "shop_of_journeys:app"],
            cwd=folder,
            env=os.environ | {"TIDEMILL_URL": url},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def command(folder: Path, url: str, *words: str) -> str:
    """What a command says."""
    ran = subprocess.run(
        [sys.executable, "-m", "tidemill", *words],
        cwd=folder,
        env=os.environ | {"TIDEMILL_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@pytest.mark.timeout(180)
def test_every_node_obeys_one_that_starts_later_too_and_what_waited_is_run_in_the_end(
    tmp_path: Path, crowd_url: str
) -> None:
    (tmp_path / "shop_of_journeys.py").write_text(APPLICATION)
    (tmp_path / "tidemill.toml").write_text(
        '[modules]\nfolders = ["modules"]\ninclude = ["greeter"]\n'
    )
    begin("greeter", tmp_path / "modules")
    app = Tidemill(crowd_url)

    @app.task(name="plain")
    def plain() -> None:
        """Be known here as well."""

    app.include(tmp_path / "modules" / "greeter")
    with app, ExitStack() as nodes:
        nodes.enter_context(running(tmp_path, crowd_url))
        first = app.enqueue("greeter.greet", {"whom": "Zoe"})
        assert first.result(timeout=60) == "Hello, Zoe!"
        said = command(tmp_path, crowd_url, "modules", "disable", "greeter", "--note", "ink")
        assert said == "greeter is disabled\n"
        kept = [app.enqueue("greeter.greet", {"whom": f"{number}"}) for number in range(5)]
        nodes.enter_context(running(tmp_path, crowd_url))
        until(lambda: len(app.jobs.workers()) == 2, seconds=60, what="the second worker")
        for job in [plain.enqueue() for _ in range(20)]:
            job.result(timeout=60)
        assert {job.snapshot().state for job in kept} <= {State.WAITING, State.BLOCKED}
        assert "disabled" in command(tmp_path, crowd_url, "modules", "list")
        command(tmp_path, crowd_url, "modules", "enable", "greeter")
        answers = [job.result(timeout=60) for job in kept]
        assert answers == [f"Hello, {number}!" for number in range(5)]
