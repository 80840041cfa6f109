"""The file itself: who may write it now, how it is opened, and when its log is folded back.

Beside `jobs.db` lies `jobs.db.pen`, a file that processes lock while they write. It does four
things. Writers queue on a lock of the kernel instead of polling SQLite's. No commit of ours
ever overlaps a checkpoint of ours, for a checkpoint happens within a commit, which keeps clear of
the WAL-reset bug of SQLite 3.7.0 to 3.51.2 (https://sqlite.org/wal.html#walresetbug: a commit that
resets the log while another connection begins to fold it back can corrupt the file). And it
remembers that a store was here, so that a lost or emptied `jobs.db` is missed instead of being
quietly made anew. Behind that mark it has the number of the process that took it last, for those
who wait in vain.
"""

import errno
import fcntl
import os
import random
import reprlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec import MsgspecError

from tidemill.core.errors import (
    StoreCorrupt,
    StoreError,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
    TidemillError,
)
from tidemill.engines.sqlite.driver import BUSY_CODES, Driver, Link, translate
from tidemill.engines.sqlite.origin import check_origin
from tidemill.engines.unstorable import UNSENT, unstorable

_MADE: Final = b"a tidemill store was made beside this file\n"

UNREADABLE: Final = (ValueError, MsgspecError)
"""What reading a row raises when it holds no state, no JSON or no text that there is."""

FOLD_PAGES: Final = 2_000
"""Pages in the log at which a commit folds it back into the file."""


