"""The tasks that no kit brings: each may be run again, and nothing doubles."""

from datetime import date, timedelta
from typing import Any, Final

from msgspec import Struct

from examples.finance import bookkeeping, dialect, mailbox_reader, statements, tables
from examples.finance.place import ADDRESSES, Place
from tidemill import Concurrency, Event, Module, Priority, RateLimit, Retry, Task, current, unique
from tidemill.kits.email import Email

SLICE: Final = 50
"""Bookings that are stored in one step."""

IMPORTED: Final = "finance.statement.imported"
BACKOFF: Final = "5s"


class Imported(Struct):
    """What a statement has brought.

    Attributes:
        read: bookings in it.
        new: of them, those that no other statement had brought before.
        skipped: lines that could not be read.
    """

    account: str
    kind: str
    read: int
    new: int
    skipped: int


class Synced(Struct):
    """What was new in a mailbox."""

    read: int
    receipts: int
    broken: int


class Reconciled(Struct):
    """How an account stands beside what its bank says.

    Attributes:
        statements: that were compared.
        differing: days at whose end they differ.
    """

    account: str
    statements: int
    differing: list[date]


class Work(Module):
    """Imports, mail, budgets, insights, reconciliation, the digest.

    Attributes:
        email_sync: looks through a mailbox for receipts.
        transaction_import: books a statement.
        budget_refresh: compares what was spent with what was planned.
        insights: tells what is unusual about a week.
        account_reconciliation: compares the ledger with what a bank says.
        notification_digest: mails to everybody what they have not been told yet.
    """

    def __init__(self, place: Place, email: Email) -> None:
        """Work at a place, and send mail by this kit."""
        super().__init__(
            "finance",
            version="1.0.0",
            description="Statements, receipts, budgets and what is told of them.",
            needs=["logger"],
        )
        self._place = place
        self._email = email
        retry = Retry.exponential(attempts=3, base=BACKOFF)
        self.email_sync: Task[..., Synced] = self.task(
            name="finance.email_sync",
            queue=dialect.EMAIL,
            timeout="5m",
            retry=retry,
            unique=unique("mailbox"),
            rate=RateLimit(6, "1m", key="mailbox:{mailbox}"),
        )(self._sync_email)
        self.transaction_import: Task[..., Imported] = self.task(
            name="finance.transaction_import",
            queue=dialect.IMPORT,
            priority=Priority.HIGH,
            timeout="10m",
            retry=retry,
            unique=unique("file", "account"),
            rate=RateLimit(120, "1m", key="account:{account}"),
            concurrency=Concurrency(1, key="account:{account}"),
            give_up_on=[statements.Unreadable],
        )(self._import_transactions)
        self._declare_figures(retry)

    def _declare_figures(self, retry: Any) -> None:
        self.budget_refresh: Task[..., dict[str, int]] = self.task(
            name="finance.budget_refresh",
            queue=dialect.BUDGET,
            timeout="1m",
            retry=retry,
            unique=unique("month", until="started"),
        )(self._refresh_budgets)
        self.insights: Task[..., list[str]] = self.task(
            name="finance.insights",
            queue=dialect.INSIGHTS,
            priority=Priority.LOW,
            timeout="2m",
            retry=retry,
            unique=unique("week", until="started"),
        )(self._find_insights)
        self.account_reconciliation: Task[..., Reconciled] = self.task(
            name="finance.account_reconciliation",
            queue=dialect.RECONCILIATION,
            timeout="2m",
            retry=retry,
            # One that runs has looked already; what comes now has to be looked at, too.
            unique=unique("account", until="started"),
        )(self._reconcile)
        self.notification_digest: Task[..., dict[str, int]] = self.task(
            name="finance.notification_digest",
            queue=dialect.NOTIFICATION,
            timeout="2m",
            retry=retry,
            unique=unique(until="started"),
        )(self._send_digest)
        self.on(IMPORTED)(self.task(name="finance.reconcile_later", queue=dialect.RECONCILIATION)(
            self._reconcile_later
        ))  # fmt: skip

    def _sync_email(self, mailbox: str) -> Synced:
        """Look through a mailbox for receipts; what was seen before is left out."""
        job, log, ledger = current(), current().services["logger"], self._place.ledger
        stage = Stage("Opening the mailbox", "Reading mail", "Matching receipts")
        stage.at(1)
        letters = tables.letters
        seen = {row["message"] for row in ledger.rows(letters, letters.c.mailbox == mailbox)}
        found = list(mailbox_reader.read(self._place.post.mailbox(mailbox)))
        log.debug("opened", mailbox=mailbox, mails=len(found), seen_before=len(seen))
        for number, (key, letter) in enumerate(found):
            job.raise_if_cancelled()
            stage.at(2, number / len(found), f"Mail {number + 1} of {len(found)}")
            if isinstance(letter, mailbox_reader.Broken):
                id_, kind, receipt = f"key:{key}", "broken", None
            else:
                id_, receipt = letter.id, mailbox_reader.receipt(letter)
                kind = "other" if receipt is None else "receipt"
            if id_ in seen:
                continue
            if kind == "broken":
                log.warning("a mail cannot be read", mail=key, why=str(letter))
            self._note(mailbox, id_, kind, receipt)
        stage.at(3)
        matched, unmatched = ledger.match_receipts()
        log.info("receipts matched", matched=matched, unmatched=unmatched)
        mine = ledger.rows(letters, letters.c.seen_by == job.id)
        kinds = [row["kind"] for row in mine]
        return Synced(len(mine), kinds.count("receipt"), kinds.count("broken"))

    def _note(
        self, mailbox: str, id_: str, kind: str, receipt: mailbox_reader.Receipt | None
    ) -> None:
        """Keep what a mail is; the receipt first, for a mail that is noted is not read again."""
        if receipt is not None:
            row = {
                "message": id_, "mailbox": mailbox, "merchant": receipt.merchant,
                "amount": receipt.amount, "currency": receipt.currency,
                "bought_on": receipt.bought_on,
            }  # fmt: skip
            self._place.ledger.keep(tables.receipts, [row])
        letter = {"message": id_, "mailbox": mailbox, "kind": kind, "seen_by": current().id}
        self._place.ledger.keep(tables.letters, [letter])

    def _import_transactions(self, file: str, account: str) -> Imported:
        """Book a statement; bookings that are there already are left as they are."""
        job, log, ledger = current(), current().services["logger"], self._place.ledger
        stage = Stage("Reading the statement", "Booking", "Counting")
        stage.at(1)
        try:
            told = statements.read(self._place.sent(file))
            self._check_account(told, account)
        except (statements.Unreadable, FileNotFoundError) as error:
            log.exception("the statement cannot be read", file=file, account=account)
            raise statements.Unreadable(str(error)) from error
        log.debug("read", kind=told.kind, bookings=len(told.lines), as_of=str(told.as_of))
        for odd in told.oddities:
            log.warning("a line was left out", file=file, line=odd)
        for start in range(0, len(told.lines), SLICE):
            job.raise_if_cancelled()
            stage.at(2, start / len(told.lines), f"{start} of {len(told.lines)} bookings")
            part = told.lines[start : start + SLICE]
            booked = [(line, bookkeeping.category(line.payee)) for line in part]
            ledger.import_lines(file, account, told, booked)
        stage.at(3)
        brought = ledger.brought(file)
        log.info("booked", read=len(told.lines), new=brought)
        self.emit(IMPORTED, {"account": account, "file": file})
        return Imported(account, told.kind, len(told.lines), brought, len(told.oddities))

    def _check_account(self, told: statements.Statement, account: str) -> None:
        accounts = tables.accounts
        known = self._place.ledger.rows(accounts, accounts.c.id == account)
        if not known:
            raise statements.Unreadable(f"there is no account {account!r}")
        if told.account and told.account != known[0]["number"]:
            raise statements.Unreadable(f"it is of account {told.account}, and not of {account}")

    def _reconcile_later(self, event: Event) -> str:
        """Have an account compared with what its bank says: a statement was booked."""
        return self.account_reconciliation.enqueue(event.payload["account"]).id

    def _reconcile(self, account: str) -> Reconciled:
        """Compare what is booked with what each statement of an account says was there."""
        log, ledger = current().services["logger"], self._place.ledger
        stage = Stage("Comparing balances", "Matching receipts")
        told = tables.statements.c
        found = ledger.rows(tables.statements, told.account == account, told.closing.is_not(None))
        found.sort(key=lambda row: (row["as_of"], row["id"]))
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(found):
            stage.at(1, number / len(found), f"Statement of {row['as_of']}")
            base, first = found[0]["closing"], found[0]["as_of"]
            booked = base + ledger.balance(account, row["as_of"]) - ledger.balance(account, first)
            rows.append({
                "account": account, "as_of": row["as_of"], "stated": row["closing"],
                "booked": booked,
            })  # fmt: skip
        ledger.keep(tables.reconciliations, rows, anew=["stated", "booked"])
        differing = [row["as_of"] for row in rows if row["stated"] != row["booked"]]
        # A statement that comes before the one ahead of it differs until that one is there.
        fitting = [row["as_of"] for row in rows if row["stated"] == row["booked"]]
        ledger.withdraw([f"balance:{account}:{day}" for day in fitting])
        for day in differing:
            log.warning("the ledger differs from the bank", account=account, day=str(day))
            self._tell(f"balance:{account}:{day}", f"{account} differs from the bank on {day}")
        stage.at(2)
        matched, unmatched = ledger.match_receipts()
        log.info("compared", statements=len(rows), differing=len(differing), matched=matched,
                 unmatched=unmatched)  # fmt: skip
        return Reconciled(account, len(rows), differing)

    def _refresh_budgets(self, month: date | None = None) -> dict[str, int]:
        """Compare what was spent in a month, by default in this one, with what was planned."""
        month = bookkeeping.first_of_month(month or self._place.today())
        ledger, log = self._place.ledger, current().services["logger"]
        stage = Stage("Adding up", "Comparing")
        stage.at(1)
        spent = ledger.spent(month, bookkeeping.month_after(month))
        rows: list[dict[str, Any]] = [
            {"month": month, "category": name, "planned": planned, "spent": spent.get(name, 0)}
            for name, planned in bookkeeping.PLANNED.items()
        ]
        ledger.keep(tables.budgets, rows, anew=["planned", "spent"])
        for number, row in enumerate(rows):
            stage.at(2, number / len(rows), f"Budget of {row['category']}")
            said = bookkeeping.warning(row["category"], row["planned"], row["spent"])
            if said:
                log.warning(said, month=str(month), category=row["category"])
                self._tell(f"budget:{month}:{row['category']}", said)
        return {row["category"]: row["spent"] for row in rows}

    def _find_insights(self, week: date | None = None) -> list[str]:
        """Tell what is unusual about a week, by default the last one that is over."""
        monday = bookkeeping.monday(week or self._place.today() - timedelta(weeks=1))
        ledger, stage = self._place.ledger, Stage("Adding up weeks", "Comparing")
        spent = []
        for back in range(bookkeeping.WEEKS_BEFORE + 1):
            stage.at(1, back / (bookkeeping.WEEKS_BEFORE + 1), f"{back} weeks before")
            since = monday - timedelta(weeks=back)
            spent.append(ledger.spent(since, since + timedelta(weeks=1)))
        stage.at(2)
        found = bookkeeping.insights(spent[0], spent[1:])
        ledger.keep(
            tables.insights,
            [
                {
                    "week": monday, "kind": each.kind, "subject": each.subject,
                    "amount": each.amount, "usual": each.usual, "told": each.told,
                }
                for each in found
            ],
            anew=["amount", "usual", "told"],
        )  # fmt: skip
        for each in found:
            self._tell(f"insight:{monday}:{each.kind}:{each.subject}", each.told)
        current().services["logger"].info("compared", week=str(monday), insights=len(found))
        return [each.told for each in found]

    def _tell(self, about: str, said: str) -> None:
        """Have everybody told by the next digest, once."""
        today = self._place.today()
        rows = [
            {"about": about, "reader": reader, "since": today, "told": said} for reader in ADDRESSES
        ]
        self._place.ledger.keep(tables.notices, rows)

    def _send_digest(self) -> dict[str, int]:
        """Mail to everybody what they have not been told yet; how much each is told."""
        job, today = current(), self._place.today()
        told: dict[str, int] = {}
        stage = Stage(*(f"Telling {reader}" for reader in ADDRESSES))
        for number, (reader, address) in enumerate(ADDRESSES.items(), start=1):
            stage.at(number)
            lines = self._place.ledger.digest(reader, job.id)
            told[reader] = len(lines)
            if lines:
                # The same key again is the same mail, should this job be run twice.
                once = unique(window="7d")
                self._email.send.using(key=f"digest:{job.id}:{reader}", unique=once).enqueue(
                    to=[address], subject=f"{len(lines)} notices of {today}", text="\n".join(lines)
                )
        current().services["logger"].info("told", **told)
        return told


class Stage:
    """Tells how far a job of several steps has come."""

    def __init__(self, *steps: str) -> None:
        """Begin before the first of these steps."""
        self._steps = steps

    def at(self, step: int, part: float = 0.0, says: str = "") -> None:
        """Say which step it is at, and how much of it is done.

        Args:
            step: from 1.
            part: 0 to 1.
            says: what it is doing; by default the name of the step.
        """
        of = len(self._steps)
        percent = 100 * (step - 1 + part) / of
        current().progress(percent, says or self._steps[step - 1], step=step, of=of)
