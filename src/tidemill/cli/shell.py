"""Whoever sits at this machine: what they do by commands is told in the audit log as theirs."""

import getpass
import socket

from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.role import Role, permissions
from tidemill.app import Tidemill
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.schedules.store import Schedules


def asked_by_whoever(app: Tidemill) -> Tidemill:
    """The application, asked by the one who runs the command; the store itself has let them in."""
    client = app.client.on_behalf(None, Scribe(actor=whoever()))
    app.client, app.jobs, app.queues = client, Jobs(client), Queues(client)
    app.events, app.schedules = Events(client), Schedules(client)
    return app


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
