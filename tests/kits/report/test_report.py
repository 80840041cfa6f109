"""Reports: built by a job, kept as files that other programs open, and told of."""

import csv
import io
import json
import re
from collections import namedtuple
from collections.abc import AsyncIterator, Callable
from dataclasses import make_dataclass
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest

from tests.kits.report.building import ask, build
from tidemill import Module, State, Tidemill, errors
from tidemill.kits.report import Chart, Column, Reports
from tidemill.testing import Harness, in_memory


def test_a_report_is_a_file_with_a_link_and_an_event(mill: Harness, reports: Reports) -> None:
    built = ask(mill, reports, format="csv", filters={"most": 12}).result(timeout=0)
    assert (built.source, built.title, built.format, built.rows) == (
        "audits",
        "Safety audits",
        "csv",
        12,
    )
    assert built.file.media_type == "text/csv; charset=utf-8"
    assert built.file.name.startswith("audits-")
    assert built.url.startswith("/files/")
    (event,) = mill.events("report.built")
    assert event.payload["file"] == built.file.id
    assert event.payload["rows"] == 12


def test_csv_has_names_and_rows_and_nothing_else(mill: Harness, reports: Reports) -> None:
    text = build(mill, reports, format="csv", filters={"most": 3}).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[0] == {
        "id": "1",
        "site": "Harbour",
        "on": "2026-01-02",
        "inspector": "Ann O\u2019Neill",
        "score": "63.7",
        "findings": "6",
    }


def test_json_says_what_was_asked_for_and_what_it_comes_to(mill: Harness, reports: Reports) -> None:
    filters = {"most": 20, "site": "Harbour"}
    said = json.loads(build(mill, reports, format="json", filters=filters))
    assert said["title"] == "Safety audits"
    assert said["filters"] == {"site": "Harbour", "most": 20}
    assert said["count"] == len(said["rows"]) == 4
    assert {row["site"] for row in said["rows"]} == {"Harbour"}
    assert said["totals"]["findings"] == {"sum": sum(row["findings"] for row in said["rows"])}


def test_html_tells_title_filters_totals_and_charts(mill: Harness, reports: Reports) -> None:
    page = build(mill, reports, format="html", filters={"most": 40, "site": "Harbour"}).decode()
    assert "<h1>Safety audits</h1>" in page
    assert "<dt>site</dt><dd>Harbour</dd>" in page
    assert '<td class="number">mean 78.5</td><td class="number">total 27</td></tr></tfoot>' in page
    assert page.count("<svg ") == 2
    assert 'aria-label="Findings by site: Harbour ' in page
    assert "<script" not in page


def test_pdf_has_title_filters_totals_page_numbers_and_the_head_on_each_page(
    mill: Harness, reports: Reports
) -> None:
    data = build(mill, reports, filters={"most": 150, "site": ""}, title="Audits, first quarter")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    assert len(pages) > 3
    assert "Audits, first quarter" in pages[0]
    assert "most: 150" in pages[0]
    assert "Findings by site" in pages[0]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    tables = [page for page in pages if "Inspector" in page]
    assert len(tables) >= len(pages) - 1
    assert "Zoë Krämer" in tables[0]
    assert "mean 79" in pages[-1]
    assert pypdf.PdfReader(io.BytesIO(data)).metadata["/Title"] == "Audits, first quarter"  # type: ignore[index]  # it has some


def test_no_row_is_missing_from_a_pdf_and_none_is_twice(mill: Harness, reports: Reports) -> None:
    data = build(mill, reports, filters={"most": 300})
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    numbers = [
        int(number) for number in re.findall(r"^(\d+) [A-Z][a-z]+ .*20\d\d-", text, re.MULTILINE)
    ]
    assert numbers == list(range(1, 301))


