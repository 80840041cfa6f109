"""An organisation begins: all of it or nothing, and its password is nowhere but in the letter."""

import asyncio
import hashlib
import hmac
import json
import re
from typing import Any, Final

import httpx
import msgspec
import pytest
from sqlalchemy import select

from examples.hse.receivers import Receivers
from examples.hse.serving import make_api
from examples.hse.system import Hse
from examples.hse.tables import MEMBERS, ORGANISATIONS, ROLES, STATIONS
from examples.hse.words import MAY
from tests.examples.hse.conftest import STRIPE, Caller, People, ok
from tidemill import Job
from tidemill.access.audit import AuditLog, Search
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.testing.harness import Harness

ABOUT: Final = {
    "company": "Quarry Works",
    "slug": "quarry",
    "adminName": "Ada Stone",
    "adminEmail": "ada@quarry.example",
    "plan": "standard",
}


def begun(hse: Hse, **more: str) -> Job[Any]:
    return hse.service().queue_tenant_onboarding(**{**ABOUT, **more})


def left(hse: Hse) -> list[Any]:
    """What there is of the organisation anywhere."""
    found: list[Any] = hse.books.rows(
        select(ORGANISATIONS.c.id).where(ORGANISATIONS.c.slug == ABOUT["slug"])
    )
    found += [each.key for each in Tenants(hse.app.client).find() if each.key == "hse.quarry"]
    users = Users(hse.app.client).find()
    return found + [each.key for each in users if each.key == ABOUT["adminEmail"]]


def password_in(receivers: Receivers) -> str:
    (letter,) = receivers.letters
    found = re.search(r"temporary password\n\n +(\S+)\n", letter.text)
    assert found is not None
    return found[1]


def test_it_creates_organisation_roles_station_and_admin_and_sends_the_mail(
    hse: Hse, mill: Harness, receivers: Receivers
) -> None:
    job = begun(hse)
    mill.drain()
    onboarded = job.result(timeout=0)
    assert [each.name for each in onboarded.steps] == [
        "organisation", "roles", "station", "admin", "welcome",
    ]  # fmt: skip
    organisation = hse.books.organisation("hse.quarry")
    assert (organisation["name"], organisation["plan"]) == ("Quarry Works", "standard")
    mine = {"organisation": organisation["id"]}
    roles, stations, members = (
        hse.books.rows(select(table).where(table.c.organisation == mine["organisation"]))
        for table in (ROLES, STATIONS, MEMBERS)
    )
    assert {role["name"] for role in roles} == set(MAY) == {"Admin", "Manager", "User"}
    assert [station["name"] for station in stations] == ["Welcome station"]
    assert [(each["email"], each["role"]) for each in members] == [("ada@quarry.example", "Admin")]
    (letter,) = receivers.letters
    assert (letter.to, letter.subject) == (("ada@quarry.example",), "Welcome, Quarry Works")


def test_the_admin_logs_in_with_the_password_and_sees_their_own_organisation_alone(
    hse: Hse, mill: Harness, receivers: Receivers, runner: asyncio.Runner
) -> None:
    begun(hse)
    mill.drain()
    hse.service("harbour").queue_email(["a@harbour.example"], "Not yours")
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(make_api(hse)), base_url="http://localhost"
    )
    told = {"name": ABOUT["adminEmail"], "password": password_in(receivers)}
    assert ok(runner.run(http.post("/tidemill/api/v1/session", json=told)))
    stats = ok(runner.run(http.get("/api/jobs/stats")))
    assert stats["queues"]["email"]["waiting"] == 0
    assert runner.run(http.get("/api/jobs/stats?organization=harbour")).status_code == 404


def test_the_password_is_in_the_letter_and_nowhere_else(
    hse: Hse, mill: Harness, receivers: Receivers
) -> None:
    begun(hse)
    mill.drain()
    password = password_in(receivers).encode()
    engine = hse.app.open()
    kept = [
        record.doc
        for kind in ("user", "record", "tenant", "module")
        for record in engine.records.find(kind).wait()
    ]
    for job in hse.app.jobs.find():
        seen = job.snapshot()
        lines = job.logs()
        kept += [seen.args, seen.result or b"", *(line.message.encode() for line in lines)]
    kept += [msgspec.json.encode(event.payload) for event in mill.events("**")]
    assert len(kept) > 5
    assert not [each for each in kept if password in each]


def test_progress_goes_from_0_to_100_step_by_step(
    hse: Hse, mill: Harness, receivers: Receivers
) -> None:
    receivers.unknown.add(ABOUT["adminEmail"])
    job = begun(hse)
    mill.drain()
    shown = job.snapshot().progress
    assert shown is not None
    assert (shown.percent, shown.message) == (80, "Sending the welcome mail")
    assert (shown.step, shown.of) == (5, 5)
    assert hse.service().get_job_status(job.id).progress == 80
    receivers.unknown.clear()
    mill.advance("1h")
    assert hse.service().get_job_status(job.id).progress == 100
    done = [event.payload["step"] for event in mill.events("hse.onboarding.step_done")]
    assert done == ["organisation", "roles", "station", "admin", "welcome"]


def test_one_whose_mail_cannot_be_sent_is_undone_when_its_attempts_are_spent(
    hse: Hse, mill: Harness, receivers: Receivers
) -> None:
    receivers.unknown.add(ABOUT["adminEmail"])
    job = begun(hse)
    mill.drain()
    assert job.snapshot().state == "retrying"
    assert len(left(hse)) == 3
    mill.advance("1h")
    mill.advance("1h")
    assert (job.snapshot().state, job.snapshot().attempt) == ("failed", 3)
    assert left(hse) == []
    (undone,) = mill.events("hse.onboarding.undone")
    assert undone.payload["steps"] == ["admin", "station", "roles", "organisation"]


