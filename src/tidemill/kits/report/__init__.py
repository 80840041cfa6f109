"""The report kit: what an application knows as CSV, JSON, HTML or PDF, with totals and charts."""

from tidemill.kits.report.kit import Built, Reports
from tidemill.kits.report.source import Chart, Column

__all__ = ["Built", "Chart", "Column", "Reports", "kit"]

kit = Reports()
