"""What PostgreSQL does for each statement: a link that has every one explained, and then run."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.relational.link import Row, Values

Node = dict[str, Any]


class Plan(NamedTuple):
    """How a statement was run.

    Attributes:
        name: of its file.
        blocks: pages that were looked at.
        rows: the most that one step has met, those included that it threw away.
        scanned: tables that were read from one end to the other.
        steps: all of them, to be read by a person.
    """

    name: str
    blocks: int
    rows: int
    scanned: frozenset[str]
    steps: str


class ExplainingLink(PostgresLink):
    """Runs statements by their names, each as the server runs it once it is prepared.

    Attributes:
        plans: of all that were run.
    """

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._explaining = _ExplainingSession(connection)
        super().__init__(self._explaining, schema)

    @property
    def plans(self) -> list[Plan]:
        return self._explaining.plans

    def rows(self, name: str, values: Values = (), **parts: str) -> list[Row]:
        self._explaining.name = name
        return super().rows(name, values, **parts)

    def run(self, name: str, values: Values = ()) -> int:
        self._explaining.name = name
        return super().run(name, values)

    def many(self, name: str, rows: Iterable[Values]) -> int:
        return sum(self.run(name, values) for values in rows)


class _ExplainingSession:
    encoding = "UTF8"
    is_closed = False

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.name = ""
        self.plans: list[Plan] = []

    def rows(self, text: str, values: Values) -> list[Row]:
        return self._run(text, values).fetchall()

    def run(self, text: str, values: Values = ()) -> int:
        return self._run(text, values).rowcount

    def many(self, text: str, rows: Iterable[Values]) -> int:
        return sum(self.run(text, values) for values in rows)

    def _run(self, text: str, values: Values) -> psycopg.Cursor[Any]:
        execute = self._connection.execute
        types = f"({', '.join(map(_type, values))})" if values else ""
        execute(f"PREPARE explained {types} AS {text}".encode())
        said = sql.SQL(", ").join(sql.Literal(value) for value in values)
        run = (
            sql.SQL("EXECUTE explained ({})").format(said)
            if values
            else sql.SQL("EXECUTE explained")
        )
        execute("SAVEPOINT explained")
        explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ")
        (answer,) = execute(explain + run).fetchall()
        execute("ROLLBACK TO explained")
        self.plans.append(_read(self.name, answer[0][0]["Plan"]))
        cursor = execute(run)
        execute("DEALLOCATE explained")
        return cursor


def _type(value: object) -> str:
    """As which type the engine sends a value: the server chooses that of a text, and of nothing."""
    of_one = {int: "bigint", bytes: "bytea"}
    if isinstance(value, list):
        inner = next((each for each in value if each is not None), "")
        return f"{of_one.get(type(inner), 'text')}[]"
    return of_one.get(type(value), "unknown")


def _read(name: str, root: Node) -> Plan:
    nodes = list(_nodes(root))
    scans = [node for node in nodes if node["Node Type"] == "Seq Scan"]
    return Plan(
        name,
        root["Shared Hit Blocks"] + root["Shared Read Blocks"],
        max(map(_met, nodes)),
        frozenset(node["Relation Name"] for node in scans),
        "\n".join(f"  {_told(node)}" for node in nodes),
    )


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _met(node: Node) -> int:
    """How many rows a step has met, over all its turns."""
    thrown = sum(rows for key, rows in node.items() if key.startswith("Rows Removed by"))
    return int((node["Actual Rows"] + thrown) * node["Actual Loops"])


def _told(node: Node) -> str:
    on = node.get("Index Name") or node.get("Relation Name") or node.get("CTE Name") or ""
    return f"{node['Node Type']} {on}: {_met(node)} rows, {node['Shared Hit Blocks']} blocks"
