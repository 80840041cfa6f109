"""Who may come in: an admin of the whole, and an operator and a viewer of each application."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from examples.demo.cast import Stage
from tidemill import Tidemill, errors
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users


class Login(NamedTuple):
    """How somebody comes in."""

    name: str
    password: str
    about: str


def let_in(app: Tidemill, stages: Iterable[Stage], folder: Path) -> list[Login]:
    """Make tenants and people, the first time; answer how they come in.

    Their passwords are kept in the folder, for whoever comes back to it.
    """
    told = [_person(app, folder, "admin", [Grant(Role.ADMIN)], "all of them, and who may come in")]
    tenants = Tenants(app.client)
    for stage in stages:
        own = stage.tenants or (stage.name,)
        for tenant in own:
            with suppress(errors.VersionConflict):  # of an earlier time
                tenants.create(tenant, title=stage.title)
        grants = [Grant(Role.OPERATOR, tenant) for tenant in own]
        told.append(_person(app, folder, f"{stage.name}-ops", grants, stage.title))
    return told


def _person(app: Tidemill, folder: Path, name: str, grants: list[Grant], about: str) -> Login:
    kept = folder / f"{name}.password"
    try:
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(9))
            Users(app.client).create(name, kept.read_text(), grants)
    except errors.VersionConflict:
        kept.write_text("(as it was set before)")
    return Login(name, kept.read_text(), about)
