"""`logger`: writes lines with fields into the job's log, and by Python's logging."""

import logging
import re
import traceback
from typing import Any, Final

from tidemill.worker.failure import hidden
from tidemill.worker.logs import OWN
from tidemill.worker.run import running

LONGEST: Final = 8 << 10
"""Letters of a line that Python's logging is given."""

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_log = logging.getLogger(OWN)


class JobLogger:
    """Writes what a handler has to say, at one of five levels.

    A line goes into the job's log whatever the level; Python's logging, whose logger is called
    `tidemill.job`, shows it by its own rules. There it has the job, its task, its tenant, its
    attempt and the fields as attributes of the record. Outside of a job it goes there alone.

    Example:
        >>> logger = current().services["logger"].bind(order=7)  # doctest: +SKIP
        >>> logger.info("packed", parcels=2)  # doctest: +SKIP
    """

    __slots__ = ("_fields",)

    def __init__(self, **fields: Any) -> None:
        """Add these fields to each line."""
        self._fields = fields

    def bind(self, **fields: Any) -> "JobLogger":
        """One that adds these fields, too."""
        return JobLogger(**(self._fields | fields))

    def debug(self, message: str, /, **fields: Any) -> None:
        """Say what only matters to whoever looks for a mistake."""
        self._write("debug", message, fields)

    def info(self, message: str, /, **fields: Any) -> None:
        """Say what happens."""
        self._write("info", message, fields)

    def warning(self, message: str, /, **fields: Any) -> None:
        """Say what is odd."""
        self._write("warning", message, fields)

    def error(self, message: str, /, **fields: Any) -> None:
        """Say what went wrong."""
        self._write("error", message, fields)

    def critical(self, message: str, /, **fields: Any) -> None:
        """Say what somebody should look at now."""
        self._write("critical", message, fields)

    def exception(self, message: str, /, **fields: Any) -> None:
        """Say what went wrong, with the traceback of what is being dealt with."""
        self._write("error", message, {"traceback": traceback.format_exc()} | fields)

    def _write(self, level: str, message: str, fields: dict[str, Any]) -> None:
        fields = self._fields | fields
        run = running.get(None)
        about: dict[str, Any] = {"fields": fields}
        secrets: tuple[str, ...] = ()
        if run is not None:
            run.notebook.add(level, message, fields)
            claim, secrets = run.claim, run.secrets
            about |= {
                "job": claim.id, "task": claim.task, "tenant": claim.tenant,
                "attempt": claim.attempt,
            }  # fmt: skip
        if _log.isEnabledFor(_LEVELS[level]):
            if secrets:
                about["fields"] = {name: _veiled(value, secrets) for name, value in fields.items()}
            line = _CONTROL.sub(_escaped, hidden(f"{message}", secrets))[:LONGEST]
            _log.log(_LEVELS[level], "%s", line, extra=about)


def _veiled(value: Any, secrets: tuple[str, ...]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    written = value if isinstance(value, str) else repr(value)
    told = hidden(written, secrets)
    return value if told == written else told


def _escaped(found: re.Match[str]) -> str:
    """A line end, or what a terminal obeys, as it would be written in a program."""
    return found[0].encode("unicode_escape").decode()
