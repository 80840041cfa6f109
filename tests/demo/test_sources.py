"""Choosing what to measure: all of the library, in one order, with something broken among it."""

from pathlib import Path

import pytest

from tidemill.demo.measure import measure, read
from tidemill.demo.sources import (
    OWN_BROKEN,
    find,
    select,
    standard_library,
    unparsable,
    write_broken,
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A small library, with two suspects of which one is broken."""
    files = {
        "b.py": "x = 1\n",
        "a.py": "x = 2\n",
        "notes.txt": "no source\n",
        "pkg/__init__.py": "",
        "pkg/c.py": "x = 3\n",
        "site-packages/theirs.py": "x = 4\n",
        "test/tokenizedata/fine.py": "x = 5\n",
        "test/tokenizedata/broken.py": "x = = 5\n",
    }
    for name, text in files.items():
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "library"


def names(home: Path, workshop: Path, limit: int | None = None) -> list[str]:
    return [source.name for source in select(home, workshop, limit).sources]


def test_every_source_of_its_own_is_found_in_order(library: Path) -> None:
    assert [source.name for source in find(library)] == [
        "a.py",
        "b.py",
        "pkg/__init__.py",
        "pkg/c.py",
        "test/tokenizedata/broken.py",
        "test/tokenizedata/fine.py",
    ]


def test_only_what_is_refused_is_unparsable(library: Path) -> None:
    assert [source.name for source in unparsable(find(library))] == ["test/tokenizedata/broken.py"]


def test_a_library_with_broken_files_needs_none_of_ours(library: Path, tmp_path: Path) -> None:
    selection = select(library, tmp_path)
    assert selection.made == 0
    assert selection.broken == {"test/tokenizedata/broken.py"}
    assert len(selection.sources) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["library"]


def test_where_nothing_is_broken_the_demo_breaks_some_of_its_own(
    library: Path, tmp_path: Path
) -> None:
    (library / "test/tokenizedata/broken.py").unlink()
    selection = select(library, tmp_path)
    assert selection.made == len(OWN_BROKEN) == len(selection.broken)
    assert all(name.startswith("broken-by-the-demo/") for name in selection.broken)
    assert selection.sources == tuple(sorted(selection.sources, key=lambda source: source.name))


def test_each_of_our_own_is_refused(tmp_path: Path) -> None:
    for source in write_broken(tmp_path):
        with pytest.raises((SyntaxError, UnicodeDecodeError)):
            measure(read(source.path), source.name)


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [
        (1, ["test/tokenizedata/broken.py"]),
        (3, ["a.py", "pkg/__init__.py", "test/tokenizedata/broken.py"]),
    ],
)
def test_a_limit_keeps_what_is_broken_and_takes_others_from_all_over(
    library: Path, tmp_path: Path, limit: int, chosen: list[str]
) -> None:
    assert names(library, tmp_path, limit) == chosen


def test_a_limit_beyond_all_means_all(library: Path, tmp_path: Path) -> None:
    assert names(library, tmp_path, 99) == names(library, tmp_path)


def test_the_library_of_this_python_is_there() -> None:
    found = {source.name for source in find(standard_library())}
    assert {"ast.py", "asyncio/tasks.py"} <= found
    assert not any("site-packages" in name for name in found)
