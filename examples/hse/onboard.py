"""How an organisation begins: its steps, from the first row to the mail with the password."""

import secrets
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from examples.hse.tables import MEMBERS, ORGANISATIONS, ROLES, STATIONS, Books
from examples.hse.words import MAY, tenant_of
from tidemill import Tidemill, current, errors
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.core.instants import to_datetime
from tidemill.kits.onboarding import Case, Onboarding

WELCOME_STATION: Final = "Welcome station"

LETTER: Final = """\
Dear {name},

{company} is with HSE.Digital now. Log in as {email}, with the temporary password

    {password}

and take another one at once. Your first station, "{station}", is waiting for you.
"""


class Taken(errors.TidemillError):
    """Another organisation, or somebody of one, is called so already."""

    code = "hse.taken"


class Beginning:
    """Declares the steps, each of which may be done again after it was broken off, and undone."""

    def __init__(self, app: Tidemill, books: Books, system: str) -> None:
        """Make organisations here, whose tenants begin with the name of the system."""
        self._books = books
        self._clock = app.store.clock
        self._users = Users(app.client)
        self._tenants = Tenants(app.client)
        self._system = system

    def declare(self, onboarding: Onboarding) -> None:
        """Put the steps in their order, each with its share of the progress."""
        organisation = onboarding.step("Creating the organisation", name="organisation", weight=30)
        organisation(self._organise).undo(self._dissolve)
        onboarding.step("Creating its roles", name="roles", weight=15)(self._give_roles).undo(
            self._take_roles
        )
        onboarding.step("Creating the welcome station", name="station", weight=15)(
            self._open_station
        ).undo(self._close_station)
        onboarding.step("Creating the admin", name="admin", weight=20)(self._let_in).undo(
            self._let_out
        )
        onboarding.step("Sending the welcome mail", name="welcome", weight=20)(self._welcome)

    def _organise(self, case: Case) -> dict[str, Any]:
        about = case.about
        tenant = tenant_of(self._system, about["slug"])
        row = {
            "slug": about["slug"],
            "name": about["company"],
            "tenant": tenant,
            "plan": about["plan"],
            "stripe_customer": about.get("stripeCustomer") or None,
            "onboarding": case.key,
            "created_at": self._clock.now(),
        }
        try:
            with self._books.begin() as tx:
                known = select(ORGANISATIONS.c.id).where(ORGANISATIONS.c.onboarding == case.key)
                if tx.execute(known).first() is None:
                    tx.execute(insert(ORGANISATIONS), row)
        except IntegrityError as error:
            raise Taken(
                f"there is an organisation {about['slug']!r} already", hint="take another slug"
            ) from error
        if self._tenants.look(tenant) is None:
            self._tenants.create(tenant, title=about["company"])
        return {"tenant": tenant}

    def _dissolve(self, case: Case) -> None:
        mine = ORGANISATIONS.c.onboarding == case.key
        if not self._books.rows(select(ORGANISATIONS.c.id).where(mine)):
            return  # another one has the name: it stays as it is
        tenant = tenant_of(self._system, case.about["slug"])
        if self._tenants.look(tenant) is not None:
            self._tenants.delete(tenant)
        with self._books.begin() as tx:
            tx.execute(delete(ORGANISATIONS).where(mine))

    def _give_roles(self, case: Case) -> list[str]:
        whose = self._whose(case)
        self._take_roles(case)
        self._books.add(
            ROLES, [{"organisation": whose, "name": role, "may": may} for role, may in MAY.items()]
        )
        return list(MAY)

    def _take_roles(self, case: Case) -> None:
        with self._books.begin() as tx:
            tx.execute(delete(ROLES).where(ROLES.c.organisation == self._whose(case)))

    def _open_station(self, case: Case) -> str:
        self._close_station(case)
        self._books.add(STATIONS, [{
            "organisation": self._whose(case),
            "name": WELCOME_STATION,
            "kind": "office",
            "address": "to be filled in",
            "opened_on": to_datetime(self._clock.now()).date(),
        }])  # fmt: skip
        return WELCOME_STATION

    def _close_station(self, case: Case) -> None:
        with self._books.begin() as tx:
            tx.execute(delete(STATIONS).where(STATIONS.c.organisation == self._whose(case)))

    def _let_in(self, case: Case) -> str:
        """Make the admin, who cannot log in before the letter with the password is written."""
        email, tenant = case.about["adminEmail"], case.done["organisation"]["tenant"]
        grants = [Grant(Role.ADMIN, tenant)]
        try:
            self._users.create(email, "", grants, full_name=case.about["adminName"])
        except errors.VersionConflict as error:
            if list(self._users.get(email).value.grants) != grants:
                raise Taken(f"there is a user {email!r} already", hint="name another") from error
        self._forget_members(case)
        self._books.add(MEMBERS, [{
            "organisation": self._whose(case),
            "name": case.about["adminName"],
            "email": email,
            "role": "Admin",
            "created_at": self._clock.now(),
        }])  # fmt: skip
        return str(email)

    def _let_out(self, case: Case) -> None:
        """Take the admin away again, unless it is somebody of another organisation."""
        tenant = tenant_of(self._system, case.about["slug"])
        try:
            user = self._users.get(case.about["adminEmail"]).value
        except errors.NotFound:
            pass
        else:
            if user.tenants == (tenant,):
                self._users.delete(user.name)
        self._forget_members(case)

    def _forget_members(self, case: Case) -> None:
        with self._books.begin() as tx:
            tx.execute(delete(MEMBERS).where(MEMBERS.c.organisation == self._whose(case)))

    async def _welcome(self, case: Case) -> None:
        """Write to the admin. The password is in this letter, and as a digest, and nowhere else.

        If the letter is written again, it has another password, which then is the one that counts.
        """
        job, about = current(), case.about
        password = secrets.token_urlsafe(12)
        await self._users.aset_password(about["adminEmail"], password)
        text = LETTER.format(
            name=about["adminName"],
            company=about["company"],
            email=about["adminEmail"],
            password=password,
            station=case.done["station"],
        )
        to, subject = [about["adminEmail"]], f"Welcome, {about['company']}"
        await job.services["mail"].send(to, subject, text)

    def _whose(self, case: Case) -> int:
        """The organisation; 0 where it was never made, which then has nothing."""
        tenant = tenant_of(self._system, case.about["slug"])
        key = f"{case.key.rpartition(':')[0]}:organisation"
        query = select(ORGANISATIONS.c.id).where(
            ORGANISATIONS.c.tenant == tenant, ORGANISATIONS.c.onboarding == key
        )
        found = self._books.rows(query)
        return int(found[0]["id"]) if found else 0
