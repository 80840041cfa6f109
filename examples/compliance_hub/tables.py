"""The hub's own database: its tables, and the transactions in which they are read and written."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql, sqlite

from examples.stage import books as stage

tables: Final = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    """A table whose name tells whose it is, for jobs may be kept in the same database."""
    return Table(f"hub_{name}", tables, *columns)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _staff(name: str, *, empty: bool = False) -> Column[int]:
    return Column(name, ForeignKey("hub_staff.id"), nullable=empty)


STAFF: Final = _table(
    "staff",
    _id(),
    Column("name", String(80), nullable=False),
    Column("email", String(120), nullable=False),
    Column("position", String(60), nullable=False),
    Column("manager", Integer),
    Column("started_on", Date, nullable=False),
    Column("onboarded_on", Date),
)
CREDENTIALS: Final = _table(
    "credential",
    _id(),
    _staff("staff"),
    Column("title", String(120), nullable=False),
    Column("number", String(40), nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("expired", Boolean, nullable=False, default=False),
)
PD: Final = _table(
    "pd",
    _id(),
    _staff("staff"),
    Column("title", String(120), nullable=False),
    Column("hours", Float, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("done_on", Date),
)
POLICIES: Final = _table(
    "policy",
    _id(),
    Column("title", String(120), nullable=False),
    _staff("owner"),
    Column("review_on", Date, nullable=False),
    Column("in_review", Boolean, nullable=False, default=False),
)
COMPLAINTS: Final = _table(
    "complaint",
    _id(),
    Column("reference", String(20), nullable=False, unique=True),
    Column("student", String(80), nullable=False),
    Column("summary", Text, nullable=False),
    _staff("owner"),
    Column("opened_on", Date, nullable=False),
    Column("acknowledged_on", Date),
    Column("resolved_on", Date),
    Column("escalated_on", Date),
)
ONBOARDING: Final = _table(
    "onboarding",
    _id(),
    _staff("staff"),
    Column("step", String(120), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("done_on", Date),
)
FEEDBACK: Final = _table(
    "feedback",
    _id(),
    Column("external", String(40), nullable=False, unique=True),
    Column("course", String(20), nullable=False),
    Column("words", Text, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("mood", String(10)),
    Column("topic", String(20)),
    Column("certainty", Float),
    Column("analysed_at", DateTime(timezone=True)),
)
CONTACTS: Final = _table(
    "contact",
    Column("external", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("email", String(120), nullable=False),
    Column("updated_at", String(30), nullable=False),
)
INVOICES: Final = _table(
    "invoice",
    Column("external", String(40), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("contact", String(40), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("cents", Integer, nullable=False),
    Column("paid_cents", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("updated_at", String(30), nullable=False),
)
STUDENTS: Final = _table(
    "student",
    Column("external", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("email", String(120), nullable=False),
    Column("updated_at", String(30), nullable=False),
)
ENROLMENTS: Final = _table(
    "enrolment",
    Column("external", String(40), primary_key=True),
    Column("student", String(40), nullable=False),
    Column("course", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("updated_at", String(30), nullable=False),
)
SYNCS: Final = _table(
    "sync",
    Column("entity", String(40), primary_key=True),
    Column("since", String(30), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("synced_at", DateTime(timezone=True), nullable=False),
)
MAILS: Final = _table(
    "mail",
    _id(),
    Column("once", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("recipient", String(120), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("job", String(40), nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
)


class Books(stage.Books):
    """The database of one hub.

    Example:
        >>> books = Books("sqlite:///:memory:")
        >>> books.make()
        >>> with books.begin() as tx:
        ...     books.add(tx, STUDENTS, [])
        0
        >>> books.close()
    """

    def __init__(self, url: str) -> None:
        """Prepare; nothing is connected.

        Args:
            url: `sqlite:///path` or `postgresql://user@host/name`.
        """
        super().__init__(url, tables)

    def add(self, tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add rows, but for those whose key is there already; answer how many were added."""
        return self._put(tx, table, rows, ())

    def put(self, tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str) -> int:
        """Add rows, and write those anew whose key is there already; answer how many."""
        return self._put(tx, table, rows, (key,))

    def _put(
        self,
        tx: Connection,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        key: Sequence[str],
    ) -> int:
        count = 0
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        for row in rows:
            wanted = insert(table).values(**row)
            if key:
                others = {name: wanted.excluded[name] for name in row if name not in key}
                wanted = wanted.on_conflict_do_update(index_elements=list(key), set_=others)
            else:
                wanted = wanted.on_conflict_do_nothing()
            count += max(tx.execute(wanted).rowcount, 0)
        return count
