"""Where a run keeps its jobs: a file in its own folder, or a schema of its own in a database."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from tidemill import Tidemill


@dataclass(frozen=True)
class Store:
    """One run's store, which holds nothing but its jobs.

    Attributes:
        url: as an application names it.
        shown: the same for people, without a password.
        removal: what removes it; empty where it goes with the folder.
    """

    url: str
    shown: str
    removal: str = ""


def in_file(folder: Path) -> Store:
    """A file in the folder of the run."""
    path = folder / "jobs.db"
    return Store(f"sqlite:///{quote(str(path))}", str(path))


def in_database(database: str) -> Store:
    """A new schema in a database; whatever else is there stays as it is.

    Raises:
        TidemillError: the URL cannot be read, or the database not be used.
    """
    schema = f"tidemill_demo_{datetime.now(UTC):%Y%m%d_%H%M%S}_{secrets.token_hex(2)}"
    base, _, query = database.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True)) | {"schema": schema}
    store = Store(
        f"{base}?{urlencode(options)}",
        f"schema {schema} of {_without_password(base)}",
        f"DROP SCHEMA {schema} CASCADE",
    )
    # Whatever is wrong with it is said at once, before there is a folder or a worker.
    with Tidemill(store.url):
        return store


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", url.partition("?")[0])
