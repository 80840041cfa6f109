"""What can be saved: the verbs that a database and a folder have in common."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from tidemill.kits.backup.comparison import Readable
from tidemill.kits.backup.manifest import Content, Manifest, Tell


class Source(Protocol):
    """Something that can be saved, and restored.

    Attributes:
        kind: what it is.
    """

    kind: str

    def take(self, into: Path, tell: Tell) -> Content:
        """Save what is there now, at one moment, into a folder that is empty.

        Raises:
            NotFound: nothing is there.
            SourceBroken: what is there is damaged itself.
        """
        ...

    def open_backup(
        self, backup: Path, manifest: Manifest, scratch: Path, tell: Tell
    ) -> AbstractContextManager[Readable]:
        """Restore a backup in a scratch place, and read it there.

        Raises:
            BackupDamaged: it cannot be restored.
        """
        ...

    def open_live(self) -> AbstractContextManager[Readable]:
        """Read what is there now."""
        ...

    def restore_beside(self, backup: Path, manifest: Manifest, place: Path, tell: Tell) -> str:
        """Restore a backup beside what is there; answer where.

        Raises:
            BackupDamaged: it cannot be restored.
        """
        ...

    def restore_in_place(self, backup: Path, manifest: Manifest, place: Path, tell: Tell) -> str:
        """Restore a backup in place of what is there, whole or not at all; answer where.

        Args:
            backup: its folder.
            manifest: its manifest.
            place: a scratch folder.
            tell: is told now and then.

        Raises:
            BackupDamaged: it cannot be restored.
        """
        ...
