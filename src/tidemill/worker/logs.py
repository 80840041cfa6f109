"""What a job writes with the standard library's logging also goes to the job's own log."""

import logging
import threading
import traceback
from typing import Any, Final

from tidemill.worker.run import running

OWN: Final = "tidemill.job"
"""The logger of what handlers have written into the job's log already; see `JobLogger`."""

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; everything else came with `extra`."""

_lock: Final = threading.Lock()


class JobLogHandler(logging.Handler):
    """Notes every record that reaches the root logger inside a job; outside it does nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Turn a record into a line of the running job's log."""
        _leave_to_last_resort(record)
        run = running.get(None)
        if run is None or record.name == OWN:
            return
        try:
            run.notebook.add(_level(record.levelno), record.getMessage(), _fields(record))
        except Exception:  # noqa: BLE001 - as logging does: a line that cannot be written is told of
            self.handleError(record)


def attach() -> None:
    """Put the handler on the root logger, once however often it is called."""
    root = logging.getLogger()
    with _lock:
        if not any(isinstance(handler, JobLogHandler) for handler in root.handlers):
            root.addHandler(JobLogHandler())


def _leave_to_last_resort(record: logging.LogRecord) -> None:
    """Logging shows warnings on stderr while no handler is set up; ours must not end that."""
    last = logging.lastResort
    if last and record.levelno >= last.level and len(logging.getLogger().handlers) == 1:
        last.handle(record)


def _level(number: int) -> str:
    """The nearest level that jobs know, for levels of other names, too."""
    for level in ("critical", "error", "warning", "info"):
        if number >= getattr(logging, level.upper()):
            return level
    return "debug"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {key: value for key, value in vars(record).items() if key not in _PLAIN}
    fields["logger"] = record.name
    if record.exc_info and record.exc_info[0] is not None:
        fields["traceback"] = "".join(traceback.format_exception(*record.exc_info))
    return fields
