"""Exports: whole tables that other programs read, a piece at a time, and from where they ended."""

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tidemill import Job, Module, State, Tidemill, errors
from tidemill.kits.export import Exported, Exports
from tidemill.testing import Harness, in_memory

Made = tuple[Harness, Exports]

PARQUET = """
import sys
from pyarrow import parquet
table = parquet.read_table(sys.argv[1])
print(table.num_rows, parquet.ParquetFile(sys.argv[1]).num_row_groups)
print(*(f"{field.name}:{field.type}" for field in table.schema))
print(table.column("id").to_pylist() == list(range(1, table.num_rows + 1)))
print(table.slice(0, 1).to_pylist())
"""


def ask(made: Made, *sources: str, **how: Any) -> Job[Exported]:
    mill, exports = made
    job = mill.app.enqueue(exports.run.bind(list(sources or ["stations"]), **how))
    mill.drain()
    return job


def data_of(made: Made, *sources: str, **how: Any) -> bytes:
    (exported,) = ask(made, *sources, **how).result(timeout=0).files
    with made[0].app.files.open(exported.file) as kept:
        return kept.read()


def test_an_export_answers_counts_files_and_links(made: Made) -> None:
    answer = ask(made).result(timeout=0)
    assert answer.rows == {"stations": 2_500}
    (exported,) = answer.files
    assert exported.rows == 2_500
    assert exported.file.name.startswith("stations-")
    assert exported.file.media_type == "text/csv; charset=utf-8"
    assert exported.url.startswith("/files/")
    (event,) = made[0].events("export.completed")
    assert event.payload["rows"] == {"stations": 2_500}
    assert event.payload["files"] == {"stations": exported.file.id}


def test_csv_has_each_row_once_in_order(made: Made) -> None:
    rows = list(csv.DictReader(io.StringIO(data_of(made).decode(), newline="")))
    assert [int(row["id"]) for row in rows] == list(range(1, 2_501))
    assert rows[0] == {
        "id": "1",
        "name": "Station 1",
        "level": "0.1",
        "opened": "2026-01-02",
        "is_open": "1",
    }


def test_json_lines_has_an_object_for_each_row(made: Made) -> None:
    rows = [json.loads(line) for line in data_of(made, format="jsonl").splitlines()]
    assert [row["id"] for row in rows] == list(range(1, 2_501))
    assert rows[0] == {
        "id": 1,
        "name": "Station 1",
        "level": 0.1,
        "opened": "2026-01-02",
        "is_open": 1,
    }


def test_parquet_is_read_by_another_process_with_the_kinds_of_its_columns(made: Made) -> None:
    mill = made[0]
    (exported,) = ask(made, format="parquet").result(timeout=0).files
    path = str(mill.app.files.where(exported.file))
    done = subprocess.run(
        [sys.executable, "-c", PARQUET, path], capture_output=True, text=True, check=True
    )
    counts, kinds, is_whole, first = done.stdout.splitlines()
    assert counts == "2500 1"
    assert kinds == "id:int64 name:string level:double opened:string is_open:bool"
    assert is_whole == "True"
    assert first == str(
        [{"id": 1, "name": "Station 1", "level": 0.1, "opened": "2026-01-02", "is_open": True}]
    )


def test_filters_choose_rows(made: Made) -> None:
    job = ask(made, filters={"stations": {"name": "Station 1_"}})
    assert job.result(timeout=0).rows == {"stations": 10}


def test_links_lead_nowhere_after_their_time_and_files_go_after_theirs(made: Made) -> None:
    mill, _ = made
    (exported,) = ask(made).result(timeout=0).files
    token = exported.url.rpartition("/")[2]
    with mill.app.files.linked(token) as kept:
        assert kept.file.id == exported.file.id
    mill.clock.advance("24h")
    with pytest.raises(errors.NotFound):
        mill.app.files.linked(token)
    with mill.app.files.open(exported.file):
        pass
    mill.clock.advance("6d")
    with pytest.raises(errors.NotFound):
        mill.app.files.get(exported.file)


def test_parts_are_deleted_when_the_table_is_whole(made: Made) -> None:
    (exported,) = ask(made).result(timeout=0).files
    assert [file.id for file in made[0].app.files.find()] == [exported.file.id]


def test_several_tables_have_a_file_each_and_progress_is_told() -> None:
    exports = Exports()
    for name, most in (("audits", 5), ("incidents", 0), ("users", 3)):

        def rows(after: int | None, limit: int, most: int = most) -> list[Any]:
            begin = after or 0
            return [(number,) for number in range(begin + 1, min(begin + limit, most) + 1)]

        exports.source(name, columns={"id": int}, chunk=2)(rows)
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    with in_memory(app) as mill:
        job = ask((mill, exports), "audits", "incidents", "users")
        answer = job.result(timeout=0)
        assert answer.rows == {"audits": 5, "incidents": 0, "users": 3}
        texts = []
        for each in answer.files:
            with app.files.open(each.file) as kept:
                texts.append(kept.read())
        assert texts == [b"id\r\n1\r\n2\r\n3\r\n4\r\n5\r\n", b"id\r\n", b"id\r\n1\r\n2\r\n3\r\n"]
        progress = job.snapshot().progress
        assert progress is not None
        assert (progress.step, progress.of) == (3, 3)


