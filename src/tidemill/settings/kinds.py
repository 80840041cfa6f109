"""Kinds of settings: what can be written for one, and the value that is made of it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from tidemill.core.identity import check_name
from tidemill.core.instants import millis
from tidemill.core.limits import MOST
from tidemill.engines import SCHEMES, SERVERS, file_of
from tidemill.services.post import read_url
from tidemill.tasks.secret import read_keys

EVERY: Final = "*"
"""Stands for every module that is found."""

_Filled: TypeAlias = Annotated[str, Meta(min_length=1)]
_SEVERAL: Final = Annotated[tuple[_Filled, ...], Meta(min_length=1)]
_HOST: Final = re.compile(r"[a-z0-9._\-]+(:\d{1,5})?|\[[0-9a-f:.]+\]:\d{1,5}")


class Kind(Struct, frozen=True):
    """What can be written for a setting.

    Attributes:
        expected: what it has to be, in words.
        read: makes the value of what was written.
        secret: whether nobody is to see it.
    """

    expected: str
    read: Callable[[Any], Any]
    secret: bool = False


def _url(written: Any) -> str:
    url = msgspec.convert(written, str)
    if url.partition("://")[0] not in (*SCHEMES, *SERVERS):
        raise ValueError
    file_of(url)
    return url


def _reference(written: Any) -> str:
    reference = msgspec.convert(written, str)
    module, _, name = reference.partition(":")
    if not (module and name):
        raise ValueError
    return reference


def _time(written: Any) -> str:
    millis(msgspec.convert(written, str))
    return str(written)


def _several(written: Any) -> tuple[str, ...]:
    """Texts, one at least: a list in the file, or joined by commas in a variable."""
    texts = written.split(",") if isinstance(written, str) else written
    return tuple(text.strip() for text in msgspec.convert(texts, _SEVERAL))


def _queues(written: Any) -> tuple[str, ...]:
    return tuple(check_name("queue", name) for name in _several(written))


def _modules(written: Any) -> tuple[str, ...]:
    return tuple(
        name if name == EVERY else check_name("module", name) for name in _several(written)
    )


def _mail(written: Any) -> str:
    return read_url(msgspec.convert(written, str))


def _sender(written: Any) -> str:
    sender = msgspec.convert(written, str)
    if not re.fullmatch(r"[^\s@<>,;]{1,64}@[A-Za-z0-9.\-]{1,253}", sender):
        raise ValueError
    return sender


def _hosts(written: Any) -> tuple[str, ...]:
    hosts = tuple(host.lower() for host in _several(written))
    if not all(map(_HOST.fullmatch, hosts)):
        raise ValueError
    return hosts


def _readable(written: Any) -> str:
    path = Path(msgspec.convert(written, str))
    if not path.is_file():
        raise ValueError
    return str(path)


def _origin(written: Any) -> str:
    url = urlsplit(msgspec.convert(written, str))
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise ValueError
    return url.geturl()


def _tables(written: Any) -> dict[str, dict[str, Any]]:
    """Settings by module, as a table of tables in the file, or as JSON in a variable."""
    read = msgspec.json.decode(written) if isinstance(written, str) else written
    tables = msgspec.convert(read, dict[str, dict[str, Any]])
    return {check_name("module", name): table for name, table in tables.items()}


def _database(written: Any) -> str:
    url = msgspec.convert(written, str)
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError
    return url


def _ways(written: Any) -> tuple[str, ...]:
    """URLs as a list in the file, or a single one in a variable, for they may hold commas."""
    urls = msgspec.convert([written] if isinstance(written, str) else written, tuple[str, ...])
    if not urls or not all("://" in url for url in urls):
        raise ValueError
    return urls


def _flag(written: Any) -> bool:
    if isinstance(written, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
            written.lower()
        ]
    return msgspec.convert(written, bool)


def whole(low: int, high: int | None = None) -> Kind:
    """A whole number between two, both included; without an end if there is none."""
    bounded = Annotated[int, Meta(ge=low, le=high)]
    expected = f"a whole number from {low}" + (f" to {high:,}" if high is not None else "")
    return Kind(expected, lambda written: msgspec.convert(written, bounded, strict=False))


URL: Final = Kind(
    f"a URL that begins with {', '.join(f'{each}://' for each in SCHEMES)}; for commands that ask a"
    " server, https://",
    _url,
)
REFERENCE: Final = Kind('an application, such as "shop.jobs:app"', _reference)
TENANT: Final = Kind(
    "a name of letters, digits, '_', '.' or '-'",
    lambda written: check_name("tenant", msgspec.convert(written, str)),
)
QUEUES: Final = Kind('names of queues, as ["mail", "slow"] or "mail,slow"', _queues)
FOLDER: Final = Kind(
    'a folder, as "/var/lib/tidemill/files"', lambda written: msgspec.convert(written, _Filled)
)
ORIGIN: Final = Kind('an address of HTTP, as "https://jobs.example.org/tidemill"', _origin)
MODULE_SETTINGS: Final = Kind(
    'a table for each module, or all of it as JSON, as {"billing": {"currency": "AUD"}}',
    _tables,
    secret=True,
)
FOLDERS: Final = Kind('folders, as ["modules"] or "modules,more/modules"', _several)
MODULES: Final = Kind(
    'names of modules, as ["billing"] or "billing,news", or "*" for all', _modules
)
TIME: Final = Kind('a time with its unit, such as "30s", "1h30m" or "90d"', _time)
COUNT: Final = whole(1, MOST)
KEYS: Final = Kind(
    'names and keys of 32 bytes in base64, "k2:…,k1:…", as `tidemill secrets new` makes them',
    lambda written: read_keys(msgspec.convert(written, str)),
    secret=True,
)
FLAG: Final = Kind("true or false", _flag)
MAIL: Final = Kind(
    'a mail server, as "smtps://user:password@mail.example.org" or "smtp://…:587"; "?tls=off" is '
    "for one on this very machine",
    _mail,
)
HOSTS: Final = Kind('hosts, as ["ledger.internal", "127.0.0.1:8080"]', _hosts)
READABLE: Final = Kind("the path of a file that is there", _readable)
DATABASE: Final = Kind(
    'a database, as "sqlite:///shop.db" or "postgresql://user:password@host/name"', _database
)
WAYS: Final = Kind(
    'URLs as apprise has them, in which `{to}` stands for who is told: ["twilio://…/{to}"]',
    _ways,
    secret=True,
)
SENDER: Final = Kind('a mail address, as "jobs@example.org"', _sender)
