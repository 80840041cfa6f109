"""Whether a store is where it is looked for, told without making or changing anything."""

import struct
from pathlib import Path
from typing import Final

from tidemill.core.errors import StoreMissing, StoreUnavailable

_HEAD: Final = struct.Struct(">16s44xI4xI")
"""Of a SQLite file: magic words, `user_version`, `application_id` (sqlite.org/fileformat.html)."""


def refuse_absent(path: Path) -> None:
    """A file that is missing or empty may be one that was lost: a look must not make it anew.

    Raises:
        StoreMissing: there is no store.
        StoreUnavailable: that cannot be told.
    """
    try:
        if not path.parent.is_dir() or path.is_dir():
            return  # whoever opens it knows better what is wrong there
        if not path.is_file() and path.exists():
            return  # as above
        empty = path.stat().st_size == 0
        unmarked = not empty and _is_unmarked(path)
    except FileNotFoundError:
        what = f"there is no store at {path}"
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be opened: {error.strerror}",
            hint="check the path, and that this user may go there",
        ) from error
    else:
        if not empty and not unmarked:
            return
        what = f"{path} is empty" if empty else f"{path} is a database without a store in it"
    raise StoreMissing(
        what,
        hint="name another by --url or TIDEMILL_URL, or restore it from a backup; "
        "`tidemill engine migrate` makes a new one",
    )


def _is_unmarked(path: Path) -> bool:
    """Whether a file is a database of no one's mark, in which no store has been made."""
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or Path(f"{path}.pen").exists():
        return False
    magic, version, mark = _HEAD.unpack(head)
    return bool(magic == b"SQLite format 3\0" and version == mark == 0)
