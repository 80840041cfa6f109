"""The e-mail kit: mail as jobs, with attachments, templates, and an account of who was taken."""

from tidemill.kits.email.account import Bulk, Sent
from tidemill.kits.email.kit import Email, Message
from tidemill.kits.email.words import Attachment

__all__ = ["Attachment", "Bulk", "Email", "Message", "Sent"]
