"""Documents change one version at a time, and logs only grow."""

import asyncio

import pytest

from tidemill.core.errors import NotFound, StateError, VersionConflict, WrongTransaction
from tidemill.core.query import JobFilter
from tidemill.core.record import Entry, Mention, NewEntry, Put, Record
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import together
from tidemill.testing.sample import a_job


def put(engine: Engine, key: str, doc: bytes = b"{}", expected: int | None = None) -> Record:
    """Write a document of the kind `user`."""
    return engine.records.put(Put("user", key, doc, expected)).wait()


def append(engine: Engine, log: str, *data: bytes) -> int:
    """Add plain lines to a log."""
    return engine.records.append(log, [NewEntry("note", one) for one in data]).wait()


def lines(engine: Engine, log: str, after: int = 0, limit: int = 100) -> list[bytes]:
    """The data of a log's lines, oldest first."""
    return [one.data for one in engine.records.read(log, after=after, limit=limit).wait()]


class TestDocuments:
    """`records.put`, `get`, `find` and `delete`."""

    def test_a_new_document_is_of_version_one(self, engine: Engine) -> None:
        record = put(engine, "zoë", '{"name":"Zoë"}'.encode())
        assert record == Record("user", "zoë", 1, '{"name":"Zoë"}'.encode())
        assert engine.records.get("user", "zoë").wait() == record

    def test_every_change_is_a_version(self, engine: Engine) -> None:
        versions = [put(engine, "zoe", b'{"n":%d}' % n).version for n in range(3)]
        assert versions == [1, 2, 3]
        assert engine.records.get("user", "zoe").wait() == Record("user", "zoe", 3, b'{"n":2}')

    def test_a_change_of_what_was_read_is_written(self, engine: Engine) -> None:
        put(engine, "zoe", expected=0)
        assert put(engine, "zoe", b"1", expected=1).version == 2

    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_a_change_of_what_has_moved_on_is_refused(self, engine: Engine, expected: int) -> None:
        put(engine, "zoe", b'"a"')
        put(engine, "zoe", b'"b"')
        with pytest.raises(VersionConflict):
            put(engine, "zoe", b'"c"', expected=expected)
        assert engine.records.get("user", "zoe").wait() == Record("user", "zoe", 2, b'"b"')

    def test_a_change_of_what_is_not_there_is_refused(self, engine: Engine) -> None:
        with pytest.raises(VersionConflict):
            put(engine, "zoe", expected=1)
        assert engine.records.get("user", "zoe").wait() is None

    def test_kinds_are_apart(self, engine: Engine) -> None:
        put(engine, "zoe")
        assert engine.records.get("role", "zoe").wait() is None
        assert engine.records.find("role").wait() == ()

    def test_documents_are_found_by_key(self, engine: Engine) -> None:
        for key in ("b", "c", "a", "B"):
            put(engine, key)
        assert [one.key for one in engine.records.find("user").wait()] == ["B", "a", "b", "c"]

    @pytest.mark.parametrize(
        ("equal", "keys"),
        [
            ({"name": "Zoë"}, ["a"]),
            ({"age": 3}, ["a", "b"]),
            ({"age": "3"}, []),
            ({"active": True}, ["b"]),
            ({"active": False}, ["a"]),
            ({"age": 3, "active": True}, ["b"]),
            ({"age": 3, "name": "nobody"}, []),
            ({"dotted.name": "x"}, ["c"]),
            ({"name": "null"}, []),
            ({"it's": 1}, ["c"]),
            ({"city": "Ulm"}, []),
            ({"one": 1}, ["d"]),
            ({"one": True}, ["e"]),
            ({"one": "1"}, ["g"]),
            ({"zero": 0}, ["d"]),
            ({"zero": False}, ["e"]),
            ({"zero": ""}, []),
            ({}, ["a", "b", "c", "d", "e", "f", "g"]),
        ],
    )
    def test_documents_are_found_by_their_fields(
        self, engine: Engine, equal: dict[str, str | int | bool], keys: list[str]
    ) -> None:
        put(engine, "a", '{"name":"Zoë","age":3,"active":false,"home":{"city":"Ulm"}}'.encode())
        put(engine, "b", b'{"name":"Bo","age":3,"active":true}')
        put(engine, "c", b'{"name":null,"dotted.name":"x","dotted":{"name":"y"},"it\'s":1}')
        put(engine, "d", b'{"one":1,"zero":0}')
        put(engine, "e", b'{"one":true,"zero":false}')
        put(engine, "f", b'{"one":1.0,"zero":0.0}')
        put(engine, "g", b'{"one":"1","zero":null}')
        assert [one.key for one in engine.records.find("user", equal).wait()] == keys

    def test_documents_are_found_page_by_page_in_the_order_of_their_code_points(
        self, engine: Engine
    ) -> None:
        keys = ["Z", "a", "a/", "a/1", "a/10", "a/2", "a0", "ab", "ä", "\ud7ff", "\ue000", "😀"]
        for key in reversed(keys):
            put(engine, key)
        find = engine.records.find
        assert [one.key for one in find("user", limit=100).wait()] == keys
        assert [one.key for one in find("user", prefix="a/").wait()] == keys[2:6]
        assert [one.key for one in find("user", prefix="a/", after="a/1").wait()] == keys[4:6]
        assert [one.key for one in find("user", prefix="a/", limit=2).wait()] == keys[2:4]
        assert [one.key for one in find("user", after="a/10", limit=2).wait()] == keys[5:7]
        assert [one.key for one in find("user", after="a/11", limit=1).wait()] == keys[5:6]
        assert [one.key for one in find("user", prefix="\ud7ff").wait()] == ["\ud7ff"]
        assert [one.key for one in find("user", prefix="😀", after="a").wait()] == ["😀"]
        assert find("user", limit=0).wait() == ()
        assert find("role", prefix="a").wait() == ()

    def test_a_page_holds_as_many_as_were_asked_for_of_those_that_fit(self, engine: Engine) -> None:
        for number in range(6):
            put(engine, f"{number}", b'{"even":%s}' % (b"false" if number % 2 else b"true"))
        found = engine.records.find("user", {"even": True}, after="0", limit=1).wait()
        assert [one.key for one in found] == ["2"]

    def test_a_deleted_document_is_gone_and_begins_anew(self, engine: Engine) -> None:
        put(engine, "zoe")
        put(engine, "zoe")
        assert engine.records.delete("user", "zoe").wait() is True
        assert engine.records.get("user", "zoe").wait() is None
        assert engine.records.delete("user", "zoe").wait() is False
        assert put(engine, "zoe", expected=0).version == 1

    def test_a_document_is_deleted_as_it_was_read(self, engine: Engine) -> None:
        put(engine, "zoe")
        with pytest.raises(VersionConflict):
            engine.records.delete("user", "zoe", expected=2).wait()
        assert engine.records.delete("user", "zoe", expected=1).wait() is True
        with pytest.raises(VersionConflict):
            engine.records.delete("user", "zoe", expected=1).wait()

    def test_a_document_that_needs_another_one_is_written_only_beside_it(
        self, engine: Engine
    ) -> None:
        needy = Put("user", "zoe", b"{}", needs=(("tenant", "acme"), ("tenant", "umbra")))
        engine.records.put(Put("tenant", "acme", b"{}")).wait()
        with pytest.raises(NotFound, match="tenant 'umbra'"):
            engine.records.put(needy).wait()
        with pytest.raises(NotFound):
            engine.jobs.insert([a_job()], put=needy).wait()
        assert engine.records.get("user", "zoe").wait() is None
        assert engine.reader.find(JobFilter()).wait().jobs == ()
        engine.records.put(Put("tenant", "umbra", b"{}")).wait()
        assert engine.records.put(needy).wait().version == 1

    @pytest.mark.parametrize(
        ("field", "is_named"),
        [
            ("tenant", True),
            ("grants.tenant", True),
            ("home.in", True),
            ("tags", True),
            ("grants", False),
            ("grants.role", False),
            ("tenant.x", False),
            ("", False),
            ("nothing", False),
        ],
    )
    def test_a_document_that_others_name_stays(
        self, engine: Engine, field: str, *, is_named: bool
    ) -> None:
        put(engine, "acme")
        doc = b'{"tenant":"acme","grants":[{"tenant":null},{"tenant":"acme","role":"x"}],%s}'
        key = Put("key", "k", doc % b'"home":{"in":"acme"},"tags":["a","acme"]')
        engine.records.put(key).wait()
        call = engine.records.delete("user", "acme", unless=[Mention("key", field, "acme")])
        if is_named:
            with pytest.raises(StateError, match=r"user 'acme' is named by others: key \(1\)"):
                call.wait()
        else:
            assert call.wait() is True
        assert (engine.records.get("user", "acme").wait() is not None) is is_named

    def test_of_one_who_names_and_one_who_deletes_one_comes_first(self, engine: Engine) -> None:
        for turn in range(10):
            put(engine, f"{turn}")

            def cross(number: int, name: str = f"{turn}") -> bool:
                try:
                    if number:
                        mention = Mention("key", "of", name)
                        engine.records.delete("user", name, unless=[mention]).wait()
                    else:
                        doc = b'{"of":"%s"}' % name.encode()
                        engine.records.put(Put("key", name, doc, needs=(("user", name),))).wait()
                except StateError:
                    return False
                return True

            assert sum(together(2, cross)) == 1

    def test_of_eight_writers_of_one_version_one_writes(self, engine: Engine) -> None:
        put(engine, "zoe")

        def write(number: int) -> bool:
            try:
                put(engine, "zoe", b"%d" % number, expected=1)
            except VersionConflict:
                return False
            return True

        assert sum(together(8, write)) == 1
        record = engine.records.get("user", "zoe").wait()
        assert record is not None
        assert record.version == 2