@pytest.mark.parametrize("taken", [{"slug": "harbour"}, {"adminEmail": "boss@harbour.example"}])
def test_what_is_another_organisations_is_not_taken_nor_undone(
    hse: Hse, mill: Harness, taken: dict[str, str]
) -> None:
    users = Users(hse.app.client)
    users.create("boss@harbour.example", "", [Grant(Role.ADMIN, "hse.harbour")])
    before = hse.books.organisation("hse.harbour")
    job = begun(hse, **taken)
    mill.drain()
    assert (job.snapshot().state, job.snapshot().reason) == ("failed", "not_retryable")
    assert left(hse) == []
    assert hse.books.organisation("hse.harbour") == before
    assert users.get("boss@harbour.example").value.tenants == ("hse.harbour",)


def test_a_step_that_is_done_is_not_done_again(
    hse: Hse, mill: Harness, receivers: Receivers
) -> None:
    receivers.unknown.add(ABOUT["adminEmail"])
    job = begun(hse)
    mill.drain()
    receivers.unknown.clear()
    mill.advance("1h")
    onboarded = job.result(timeout=0)
    assert [each.attempt for each in onboarded.steps] == [1, 1, 1, 1, 2]
    assert len(receivers.letters) == 1
    assert len(left(hse)) == 3


class TestOverHttp:
    BODY: Final = {
        "organizationName": "Quarry Works", "slug": "quarry", "adminName": "Ada Stone",
        "adminEmail": "ada@quarry.example", "plan": "standard",
    }  # fmt: skip

    def test_hse_itself_begins_one_and_no_organisation_does(
        self, people: People, mill: Harness, hse: Hse
    ) -> None:
        path = "/api/jobs/tenant-onboarding"
        assert people("admin", "harbour").post(path, self.BODY).status_code == 403
        assert people("viewer", "").post(path, self.BODY).status_code == 403
        queued = ok(people("admin", "").post(path, self.BODY))
        assert queued["queue"] == "tenant-onboarding"
        mill.drain()
        shown = ok(people("admin", "").get(f"/api/jobs/tenant-onboarding/jobs/{queued['jobId']}"))
        assert (shown["status"], shown["progress"], shown["priority"]) == (
            "completed", 100, "highest",
        )  # fmt: skip
        assert hse.books.organisation("hse.quarry")

    @pytest.mark.parametrize(
        "wrong",
        [{"slug": "../x"}, {"slug": "Q"}, {"adminEmail": "ada@quarry.example\r\nBcc: x@y.z"},
         {"plan": "golden"}, {"organizationName": ""}, {"role": "Admin"}],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, people: People, wrong: dict[str, str]) -> None:
        answer = people("admin", "").post("/api/jobs/tenant-onboarding", {**self.BODY, **wrong})
        assert answer.status_code == 422


class TestStripe:
    def said(self, runner: asyncio.Runner, hse: Hse, told: Any, **more: Any) -> httpx.Response:
        """What the hook answers to something that is signed as Stripe does."""
        body = json.dumps(told).encode()
        at = more.get("at", hse.app.store.clock.now() // 1_000)
        key = more.get("key", STRIPE).encode()
        signed = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        caller = Caller(runner, make_api(hse), "")
        headers = {"Stripe-Signature": f"t={at},v1={signed}"}
        return caller("POST", "/api/stripe/webhook", content=body, headers=headers)

    def paid(self, event: str = "evt_1") -> Any:
        session = {"customer": "cus_7", "metadata": TestOverHttp.BODY}
        return {"id": event, "type": "checkout.session.completed", "data": {"object": session}}

    def test_who_has_paid_begins_and_is_begun_once_however_often_it_is_said(
        self, runner: asyncio.Runner, hse: Hse, mill: Harness
    ) -> None:
        first = ok(self.said(runner, hse, self.paid()))
        assert ok(self.said(runner, hse, self.paid()))["jobId"] == first["jobId"]
        mill.drain()
        assert ok(self.said(runner, hse, self.paid()))["jobId"] == first["jobId"]
        assert hse.books.organisation("hse.quarry")["stripe_customer"] == "cus_7"
        asked = Search(action="jobs.enqueue", actor="host:stripe")
        assert len(AuditLog(hse.app.client).page(asked, cursor=None, limit=9).lines) >= 1

    def test_what_else_it_says_is_let_be(self, runner: asyncio.Runner, hse: Hse) -> None:
        told = {"id": "evt_2", "type": "invoice.paid", "data": {"object": {"customer": 7}}}
        assert ok(self.said(runner, hse, told)) is None
        assert list(hse.app.jobs.find()) == []

    def test_nobody_else_is_believed(self, runner: asyncio.Runner, hse: Hse) -> None:
        old = hse.app.store.clock.now() // 1_000 - 301
        for answer in (
            self.said(runner, hse, self.paid(), key="of somebody"),
            self.said(runner, hse, self.paid(), at=old),
            Caller(runner, make_api(hse), "").post("/api/stripe/webhook", self.paid()),
        ):
            assert answer.status_code == 401
        assert list(hse.app.jobs.find()) == []

    def test_what_cannot_be_read_is_told(self, runner: asyncio.Runner, hse: Hse) -> None:
        odd = {**self.paid(), "data": {"object": {"customer": 7}}}
        assert self.said(runner, hse, odd).status_code == 422
