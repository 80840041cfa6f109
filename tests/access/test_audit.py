"""The audit log is read back by what is looked for, and shown to be whole, or where it is not."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from tests.access.conftest import Ask
from tests.access.test_behalf import lines
from tidemill import Tidemill
from tidemill.access import audit
from tidemill.access.actor import Actor
from tidemill.client.queues import Queues
from tidemill.client.steps import Walk
from tidemill.core.record import AUDIT, NewEntry
from tidemill.core.retention import DAY, Keep
from tidemill.testing.clock import ManualClock


def verify(app: Tidemill) -> audit.Verdict:
    """Follow the log."""
    return Walk(audit.verify(app.open())).wait()


def write(ask: Ask, times: int = 6) -> None:
    """Have so many things done."""
    for turn in range(times):
        Queues(ask()).pause(f"q{turn}")


class TestVerify:
    def test_an_empty_log_is_whole(self, app: Tidemill) -> None:
        assert verify(app) == audit.Verdict(
            lines=0, broken_position=None, last="", begins_behind=None
        )

    def test_what_was_written_is_whole(self, app: Tidemill, ask: Ask) -> None:
        write(ask)
        verdict = verify(app)
        assert (verdict.lines, verdict.whole) == (6, True)
        assert verdict.last == lines(app)[-1].digest

    def test_what_is_left_is_whole(self, app: Tidemill, ask: Ask, clock: ManualClock) -> None:
        write(ask)
        clock.advance("400d")
        write(ask, 2)
        app.open().jobs.prune(Keep(audit=365 * DAY), 1_000).wait()
        verdict = verify(app)
        assert (verdict.lines, verdict.whole) == (2, True)
        assert verdict.begins_behind is not None

    @pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        "tampering",
        [
            'UPDATE entry SET data = \'{"target":"q9"}\' WHERE position = ?',
            "UPDATE entry SET source = 'user:eve' WHERE position = ?",
            "UPDATE entry SET at = at + 1 WHERE position = ?",
            "UPDATE entry SET tenant = 'umbra' WHERE position = ?",
            "DELETE FROM entry WHERE position = ?",
            "UPDATE entry SET digest = x'00' WHERE position = ?",
        ],
    )
    def test_what_was_tampered_with_is_found(
        self, app: Tidemill, ask: Ask, tampering: str, tmp_path: Path
    ) -> None:
        write(ask)
        before = lines(app)
        app.close()
        with sqlite3.connect(tmp_path / "jobs.db") as connection:
            connection.execute(
                tampering.replace("'{", "CAST('{").replace("}'", "}' AS BLOB)"),
                (before[2].position,),
            )
        verdict = verify(app)
        found_at = before[3 if "DELETE" in tampering else 2].position
        assert (verdict.whole, verdict.broken_position, verdict.lines) == (False, found_at, 2)
        assert verdict.last == before[1].digest

    @pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
    def test_a_line_slipped_in_is_found(self, app: Tidemill, ask: Ask, store_url: str) -> None:
        write(ask)
        with psycopg.connect(store_url) as connection:
            connection.execute(
                "INSERT INTO tidemill.entry (log, at, topic, tenant, source, data, digest)"
                " SELECT log, at, topic, tenant, source, data, digest FROM tidemill.entry"
                " WHERE log = 'audit' ORDER BY position LIMIT 1"
            )
        verdict = verify(app)
        assert (verdict.whole, verdict.lines) == (False, 6)

    def test_a_cut_at_the_end_shows_where_its_digest_was_noted(
        self, app: Tidemill, ask: Ask, clock: ManualClock
    ) -> None:
        write(ask)
        noted = verify(app).last
        write(ask, 1)
        engine = app.open()
        assert Walk(audit.verify(engine, noted=noted)).wait().noted is True
        cut = Walk(audit.verify(engine, noted="00")).wait()
        assert (cut.broken_position, cut.noted, cut.whole) == (None, False, False)
        clock.advance("400d")
        engine.jobs.prune(Keep(audit=365 * DAY), 6).wait()
        assert Walk(audit.verify(engine, noted=noted)).wait().noted is True

    def test_how_far_it_has_come_is_told(self, app: Tidemill) -> None:
        app.open().records.append(AUDIT, [NewEntry("x", b"{}")] * 2_500).wait()
        told: list[int] = []
        Walk(audit.verify(app.open(), told.append)).wait()
        assert told == [1_000, 2_000, 2_500]


class TestFind:
    def search(self, app: Tidemill, limit: int = 100, **which: object) -> list[str]:
        page = Walk(
            audit.find(app.open(), audit.Search(**which), cursor=None, limit=limit)  # type: ignore[arg-type]  # any field of it
        ).wait()
        return [f"{line.actor} {line.action} {line.account.target}" for line in page.lines]

    def test_lines_are_found_by_what_they_say(
        self, app: Tidemill, ask: Ask, clock: ManualClock
    ) -> None:
        Queues(ask(name="zoe")).pause("a")
        clock.advance("1h")
        Queues(ask(name="bo")).resume("a")
        middle = clock.now()
        clock.advance("1h")
        ask("acme", name="cy").enqueue(app.client.bound("add", {"a": 1}, {}))
        zoe, bo = "user:zoe queues.pause a", "user:bo queues.resume a"
        assert self.search(app, actor="user:zoe") == [zoe]
        assert self.search(app, action="queues.*") == [bo, zoe]
        assert self.search(app, action="queues.pause") == [zoe]
        assert self.search(app, target="a") == [bo, zoe]
        assert self.search(app, before=middle) == [zoe]
        assert self.search(app, since=middle, action="queues.*") == [bo]
        assert len(self.search(app, tenant="acme")) == 1
        assert len(self.search(app)) == 3
        assert self.search(app, result="refused") == []

    def test_pages_follow_each_other(self, app: Tidemill, ask: Ask) -> None:
        write(ask, 7)
        engine, cursor = app.open(), None
        targets: list[str] = []
        while True:
            page = Walk(audit.find(engine, audit.Search(), cursor=cursor, limit=3)).wait()
            targets += [line.account.target for line in page.lines]
            if (cursor := page.cursor) is None:
                break
        assert targets == [f"q{turn}" for turn in reversed(range(7))]

    def test_a_refusal_is_told(self, app: Tidemill) -> None:
        scribe = audit.Scribe(actor=Actor(kind="user", name="eve", tenant="umbra"), address="::1")
        line = scribe.tells_of_refusal("queues.pause", "a", "access.denied")
        app.open().records.append(AUDIT, [line]).wait()
        (found,) = lines(app)
        assert (found.account.result, found.account.error) == ("refused", "access.denied")
        assert (found.tenant, found.account.address) == ("umbra", "::1")
