"""Every setting there is: its name, and what it means."""

from typing import Final

from msgspec import Struct

from tidemill.settings.kinds import (
    COUNT,
    DATABASE,
    FLAG,
    FOLDER,
    FOLDERS,
    HOSTS,
    KEYS,
    MAIL,
    MODULE_SETTINGS,
    MODULES,
    ORIGIN,
    QUEUES,
    READABLE,
    REFERENCE,
    SENDER,
    TENANT,
    TIME,
    URL,
    WAYS,
    Kind,
    whole,
)
from tidemill.tasks.signature import MOST_PAYLOAD, PAYLOAD_LIMIT

PREFIX: Final = "TIDEMILL_"
DEFAULT_URL: Final = "sqlite:///tidemill.db"


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


ALL: Final = (
    Setting("url", URL, "where jobs are kept", DEFAULT_URL),
    Setting("app", REFERENCE, "the application whose jobs `tidemill worker` runs"),
    Setting("tenant", TENANT, "whose jobs are enqueued and looked at"),
    Setting(
        "payload_limit",
        whole(1, MOST_PAYLOAD),
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
        "worker.nice",
        whole(0, 19),
        "steps by which `tidemill worker` gives way to other programs where processors are short",
        "5",
    ),
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
    Setting("mail.connections", whole(1, 100), "lines to the server that a process has", "4"),
    Setting("mail.timeout", TIME, "for each step of handing a letter over", "15s"),
    Setting(
        "alerts.internal",
        FLAG,
        "whether webhooks may go to addresses inside one's own network, and without TLS",
        "false",
    ),
    Setting("modules.folders", FOLDERS, "where modules are looked for, beside installed packages"),
    Setting("modules.include", MODULES, "which of the modules that are found are included"),
    Setting(
        "modules.settings",
        MODULE_SETTINGS,
        "settings of modules, where their own are not meant: a table for each, as "
        "`[modules.settings.billing]`",
    ),
    Setting(
        "files.folder",
        FOLDER,
        "where files lie; all nodes have to see the same one. By default beside the SQLite file, "
        "with `-files` behind its name; for PostgreSQL `tidemill-files`",
    ),
    Setting("files.keep", TIME, "files are kept so long where nothing else is said", "30d"),
    Setting("files.most", whole(1), "bytes that one file may have", str(1 << 30)),
    Setting(
        "files.url",
        ORIGIN,
        "the address of the server in links to files, as their readers reach it; by default links "
        "are paths",
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
    Setting("services.http.tries", whole(1, 100), "tries of a call that may be repeated", "3"),
    Setting("services.http.most", whole(1), "bytes that an answer may have", "10485760"),
    Setting(
        "services.http.failures",
        whole(1, 1_000),
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
    Setting("services.database.pool", whole(1, 1_000), "connections of a process", "5"),
    Setting("services.database.timeout", TIME, "for a statement", "30s"),
    Setting("services.notifications.sms", WAYS, "how people are told by SMS"),
    Setting("services.notifications.push", WAYS, "how people are told on their devices"),
    Setting("services.notifications.chat", WAYS, "how people are told in a chat"),
    Setting(
        "services.browser.program",
        READABLE,
        "the Chromium that is driven; by default the one that is found on the `PATH`",
    ),
    Setting("services.browser.most", whole(1, 100), "browsers of a process at once", "2"),
    Setting("services.browser.timeout", TIME, "for one use of a browser as a whole", "1m"),
    Setting(
        "services.browser.sandbox",
        FLAG,
        "whether Chromium shuts its pages off from the machine; root has to do without",
        "true",
    ),
)
"""Every setting there is."""
