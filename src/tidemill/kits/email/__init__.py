"""The e-mail kit: mail as jobs, with attachments, templates, and an account of who was taken."""

from tidemill.kits.email.kit import Bulk, Email, Message, Sent
from tidemill.kits.email.words import Attachment

__all__ = ["Attachment", "Bulk", "Email", "Message", "Sent"]
