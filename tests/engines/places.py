"""Databases of their own on a server, each with an ordinary user who owns it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from tidemill.engines import open_engine
from tidemill.engines.health import Finding, Health
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.session import PsycopgSession
from tidemill.engines.protocol import Engine

_numbers = count(1)


class Place:
    """A database of its own, and a store in it that an ordinary user owns."""

    def __init__(self, url: str) -> None:
        """Made by the superuser whose URL this is."""
        self.name = f"place_{next(_numbers)}"
        self.admin = psycopg.connect(url, autocommit=True)
        self.admin.execute(f"CREATE ROLE {self.name} LOGIN")
        self.admin.execute(f"CREATE DATABASE {self.name} OWNER {self.name}")
        self.root = url.replace("/postgres", f"/{self.name}")
        self.url = self.root.replace("tests@", f"{self.name}@")

    def run(self, statement: str) -> None:
        """As the superuser, in this database."""
        with psycopg.connect(self.root, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def link(self) -> Iterator[PostgresLink]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield PostgresLink(PsycopgSession(connection), "tidemill")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    engine.open().wait()
    try:
        yield engine
    finally:
        engine.close().wait()


def looked(url: str) -> Health:
    with opened(url) as engine:
        return engine.health().wait()


def found(url: str) -> tuple[Finding, ...]:
    return looked(url).findings
