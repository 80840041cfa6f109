"""What another process commits is noticed, from the call of `listen` on."""

import threading
from pathlib import Path

import pytest

from tidemill.core.errors import StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.signal import Signal
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.engines.sqlite.driver import Link, StandardDriver
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.signals import SQLiteSignals


def opened(path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{path}")
    engine.open().wait()
    return engine


def job() -> NewJob:
    return NewJob(id=new_id(), task="t")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


def test_another_process_is_noticed_without_being_asked(path: Path) -> None:
    engine, other = opened(path), opened(path)
    heard = threading.Event()

    def listen(signal: Signal) -> None:
        if signal.kind == "resync":
            heard.set()

    leave = engine.signals.listen(listen)
    other.jobs.insert([job()]).wait()
    assert heard.wait(5)
    leave()
    other.close().wait()
    engine.close().wait()


class BusyFile(StoreFile):
    """A file on a busy machine: threads in the background come to it only when it has changed."""

    def __init__(self, path: Path, changed: threading.Event) -> None:
        super().__init__(path, 1.0, StandardDriver())
        self._changed = changed

    def connect(self, *, read_only: bool = False) -> Link:
        if threading.current_thread() is not threading.main_thread():
            assert self._changed.wait(5)
        return super().connect(read_only=read_only)


def test_what_happens_as_soon_as_one_listens_is_noticed(path: Path) -> None:
    other = opened(path)
    heard, changed = threading.Event(), threading.Event()
    signals = SQLiteSignals(BusyFile(path, changed))
    signals.listen(lambda _signal: heard.set())
    other.jobs.insert([job()]).wait()
    changed.set()
    assert heard.wait(5)
    signals.close()
    other.close().wait()


class ForgetfulFile(StoreFile):
    """A file that cannot be opened at first, as on a disk that is away for a moment."""

    away = True

    def connect(self, *, read_only: bool = False) -> Link:
        if self.away:
            self.away = False
            raise StoreUnavailable("away")
        return super().connect(read_only=read_only)


def test_a_watcher_comes_back_with_its_file(path: Path) -> None:
    opened(path).close().wait()
    heard = threading.Event()
    signals = SQLiteSignals(ForgetfulFile(path, 1.0, StandardDriver()))
    signals.listen(lambda _signal: heard.set())
    assert heard.wait(5)
    signals.close()
