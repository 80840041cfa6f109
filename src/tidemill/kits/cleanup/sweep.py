"""Sweeping a folder: what is old is counted, or removed."""

import os
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from tidemill.kits.cleanup.outcome import Part
from tidemill.kits.cleanup.tree import Found, opened, walk

Tell = Callable[[Part], None]
"""Called now and then; it may raise to end the sweep."""

_OFTEN: Final = 100
_MINUTE: Final = 60


class Sweep:
    """One folder, swept by one rule.

    Attributes:
        part: what it comes to.
    """

    def __init__(self, path: Path, part: Part, *, pattern: str, tell: Tell) -> None:
        """Sweep this folder; only files whose names are like the pattern."""
        self.part = part
        self._path = path
        self._pattern = pattern
        self._tell = tell
        self._by_use = part.kind == "cache"

    def count(self) -> None:
        """Count what is old, and touch nothing."""
        self._go(remove=False)

    def remove(self) -> None:
        """Remove what is old."""
        self._go(remove=True)

    def limit_for(self, most: int) -> float:
        """Before which moment everything has to go so that no more than `most` bytes are left.

        Seconds since 1970. The sizes are added up by the minute in which files were last used, so
        that a cache of any size is measured in little memory.
        """
        sizes: Counter[int] = Counter()
        try:
            with opened(self._path) as top:
                for found in walk(top):
                    if found.kind == "file" and self._is_meant(found):
                        sizes[int(found.used_at // _MINUTE)] += found.size
        except FileNotFoundError:
            return 0.0
        over = sizes.total() - most
        for minute in sorted(sizes):
            if over <= 0:
                return float(minute * _MINUTE)
            over -= sizes[minute]
        return float((max(sizes) + 1) * _MINUTE) if sizes and most < sizes.total() else 0.0

    def _go(self, *, remove: bool) -> None:
        part = self.part
        part.seen = part.removed = part.bytes = part.folders = 0
        part.skipped.clear()
        part.refused.clear()
        found_before, part.found = part.found, 0
        try:
            with opened(self._path) as top:
                for found in walk(top):
                    self._meet(found, remove=remove)
                    if part.seen % _OFTEN == 0:
                        self._tell(part)
        except FileNotFoundError:
            part.missing = True
        if remove:
            part.found = max(found_before, part.found)
        self._tell(part)

    def _meet(self, found: Found, *, remove: bool) -> None:
        part = self.part
        if found.kind == "folder":
            if self._pattern == "*" and found.changed_at * 1_000 < part.before:
                self._end_folder(found, remove=remove)
            return
        part.seen += 1
        if found.kind != "file":
            part.skip(found.kind, found.path if found.kind == "refused" else "")
        elif self._is_old(found) and self._is_meant(found):
            part.found += 1
            if not remove or self._unlink(found):
                part.bytes += found.size
                part.removed += remove

    def _is_meant(self, found: Found) -> bool:
        return fnmatchcase(found.name, self._pattern)

    def _is_old(self, found: Found) -> bool:
        at = found.used_at if self._by_use else found.changed_at
        return at * 1_000 < self.part.before

    def _unlink(self, found: Found) -> bool:
        """Remove a name in a folder that is open: whatever it is by now, it is in there."""
        try:
            os.unlink(found.name, dir_fd=found.folder)
        except FileNotFoundError:
            return False
        except OSError:
            self.part.skip("refused", found.path)
            return False
        return True

    def _end_folder(self, found: Found, *, remove: bool) -> None:
        """Remove a folder that is old and empty by now."""
        if not remove:
            return
        try:
            os.rmdir(found.name, dir_fd=found.folder)
        except OSError:
            return  # something is in it
        self.part.folders += 1