class TestLogs:
    """`records.append` and `read`."""

    def test_a_line_is_kept_as_it_was_said(self, engine: Engine, clock: ManualClock) -> None:
        clock.advance("1s")
        new = NewEntry("invoice.paid", '{"to":"Zoë"}'.encode(), "acme", "job:1")
        position = engine.records.append("diary", [new]).wait()
        assert engine.records.read("diary").wait() == (
            Entry(position, START + 1_000, "invoice.paid", "acme", "job:1", new.data),
        )

    def test_positions_grow_and_the_last_is_answered(self, engine: Engine) -> None:
        first = append(engine, "diary", b"1", b"2", b"3")
        last = append(engine, "diary", b"4")
        positions = [one.position for one in engine.records.read("diary").wait()]
        assert positions == sorted(set(positions))
        assert (positions[2], positions[3]) == (first, last)
        assert positions[0] > 0

    def test_no_lines_leave_the_last_position_as_it_was(self, engine: Engine) -> None:
        """It is that of the last line of any log, or 0; nothing is added."""
        assert append(engine, "diary") == 0
        last = append(engine, "other", b"1", b"2")
        assert append(engine, "diary") == last
        assert engine.records.read("diary").wait() == ()

    def test_many_lines_keep_their_order(self, engine: Engine) -> None:
        """Whether they fill the steps in which an engine writes them, or do not."""
        said = [b"%d" % number for number in range(1_003)]
        last = append(engine, "diary", *said)
        entries = engine.records.read("diary", limit=2_000).wait()
        assert [entry.data for entry in entries] == said
        assert entries[-1].position == last

    def test_a_log_is_read_on_from_a_position(self, engine: Engine) -> None:
        append(engine, "diary", b"1")
        middle = append(engine, "diary", b"2", b"3")
        append(engine, "diary", b"4", b"5", b"6")
        assert lines(engine, "diary", after=middle) == [b"4", b"5", b"6"]
        assert lines(engine, "diary", after=middle, limit=2) == [b"4", b"5"]
        assert lines(engine, "diary", after=middle + 1_000) == []

    def test_no_more_is_read_than_was_wanted(self, engine: Engine) -> None:
        append(engine, "diary", *(b"%d" % n for n in range(5)))
        assert lines(engine, "diary", limit=3) == [b"0", b"1", b"2"]

    def test_the_newest_come_newest_first(self, engine: Engine) -> None:
        append(engine, "diary", *(b"%d" % n for n in range(5)))
        newest = engine.records.read("diary", limit=3, newest=True).wait()
        assert [one.data for one in newest] == [b"4", b"3", b"2"]

    def test_the_newest_behind_a_position_come_newest_first(self, engine: Engine) -> None:
        seen = append(engine, "diary", b"0", b"1")
        append(engine, "diary", b"2", b"3")
        newest = engine.records.read("diary", after=seen, newest=True).wait()
        assert [one.data for one in newest] == [b"3", b"2"]

    def test_logs_are_apart(self, engine: Engine) -> None:
        append(engine, "diary", b"1")
        append(engine, "other", b"2")
        append(engine, "diary", b"3")
        assert lines(engine, "diary") == [b"1", b"3"]
        assert lines(engine, "other") == [b"2"]
        assert lines(engine, "nothing") == []

    def test_a_transaction_of_another_kind_is_refused(self, engine: Engine) -> None:
        with pytest.raises(WrongTransaction):
            engine.records.append("diary", [NewEntry("note", b"1")], tx=object()).wait()
        assert lines(engine, "diary") == []

    def test_lines_of_eight_threads_are_all_kept_each_in_its_order(self, engine: Engine) -> None:
        def write(number: int) -> None:
            for turn in range(10):
                append(engine, "diary", b"%d" % (number * 100 + turn))

        together(8, write)
        kept = [int(one) for one in lines(engine, "diary")]
        assert len(kept) == 80
        for number in range(8):
            mine = [one for one in kept if one // 100 == number]
            assert mine == [number * 100 + turn for turn in range(10)]

    def test_it_can_be_awaited(self, engine: Engine) -> None:
        async def write() -> tuple[Entry, ...]:
            await engine.records.append("diary", [NewEntry("note", b"1")])
            return await engine.records.read("diary")

        assert [one.data for one in asyncio.run(write())] == [b"1"]
