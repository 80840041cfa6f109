"""What a job says of itself while it runs, until the store has it."""

import threading
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from tidemill.core.instants import Millis
from tidemill.core.job import Claim, Progress
from tidemill.core.note import Note
from tidemill.core.record import NewEntry
from tidemill.worker.failure import hidden, shown

MOST_LINES: Final = 1_000
"""Log lines that one attempt may write; the rest is counted."""

LONGEST_MESSAGE: Final = 1_000
"""Letters of what progress says; the rest is cut off."""

PROGRESS_EVERY: Final[Millis] = 100
"""Progress is stored at most so often; what is said last is always stored."""

_encode: Final = msgspec.json.Encoder(enc_hook=repr).encode


class Notebook:
    """Takes notes from any thread, and hands them over when they are due.

    Progress and checkpoints replace what was noted before; lines are kept in order.

    Attributes:
        secrets: what is masked wherever progress or a line repeats it, in all its forms.
    """

    __slots__ = (
        "_checkpoint",
        "_claim",
        "_dropped",
        "_is_shut",
        "_lines",
        "_lock",
        "_next_at",
        "_progress",
        "_shown",
        "_tell",
        "_written",
        "secrets",
    )

    def __init__(self, claim: Claim, tell: Callable[["Notebook"], None]) -> None:
        """Open an empty one; `tell` is called, on the thread that writes, after each note."""
        self._claim = claim
        self._tell = tell
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._shown: Progress | None = None
        self._checkpoint: bytes | None = None
        self._lines: list[NewEntry] = []
        self._written = 0
        self._dropped = 0
        self._next_at: float = 0
        self._is_shut = False
        self.secrets: tuple[str, ...] = ()

    def show(self, progress: Progress) -> None:
        """Note how far the job has come."""
        # Masked before it is cut, which might leave a part of a secret.
        message = hidden(progress.message, self.secrets)[:LONGEST_MESSAGE]
        if message != progress.message:
            progress = replace(progress, message=message)
        with self._lock:
            self._progress = self._shown = progress
        self._tell(self)

    def keep(self, checkpoint: bytes) -> None:
        """Note what the next attempt, should there be one, is to begin with."""
        with self._lock:
            self._checkpoint = checkpoint
        self._tell(self)

    def add(self, level: str, message: str, fields: dict[str, Any]) -> None:
        """Note a line for the job's log; lines beyond the limit are only counted."""
        with self._lock:
            if self._written >= MOST_LINES:
                self._dropped += 1
                return
            self._written += 1
            self._lines.append(self._line(level, message, fields))
        self._tell(self)

    def absorb(self, note: Note) -> None:
        """Take over what a child process has noted of the same attempt."""
        with self._lock:
            self._progress = note.progress or self._progress
            self._checkpoint = note.checkpoint or self._checkpoint
            self._lines.extend(note.lines)
        self._tell(self)

    def shut(self) -> Progress | None:
        """Hand nothing over before the attempt has ended; answer how far the job has come.

        For whoever holds the job still in a transaction: who stored a note would wait for that.
        """
        with self._lock:
            self._is_shut = True
            return self._shown

    def reopen(self) -> None:
        """Hand notes over again as they are due."""
        with self._lock:
            self._is_shut = False
        self._tell(self)

    def take(self, now: float, *, last: bool = False) -> tuple[Note | None, bool]:
        """Hand over what is due.

        Args:
            now: seconds, monotonic.
            last: the attempt has ended, so everything is due.

        Returns:
            The note, if there is one, and whether something was held back for later.
        """
        with self._lock:
            if self._is_shut and not last:
                return None, False
            progress = self._progress if last or now >= self._next_at else None
            held = self._progress is not None and progress is None
            if progress is not None:
                self._progress = None
                self._next_at = now + PROGRESS_EVERY / 1_000
            if last and self._dropped:
                message = f"{self._dropped} more lines were dropped"
                self._lines.append(self._line("warning", message, {"limit": MOST_LINES}))
                self._dropped = 0
            checkpoint, self._checkpoint = self._checkpoint, None
            lines, self._lines = tuple(self._lines), []
        if progress is None and checkpoint is None and not lines:
            return None, held
        return Note(self._claim, progress, checkpoint, lines), held

    def _line(self, level: str, message: str, fields: dict[str, Any]) -> NewEntry:
        try:
            data = _encode(fields | {"message": message})
            if self.secrets:
                data = self._masked(data)
        except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
            # Half a surrogate pair, keys that are no strings, a loop: kept as Python shows it.
            plain = {
                "message": hidden(f"{message}", self.secrets),
                "fields": shown(fields, self.secrets),
            }
            data = _encode({key: ascii(value)[1:-1] for key, value in plain.items()})
        return NewEntry(level, data, tenant=self._claim.tenant)

    def _masked(self, data: bytes) -> bytes:
        """A line without secrets: still the JSON of a line, whatever they are."""
        line: dict[str, Any] = msgspec.json.decode(data)
        message = self._veiled(line.pop("message"))
        return _encode(self._veiled(line) | {"message": message})

    def _veiled(self, value: Any) -> Any:
        match value:
            case str():
                return hidden(value, self.secrets)
            case list():
                return [self._veiled(each) for each in value]
            case dict():
                return {self._veiled(key): self._veiled(each) for key, each in value.items()}
            case bool() | None:
                return value
            case _:
                written = repr(value)
                told = hidden(written, self.secrets)
                return value if told == written else told
