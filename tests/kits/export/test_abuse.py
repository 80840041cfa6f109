"""What attackers try with exports: formulas, other people's files, and tables without an end."""

import csv
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidemill import State, Tidemill, errors
from tidemill.kits.export import Exports
from tidemill.testing import Harness, in_memory

EVIL = "=cmd|' /C calc'!A0"
ROWS = [
    (1, EVIL, -5.0),
    (2, " \t\uff1d1+1", 1e300),
    (3, "-12.5", -0.0),
    (4, 'quote "me", too\r\n=1', 2.0),
    (5, None, None),
]


def evil(after: int | None, limit: int) -> list[tuple[Any, ...]]:
    return [row for row in ROWS if row[0] > (after or 0)][:limit]


def endless(after: int | None, limit: int) -> Iterator[tuple[Any, ...]]:
    begin = after or 0
    return ((begin + number, "x", 0.0) for number in range(1, limit + 1))


def application(source: Any, **how: Any) -> tuple[Tidemill, Exports]:
    exports = Exports(**how)
    columns = {"id": int, "who": str, "level": float}
    exports.source("rows", columns=columns, chunk=1_000)(source)
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    return app, exports


def export(mill: Harness, exports: Exports) -> Path:
    job = mill.app.enqueue(exports.run.bind(["rows"]))
    mill.drain()
    return mill.app.files.where(job.result(timeout=0).files[0].file)


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    app, exports = application(evil)
    with in_memory(app) as mill:
        rows = read(export(mill, exports))
    assert rows[1:] == [
        ["1", f"'{EVIL}", "-5.0"],
        ["2", "' \t\uff1d1+1", "1e+300"],
        ["3", "-12.5", "-0.0"],
        ["4", 'quote "me", too\r\n=1', "2.0"],
        ["5", "", ""],
    ]


def test_formulas_stay_where_that_is_asked_for() -> None:
    app, exports = application(evil, formulas=True)
    with in_memory(app) as mill:
        assert read(export(mill, exports))[1][1] == EVIL


def test_another_program_reads_the_same_rows() -> None:
    app, exports = application(evil)
    asked = "SELECT count(*), sum(id), max(who), sum(level < 0) FROM rows"
    with in_memory(app) as mill:
        path = export(mill, exports)
        commands = [".mode csv", f".import '{path}' rows", ".mode list", asked]
        done = subprocess.run(
            ["/usr/bin/env", "sqlite3", ":memory:", *commands],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.startswith("5|15|")


def test_an_export_without_an_end_is_given_up_at_the_bound_and_leaves_nothing() -> None:
    app, exports = application(endless, rows=120_000)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.bind(["rows"]))
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.attempt) == (State.FAILED, 1)
        assert seen.error is not None
        assert "an export has more than 120,000 rows" in seen.error.message
        assert app.files.find() == []
        assert [each for each in folder_of(app).rglob("*") if each.is_file()] == []


def folder_of(app: Tidemill) -> Path:
    return app.files.where("0" * 32).parents[1]


def test_a_file_may_not_become_larger_than_the_setting_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIDEMILL_FILES_MOST", "100000")
    app, exports = application(endless)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.bind(["rows"]))
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.attempt) == (State.FAILED, 1)
        assert seen.error is not None
        assert seen.error.kind.endswith("PayloadTooLarge")
        assert app.files.find() == []


def test_an_export_is_given_no_more_than_its_time() -> None:
    assert Exports(timeout="3m").run.options.timeout == 180_000


def test_another_tenant_has_neither_the_file_nor_its_parts() -> None:
    app, exports = application(evil)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.using(tenant="acme").bind(["rows"]))
        mill.drain()
        file = app.jobs.get(job.id).result(timeout=0)
        ours, theirs = app.files.of("acme"), app.files.of("other")
        assert [each.id for each in ours.find()] == [file.files[0].file.id]
        assert theirs.find() == []
        with pytest.raises(errors.NotFound):
            theirs.get(file.files[0].file)
