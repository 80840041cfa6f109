"""A folder is saved as a tar and restored from one, and an archive of an enemy's does nothing."""

import io
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.kits.backup.saving import Saving
from tidemill.kits.backup import Taken
from tidemill.kits.backup.manifest import Content, Manifest
from tidemill.kits.backup.tree import leads_outside


@pytest.fixture
def uploads(saving: Saving, tmp_path: Path) -> Path:
    """A folder with files of every kind, declared as a source."""
    top = tmp_path / "uploads"
    (top / "letters" / "empty").mkdir(parents=True)
    (top / "letters" / "one.txt").write_text("one")
    (top / "letters" / "script.sh").write_text("#!/bin/sh\n")
    (top / "letters" / "script.sh").chmod(0o755)
    (top / "with\nline \\ feed").write_bytes(b"\x00" * 100_000)
    (top / os.fsdecode(b"not utf-8 \xff")).write_text("x")
    (top / "here").symlink_to("letters/one.txt")
    saving.backups.of_folder("uploads", top)
    return top


def state_of(top: Path) -> dict[str, tuple[int, bytes]]:
    """Each entry with its mode and what is in it."""
    found = {}
    for path in sorted(top.rglob("*")):
        seen = path.lstat()
        content = b""
        if stat.S_ISREG(seen.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(seen.st_mode):
            content = os.fsencode(path.readlink())
        found[str(path.relative_to(top))] = (seen.st_mode, content)
    return found


def test_a_folder_is_saved_proved_and_restored_as_it_was(saving: Saving, uploads: Path) -> None:
    taken = saving.take("uploads")
    assert taken.tables == {"files": 7}
    assert saving.verify("uploads").same
    restored = saving.restore("uploads")
    assert state_of(Path(restored.place)) == state_of(uploads)


def test_what_has_changed_since_is_told_by_name(saving: Saving, uploads: Path) -> None:
    saving.take("uploads")
    (uploads / "letters" / "one.txt").write_text("two")
    (uploads / "letters" / "script.sh").chmod(0o644)
    (uploads / "here").unlink()
    (uploads / "new").touch()
    (files,) = saving.verify("uploads").tables
    assert (files.only_backup, files.only_live, files.changed) == (1, 1, 2)
    assert files.examples == ["here", "letters/one.txt", "letters/script.sh", "new"]


def test_checksums_are_those_that_sha256sum_reads(saving: Saving, uploads: Path) -> None:
    assert uploads.exists()
    taken = saving.take("uploads")
    lines = (Path(taken.path) / "checksums.txt").read_bytes().splitlines()
    assert len(lines) == 4
    assert (
        b"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  letters/one.txt"
        in lines
    )
    assert any(line.startswith(b"\\") and line.endswith(rb"with\nline \\ feed") for line in lines)


def test_what_leads_outside_and_what_is_no_file_is_left_out_and_counted(
    saving: Saving, uploads: Path, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("secret")
    (uploads / "absolute").symlink_to(tmp_path / "precious")
    (uploads / "up").symlink_to("../precious")
    (uploads / "letters" / "up").symlink_to("../../precious")
    os.mkfifo(uploads / "pipe")
    taken = saving.take("uploads")
    assert taken.left_out == {"link_outside": 3, "special": 1}
    assert saving.verify("uploads").same


def test_a_folder_is_restored_in_place_and_what_was_there_stays_beside_it(
    saving: Saving, uploads: Path
) -> None:
    before = state_of(uploads)
    taken = saving.take("uploads")
    (uploads / "letters" / "one.txt").unlink()
    (uploads / "new").touch()
    changed = state_of(uploads)
    saving.mill.clock.advance("1s")
    restored = saving.restore("uploads", backup=taken.backup, in_place=True)
    assert state_of(uploads) == before
    assert state_of(uploads.with_name(f"uploads.before-{taken.backup}")) == changed
    assert restored.before


def test_a_folder_is_restored_in_place_as_often_as_one_likes(saving: Saving, uploads: Path) -> None:
    taken = saving.take("uploads")
    left = uploads.with_name(f"uploads.restored-{taken.backup}")
    (left / "letters").mkdir(parents=True)  # as a process leaves it that is killed meanwhile
    state = state_of(uploads)
    for content in ("two", "three"):
        (uploads / "letters" / "one.txt").write_text(content)
        saving.mill.clock.advance("1s")
        saving.restore("uploads", backup=taken.backup, in_place=True)
        assert state_of(uploads) == state
    before = sorted(uploads.parent.glob("uploads.before-*"))
    assert [(each / "letters" / "one.txt").read_text() for each in before] == ["two", "three"]
    assert not left.exists()


def test_nothing_is_left_beside_of_what_could_not_be_restored(
    saving: Saving, uploads: Path
) -> None:
    taken = saving.take("uploads")
    data = Path(taken.path) / "data.tar.gz"
    data.write_bytes(data.read_bytes()[:-200])
    saving.forge(taken, lambda manifest: manifest)
    for in_place in (False, True):
        saving.refusal(saving.backups.restore.bind("uploads", taken.backup, in_place=in_place))
    assert [*(saving.folder / "uploads" / "restored").iterdir()] == []
    assert [*uploads.parent.glob("uploads.*")] == []


def test_a_folder_that_is_a_link_is_refused(saving: Saving, uploads: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(uploads)
    saving.backups.of_folder("link", tmp_path / "link")
    assert "not a link to one" in saving.refusal(saving.backups.take.bind("link")).message


def test_a_file_that_shrinks_while_it_is_read_fails_the_attempt(
    saving: Saving, tmp_path: Path
) -> None:
    """`/proc` has files that say they hold 4,096 bytes and hold fewer."""
    saving.backups.of_folder("system", "/sys/kernel/mm")
    job = saving.ran(saving.backups.take.bind("system"))
    assert job.state == "retrying"
    assert tmp_path.exists()


def member(name: str, **about: object) -> tarfile.TarInfo:
    """An entry of an archive."""
    info = tarfile.TarInfo(name)
    for key, value in about.items():
        setattr(info, key, value)
    return info


def one(info: tarfile.TarInfo) -> Callable[[tarfile.TarFile], None]:
    """An archive of one entry."""
    return lambda tar: tar.addfile(info, io.BytesIO(b"x" * info.size) if info.isreg() else None)


def through_a_link(tar: tarfile.TarFile) -> None:
    """A link, and then a file that is to be written through it."""
    tar.addfile(member("door", type=tarfile.SYMTYPE, linkname="letters"))
    tar.addfile(member("letters", type=tarfile.DIRTYPE, mode=0o755))
    tar.addfile(member("door/through.txt", size=1), io.BytesIO(b"x"))


def twice(tar: tarfile.TarFile) -> None:
    """Two files of one name."""
    for _ in range(2):
        tar.addfile(member("twin", size=1), io.BytesIO(b"x"))


def many(tar: tarfile.TarFile) -> None:
    """More entries than the manifest has."""
    for number in range(50):
        tar.addfile(member(f"{number}"))


def bomb(tar: tarfile.TarFile) -> None:
    """Far more bytes than the manifest has, in a file that is small."""
    tar.addfile(member("zeros", size=50 << 20), io.BytesIO(b"\x00" * (50 << 20)))


def heavy_header(tar: tarfile.TarFile) -> None:
    """A header that would be read at once, whatever it weighs."""
    tar.addfile(member("x", pax_headers={"comment": "y" * (3 << 20)}))


HOSTILE: dict[str, tuple[Callable[[tarfile.TarFile], None], str]] = {
    "up": (one(member("../evil", size=1)), "is called"),
    "up inside": (one(member("letters/../../evil", size=1)), "is called"),
    "absolute": (one(member("/evil", size=1)), "is called"),
    "nothing": (one(member("a//b", size=1)), "is called"),
    "a long name": (one(member("x" * 300, size=1)), "is called"),
    "a deep path": (one(member("a/" * 200 + "b", size=1)), "is called"),
    "a link up": (one(member("a", type=tarfile.SYMTYPE, linkname="../evil")), "leads outside"),
    "a link away": (one(member("a", type=tarfile.SYMTYPE, linkname="/etc")), "leads outside"),
    "a hard link": (one(member("a", type=tarfile.LNKTYPE, linkname="/etc/passwd")), "no file,"),
    "a device": (one(member("a", type=tarfile.CHRTYPE, devmajor=1, devminor=3)), "no file,"),
    "a pipe": (one(member("a", type=tarfile.FIFOTYPE)), "no file,"),
    "twins": (twice, "does not fit"),
    "a letter too wide": (one(member("ü" * 200, size=1)), "is called"),
    "no time": (one(member("a", size=1, mtime=1 << 60)), "at no time"),
    "many": (many, "holds more than"),
    "a bomb": (bomb, "holds more than"),
    "a heavy header": (heavy_header, "has a header"),
}


def smuggle(
    saving: Saving, taken: Taken, write: Callable[[tarfile.TarFile], None], **content: int
) -> None:
    """Put another archive in a backup, and let the manifest agree with it."""
    with tarfile.open(Path(taken.path) / "data.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as tar:
        write(tar)
    told = {"entries": 7, "bytes": 200_000} | content

    def agree(manifest: Manifest) -> Manifest:
        tables = manifest.content.tables
        promised = Content(tables=tables, entries=told["entries"], bytes=told["bytes"])
        return replace(manifest, content=promised)

    saving.forge(taken, agree)


@pytest.mark.parametrize("what", HOSTILE)
def test_an_archive_of_an_enemy_is_refused_and_nothing_is_written_elsewhere(
    saving: Saving, uploads: Path, tmp_path: Path, what: str
) -> None:
    write, says = HOSTILE[what]
    smuggle(saving, saving.take("uploads"), write)
    before = state_of(uploads)
    assert says in saving.damage("uploads")
    assert state_of(uploads) == before
    assert not list(tmp_path.rglob("evil"))


def test_nothing_is_written_through_a_link_of_the_archive_itself(
    saving: Saving, uploads: Path, tmp_path: Path
) -> None:
    assert uploads.exists()
    smuggle(saving, saving.take("uploads"), through_a_link)
    assert "does not fit" in saving.damage("uploads")
    assert not [path for path in tmp_path.rglob("through.txt") if path.parent.name == "letters"]


def test_an_archive_unpacks_to_no_more_than_the_kit_allows(saving: Saving, uploads: Path) -> None:
    assert uploads.exists()
    smuggle(saving, saving.take("uploads"), many, entries=10**9, bytes=10**15)
    assert "is not what was saved" in saving.damage("uploads")


def test_what_is_no_archive_is_damaged(saving: Saving, uploads: Path) -> None:
    assert uploads.exists()
    for content in (b"", b"plain", b"\x1f\x8b\x08" + b"\xff" * 100):
        saving.mill.clock.advance("1s")
        taken = saving.take("uploads")
        (Path(taken.path) / "data.tar.gz").write_bytes(content)
        saving.forge(taken, lambda manifest: manifest)
        assert "cannot be unpacked" in saving.damage("uploads", backup=taken.backup)


@pytest.mark.parametrize(
    ("path", "target", "outside"),
    [
        ("a", "b", False),
        ("a/b", "../c", False),
        ("a/b", "./../c/..", False),
        ("a/b", "../../c", True),
        ("a", "..", True),
        ("a", "b/../../c", True),
        ("a", "/etc", True),
        ("a", "", True),
    ],
)
def test_a_link_leads_outside_or_not(path: str, target: str, outside: bool) -> None:  # noqa: FBT001 - a row of the table
    assert leads_outside(path, target) is outside
