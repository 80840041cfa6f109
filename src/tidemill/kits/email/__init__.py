"""The e-mail kit: mail as jobs, with attachments, templates, and an account of who took it."""

from tidemill.kits.email.kit import Email

__all__ = ["Email", "kit"]

kit = Email()
