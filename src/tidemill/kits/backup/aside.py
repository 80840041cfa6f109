"""What is put aside: names beside what is replaced, and nothing left of what came to nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


def aside(path: Path, backup: str) -> Path:
    """A name beside a path that nothing has yet: one backup may be put in its place repeatedly.

    Args:
        path: of what is to be put aside.
        backup: id of what takes its place.
    """
    plain = path.with_name(f"{path.name}.before-{backup}")
    names = (plain if number == 1 else Path(f"{plain}-{number}") for number in count(1))
    return next(name for name in names if not os.path.lexists(name))


@contextmanager
def whole_or_gone(place: Path) -> Iterator[None]:
    """Leave nothing of a folder if the block that fills it fails."""
    try:
        yield
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
