"""Word of reports and exports: it can be sent, or that is told before anything is made."""

from typing import Any

import pytest

from tidemill import State, Tidemill, errors
from tidemill.kits.email import Email
from tidemill.kits.export import Exports
from tidemill.kits.report import Reports
from tidemill.testing import Harness, in_memory

NAMES = [f"{letter * 60}" for letter in "abcdefghij"]


class Post:
    """Stands for the service mail."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    def at(self, *_: str) -> "Post":
        """The same, whoever is asked for."""
        return self

    async def send(self, to: tuple[str, ...], subject: str, *_: Any, **__: Any) -> Any:
        """Keep the subject."""
        self.subjects.append(subject)
        raise errors.MailRefused("nobody is there", refused=dict.fromkeys(to, "nobody"))


def told(mill: Harness, call: Any) -> tuple[State, str, int]:
    """What becomes of a job, why, and how many files there are."""
    seen = mill.app.enqueue(call)
    mill.drain()
    found = seen.snapshot()
    return found.state, found.error.message if found.error else "", len(mill.app.files.find())


def rows(after: int | None) -> list[tuple[int]]:
    """One row."""
    return [(1,)] if after is None else []


@pytest.fixture
def kits() -> tuple[Tidemill, Reports, Exports]:
    """An application whose kits send word by a real one."""
    email = Email()
    reports, exports = Reports(email=email), Exports(email=email)
    reports.source("n", columns=["n"])(lambda: [{"n": 1}])
    for name in NAMES:
        exports.source(name, columns={"id": int})(lambda after, _limit: rows(after))
    app = Tidemill("memory://")
    for module in (email, reports, exports):
        app.include(module)
    return app, reports, exports


@pytest.mark.parametrize("to", ["nonsense", "zoe@example.org\r\nBcc: eve@example.org", ""])
def test_an_address_that_is_none_is_told_before_anything_is_made(
    kits: tuple[Tidemill, Reports, Exports], to: str
) -> None:
    app, reports, exports = kits
    with in_memory(app) as mill:
        for call in (
            reports.build.bind("n", "csv", to=[to]),
            exports.run.bind([NAMES[0]], to=[to]),
        ):
            state, says, files = told(mill, call)
            assert (state, files) == (State.FAILED, 0)
            assert "to[0]" in says


def test_word_is_sent_whatever_title_and_names_there_are(
    kits: tuple[Tidemill, Reports, Exports],
) -> None:
    app, reports, exports = kits
    post = Post()
    with in_memory(app, services={"mail": post}) as mill:
        to = ["zoe@example.org"]
        title = "Audits\r\nBcc: eve@example.org\0" + "x" * 600
        assert told(mill, reports.build.bind("n", "csv", title=title, to=to))[0] is State.COMPLETED
        assert told(mill, exports.run.bind(NAMES, to=to))[0] is State.COMPLETED
    assert [len(each) for each in post.subjects] == [500, 500]
    assert post.subjects[0].startswith("Audits Bcc: eve@example.org xxx")
