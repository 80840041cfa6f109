"""The export kit: tables of any size as CSV, JSON Lines or Parquet, a piece at a time."""

from tidemill.kits.export.kit import Exported, Exports
from tidemill.kits.export.trail import ExportedFile

__all__ = ["Exported", "ExportedFile", "Exports", "kit"]

kit = Exports()