VALUES = {
    "id": (int, [1, 2]),
    "at": (datetime, [datetime(2026, 3, 1, 12, tzinfo=UTC), None]),
    "day": (date, ["2026-03-01", date(2026, 3, 2)]),
    "cost": (Decimal, [Decimal("12.50"), 3]),
    "share": (float, [1, "0.25"]),
    "tags": (list, [["a"], None]),
    "raw": (bytes, [b"\0", None]),
}


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_columns_of_every_kind_are_written(format_: str) -> None:
    exports = Exports()
    rows = list(zip(*(values for _, values in VALUES.values()), strict=True))
    columns = {name: kind for name, (kind, _) in VALUES.items()}
    exports.source("all", columns=columns)(lambda after, _: [] if after else rows)
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    with in_memory(app) as mill:
        data = data_of((mill, exports), "all", format=format_)
    match format_:
        case "csv":
            assert data.decode().splitlines()[1] == (
                '1,2026-03-01T12:00:00+00:00,2026-03-01,12.50,1,"[""a""]","""AA=="""'
            )
        case "jsonl":
            first = json.loads(data.splitlines()[0])
            assert first["cost"] == 12.5
            assert first["tags"] == ["a"]
        case _:
            from pyarrow import BufferReader, parquet  # noqa: PLC0415 - it takes a while

            first, second = parquet.read_table(BufferReader(data)).to_pylist()
            assert first["at"] == datetime(2026, 3, 1, 12, tzinfo=UTC)
            assert first["day"] == date(2026, 3, 1)
            assert (first["cost"], second["cost"]) == (Decimal("12.50"), Decimal(3))
            assert (first["share"], second["share"]) == (1.0, 0.25)
            assert (first["tags"], second["tags"]) == ('["a"]', None)


def test_a_value_of_another_kind_fails_at_once_and_leaves_no_file() -> None:
    exports = Exports()
    exports.source("t", columns={"id": int})(lambda after, _: [] if after else [(1,), ("x",)])
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    with in_memory(app) as mill:
        seen = ask((mill, exports), "t", format="parquet").snapshot()
        assert seen.state is State.FAILED
        assert seen.error is not None
        assert "column id of t holds what is no int" in seen.error.message
        assert app.files.find() == []


def test_a_source_that_does_not_go_on_is_found_out() -> None:
    exports = Exports()
    exports.source("t", columns={"id": int})(lambda _, __: [(1,), (2,)])
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    with in_memory(app) as mill:
        seen = ask((mill, exports), "t").snapshot()
        assert seen.state is State.FAILED
        assert seen.error is not None
        assert "does not go on" in seen.error.message


async def numbers(after: int | None, limit: int) -> list[dict[str, int]]:
    begin = after or 0
    return [{"id": number} for number in range(begin + 1, min(begin + limit, 12) + 1)]


def test_a_source_may_be_async() -> None:
    exports = Exports()
    exports.source("n", columns={"id": int}, chunk=5)(numbers)
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    with in_memory(app) as mill:
        assert ask((mill, exports), "n").result(timeout=0).rows == {"n": 12}


class Box(Module):
    """Stands for an e-mail kit, and keeps what it is to send."""

    def __init__(self) -> None:
        super().__init__("box")
        self.sent: list[tuple[list[str], str, str]] = []
        self.send = self.task(name="box.send")(self._send)

    def _send(self, to: list[str], subject: str, text: str) -> None:
        self.sent.append((to, subject, text))


def test_word_is_sent_by_the_email_kit_that_was_given() -> None:
    box = Box()
    exports = Exports(email=box)
    exports.source("n", columns={"id": int})(numbers)
    app = Tidemill("sqlite:///jobs.db")
    app.include(box)
    app.include(exports)
    with in_memory(app) as mill:
        (exported,) = ask((mill, exports), "n", to=["zoe@example.org"]).result(timeout=0).files
    ((to, subject, text),) = box.sent
    assert to == ["zoe@example.org"]
    assert subject == "Your export is ready: n"
    assert f"n, 12 rows: {exported.url}" in text


@pytest.mark.parametrize(
    ("sources", "how", "what"),
    [
        ([], {}, "no table is to be exported"),
        (["x"], {}, "export has no export 'x' (it has stations)"),
        (["stations"], {"filters": {"x": {}}}, "there are filters for 'x'"),
        (["stations"], {"to": ["zoe@example.org"]}, "has no e-mail kit"),
    ],
)
def test_what_cannot_be_exported_fails_at_once_and_says_why(
    made: Made, sources: list[str], how: dict[str, Any], what: str
) -> None:
    mill, exports = made
    job = mill.app.enqueue(exports.run.bind(sources, **how))
    mill.drain()
    seen = job.snapshot()
    assert (seen.state, seen.attempt) == (State.FAILED, 1)
    assert seen.error is not None
    assert what in seen.error.message


@pytest.mark.parametrize(
    "how", [{"rows": 0}, {"part": 0}, {"keep": "0s"}, {"links": "soon"}], ids=str
)
def test_how_a_kit_cannot_be_made_is_told_where_it_is_made(how: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidOption):
        Exports(**how)


def test_a_source_that_answers_no_rows_is_told_at_once() -> None:
    exports = Exports()
    exports.source("n", columns={"id": int})(lambda _after, _limit: None)
    app = Tidemill("memory://")
    app.include(exports)
    with in_memory(app) as mill:
        seen = ask((mill, exports), "n").snapshot()
    assert (seen.state, seen.attempt) == (State.FAILED, 1)
    assert seen.error is not None
    assert "the export n has answered what are no rows: NoneType" in seen.error.message


def test_what_makes_no_sense_is_refused_where_it_is_written() -> None:
    exports = Exports()
    wrong: list[dict[str, Any]] = [
        {"columns": {}},
        {"columns": {"n": int}},
        {"columns": {"id": complex}},
        {"columns": {"id": int}, "chunk": 0},
    ]
    for each in wrong:
        with pytest.raises(errors.InvalidOption):
            exports.source("t", **each)(numbers)
    with pytest.raises(errors.InvalidName):
        exports.source("../t", columns={"id": int})