async def async_rows(filters: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    for number in range(3):
        yield {"n": number, "who": filters.get("who", "")}


async def async_list(filters: dict[str, Any]) -> list[tuple[int, str]]:
    return [(number, filters.get("who", "")) for number in range(3)]


@pytest.mark.parametrize("source", [async_rows, async_list])
def test_a_source_may_be_async(source: Any) -> None:
    reports = Reports("shop")
    reports.source("n", columns=["n", "who"])(source)
    app = Tidemill("sqlite:///jobs.db")
    app.include(reports)
    with in_memory(app) as mill:
        assert build(mill, reports, "n", format="csv", filters={"who": "Zoë"}).decode() == (
            "n,who\r\n0,Zoë\r\n1,Zoë\r\n2,Zoë\r\n"
        )


@pytest.mark.parametrize("format_", ["csv", "json", "html", "pdf"])
def test_a_report_of_nothing_is_one_all_the_same(
    mill: Harness, reports: Reports, format_: str
) -> None:
    built = ask(mill, reports, format=format_, filters={"most": 0}).result(timeout=0)
    assert built.rows == 0
    assert built.file.size > 0


@pytest.mark.parametrize(
    ("source", "filters", "what"),
    [
        ("nothing", {}, "report has no report 'nothing' (it has audits)"),
        ("audits", {"colour": 1}, "the report audits has no filter 'colour'"),
        ("audits", {"most": "all"}, "filters of the report audits: Expected `int`"),
    ],
)
def test_what_cannot_be_built_fails_at_once_and_says_why(
    mill: Harness, reports: Reports, source: str, filters: dict[str, Any], what: str
) -> None:
    seen = ask(mill, reports, source, filters=filters).snapshot()
    assert seen.state is State.FAILED
    assert seen.attempt == 1
    assert seen.error is not None
    assert what in seen.error.message


Named = namedtuple("Named", ["name", "score"])  # noqa: PYI024 - what applications have, too
ROWS = [
    make_dataclass("Site", ["name", "score"])("Depot", 1.5),
    Named("Depot", 1.5),
    SimpleNamespace(name="Depot", score=1.5, _hidden=None),
]


@pytest.mark.parametrize("row", ROWS, ids=["dataclass", "tuple", "object"])
def test_columns_that_nobody_has_named_are_those_of_the_first_row(row: Any) -> None:
    reports = Reports()
    reports.source("n")(lambda: [row])
    app = Tidemill("memory://")
    app.include(reports)
    with in_memory(app) as mill:
        assert build(mill, reports, "n", format="csv") == b"name,score\r\nDepot,1.5\r\n"


@pytest.mark.parametrize(
    ("rows", "charts", "says"),
    [
        ([object()], [], "nobody has said which columns the report n has"),
        ([("a", 1)], [], "nobody has said which columns the report n has"),
        (["a"], [], "nobody has said which columns the report n has"),
        (5, [], "the report n has answered what are no rows: int"),
        ("a,b", [], "the report n has answered what are no rows: str"),
        ([{"a": 1}], [Chart("b")], "a chart of the report n shows 'b'"),
    ],
)
def test_what_is_no_table_fails_at_once_and_says_why(rows: Any, charts: Any, says: str) -> None:
    reports = Reports()
    reports.source("n", charts=charts)(lambda: rows)
    app = Tidemill("memory://")
    app.include(reports)
    with in_memory(app) as mill:
        seen = ask(mill, reports, "n", format="csv").snapshot()
    assert (seen.state, seen.attempt) == (State.FAILED, 1)
    assert seen.error is not None
    assert says in seen.error.message


def test_a_report_of_nothing_has_its_charts_though_nobody_has_named_columns() -> None:
    reports = Reports()
    reports.source("n", charts=[Chart("site", "score")])(list)
    app = Tidemill("memory://")
    app.include(reports)
    with in_memory(app) as mill:
        assert b"Score by site" in build(mill, reports, "n", format="html")


@pytest.mark.parametrize("how", [{"rows": 0}, {"keep": "soon"}, {"keep": "0s"}])
def test_how_a_kit_cannot_be_made_is_told_where_it_is_made(how: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidOption):
        Reports(**how)


def test_word_is_sent_by_the_email_kit_that_was_given() -> None:
    post = Module("post")
    sent: list[Any] = []

    class Box(Module):
        def __init__(self) -> None:
            super().__init__("box")
            self.send = self.task(name="box.send")(self._send)

        def _send(self, to: list[str], subject: str, text: str) -> None:
            sent.append((to, subject, text))

    box = Box()
    reports = Reports(email=box)
    reports.source("n", columns=["n"])(lambda: [{"n": 1}])
    app = Tidemill("sqlite:///jobs.db")
    for module in (box, reports, post):
        app.include(module)
    with in_memory(app) as mill:
        built = ask(mill, reports, "n", to=["zoe@example.org"]).result(timeout=0)
        (word,) = sent
        assert word[:2] == (["zoe@example.org"], "N")
        assert built.url in word[2]


def test_who_is_to_be_told_without_an_email_kit_is_a_mistake_that_is_told(
    mill: Harness, reports: Reports
) -> None:
    seen = ask(mill, reports, to=["zoe@example.org"]).snapshot()
    assert seen.state is State.FAILED
    assert seen.error is not None
    assert "has no e-mail kit" in seen.error.message


def test_what_makes_no_sense_is_refused_where_it_is_written() -> None:
    reports = Reports()
    reports.source("n", columns=["n"])(list)
    wrong: list[Callable[[], object]] = [
        lambda: reports.source("n"),
        lambda: reports.source("m", columns=["a", "a"])(list),
        lambda: reports.source("m", columns=["a"], charts=[Chart("b")])(list),
        lambda: Column("a", total="most"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Chart("a", shape="pie"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Reports(tz="Nowhere/There"),
        lambda: Reports(colour="red"),  # type: ignore[call-arg]  # wrong on purpose
        lambda: Reports(email=Module("m")),  # type: ignore[arg-type]  # wrong on purpose
    ]
    for each in wrong:
        with pytest.raises(errors.InvalidOption):
            each()
    assert reports.sources == ("n",)


def test_jobs_run_as_the_kit_was_told() -> None:
    how = Reports(queue="q", attempts=5, backoff="7s", timeout="9m", priority=50).build.options
    assert (how.queue, how.timeout, how.priority) == ("q", 540_000, 50)
    assert (how.retry.attempts, how.retry.base) == (5, 7_000)
    usual = Reports("shop").build.options
    assert (usual.queue, usual.timeout, usual.priority) == ("shop", 300_000, 0)
    assert (usual.retry.attempts, usual.retry.base) == (3, 2_000)
