"""What a module may do and how much of it, as it is written, and as the store keeps to it."""

import re
from typing import Any, Final

from msgspec import Struct

from tidemill.core.event import compile_pattern
from tidemill.core.identity import check_key, check_name
from tidemill.core.limits import check_most
from tidemill.modules.part import Part
from tidemill.tasks.charter import Permissions
from tidemill.tasks.options import RateLimit

_RATE: Final = re.compile(r"(\d{1,9})\s*/\s*(.+)")


class Quotas(Struct, frozen=True):
    """How much of a module's work is done, over all workers; `None`: as much as there is.

    Attributes:
        concurrency: its jobs that run at once.
        rate: how often they start, as it is written: `"100/1m"`.
        per_hour: its jobs that start within any hour, evenly spread.
    """

    concurrency: int | None = None
    rate: str | None = None
    per_hour: int | None = None

    @property
    def keeps_queue(self) -> bool:
        """Whether they are rules of the module's queue, and so hold nowhere else."""
        return self.concurrency is not None or self.rate is not None

    @property
    def starts(self) -> RateLimit | None:
        """The rate as the rules of a queue have it."""
        return None if self.rate is None else read_rate(self.rate)

    def hourly(self, key: str = "") -> RateLimit | None:
        """The hourly quota as a rate: one that leaves no burst never exceeds its count."""
        return None if self.per_hour is None else RateLimit(self.per_hour, "1h", key=key, burst=1)


def key_of(module: str) -> str:
    """The key that the jobs of a module with an hourly quota share."""
    return f"module:{module}"


def read_rate(written: str) -> RateLimit:
    """A rate as it is written: so many starts in so long a time.

    Raises:
        InvalidOption: it cannot be read.

    Example:
        >>> read_rate("100/1m").rate.per
        60000
    """
    found = _RATE.fullmatch(written)
    count, per = found.groups() if found else ("0", "1m")
    return RateLimit(int(count), per)


def read_quotas(part: Part) -> Quotas:
    """The quotas of a module.

    Raises:
        InvalidManifest: one of them makes no sense.
    """
    written = part.text("rate") or None
    if written is not None and not _RATE.fullmatch(written):
        raise part.wrong("rate", f"holds {written!r}", hint='write "100/1m": starts, and a time')
    read = Quotas(part.whole("concurrency", 1), written, part.whole("per_hour", 1))
    part.end()
    for key, most in (("concurrency", read.concurrency), ("per_hour", read.per_hour)):
        if most is not None:
            part.made(key, lambda most=most: check_most(most))  # type: ignore[misc]  # bound now
    part.made("rate", lambda: read.starts)
    return read


def read_permissions(part: Part) -> tuple[Permissions, tuple[str, ...]]:
    """The permissions of a module, and the services that it may use.

    Raises:
        InvalidManifest: one of them makes no sense.
    """
    events = part.table("events")
    read = Permissions(
        queues=_each(part, "queues", lambda name: check_name("queue", name)),
        emit=_each(events, "emit", compile_pattern),
        hear=_each(events, "hear", compile_pattern),
    )
    services = _each(part, "services", lambda name: check_key("service", name))
    events.end()
    part.end()
    return read, services


def _each(part: Part, key: str, check: Any) -> tuple[str, ...]:
    found = part.texts(key)
    for number, each in enumerate(found):
        part.made(f"{key}[{number}]", lambda each=each: check(each))  # type: ignore[misc]  # as above
    return found
