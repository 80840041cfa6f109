"""A store with jobs in every interesting state, and a hand that types commands."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from typer.testing import CliRunner

from tidemill import Retry, Tidemill, current
from tidemill.cli.main import program, run


class Type(Protocol):
    """Types a command; its output, once it has ended well."""

    def __call__(self, *words: str, answer: str = "") -> str: ...


class Refused(Protocol):
    """Types a command that ends badly; its exit code, and what it said on the side."""

    def __call__(self, *words: str) -> tuple[int, str]: ...


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tidemill]:
    """Two jobs are completed, one has failed, one is scheduled, one waits."""
    url = f"sqlite:///{tmp_path}/jobs.db"
    monkeypatch.setenv("TIDEMILL_URL", url)
    app = Tidemill(url)

    @app.task(name="welcome", queue="mail", tags=["greeting"])
    def welcome(name: str) -> str:
        current().log(f"hello {name}", level="info", to=name)
        return name.upper()

    @app.task(name="broken", queue="mail", retry=Retry.never())
    def broken(number: int) -> int:
        raise ValueError(f"no {number}")

    app.schedule("0 2 * * *", name="nightly", tz="Australia/Sydney", arguments={"name": "all"})(
        welcome
    )
    with app:
        for name in ("ada", "bob"):
            welcome.enqueue(name)
        broken.enqueue(7)
        asyncio.run(app.worker().run_until_idle())
        welcome.using(delay="1h").enqueue("cleo")
        welcome.enqueue("dan")
        app.events.emit("invoice.paid", {"id": 7})
    yield app
    app.close()


@pytest.fixture
def typed(app: Tidemill) -> Type:
    """On the store of `app`."""
    del app  # what it has stored is what commands see

    def type_(*words: str, answer: str = "") -> str:
        result = CliRunner().invoke(program, words, input=answer)
        assert result.exit_code == 0, result.output
        return result.stdout

    return type_


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Through the program's own way out, in which errors become words."""

    def type_(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["tidemill", *words])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr().err
        assert "Traceback" not in said
        assert isinstance(ended.value.code, int)
        return ended.value.code, said

    return type_