class StoreFile:
    """Path, pen and manners of one store."""

    def __init__(self, path: Path, patience: float, driver: Driver) -> None:
        """Remember them; nothing is opened yet. Patience is in seconds."""
        self.path = path.absolute()
        self.driver = driver
        self._patience = patience
        self._pen_path = Path(f"{self.path}.pen")
        self._pen = -1
        self._is_marked = False
        self._identity = (0, 0, False)
        self._log_path = Path(f"{self.path}-wal")
        self._log: tuple[Link | None, tuple[int, int]] = (None, (0, 0))

    def open(self) -> bool:
        """Open the pen, make a new file if none was ever here; answer whether it is new.

        Raises:
            StoreMissing: there was a store, and its file is gone.
            StoreUnavailable: the directory is missing or closed to us, or it is no plain file.
            StoreReadOnly: we may read it and not write it.
            StoreCorrupt: it is someone else's, and stays as it is.
        """
        try:
            # The pen is asked for first: who makes a store makes its file before its pen.
            was_here = self._pen_path.exists()
            new = not self.path.exists()
            odd = not new and not self.path.is_file()
            unknown = not new and not was_here and not odd and self.path.stat().st_size > 0
        except OSError as error:
            raise self._cannot_open(error) from error
        if odd:
            raise StoreUnavailable(
                f"{self.path} cannot be opened: it is no plain file", hint="name a file"
            )
        if unknown:
            self._refuse_strangers()
        if new and was_here:
            raise StoreMissing(
                f"{self.path} is gone, though {self._pen_path.name} says that a store was here",
                hint=f"restore it from a backup, or delete {self._pen_path.name} to begin anew",
            )
        try:
            if new:
                self.path.touch(mode=0o600)
            self._pen = os.open(self._pen_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._cannot_open(error) from error
        # What is empty now is about to be filled, and must not be found empty after that.
        self._identity = (*_place(self.path), True)
        return new

    def _cannot_open(self, error: OSError) -> StoreError:
        closed = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        kind = StoreReadOnly if closed and os.access(self.path, os.R_OK) else StoreUnavailable
        return kind(
            f"{self.path} cannot be opened: {error.strerror}",
            hint="check that its directory exists and that this user may write there",
        )

    def _refuse_strangers(self) -> None:
        """Look into a file that has no pen before one is laid beside it."""
        link = self.connect(read_only=True)
        try:
            check_origin(link, self.path)
        except (*UNREADABLE, self.driver.errors) as error:
            raise self.explain_read(error) from error
        finally:
            link.close()

    def close(self) -> None:
        """Let go of the pen."""
        if self._pen >= 0:
            os.close(self._pen)
            self._pen = -1

    def refuse_emptied(self) -> None:
        """Refuse a file that holds nothing although a store has been made in it; under the pen.

        Raises:
            StoreMissing: that is so.
        """
        # SQLite takes a file of one byte for an empty one, too.
        if self.path.stat().st_size <= 1:
            self.refuse_unmade()

    def refuse_unmade(self) -> None:
        """Refuse a file without a store in it although one has been made in it; under the pen.

        Raises:
            StoreMissing: that is so.
        """
        if os.fstat(self._pen).st_size:
            raise StoreMissing(
                f"{self.path} is empty, though {self._pen_path.name} says that a store was here",
                hint=f"restore it from a backup, or delete {self._pen_path.name} to begin anew",
            )

    def mark_made(self) -> None:
        """Remember in the pen that the store is made; under the pen."""
        # On a full disk the next one to open the store tries again.
        with suppress(OSError):
            if not os.fstat(self._pen).st_size:
                os.write(self._pen, _MADE)
            self._is_marked = True

    def connect(self, *, read_only: bool = False) -> Link:
        """Open a connection with the settings that every promise rests on."""
        try:
            link = self.driver.connect(self.path)
            # Another process may be making the file, or folding its log back as the last to go.
            link.rows(f"PRAGMA busy_timeout = {round(self._patience * 1_000)}")
            link.rows("PRAGMA temp_store = MEMORY")
            link.rows("PRAGMA cache_size = -32768")
            if read_only:
                link.rows("PRAGMA query_only = ON")
                link.rows("PRAGMA busy_timeout = 5000")
                link.rows("PRAGMA wal_autocheckpoint = 0")
            else:
                link.rows("PRAGMA synchronous = FULL")
                link.rows(f"PRAGMA wal_autocheckpoint = {FOLD_PAGES}")
                link.rows("PRAGMA busy_timeout = 0")
        except self.driver.errors as error:
            raise translate(self.driver, self.path, error) from error
        return link

    @contextmanager
    def pen(self) -> Iterator[None]:
        """Hold the pen: no other process of ours writes or folds meanwhile."""
        self.take_pen()
        try:
            yield
        finally:
            self.lay_down_pen()

    def lay_down_pen(self) -> None:
        """Let the next writer have the pen."""
        fcntl.flock(self._pen, fcntl.LOCK_UN)

    def take_pen(self) -> None:
        """Queue for the pen.

        The kernel hands it over at once, so the wait is normally as short as a commit. Only a
        process that was stopped in the middle of a write can hold it for long; then we give up
        with a clear error after our patience instead of hanging with it.
        """
        deadline = time.monotonic() + self._patience
        pause = 0.0002
        while True:
            try:
                fcntl.flock(self._pen, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._explain_wait() from None
                time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - only spreads waiters
                pause = min(pause * 1.5, 0.005)
            else:
                self._sign_pen()
                return

    def _sign_pen(self) -> None:
        """Leave our number for those who wait; before the store is made, the pen stays empty."""
        if self._is_marked:
            with suppress(OSError):
                os.pwrite(self._pen, b"%-20d\n" % os.getpid(), len(_MADE))

    def _explain_wait(self) -> StoreLocked:
        """Why the pen could not be had, and what to do about it."""
        number = os.pread(self._pen, 20, len(_MADE)).decode(errors="replace").strip()
        if not number.isdigit():
            return StoreLocked(
                f"{self.path} has been locked by another process for too long",
                hint=f"`fuser -v {self._pen_path}` names it; it may be stopped or hung",
            )
        return StoreLocked(
            f"{self.path} has been locked by another process for too long: by process {number}, "
            "unless that has ended",
            hint=f"it may be stopped or hung: `kill -CONT {number}` wakes it, and to kill it loses "
            f"nothing that was accepted; `fuser -v {self._pen_path}` names it, too",
        )

    def begin(self, link: Link) -> None:
        """Begin to write, waiting for a caller's own transaction to end if one is open."""
        self._refuse_lost(link)
        deadline = time.monotonic() + self._patience
        pause = 0.0002
        while True:
            try:
                link.run("BEGIN IMMEDIATE")
            except self.driver.errors as error:
                if self.driver.code(error) not in BUSY_CODES or time.monotonic() > deadline:
                    raise
                # SQLite's own busy handler sleeps up to 100 ms; short, uneven naps keep a
                # waiting writer close behind the one that ends.
                time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - only spreads waiters
                pause = min(pause * 2, 0.01)
            else:
                if self._log[0] is not link:
                    self._log = (link, _place(self._log_path))
                return

    def _refuse_lost(self, link: Link) -> None:
        """Refuse to write where nobody would find it: into files that have no name any more."""
        if _identity(self.path) != self._identity:
            raise StoreMissing(
                f"{self.path} was removed, replaced or emptied while it was open",
                hint="put it back, then start this process again",
            )
        # SQLite keeps its log as long as a connection is open, and would write on into one that
        # has been removed: what was accepted would be gone with this process.
        owner, log = self._log
        if owner is link and _place(self._log_path) != log:
            raise StoreMissing(
                f"{self._log_path} was removed while {self.path.name} was open",
                hint="stop every process that uses the store, which saves what it can; start anew",
            )

    def roll_back(self, link: Link) -> None:
        """Undo what was begun; a failing disk may have undone it already."""
        try:
            link.run("ROLLBACK")
        except self.driver.errors:
            return

    def fold(self, link: Link) -> None:
        """Fold the log back before the last connection goes, if nobody else is in the way."""
        try:
            with self.pen():
                link.rows("PRAGMA wal_checkpoint(PASSIVE)")
        except (TidemillError, self.driver.errors):
            return

    def explain_read(self, error: Exception) -> Exception:
        """The same of an error in reading, where it may also be damage that SQLite does not see."""
        told = self.explain(error)
        if isinstance(told, UNREADABLE):
            return StoreCorrupt(
                f"{self.path} holds what tidemill does not write: {reprlib.repr(str(error))}",
                hint="it may be damaged: restore it from a backup, or use the release it is from",
            )
        return told

    def explain(self, error: BaseException) -> Exception:
        """The error in our own words: SQLite's, of what no store can hold, or an interruption."""
        if isinstance(error, UNSENT):
            return unstorable(error)
        if isinstance(error, self.driver.errors):
            return translate(self.driver, self.path, error)
        if isinstance(error, Exception):
            return error
        return StoreUnavailable(
            f"the thread that was writing to {self.path} has been interrupted ({error!r})",
            hint="try again: nothing of this is stored, or storing it again changes nothing",
        )


def _identity(path: Path) -> tuple[int, int, bool]:
    """Which file stands at a path, and whether there is something in it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0, False)
    return (status.st_dev, status.st_ino, status.st_size > 0)


def _place(path: Path) -> tuple[int, int]:
    """Which file stands at a path."""
    device, number, _ = _identity(path)
    return device, number
