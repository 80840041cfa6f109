"""The program `tidemill` as a person meets it: what it refuses, and how it says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidemill import Tidemill


def tidemill(*arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TIDEMILL_URL": url} if url else dict(os.environ)
    return subprocess.run(
        [sys.executable, "-m", "tidemill", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_it_says_what_it_can_do() -> None:
    ran = tidemill("--help")
    assert ran.returncode == 0
    assert "worker" in ran.stdout
    assert "demo" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("worker", "--app", "no.such.module:app"), "no module is called"),
        (("worker", "--app", "json:nothing"), "has no 'nothing'"),
        (("worker", "--app", "json:loads"), "not a Tidemill"),
        (("worker", "--app", "nonsense"), "names no application"),
        (("worker", "--app", "tests.journeys.ledger_app:app", "--grace", "soon"), "soon"),
        (("worker",), "--app"),
        (("nonsense",), "nonsense"),
    ],
)
def test_misuse_is_told_in_words_and_by_the_exit_code(
    arguments: tuple[str, ...], said: str
) -> None:
    ran = tidemill(*arguments, url="memory://")
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_store_that_cannot_be_used_is_told_in_words_and_by_the_exit_code(tmp_path: Path) -> None:
    rubbish = tmp_path / "jobs.db"
    rubbish.write_bytes(b"no database" * 100)
    ran = tidemill("worker", "--app", "tests.journeys.ledger_app:app", url=f"sqlite:///{rubbish}")
    assert ran.returncode == 1
    assert "error:" in ran.stderr
    assert "not a tidemill store" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_worker_finds_the_module_beside_the_settings(tmp_path: Path) -> None:
    below = tmp_path / "docs" / "pages"
    below.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "tidemill.toml").write_text('app = "shop:app"\nurl = "sqlite:///jobs.db"\n')
    (tmp_path / "shop.py").write_text("raise SystemExit('found')\n")
    environment = {key: value for key, value in os.environ.items() if "TIDEMILL" not in key}
    ran = subprocess.run(
        [sys.executable, "-m", "tidemill", "worker"],
        cwd=below,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "found" in ran.stderr


@pytest.mark.parametrize(
    ("typed", "steps"), [((), 5), (("--nice", "2", "--processes", "2"), 2), (("--nice", "0"), 0)]
)
def test_a_worker_and_its_jobs_give_way_to_other_programs(
    tmp_path: Path, typed: tuple[str, ...], steps: int
) -> None:
    (tmp_path / "shop.py").write_text(
        "import os\n"
        "from tidemill import Tidemill\n"
        "app = Tidemill()\n"
        "@app.task(name='niceness')\n"
        "def niceness() -> int:\n"
        "    return os.nice(0)\n"
    )
    url = f"sqlite:///{tmp_path}/jobs.db"
    app = Tidemill(url)

    @app.task(name="niceness")
    def niceness() -> int:
        return -1

    worker = subprocess.Popen(
        [sys.executable, "-m", "tidemill", "worker", "--app", "shop:app", *typed],
        cwd=tmp_path,
        env=os.environ | {"TIDEMILL_URL": url},
        stderr=subprocess.DEVNULL,
    )
    try:
        with app:
            job = niceness.enqueue()
            assert job.result("120s") == min(os.nice(0) + steps, 19)
    finally:
        worker.terminate()
        worker.wait()
