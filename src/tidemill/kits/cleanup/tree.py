"""A folder that is walked without ever leaving it: by open folders, never by paths.

A path is looked up anew each time that it is used, and whoever may write in the folder could put a
link there in between. An open folder stays the one that it was.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

import tidemill

MOST_DEPTH: Final = 100
"""Folders within folders: each is held open while one is below it."""

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Found(Struct, frozen=True):
    """Something in the tree.

    Attributes:
        kind: `"file"`; `"folder"`, told when what is in it has been told; else why it is not
            looked into: `"link"`, `"mount"`, `"special"`, `"deep"`, `"refused"`.
        folder: the open folder that it is in.
        name: its name there.
        path: from the top, for people.
        size: in bytes; 0 where the file has another name elsewhere.
        changed_at: seconds since 1970; of a folder, as it was before it was looked into.
        used_at: seconds since 1970: when it was last read or changed.
    """

    kind: str
    folder: int
    name: str
    path: str
    size: int = 0
    changed_at: float = 0.0
    used_at: float = 0.0


class _Level:
    """A folder that is being walked."""

    def __init__(self, file: int, found: Found | None, path: str) -> None:
        self.file = file
        self.found = found
        self.path = path
        self.entries = os.scandir(file)

    def close(self) -> None:
        self.entries.close()
        os.close(self.file)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a folder.

    Raises:
        FileNotFoundError: it is not there.
        InvalidOption: it is a link, or no folder.
    """
    try:
        file = os.open(path, _FOLDER)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise tidemill.errors.InvalidOption(
            f"{path} cannot be cleaned: {error.strerror}",
            hint="name a folder, and not a link to one, that this process may read",
        ) from None
    try:
        yield file
    finally:
        os.close(file)


def walk(top: int) -> Iterator[Found]:
    """What is in an open folder, and in those below it on the same mount."""
    home = _mount(top)
    levels = [_Level(os.dup(top), None, "")]
    try:
        while levels:
            level = levels[-1]
            entry = next(level.entries, None)
            if entry is None:
                levels.pop().close()
                if level.found is not None:
                    yield level.found
                continue
            found = _look(level, entry)
            if found is not None and found.kind == "folder":
                entered = _enter(found, home, len(levels))
                if isinstance(entered, _Level):
                    levels.append(entered)
                    continue
                found = entered
            if found is not None:
                yield found
    finally:
        for level in levels:
            level.close()


def _look(level: _Level, entry: "os.DirEntry[str]") -> Found | None:
    path = f"{level.path}{entry.name}"
    try:
        seen = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # somebody else has removed it
    except OSError:
        return Found("refused", level.file, entry.name, path)
    kind = "special"
    if stat.S_ISLNK(seen.st_mode):
        kind = "link"
    elif stat.S_ISDIR(seen.st_mode):
        kind = "folder"
    elif stat.S_ISREG(seen.st_mode):
        kind = "file"
    size = seen.st_size if seen.st_nlink == 1 else 0
    used_at = max(seen.st_atime, seen.st_mtime)
    return Found(kind, level.file, entry.name, path, size, seen.st_mtime, used_at)


def _enter(found: Found, home: int, depth: int) -> Found | _Level:
    """The folder as a level, or why it is not entered."""
    reason = "deep"
    if depth < MOST_DEPTH:
        try:
            file = os.open(found.name, _FOLDER, dir_fd=found.folder)
        except OSError:
            reason = "refused"  # or it is a link by now
        else:
            if _mount(file) == home:
                return _Level(file, found, f"{found.path}/")
            os.close(file)
            reason = "mount"
    return Found(reason, found.folder, found.name, found.path)


def _mount(file: int) -> int:
    """What tells mounts apart: two of one disk, too, where the system says so."""
    try:
        lines = Path(f"/proc/self/fdinfo/{file}").read_text().splitlines()
    except OSError:
        return os.fstat(file).st_dev
    numbers = [int(line.split()[1]) for line in lines if line.startswith("mnt_id:")]
    return numbers[0] if numbers else os.fstat(file).st_dev
