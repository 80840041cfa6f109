"""Statements of every kind are read as they were written, and broken ones are not."""

from datetime import date

import pytest

from examples.finance import believable, statements
from examples.finance.believable import ACCOUNTS, Account

MONTH = date(2025, 9, 1)
OF = {account.id: account for account in ACCOUNTS}


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.form)
def test_a_statement_is_read_as_it_was_written(account: Account) -> None:
    booked = believable.bookings(account, MONTH)
    read = statements.read(believable.statement(account, MONTH).content)
    assert [(line.booked_on, line.amount) for line in read.lines] == [
        (each.on, each.amount) for each in booked
    ]
    assert [line.payee for line in read.lines] == [each.payee for each in booked]
    assert read.kind == ("ofx" if account.form.startswith("ofx") else account.form)
    assert read.account == (account.number if read.kind == "ofx" else "")
    assert len({line.external_id for line in read.lines}) == len(booked)
    assert not read.oddities


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.form)
def test_what_was_there_at_the_end_of_a_month_is_what_was_there_before_and_what_was_booked(
    account: Account,
) -> None:
    first, second = (
        statements.read(believable.statement(account, month).content)
        for month in (MONTH, date(2025, 10, 1))
    )
    assert first.closing is not None
    assert second.closing == first.closing + sum(line.amount for line in second.lines)


def test_one_seed_makes_one_set_of_files_and_another_seed_another() -> None:
    once, again = (list(believable.statements(date(2025, 9, 1))) for _ in range(2))
    assert once == again
    assert once != list(believable.statements(date(2025, 9, 1), seed=2))


def test_a_month_that_is_not_over_is_told_up_to_today() -> None:
    until = date(2025, 9, 12)
    part = statements.read(believable.statement(OF["everyday"], MONTH, until=until).content)
    whole = statements.read(believable.statement(OF["everyday"], MONTH).content)
    assert part.as_of == until
    assert part.lines == tuple(line for line in whole.lines if line.booked_on <= until)


def test_the_same_booking_twice_on_a_day_is_two_and_has_the_same_ids_in_each_file() -> None:
    line = "2026-03-01,Quay Cafe,coffee,-4.50,{}\r\n"
    head = "Date,Payee,Description,Amount,Balance\r\n"
    short = statements.read((head + line.format("95.50") + line.format("91.00")).encode())
    longer = statements.read((head + line.format("95.50") * 2 + line.format("86.50")).encode())
    ids = [each.external_id for each in short.lines]
    assert len(set(ids)) == 2
    assert [each.external_id for each in longer.lines][:2] == ids


def test_a_line_that_cannot_be_read_is_left_out_and_told() -> None:
    lines = believable.statement(OF["card"], MONTH).content.decode().splitlines()
    lines[3] = "2025-09-31,Nobody,?,1.00,2.00"
    lines[5] = "2025-09-05,Nobody,?,one dollar,2.00"
    lines[7] = "only,three,columns"
    read = statements.read("\r\n".join(lines).encode())
    assert [odd.partition(":")[0] for odd in read.oddities] == ["line 4", "line 6", "line 8"]
    assert len(read.lines) == len(lines) - 1 - 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"Date,Payee\r\n2026-01-01,x\r\n",
        b"OFXHEADER:100\r\n\r\n<OFX><NOTHING></OFX>",
        b'<?xml version="1.0"?><OFX></OFX>',
        b"Date,Payee,Description,Amount,Balance\r\nno,such,line,at,all\r\n",
        b'Date,Payee,Description,Amount,Balance\r\n2026-01-01,"open\r\n',
        b"x" * (statements.MOST_BYTES + 1),
    ],
    ids=["empty", "binary", "unknown", "sgml", "xml", "nonsense", "quoted", "large"],
)
def test_what_is_no_statement_is_unreadable(content: bytes) -> None:
    with pytest.raises(statements.Unreadable):
        statements.read(content)


def test_an_xml_bomb_is_unreadable_at_once() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
        b"<OFX>&c;</OFX>"
    )
    with pytest.raises(statements.Unreadable):
        statements.read(bomb)
