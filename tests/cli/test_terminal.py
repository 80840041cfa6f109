"""The program as a process of its own: on a terminal, in a pipe, followed, and as a worker."""

import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tidemill import Tidemill

TIDEMILL = [sys.executable, "-m", "tidemill"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(*words: str, columns: int = 80, answer: str = "") -> tuple[int, str]:
    """Run the program on a terminal so wide; its exit code and what was to be seen."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*TIDEMILL, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    seen = bytearray()
    while part := read(ours):
        seen += part
    os.close(ours)
    return process.wait(), ESCAPES.sub("", seen.decode()).replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that the other side has closed it
        return b""


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", ["jobs list", "queues list", "stats", "schedules list", "doctor"])
@pytest.mark.usefixtures("app")
def test_a_table_keeps_to_the_width_of_the_terminal(words: str, columns: int) -> None:
    code, seen = on_a_terminal(*words.split(), columns=columns)
    assert code == 0
    too_long = [line for line in seen.splitlines() if len(line) > columns]
    assert [line for line in too_long if "/" not in line] == []  # a path is never broken


def test_a_table_shows_ids_whole_and_errors_below(app: Tidemill) -> None:
    (failed,) = app.jobs.find(states=["failed"])
    _, seen = on_a_terminal("jobs", "list", "--state", "failed")
    heading, row, below = seen.splitlines()
    assert heading.split() == ["id", "state", "task", "queue", "attempt", "enqueued"]
    assert row.split()[:3] == [failed.id, "failed", "broken"]
    assert below == "  ValueError: no 7"


def test_a_change_of_many_is_shown_and_asked_for(app: Tidemill) -> None:
    code, seen = on_a_terminal("jobs", "delete", "--queue", "mail", answer="y\n")
    assert code == 0
    assert "5 jobs match; those whose state does not allow it are left alone." in seen
    assert "Delete them? [y/N]: " in seen
    assert seen.endswith("delete: 5 jobs\n")
    assert list(app.jobs.find()) == []


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TIDEMILL, *words], capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.usefixtures("app")
def test_in_a_pipe_there_are_plain_lines_and_no_colours() -> None:
    ran = run("jobs", "list")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\x1b" not in ran.stdout
    assert {line.count("\t") for line in ran.stdout.splitlines()} == {6}


@pytest.mark.usefixtures("app")
def test_who_reads_no_further_is_no_error() -> None:
    with subprocess.Popen(
        [*TIDEMILL, "settings", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_events_are_followed_until_ctrl_c(app: Tidemill) -> None:
    with subprocess.Popen(
        [*TIDEMILL, "events", "tail", "--pattern", "order.*", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # It begins with what happens once it has looked, which is no later than its first line.
        line = ""
        number = 0
        os.set_blocking(process.stdout.fileno(), False)
        while not line:
            number += 1
            app.events.emit("invoice.paid", {"number": number})
            app.events.emit("order.placed", {"number": number})
            line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        said = process.stderr.read()
    assert '"name":"order.placed"' in line
    assert "Traceback" not in said


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: an application of one module, and a file of settings."""
    (tmp_path / "shop.py").write_text(
        "from tidemill import Tidemill\napp = Tidemill()\n\n\n"
        "@app.task\ndef welcome(name: str) -> str:\n    return name.upper()\n"
    )
    (tmp_path / "tidemill.toml").write_text(
        'url = "sqlite:///jobs.db"\napp = "shop:app"\n[worker]\nconcurrency = 3\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIDEMILL_URL", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "options", [[], ["--processes", "2", "--lease", "20s", "--queues", "default"]]
)
def test_a_worker_is_as_the_settings_and_its_options_have_it(
    project: Path, options: list[str]
) -> None:
    with Tidemill(f"sqlite:///{project}/jobs.db") as app:
        app.task(name="shop.welcome")(lambda name: name)
        job = app.enqueue("shop.welcome", {"name": "ada"})
        with subprocess.Popen(
            [*TIDEMILL, "worker", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as worker:
            assert job.result("30s") == "ADA"
            ran = run("workers", "list")
            assert ran.stdout.count("\t" + ("default" if options else "all") + "\t") >= 1
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
