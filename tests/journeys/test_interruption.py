"""Ctrl-C in a program whose threads share their commits: nobody is left waiting."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tidemill import Tidemill

HERE = Path(__file__).parent
INTERRUPTIONS = 20

pytestmark = pytest.mark.timeout(60)


def test_an_interrupted_thread_leaves_no_other_waiting_for_the_pen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    program = subprocess.Popen(
        [sys.executable, str(HERE / "interrupted_program.py"), str(INTERRUPTIONS)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TIDEMILL_URL": url},
    )
    assert program.stdout is not None
    with program:
        for _ in range(INTERRUPTIONS):
            assert program.stdout.readline() == "ready\n"
            # Wherever it is by now: waiting for its turn, writing for all, or between two jobs.
            program.send_signal(signal.SIGINT)
        word, count = program.stdout.readline().split()
        assert word == "over"
        assert program.wait() == 0
    with Tidemill(url) as app:
        stored = sum(each.count for each in app.jobs.counts())
    assert stored >= int(count)
