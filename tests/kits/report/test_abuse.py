"""What attackers try with reports: formulas, templates, paths, and reports without an end."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kits.report.building import ask, build
from tidemill import State, Tidemill, errors
from tidemill.kits.report import Chart, Column, Reports
from tidemill.testing import Harness, in_memory

EVIL = '=HYPERLINK("http://evil.example","x")'


def of(rows: list[dict[str, Any]], **how: Any) -> Reports:
    reports = Reports(rows=50, **how)
    reports.source("rows", charts=[Chart("who")], columns=["who", "n"])(lambda: rows)
    return reports


def run(reports: Reports, format_: str, source: str = "rows", **how: Any) -> str:
    app = Tidemill("sqlite:///jobs.db")
    app.include(reports)
    with in_memory(app) as mill:
        return build(mill, reports, source, format=format_, **how).decode()


def test_no_cell_of_csv_is_a_formula_and_numbers_stay_numbers() -> None:
    rows: list[dict[str, Any]] = [
        {"who": EVIL, "n": -5},
        {"who": "\uff1d1+1", "n": "-12.5"},
        {"who": "\t@x", "n": 0},
    ]
    read = list(csv.reader(io.StringIO(run(of(rows), "csv"), newline="")))
    assert read[1:] == [[f"'{EVIL}", "-5"], ["'\uff1d1+1", "-12.5"], ["'\t@x", "0"]]
    assert EVIL in run(of(rows, formulas=True), "csv").replace('""', '"')
    assert f"'{EVIL}" not in run(of(rows, formulas=True), "csv").replace('""', '"')


@pytest.mark.parametrize(
    "text", ["{{7*7}}", "{{''.__class__.__mro__}}", "<script>alert(1)</script>", "{% raw %}"]
)
def test_what_data_says_is_told_and_never_run(text: str) -> None:
    page = run(of([{"who": text, "n": 1}]), "html", title=text)
    assert "<script" not in page
    assert "49" not in page.partition("</style>")[2].replace(text, "")
    assert text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in page


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ report.__class__ }}",
        "{{ made.__init__.__globals__ }}",
        "{{ rows.gi_frame }}",
        "{{ columns.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{% for n in range(9) %}{{ n }}{% endfor %}",
        "{{ lipsum() }}",
        "{{ nothing }}",
        "{% if %}",
    ],
)
def test_a_template_reaches_nothing_but_the_report(template: str) -> None:
    reports = Reports()
    reports.source("rows", columns=["who"], template=template)(lambda: [{"who": "x"}])
    app = Tidemill("sqlite:///jobs.db")
    app.include(reports)
    with in_memory(app) as mill:
        seen = ask(mill, reports, "rows", format="html").snapshot()
        assert seen.state is State.FAILED, mill.events()
        assert seen.attempt == 1
        assert seen.error is not None
        assert "the template of a report cannot be used" in seen.error.message


def test_a_template_of_ones_own_is_escaped() -> None:
    reports = Reports()
    own = "<p>{{ report.title }}{% for row in rows %}|{{ row[0] }}{% endfor %}</p>"
    reports.source("rows", columns=["who"], template=own)(lambda: [{"who": "<b>"}])
    assert run(reports, "html", title="A & B") == "<p>A &amp; B|&lt;b&gt;</p>"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "x\0", "%2e", "", "a" * 65, "c:x"])
def test_a_source_cannot_be_called_as_a_path(name: str) -> None:
    with pytest.raises(errors.InvalidName):
        Reports().source(name)


@pytest.mark.parametrize("title", ["../../etc/passwd", "x\0y", "a\r\nb", "CON", "x" * 3_000])
@pytest.mark.parametrize("format_", ["pdf", "html"])
def test_no_title_decides_where_a_file_lies(
    mill: Harness, reports: Reports, title: str, format_: str
) -> None:
    how: dict[str, Any] = {"format": format_, "title": title, "filters": {"most": 1}}
    built = ask(mill, reports, **how).result(timeout=0)
    assert built.file.name.startswith("audits-")
    assert built.file.id in built.file.path
    assert title not in built.file.path


def test_a_report_without_an_end_is_given_up_at_the_bound_and_not_tried_again() -> None:
    taken: list[int] = []

    def endless() -> Iterator[dict[str, int]]:
        while True:
            taken.append(1)
            yield {"n": 1}

    reports = Reports(rows=1_000)
    reports.source("endless", columns=[Column("n")])(endless)
    app = Tidemill("sqlite:///jobs.db")
    app.include(reports)
    with in_memory(app) as mill:
        seen = ask(mill, reports, "endless").snapshot()
        assert seen.state is State.FAILED
        assert seen.attempt == 1
        assert seen.error is not None
        assert "the report endless has more than 1,000 rows" in seen.error.message
        assert len(taken) == 1_001
        assert mill.app.files.find() == []


def test_a_report_is_given_no_more_than_its_time() -> None:
    reports = Reports(timeout="3m", attempts=1)
    assert reports.build.options.timeout == 180_000
    assert reports.build.options.retry.attempts == 1
