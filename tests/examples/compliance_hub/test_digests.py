"""What managers are told each week and each month: mails, and the reports behind their links."""

import csv
import io
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from examples.compliance_hub.hub import Hub
from examples.compliance_hub.sample import fill
from examples.compliance_hub.serving import make_api
from examples.stage.mailroom import Mailroom
from examples.stage.web import serving
from tests.examples.compliance_hub.conftest import TODAY, Mill


@pytest.fixture
def filled(hub: Hub) -> Hub:
    fill(hub.books, TODAY)
    hub.app.schedules.publish()
    return hub


def test_each_manager_gets_the_digest_on_monday_at_eight(
    filled: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    mill.advance("19h59m")
    digests = [each for each in mailroom.letters if "digest" in each.subject]
    assert digests == []
    mill.advance("1m")
    digests = [each for each in mailroom.letters if "digest" in each.subject]
    assert len({each.to for each in digests}) == len(digests) == 3
    assert {each.subject for each in digests} == {"Compliance digest, week to 01 February 2027"}
    assert "- Complaints open: " in digests[0].text
    assert "- Jobs that failed for good: 0" in digests[0].text
    del filled


def test_the_monthly_report_comes_as_files_that_open_behind_links_in_mails(
    filled: Hub, mill: Mill, mailroom: Mailroom
) -> None:
    filled.app.schedules.run("compliance.monthly-report")
    mill.drain()
    reports = [each for each in mailroom.letters if "Compliance report" in each.subject]
    assert len(reports) == 6  # two files for each of three managers
    links = {each.subject: each.text.split()[-1] for each in reports}
    assert set(links) == {
        "Compliance report, December 2026 (PDF)",
        "Compliance report, December 2026 (CSV)",
    }
    with serving(make_api(filled)) as url:
        pdf, sheet = (httpx.get(url + links[each]) for each in sorted(links, reverse=True))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert "Compliance report, December 2026" in text
    assert "complaints opened" in text
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(sheet.text)))
    assert {tuple(row.values())[:2] for row in rows} >= {
        ("Staff", "people"), ("Quality", "complaints opened"), ("Money", "owed, in dollars"),
    }  # fmt: skip


def test_a_report_that_is_being_built_is_not_asked_for_again(filled: Hub, mill: Mill) -> None:
    for _ in range(2):
        filled.app.schedules.run("compliance.monthly-report")
    mill.drain()
    assert len(list(filled.app.jobs.find(tasks=["compliance.report.build"]))) == 2
