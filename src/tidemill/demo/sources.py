"""Finding the source files to measure: those of the standard library of the running Python."""

import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidemill.demo.measure import measure, read

NOT_ITS_OWN: Final = frozenset({"site-packages", "dist-packages", "__pycache__"})

BROKEN_ON_PURPOSE: Final = ("lib2to3/tests/data/", "test/tokenizedata/")
"""Where CPython keeps files that its own tests want to see refused."""

OWN_BROKEN: Final = {
    "open_bracket.py": b"def total(prices):\n    return sum((price for price in prices)\n",
    "old_print.py": b'print "hello from 2008"\n',
    "mixed_indent.py": b"def greet(name):\n    if name:\n  return name\n",
    "unknown_coding.py": b"# -*- coding: no-such-coding -*-\nx = 1\n",
    "broken_utf8.py": b'name = "caf\xe9"\n',
}
"""What the demo writes itself where the library on this machine brings nothing unparsable."""


@dataclass(frozen=True)
class Source:
    """One file to measure.

    Attributes:
        name: as it is shown and sorted by: its path below where it was found, with `/`.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class Selection:
    """What the demo measures.

    Attributes:
        sources: sorted by name.
        home: where the library lies.
        broken: names of those that are known to be unparsable.
        made: how many of these the demo had to write itself, for there was none.
    """

    sources: tuple[Source, ...]
    home: Path
    broken: frozenset[str]
    made: int


def select(home: Path, workshop: Path, limit: int | None = None) -> Selection:
    """Choose what to measure; among it is always something that cannot be parsed.

    Args:
        home: where to look, as `standard_library()` tells.
        workshop: where to write broken files, should the library hold none.
        limit: measure at most about so many files, the unparsable ones and others from all over
            the library; `None`: all of them.
    """
    found = find(home)
    refused = unparsable(found)
    made = () if refused else write_broken(workshop)
    broken = frozenset(source.name for source in (*refused, *made))
    sources = sorted((*_spread(found, broken, limit), *made), key=_by_name)
    return Selection(tuple(sources), home, broken, len(made))


def standard_library() -> Path:
    """The folder of the running Python's standard library."""
    return Path(sysconfig.get_path("stdlib"))


def find(home: Path) -> tuple[Source, ...]:
    """Every Python file below a folder, sorted by name; what was installed later is left out."""
    below = (path.relative_to(home) for path in home.rglob("*.py"))
    own = (path for path in below if NOT_ITS_OWN.isdisjoint(path.parts))
    return tuple(sorted((Source(path.as_posix(), home / path) for path in own), key=_by_name))


def unparsable(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Those that lie where broken files are kept, and that this Python indeed refuses."""
    suspects = (source for source in sources if source.name.startswith(BROKEN_ON_PURPOSE))
    return tuple(source for source in suspects if _is_refused(source))


def write_broken(workshop: Path) -> tuple[Source, ...]:
    """Write a handful of files that no Python parses, under a name that says who made them."""
    folder = workshop / "broken-by-the-demo"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in OWN_BROKEN.items():
        (folder / name).write_bytes(content)
    return tuple(Source(f"{folder.name}/{name}", folder / name) for name in OWN_BROKEN)


def _is_refused(source: Source) -> bool:
    try:
        measure(read(source.path), source.name)
    except (SyntaxError, UnicodeDecodeError):
        return True
    return False


def _spread(
    sources: Sequence[Source], always: frozenset[str], limit: int | None
) -> tuple[Source, ...]:
    """At most so many sources at even distances, and in any case those that are always wanted."""
    if limit is None or limit >= len(sources):
        return tuple(sources)
    others = [source for source in sources if source.name not in always]
    room = max(limit - len(always), 0)
    chosen = always | {others[number * len(others) // room].name for number in range(room)}
    return tuple(source for source in sources if source.name in chosen)


def _by_name(source: Source) -> str:
    return source.name
