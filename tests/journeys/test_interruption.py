"""Ctrl-C in a program whose threads share their commits: nobody is left waiting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tidemill import Tidemill

HERE = Path(__file__).parent
INTERRUPTIONS = 3_000

pytestmark = pytest.mark.timeout(120)


def test_an_interrupted_thread_leaves_no_other_waiting_for_the_pen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    ran = subprocess.run(
        [sys.executable, str(HERE / "interrupted_program.py"), str(INTERRUPTIONS)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TIDEMILL_URL": url},
    )
    word, count = ran.stdout.split()
    assert word == "over"
    with Tidemill(url) as app:
        stored = sum(each.count for each in app.jobs.counts())
    assert stored >= int(count)
