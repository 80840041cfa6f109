"""Workers are killed at random while months of statements are booked: it comes to the same."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from examples.finance import believable, tables
from examples.finance.place import ADDRESSES
from tests.examples.finance.conftest import Site, site_at
from tests.examples.workforce import Workforce, beside, until

BEFORE = date(2025, 9, 1)
ADA = ADDRESSES["ada"]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What it comes to where nobody is killed."""
    folder = tmp_path_factory.mktemp("left-alone")
    with site_at("memory://", folder) as site, beside(site.finance.app):
        yield all_of_it(site)


def all_of_it(site: Site) -> dict[str, Any]:
    """Have everything done that there is, by HTTP; the ledger and the mail afterwards."""
    for letter in believable.letters(ADA, date(2025, 8, 1), BEFORE):
        site.finance.place.post.put(letter, ADA)
    sent = [
        (site.ada if file.account in ("everyday", "savings", "card") else site.ben).send(
            file.account, file.content
        )["id"]
        for file in believable.statements(BEFORE)
    ]
    sent.append(site.ada.ask("EMAIL_SYNC", {"mailbox": ADA}))
    results = [site.ada.done(id_) for id_ in sent]
    # Between two jobs lies an event, of which nobody may have heard yet.
    until(lambda: reconciled(site), seconds=60, what="all is reconciled")
    until(site.quiet, seconds=60, what="nothing is left to be done")
    for month in ("2025-07-01", "2025-08-01"):
        results += [site.ada.done(site.ada.ask("BUDGET_REFRESH", {"month": month}))]
    results.append(site.ada.done(site.ada.ask("INSIGHTS_GENERATION", {"week": "2025-08-20"})))
    results.append(site.ada.done(site.ada.ask("NOTIFICATION_DIGEST")))
    until(site.quiet, seconds=60, what="all mail is sent")
    digests = [each for each in site.finance.place.post.read(ADA) if "notices" in each["Subject"]]
    return {
        "results": results,
        "ledger": {
            table.name: rows(site, table, leave)
            for table, leave in (
                (tables.transactions, ["id"]),
                (tables.statements, []),
                (tables.receipts, ["booking"]),
                (tables.letters, ["seen_by"]),
                (tables.budgets, []),
                (tables.insights, []),
                (tables.reconciliations, []),
                (tables.notices, ["since", "told_by"]),
            )
        },
        "matched": matched(site),
        "mail": {each.get_payload() for each in digests},
    }


def reconciled(site: Site) -> bool:
    """Whether each statement that names a balance was compared with it since it was booked."""
    ledger = site.finance.place.ledger
    told = [row for row in ledger.rows(tables.statements) if row["closing"] is not None]
    done = {(row["account"], row["as_of"]) for row in ledger.rows(tables.reconciliations)}
    return {(row["account"], row["as_of"]) for row in told} <= done


def rows(site: Site, table: Table, leave: Sequence[str]) -> list[tuple[tuple[str, Any], ...]]:
    found = site.finance.place.ledger.rows(table)
    return sorted(tuple((k, v) for k, v in row.items() if k not in leave) for row in found)


def matched(site: Site) -> dict[str, str]:
    """The booking of each receipt, as the bank calls it."""
    ids = {
        row["id"]: row["external_id"] for row in site.finance.place.ledger.rows(tables.transactions)
    }
    receipts = site.finance.place.ledger.rows(tables.receipts)
    return {row["message"]: ids[row["booking"]] for row in receipts if row["booking"]}


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kills", [11])
@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_workers_that_are_killed_at_random_come_to_the_same(
    idle: Site, workforce: Workforce, expected: dict[str, Any], tmp_path: Path
) -> None:
    with workforce.at_work(idle.finance.app, idle.worker, most=4):
        found = all_of_it(idle)
    for part, was in expected.items():
        assert found[part] == was, (part, (tmp_path / "workers.log").read_text()[-2_000:])
    assert workforce.deaths >= 2
