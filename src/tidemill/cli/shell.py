"""Whoever sits at this machine: what they do by commands is told in the audit log as theirs."""

import getpass
import socket

from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.role import Role, permissions
from tidemill.app import Tidemill
from tidemill.client.client import Client


def on_behalf(app: Tidemill, reason: str = "") -> Client:
    """A client that asks for whoever runs the command; the store itself has let them in."""
    return app.client.on_behalf(None, Scribe(actor=whoever(), reason=reason))


def whoever() -> Actor:
    """The one who runs the command, as the operating system knows them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as some containers have
        user = "unknown"
    return Actor(
        kind="shell",
        name=f"{user}@{socket.gethostname()}",
        role=Role.ADMIN,
        may=permissions(Role.ADMIN, instance=True),
    )
