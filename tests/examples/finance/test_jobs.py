"""The ten types of jobs, asked for by HTTP, do their work on real files, mail and databases."""

import csv
import io
import json
import os
import time
from datetime import date
from typing import Any

import pytest

from examples.finance import believable, bookkeeping, dialect, tables
from examples.finance.place import ADDRESSES
from tests.examples.finance.conftest import Site
from tests.examples.workforce import SEED, until

pytestmark = pytest.mark.parametrize("shared_store_url", ["sqlite", "postgres"], indirect=True)

MONTH = date(2025, 9, 1)
ADA = ADDRESSES["ada"]


def a_file(account: str, month: date = MONTH) -> bytes:
    (of,) = (each for each in believable.ACCOUNTS if each.id == account)
    return believable.statement(of, month).content


def whole_ledger(site: Site) -> None:
    """Have two months of all accounts booked."""
    for month in (MONTH, bookkeeping.month_after(MONTH)):
        for account in believable.ACCOUNTS:
            person = site.ada if account.owner == "ada" else site.ben
            sent = person.send(account.id, a_file(account.id, month))
            site.ada.done(sent["id"])
    until(site.quiet, seconds=50, what="all is reconciled")


@pytest.mark.parametrize("account", [each.id for each in believable.ACCOUNTS])
def test_a_statement_is_imported_and_its_account_reconciled(shared: Site, account: str) -> None:
    owner = {each.id: each.owner for each in believable.ACCOUNTS}[account]
    person = shared.ada if owner == "ada" else shared.ben
    result = shared.ada.done(person.send(account, a_file(account))["id"])
    booked = person.ok("GET", f"/finance/transactions?account={account}")["transactions"]
    assert result["read"] == len([each for each in booked if each["booked_on"] < "2025-10"])
    assert result["skipped"] == 0

    def reconciled() -> bool:
        rows = shared.finance.place.ledger.rows(tables.reconciliations)
        return account in {row["account"] for row in rows if row["stated"] == row["booked"]}

    until(reconciled, seconds=30, what="it is reconciled")


def test_a_statement_that_cannot_be_read_fails_for_good_and_says_why(shared: Site) -> None:
    job = shared.ada.ended(shared.ada.send("everyday", b"not a statement")["id"])
    assert (job["status"], job["metadata"]["reason"]) == ("FAILED", "not_retryable")
    assert "neither OFX nor CSV" in job["error"]
    assert "Unreadable" in job["stackTrace"]


def test_what_has_failed_for_good_is_mailed_to_the_admins(shared: Site) -> None:
    job = shared.ada.ended(shared.ada.send("everyday", b"nor is this a statement")["id"])
    post = shared.finance.place.post

    def text(letter: Any) -> str:
        return str(letter.get_payload(decode=True), "utf-8")

    def told() -> list[Any]:
        return [each for each in post.read(ADA) if job["id"] in text(each)]

    until(lambda: bool(told()), seconds=30, what="the admins are told")
    assert told()[0]["Subject"] == "1 failed for good: TRANSACTION_IMPORT"
    assert job["error"] in text(told()[0]).replace("\r\n", " ").replace("\n", " ")
    assert not [each for each in post.read(ADDRESSES["ben"]) if "for good" in each["Subject"]]


def test_a_statement_of_another_account_is_refused(shared: Site) -> None:
    job = shared.ada.ended(shared.ada.send("savings", a_file("everyday"))["id"])
    assert job["status"] == "FAILED"
    assert "it is of account 44719921" in job["error"]


def test_nobody_sends_a_statement_of_somebody_else(shared: Site) -> None:
    assert shared.ben("POST", "/finance/statements?account=card", content=b"x").status_code == 404
    assert shared.ben("GET", "/finance/transactions?account=card").status_code == 404


def test_a_statement_that_misses_bookings_differs_from_the_bank(shared: Site) -> None:
    whole_ledger(shared)
    ledger = shared.finance.place.ledger
    lost = ledger.rows(tables.transactions, tables.transactions.c.account == "joint")[-1]
    with ledger.engine.begin() as connection:
        connection.execute(
            tables.transactions.delete().where(tables.transactions.c.id == lost["id"])
        )
    result = shared.ada.done(shared.ada.ask("ACCOUNT_RECONCILIATION", {"account": "joint"}))
    assert result["differing"] == ["2025-10-31"] or len(result["differing"]) == 1
    ledger.keep(tables.transactions, [lost])
    again = shared.ada.done(shared.ada.ask("ACCOUNT_RECONCILIATION", {"account": "joint"}))
    assert again["differing"] == []


def test_mail_is_looked_through_for_receipts_and_what_was_seen_is_not_read_again(
    shared: Site,
) -> None:
    whole_ledger(shared)
    shared.ada.done(shared.ada.ask("EMAIL_SYNC", {"mailbox": ADA}))  # what others have sent her
    letters = list(believable.letters(ADA, MONTH, date(2025, 10, 1)))
    for letter in letters:
        shared.finance.place.post.put(letter, ADA)
    result = shared.ada.done(shared.ada.ask("EMAIL_SYNC", {"mailbox": ADA}))
    assert result["read"] >= len(letters)
    assert 0 < result["receipts"] < len(letters)
    again = shared.ada.done(shared.ada.ask("EMAIL_SYNC", {"mailbox": ADA}))
    assert again["read"] < len(letters)
    receipts = shared.finance.place.ledger.rows(tables.receipts)
    assert [row for row in receipts if row["booking"] is None] == []


