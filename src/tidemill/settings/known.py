"""Every setting there is: what it means, and what can be written for it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from tidemill.core.host import is_loopback
from tidemill.core.identity import check_name
from tidemill.core.instants import millis
from tidemill.core.limits import MOST
from tidemill.engines import SCHEMES, SERVERS, file_of
from tidemill.tasks.secret import read_keys
from tidemill.tasks.signature import MOST_PAYLOAD, PAYLOAD_LIMIT

PREFIX: Final = "TIDEMILL_"
DEFAULT_URL: Final = "sqlite:///tidemill.db"


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


class Setting(Struct, frozen=True):
    """One thing that can be set.

    Attributes:
        name: as in the file, with its table: `"worker.grace"`.
        means: what it decides.
        default: what holds where it is set nowhere, as one would write it; may be empty.
    """

    name: str
    kind: Kind
    means: str
    default: str = ""

    @property
    def variable(self) -> str:
        """The variable of the environment: `"TIDEMILL_WORKER_GRACE"`."""
        return PREFIX + self.name.upper().replace(".", "_")


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


def _queues(written: Any) -> tuple[str, ...]:
    """Names as a list in the file, or joined by commas in a variable."""
    names = written.split(",") if isinstance(written, str) else written
    read = msgspec.convert(names, Annotated[tuple[str, ...], Meta(min_length=1)])
    return tuple(check_name("queue", name.strip()) for name in read)


def _mail(written: Any) -> str:
    url = urlsplit(msgspec.convert(written, str))
    if url.scheme not in ("smtp", "smtps") or not url.hostname or url.path not in ("", "/"):
        raise ValueError
    if url.query not in ("", "tls=off") or (url.query and not is_loopback(url.hostname)):
        raise ValueError
    return url.geturl()


def _sender(written: Any) -> str:
    sender = msgspec.convert(written, str)
    if not re.fullmatch(r"[^\s@<>,;]{1,64}@[A-Za-z0-9.\-]{1,253}", sender):
        raise ValueError
    return sender


def _hosts(written: Any) -> tuple[str, ...]:
    """Hosts as a list in the file, or joined by commas in a variable."""
    hosts = written.split(",") if isinstance(written, str) else written
    read = tuple(host.strip().lower() for host in msgspec.convert(hosts, tuple[str, ...]))
    if not read or not all(re.fullmatch(r"[a-z0-9._\-]+(:\d{1,5})?|\[[0-9a-f:.]+\]:\d{1,5}", host)
                           for host in read):  # fmt: skip
        raise ValueError
    return read


def _readable(written: Any) -> str:
    path = Path(msgspec.convert(written, str))
    if not path.is_file():
        raise ValueError
    return str(path)


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


def _whole(low: int, high: int | None = None) -> Kind:
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
TIME: Final = Kind('a time with its unit, such as "30s", "1h30m" or "90d"', _time)
COUNT: Final = _whole(1, MOST)
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

ALL: Final = (
    Setting("url", URL, "where jobs are kept", DEFAULT_URL),
    Setting("app", REFERENCE, "the application whose jobs `tidemill worker` runs"),
    Setting("tenant", TENANT, "whose jobs are enqueued and looked at"),
    Setting(
        "payload_limit",
        _whole(1, MOST_PAYLOAD),
        "bytes of JSON that the arguments of one call may have",
        str(PAYLOAD_LIMIT),
    ),
    Setting("worker.queues", QUEUES, "take jobs from these queues only"),
    Setting("worker.concurrency", COUNT, "jobs that hold a thread each, at once", "5"),
    Setting("worker.async_concurrency", COUNT, "jobs on the event loop at once", "100"),
    Setting(
        "worker.processes_concurrency",
        COUNT,
        "child processes for tasks that run in one, each with one job at a time",
        "2",
    ),
    Setting("worker.processes", COUNT, "worker processes that `tidemill worker` starts", "1"),
    Setting(
        "worker.lease",
        TIME,
        "so long after its last sign of life a worker's jobs are given to others",
        "30s",
    ),
    Setting("worker.heartbeat", TIME, "between two signs of life", "10s"),
    Setting("worker.poll", TIME, "between two looks for work, should every hint be lost", "1s"),
    Setting("worker.grace", TIME, "that running jobs have to end when a worker is stopped", "15s"),
    Setting("keep.completed", TIME, "jobs that did well are kept so long", "90d"),
    Setting("keep.failed", TIME, "jobs that failed are kept so long", "90d"),
    Setting("keep.cancelled", TIME, "jobs that were cancelled are kept so long", "90d"),
    Setting("keep.entries", TIME, "events and the logs of jobs are kept so long", "30d"),
    Setting("keep.audit", TIME, "who did what is kept so long", "365d"),
    Setting("keep.minutes", TIME, "statistics by the minute; then by the hour", "2d"),
    Setting("keep.hours", TIME, "statistics by the hour; then by the day, for good", "90d"),
    Setting(
        "secrets.keys",
        KEYS,
        "what secret arguments are encrypted with: the first key encrypts, all of them decrypt",
    ),
    Setting("mail.url", MAIL, "the server that takes mail"),
    Setting("mail.sender", SENDER, "the address that mail comes from"),
    Setting(
        "alerts.internal",
        FLAG,
        "whether webhooks may go to addresses inside one's own network, and without TLS",
        "false",
    ),
    Setting(
        "metrics.aliases",
        FLAG,
        "whether `/metrics` tells the names of an older dashboard as well",
        "false",
    ),
    Setting(
        "services.allow",
        HOSTS,
        "hosts that handlers' services may ask though they are in one's own network, or without "
        "TLS; others are asked out in the world alone",
    ),
    Setting("services.plain", FLAG, "whether everybody may be asked without TLS", "false"),
    Setting("services.ca", READABLE, "certificates to trust beside those that everybody trusts"),
    Setting("services.http.connect", TIME, "to be connected", "5s"),
    Setting("services.http.read", TIME, "for each piece that is sent or received", "15s"),
    Setting("services.http.timeout", TIME, "for one try of a call as a whole", "30s"),
    Setting("services.http.tries", _whole(1, 100), "tries of a call that may be repeated", "3"),
    Setting("services.http.most", _whole(1), "bytes that an answer may have", "10485760"),
    Setting(
        "services.http.failures",
        _whole(1, 1_000),
        "a host that fails so often in a row is left in peace for a while",
        "5",
    ),
    Setting("services.http.window", TIME, "failures within so long count together", "30s"),
    Setting("services.http.rest", TIME, "a host is left in peace so long at first", "5s"),
    Setting(
        "services.http.longest",
        TIME,
        "so long at most, or a tenth of the time that it has been away",
        "15s",
    ),
    Setting(
        "services.http.patience",
        TIME,
        "jobs wait so long for a host that has been away; then they fail",
        "1d",
    ),
    Setting("services.database.url", DATABASE, "the database that handlers ask"),
    Setting("services.database.rows", COUNT, "rows that an answer may have", "10000"),
    Setting("services.database.pool", _whole(1, 1_000), "connections of a process", "5"),
    Setting("services.database.timeout", TIME, "for a statement", "30s"),
    Setting("services.notifications.sms", WAYS, "how people are told by SMS"),
    Setting("services.notifications.push", WAYS, "how people are told on their devices"),
    Setting("services.notifications.chat", WAYS, "how people are told in a chat"),
    Setting(
        "services.browser.program",
        READABLE,
        "the Chromium that is driven; by default the one that is found on the `PATH`",
    ),
    Setting("services.browser.most", _whole(1, 100), "browsers of a process at once", "2"),
    Setting("services.browser.timeout", TIME, "for one use of a browser as a whole", "1m"),
    Setting(
        "services.browser.sandbox",
        FLAG,
        "whether Chromium shuts its pages off from the machine; root has to do without",
        "true",
    ),
)
"""Every setting there is."""
