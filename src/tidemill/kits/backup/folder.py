"""A folder: saved as a tar, with the checksum of each file beside it."""

import gzip
import hashlib
import os
import shutil
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Final, cast

from tidemill.kits.backup.archive import Limits, unpacked
from tidemill.kits.backup.aside import aside, whole_or_gone
from tidemill.kits.backup.comparison import Readable, Tally
from tidemill.kits.backup.manifest import Content, Manifest, Tell, settle
from tidemill.kits.backup.outcome import BackupDamaged
from tidemill.kits.backup.tree import Entry, Maker, Tree, row_of

_DATA: Final = "data.tar.gz"
_CHECKSUMS: Final = "checksums.txt"
_LEVEL: Final = 6
_OFTEN: Final = 100
_KINDS: Final = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


class FolderSource:
    """A folder with all that is below it.

    Links that lead out of it, sockets and the like are left out, and counted.
    """

    kind = "folder"

    def __init__(self, path: str | Path, limits: Limits) -> None:
        """Save this folder; restore no more than the limits allow."""
        self.path = Path(path).absolute()
        self._limits = limits

    def take(self, into: Path, tell: Tell) -> Content:
        """Write its entries into a tar, one after the other, and their checksums into a text."""
        left_out: Counter[str] = Counter()
        tally, size = Tally(), 0
        with (
            closing(Tree(self.path, lambda reason: left_out.update([reason]))) as tree,
            gzip.open(into / _DATA, "wb", _LEVEL) as zipped,
            tarfile.open(fileobj=zipped, mode="w:", format=tarfile.PAX_FORMAT) as tar,
            (into / _CHECKSUMS).open("wb") as checksums,
        ):
            for entry, file in tree.entries():
                sha256 = _add(tar, entry, file)
                if file is not None:
                    checksums.write(_line(entry.path, sha256))
                tally.add(row_of(entry, sha256))
                size += entry.size
                if tally.rows % _OFTEN == 0:
                    tell(f"Saving {tally.rows:,} entries", 0)
        return Content(
            tables={"files": tally.measure},
            entries=tally.rows,
            bytes=size,
            left_out=dict(left_out),
        )

    @contextmanager
    def open_backup(
        self, backup: Path, manifest: Manifest, scratch: Path, tell: Tell
    ) -> Iterator[Readable]:
        """Restore it into a folder, and read that."""
        restored = scratch / "restored"
        restored.mkdir(mode=0o700)
        self._unpack(backup, manifest, restored, tell)
        with closing(Tree(restored)) as tree:
            yield tree

    @contextmanager
    def open_live(self) -> Iterator[Readable]:
        """Read the folder itself."""
        with closing(Tree(self.path)) as tree:
            yield tree

    def restore_beside(self, backup: Path, manifest: Manifest, place: Path, tell: Tell) -> str:
        """Restore it into a folder of its own."""
        self._unpack(backup, manifest, place, tell)
        return str(place)

    def restore_in_place(
        self,
        backup: Path,
        manifest: Manifest,
        place: Path,  # noqa: ARG002 - it may be on another disk, from which nothing is renamed
        tell: Tell,
    ) -> str:
        """Restore it beside the folder, and then let the two change their names.

        What was there stays beside it, with the backup's id in its name.
        """
        new = self.path.with_name(f"{self.path.name}.restored-{manifest.id}")
        shutil.rmtree(new, ignore_errors=True)  # a killed process may have left it
        new.mkdir(mode=0o700)
        with whole_or_gone(new):
            self._unpack(backup, manifest, new, tell)
        if self.path.exists():
            new.chmod(self.path.stat().st_mode & 0o777)
            self.path.rename(aside(self.path, manifest.id))
        new.rename(self.path)
        settle(self.path.parent)
        return str(self.path)

    def _unpack(self, backup: Path, manifest: Manifest, into: Path, tell: Tell) -> None:
        content = manifest.content
        limits = self._limits.narrowed(content.bytes, content.entries)
        links = []
        with (
            closing(Maker(into)) as maker,
            unpacked(backup / _DATA, limits) as entries,
        ):
            for number, (entry, file) in enumerate(entries):
                if entry.kind == "link":
                    links.append(entry)  # when all else is made, so that nothing leads through one
                else:
                    _make(maker, entry, file)
                if number % _OFTEN == 0:
                    tell(f"Restoring {number:,} entries", number / max(content.entries, 1))
            for entry in links:
                _make(maker, entry, None)
            maker.settle()


def _make(maker: Maker, entry: Entry, file: IO[bytes] | None) -> None:
    """Make an entry where it belongs.

    Raises:
        BackupDamaged: it does not fit the others: two of one name, or one in what is no folder.
    """
    try:
        if entry.kind == "folder":
            maker.folder(entry)
        elif entry.kind == "link":
            maker.link(entry)
        elif file is not None:
            maker.file(entry, file)
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
        raise BackupDamaged(
            f"the archive holds {entry.path!r:.100}, which does not fit what else it holds: "
            f"{error.strerror}",
            hint="it is not as it was saved: take another backup",
        ) from error


def _add(tar: tarfile.TarFile, entry: Entry, file: IO[bytes] | None) -> str:
    """Put an entry into a tar; answer the SHA-256 of what is in it."""
    info = tarfile.TarInfo(entry.path)
    info.type = _KINDS[entry.kind]
    info.mode, info.mtime, info.size = entry.mode, entry.changed_at, entry.size
    info.linkname = entry.target
    if file is None:
        tar.addfile(info)
        return ""
    hashed = _Hashed(file)
    tar.addfile(info, cast("IO[bytes]", hashed))
    return hashed.sha256


class _Hashed:
    """A file whose SHA-256 is known when it has been read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        return block

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _line(path: str, sha256: str) -> bytes:
    r"""A line as `sha256sum -c` reads it, names with a line feed or a backslash in them included.

    Example:
        >>> _line("a/b.txt", "00ff")
        b'00ff  a/b.txt\n'
    """
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n")
    mark = "\\" if escaped != path else ""
    return os.fsencode(f"{mark}{sha256}  {escaped}\n")
