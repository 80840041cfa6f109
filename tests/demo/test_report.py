"""The report: the same bytes for the same findings, and nothing in it that acts."""

import csv
import io
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from tidemill.demo.measure import Function, Measured, measure
from tidemill.demo.report import COLUMNS, Failure, Findings, as_csv, as_html

WICKED = "<script>alert('x')</script>&.py"

FINDINGS = Findings(
    what="the library of <Python>",
    home="/usr/lib/py & co",
    on=date(2026, 1, 2),
    measured=(
        Measured("a.py", 10, 8, 1, (Function("f", 1, 4, 3), Function("C.g", 6, 5, 12))),
        Measured("empty.py", 0, 0, 0, ()),
        Measured(WICKED, 3, 3, 0, (Function("h", 1, 3, 60),)),
    ),
    failures=(Failure("b.py", "SyntaxError", "bad <b>, line 1"),),
)
EMPTY = Findings("nothing", "/", date(2026, 1, 2), (), ())

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """What is in a page, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def rows(findings: Findings) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(findings))))


def test_the_csv_has_one_line_for_each_file_in_order() -> None:
    assert [row["file"] for row in rows(FINDINGS)] == [WICKED, "a.py", "b.py", "empty.py"]


def test_the_csv_tells_every_number() -> None:
    by_name = {row["file"]: row for row in rows(FINDINGS)}
    assert list(by_name["a.py"].values()) == [
        "a.py", "measured", "10", "8", "1", "2", "C.g", "6", "5", "C.g", "6", "12", "7.50", "",
    ]  # fmt: skip
    assert by_name["b.py"]["status"] == "failed"
    assert by_name["b.py"]["error"] == "SyntaxError: bad <b>, line 1"
    assert by_name["empty.py"]["longest_function"] == ""


def test_the_csv_of_nothing_is_its_head() -> None:
    assert as_csv(EMPTY) == ",".join(COLUMNS) + "\n"


def test_what_was_found_in_another_order_gives_the_same_bytes() -> None:
    turned = Findings(
        FINDINGS.what, FINDINGS.home, FINDINGS.on, FINDINGS.measured[::-1], FINDINGS.failures
    )
    assert as_csv(turned) == as_csv(FINDINGS)
    assert as_html(turned) == as_html(FINDINGS)


@pytest.mark.parametrize("findings", [FINDINGS, EMPTY])
def test_the_page_is_whole_and_needs_nothing_else(findings: Findings) -> None:
    text = as_html(findings)
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import", text)
    assert "$" not in page.words
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert links == ["report.csv"]


def test_what_files_are_called_and_errors_say_is_only_text() -> None:
    page = Page(as_html(FINDINGS))
    assert WICKED in page.words
    assert "bad <b>, line 1" in page.words
    assert "The library of <Python>" in page.words
    assert "b" not in page.tags


def test_the_page_tells_the_totals_and_the_day() -> None:
    words = Page(as_html(FINDINGS)).words
    for total in ("Files measured3", "Files refused1", "Lines13", "Functions3"):
        assert total in words
    assert "Mean complexity25.00" in words
    assert "Highest complexity60" in words
    assert "2 January 2026" in words


def test_the_bars_count_every_function_once() -> None:
    complexities = [1, 1, 2, 3, 5, 6, 10, 11, 20, 21, 50, 51, 200]
    functions = tuple(Function(f"f{n}", n, 1, c) for n, c in enumerate(complexities, 1))
    findings = Findings("x", "/", date(2026, 1, 2), (Measured("a.py", 1, 1, 0, functions),), ())
    (bars,) = re.findall(r"<svg.*</svg>", as_html(findings))
    counts = re.findall(r'dx="8" y="\d+">([\d,]+)<', bars)
    assert counts == ["2", "1", "1", "1", "2", "2", "2", "2"]
    assert "6 of 13, or 46.2%" in as_html(findings)


def test_the_tables_show_the_greatest_first_and_no_more_than_twenty() -> None:
    text = "".join(f"def f{n:02}():\n" + "    x = 1\n" * n for n in range(1, 31))
    findings = Findings("x", "/", date(2026, 1, 2), (measure(text, "a.py"),), ())
    longest = as_html(findings).partition("The longest functions")[2].partition("</table>")[0]
    shown = re.findall(r"<th scope=row>(f\d+)<", longest)
    assert shown == [f"f{n}" for n in range(30, 10, -1)]
