"""Backup: databases and folders are saved, the savings are proved, and old ones go."""

from tidemill.kits.backup.kit import Backups, BackupSettings
from tidemill.kits.backup.outcome import (
    BackupDamaged,
    Difference,
    Restored,
    Rotated,
    SourceBroken,
    Taken,
    Verified,
)

__all__ = [
    "BackupDamaged",
    "BackupSettings",
    "Backups",
    "Difference",
    "Restored",
    "Rotated",
    "SourceBroken",
    "Taken",
    "Verified",
]