def test_budgets_are_refreshed_and_what_is_spent_is_told(shared: Site) -> None:
    whole_ledger(shared)
    spent = shared.ada.done(shared.ada.ask("BUDGET_REFRESH", {"month": "2025-09-01"}))
    assert spent.keys() == bookkeeping.PLANNED.keys()
    rows = shared.finance.place.ledger.rows(tables.budgets)
    assert {row["category"]: row["spent"] for row in rows} == spent
    told = {row["about"] for row in shared.finance.place.ledger.rows(tables.notices)}
    assert "budget:2025-09-01:housing" in told


def test_insights_tell_what_is_unusual_about_a_week(shared: Site) -> None:
    whole_ledger(shared)
    told = shared.ada.done(shared.ada.ask("INSIGHTS_GENERATION", {"week": "2025-09-24"}))
    kept = shared.finance.place.ledger.rows(tables.insights)
    assert told == [row["told"] for row in sorted(kept, key=lambda row: row["subject"])]
    assert told


def test_a_digest_is_mailed_to_each_and_nothing_is_told_twice(shared: Site) -> None:
    ledger, post = shared.finance.place.ledger, shared.finance.place.post
    notice = {"since": MONTH, "told": "rent is due"}
    ledger.keep(
        tables.notices, [notice | {"about": "rent", "reader": reader} for reader in ADDRESSES]
    )
    told = shared.ada.done(shared.ada.ask("NOTIFICATION_DIGEST"))
    assert min(told.values()) >= 1

    def digests(address: str) -> list[Any]:
        found = [each for each in post.read(address) if "notices of" in str(each["Subject"])]
        # A worker that is killed may have sent one already, which is known by its id.
        known = {each["Message-ID"]: each for each in found}
        return found if SEED is None else list(known.values())

    for address in ADDRESSES.values():
        until(lambda address=address: bool(digests(address)), seconds=30, what="it is there")  # type: ignore[misc]  # bound by its default
        assert "rent is due" in digests(address)[0].get_payload()
    before = len(digests(ADA))
    assert shared.ada.done(shared.ada.ask("NOTIFICATION_DIGEST")) == dict.fromkeys(ADDRESSES, 0)
    until(shared.quiet, seconds=30, what="all mail is sent")
    assert len(digests(ADA)) == before


@pytest.mark.parametrize(("form", "begin"), [("pdf", b"%PDF-"), ("csv", b"category")])
def test_a_report_is_a_file_that_opens(shared: Site, form: str, begin: bytes) -> None:
    whole_ledger(shared)
    wanted = {"source": "spending", "format": form, "filters": {"month": "2025-09-01"}}
    built = shared.ada.done(shared.ada.ask("REPORT_GENERATION", wanted))
    assert built["rows"] >= 5
    content = shared.ada("GET", built["url"]).content
    assert content.lower().startswith(begin.lower())


def test_an_export_has_every_row(shared: Site) -> None:
    whole_ledger(shared)
    wanted = {"sources": ["transactions", "accounts"], "format": "csv"}
    exported = shared.ada.done(shared.ada.ask("DATA_EXPORT", wanted))
    rows = shared.finance.place.ledger.rows(tables.transactions)
    assert exported["rows"] == {"transactions": len(rows), "accounts": len(believable.ACCOUNTS)}
    content = shared.ada("GET", exported["files"][0]["url"]).text
    assert len(list(csv.reader(io.StringIO(content)))) == 1 + len(rows)


def test_what_is_cached_and_was_not_used_for_an_hour_goes(shared: Site) -> None:
    cache = shared.finance.place.cache
    old, young = cache / "old", cache / "young"
    for path in (old, young):
        path.write_text("figures")
    an_hour_ago = time.time() - 3_700
    os.utime(old, (an_hour_ago, an_hour_ago))
    cleaned = shared.ada.done(shared.ada.ask("CACHE_CLEANUP"))
    assert (old.exists(), young.exists()) == (False, True)
    assert cleaned["removed"] == 1


def test_a_backup_is_restored_and_compared_with_the_ledger(shared: Site) -> None:
    whole_ledger(shared)
    finance = shared.finance
    night = finance.app.enqueue(finance.recurring.nightly_backup.bind())
    shared.ada.ended(night.id)
    _, verify = night.result(timeout="30s")
    verified = shared.ada.done(verify)
    # What other tests have asked for may be told meanwhile; nothing is booked.
    booked = {each["table"]: each for each in verified["tables"]}["transactions"]
    assert (booked["only_backup"], booked["only_live"], booked["changed"]) == (0, 0, 0)
    assert booked["rows"] == len(finance.place.ledger.rows(tables.transactions))


def test_a_backup_that_is_damaged_fails_its_verification(shared: Site) -> None:
    finance = shared.finance
    taken = finance.app.enqueue(finance.keeping.backups.take.bind("ledger"))
    shared.ada.done(taken.id)
    newest = max((finance.place.backups / "ledger").glob("2*"))
    (saved,) = (each for each in newest.iterdir() if each.name != "manifest.json")
    content = bytearray(saved.read_bytes())
    content[-1] ^= 0xFF
    saved.write_bytes(content)
    job = shared.ada.ended(shared.ada.ask("BACKUP_VERIFICATION", {"source": "ledger"}))
    assert job["status"] == "FAILED"
    assert "SHA-256" in job["error"]


def test_there_are_ten_types_and_each_is_a_task(shared: Site) -> None:
    assert len(dialect.TYPES) == 10
    assert all(task in shared.finance.app.registry for task in dialect.TYPES.values())
    told = shared.ada("POST", "/finance/jobs", {"type": "NOTHING"})
    assert told.status_code == 422
    assert "EMAIL_SYNC" in json.loads(told.text)["hint"]
