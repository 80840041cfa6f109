"""Cleanup: what is old goes, counted before, and nothing else."""

from tidemill.kits.cleanup.kit import Cleanup
from tidemill.kits.cleanup.outcome import Cleaned, Part
from tidemill.kits.cleanup.rules import CleanupSettings, OldFiles

__all__ = ["Cleaned", "Cleanup", "CleanupSettings", "OldFiles", "Part"]
