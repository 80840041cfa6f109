"""The first people who may come in, each with a password that is said once."""

import secrets
from collections.abc import Mapping

from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.users import Users


def first_logins(app: Tidemill, people: Mapping[str, tuple[str, Grant]]) -> list[str]:
    """Make people, the first time; what is to be said of each.

    Args:
        app: whose they are.
        people: by the name that they log in with: who that is, and what they may do.
    """
    users = Users(app.client)
    if users.has_admin():
        return ["Log in with the passwords of the first time."]
    told = []
    for name, (who, grant) in people.items():
        password = secrets.token_urlsafe(12)
        users.create(name, password, [grant])
        told.append(f"{who}: log in as {name}, password {password} (shown this once).")
    return told
