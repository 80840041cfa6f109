"""The six processors do their work on real parts, each in its queue and with its patience."""

import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import pytest
from sqlalchemy import func, select

from examples.hse.figures import EXPORTED
from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED, SIZES, incident
from examples.hse.scene import Told, seed, tick
from examples.hse.system import Hse, Setup
from examples.hse.tables import AUDITS, INCIDENTS, STATIONS
from examples.hse.words import ENTITIES, QUEUES, REPORTS, SYSTEM, TASKS, Numbers, ReportType
from tests.examples.hse.conftest import installed
from tidemill import errors
from tidemill.kits.email import Attachment, Message
from tidemill.signatures import new_secret
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

DESK: Final = "desk@harbour.example"
SECRET: Final = new_secret()


def content(hse: Hse, tenant: str, id_: str) -> bytes:
    """What a kept file holds."""
    with hse.app.files.of(tenant).open(id_) as kept:
        return bytes(kept.read())


def options(hse: Hse, task: str) -> Any:
    """How jobs of a task run, of those that calls of the façade make."""
    return hse.app.registry.get(f"{SYSTEM}.{task}").options


class TestQueues:
    def test_each_has_the_settings_that_it_always_had(self, hse: Hse) -> None:
        email = options(hse, "email.send")
        assert (email.queue, email.priority, email.retry.attempts) == ("email", 50, 5)
        assert (email.retry.base, email.retry.jitter) == (5_000, True)
        report = options(hse, "report.build")
        assert (report.queue, report.timeout, report.retry.attempts) == ("report", 300_000, 3)
        export = options(hse, "export.run")
        assert (export.queue, export.timeout, export.retry.attempts) == ("data-export", 600_000, 2)
        for task in ("webhook.post", "webhook.deliver"):
            webhook = options(hse, task)
            assert (webhook.queue, webhook.retry.attempts) == ("webhook", 5)
            assert (webhook.retry.shape, webhook.retry.base) == ("exponential", 10_000)
        begun = options(hse, "onboarding.run")
        assert (begun.queue, begun.priority, begun.retry.attempts) == ("tenant-onboarding", 90, 3)
        cleaned = options(hse, "cleanup.clean")
        assert (cleaned.queue, cleaned.priority) == ("cleanup", -50)
        worker = hse.worker()._options
        assert set(worker.queues or ()) == set(QUEUES)
        assert (worker.concurrency, worker.async_concurrency) == (5, 5)

    def test_each_task_waits_where_the_table_says(self, hse: Hse) -> None:
        ours = {task.name for task in hse.app.registry if task.name.startswith(SYSTEM)}
        assert ours == {f"{SYSTEM}.{task}" for tasks in TASKS.values() for task in tasks}
        for queue, tasks in TASKS.items():
            assert {options(hse, task).queue for task in tasks} == {queue}

    def test_the_environment_sets_concurrency_attempts_and_the_first_wait(
        self, tmp_path: Any, receivers: Receivers, clock: ManualClock
    ) -> None:
        numbers = Numbers.of({
            "QUEUE_CONCURRENCY": "7", "QUEUE_MAX_RETRIES": "4", "QUEUE_BACKOFF_DELAY": "9000",
        })  # fmt: skip
        with installed("memory://", tmp_path, receivers, clock, numbers=numbers) as hse:
            assert hse.worker()._options.async_concurrency == 7
            job = hse.service("harbour").queue_report("audits").snapshot()
            policy = msgspec.json.decode(job.policy)
            assert (policy["attempts"], policy["base"]) == (4, 9_000)
        with pytest.raises(errors.InvalidOption, match="QUEUE_MAX_RETRIES"):
            Numbers.of({"QUEUE_MAX_RETRIES": "three"})

    def test_what_ended_is_kept_a_day_and_what_failed_a_week(self, hse: Hse) -> None:
        hse.prepare()
        day = 86_400_000
        for rules in hse.app.queues.find():
            if rules.queue in QUEUES:
                kept = rules.retention
                assert rules.fair
                assert (kept.completed, kept.failed, kept.cancelled) == (day, 7 * day, 7 * day)
        (webhook,) = [each for each in hse.app.queues.find() if each.queue == "webhook"]
        assert webhook.rate is not None
        assert (webhook.rate.count, webhook.rate.per) == (100, 1_000)


class TestEmail:
    def test_a_letter_of_text_and_html_with_a_file_arrives(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        job = hse.service("harbour").queue_email(
            [DESK, "nobody@harbour.example"],
            "Permit 7",
            text="It ends today.",
            html="<b>It ends today.</b>",
            attachments=[Attachment(name="7.csv", content=b"permit,7\n")],
        )
        receivers.unknown.add("nobody@harbour.example")
        mill.drain()
        sent = job.result(timeout=0)
        assert (sent.accepted, list(sent.refused)) == ((DESK,), ["nobody@harbour.example"])
        (letter,) = receivers.letters
        assert (letter.to, letter.subject, letter.text) == (
            (DESK,), "Permit 7", "It ends today.\n",
        )  # fmt: skip
        assert {"text/html", "text/plain"} <= {
            part.get_content_type() for part in letter.message.walk()
        }
        (attached,) = letter.message.iter_attachments()
        assert attached.get_payload(decode=True) == b"permit,7\n"
        told = {event.name for event in mill.events("hse.email.*")}
        assert told == {"hse.email.sent", "hse.email.refused"}

    def test_a_letter_waits_for_its_moment(
        self, hse: Hse, mill: Harness, receivers: Receivers, clock: ManualClock
    ) -> None:
        at = datetime.fromtimestamp(clock.now() / 1_000, UTC) + timedelta(hours=3)
        service = hse.service("harbour")
        job = service.queue_scheduled_email(at, [DESK], "Toolbox talk")
        mill.drain()
        assert (service.get_job_status(job.id).status, receivers.letters) == ("delayed", [])
        mill.advance("3h")
        assert service.get_job_status(job.id).status == "completed"
        assert len(receivers.letters) == 1

    def test_many_letters_are_one_batch(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        messages = [Message(to=[f"p{n}@harbour.example"], subject=str(n)) for n in range(12)]
        job = hse.service("harbour").queue_bulk_emails(messages)
        mill.drain()
        ended = hse.app.jobs.get(job.result(timeout=0).batch).result(timeout=0)
        assert (ended.letters, ended.sent) == (12, 12)
        assert len(receivers.letters) == 12


class TestReports:
    @pytest.mark.parametrize("kind", REPORTS)
    def test_each_is_of_the_organisation_alone_as_json_and_csv_and_word_goes_by_mail(
        self, hse: Hse, mill: Harness, receivers: Receivers, kind: ReportType
    ) -> None:
        service = hse.service("harbour")
        jobs = [service.queue_report(kind, form=form, to=[DESK]) for form in ("json", "csv")]
        mill.drain()
        in_json, in_csv = (job.result(timeout=0) for job in jobs)
        rows = json.loads(content(hse, "hse.harbour", in_json.file.id))["rows"]
        lines = list(csv.DictReader(io.StringIO(
            content(hse, "hse.harbour", in_csv.file.id).decode("utf-8-sig")
        )))  # fmt: skip
        assert len(rows) == in_json.rows == in_csv.rows >= SIZES["stations"]
        whose = hse.books.organisation("hse.harbour")["id"]
        stations = {
            row["name"]
            for row in hse.books.rows(select(STATIONS).where(STATIONS.c.organisation == whose))
        }
        assert {row["station"] for row in rows} <= stations
        assert len(lines) >= len(rows)
        assert {letter.to for letter in receivers.letters} == {(DESK,)}
        assert len(receivers.letters) == 2
        assert all("/files/" in letter.text for letter in receivers.letters)
        with pytest.raises(errors.NotFound):
            content(hse, "hse.ranges", in_json.file.id)

    def test_filters_say_which_rows(self, hse: Hse, mill: Harness) -> None:
        whose = hse.books.organisation("hse.harbour")["id"]
        (station,) = hse.books.rows(
            select(STATIONS.c.id, STATIONS.c.name).where(STATIONS.c.organisation == whose).limit(1)
        )
        since = hse.today - timedelta(days=300)
        meant = select(func.count().label("rows")).where(
            INCIDENTS.c.station == station["id"], INCIDENTS.c.occurred_on >= since,
            INCIDENTS.c.status == "closed",
        )  # fmt: skip
        filters = {"startDate": since.isoformat(), "station": station["name"], "status": "closed"}
        job = hse.service("harbour").queue_report("incidents", filters=filters)
        odd = hse.service("harbour").queue_report("incidents", filters={"planet": "Mars"})
        mill.drain()
        assert job.result(timeout=0).rows == hse.books.rows(meant)[0]["rows"]
        assert odd.snapshot().reason == "not_retryable"

    def test_one_that_is_asked_for_again_soon_is_the_one_that_was_built(
        self, hse: Hse, mill: Harness
    ) -> None:
        service, other = hse.service("harbour"), hse.service("ranges")
        first = service.queue_report("audits", form="json")
        mill.drain()
        assert service.queue_report("audits", form="json").id == first.id
        assert service.queue_report("audits", form="csv").id != first.id
        assert other.queue_report("audits", form="json").id != first.id
        assert service.queue_report("audits", form="json", fresh=True).id != first.id
        mill.advance("5m")
        assert service.queue_report("audits", form="json").id != first.id


class TestExports:
    def test_six_entities_are_exported_with_their_counts_and_word_goes_by_mail(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        job = hse.service("harbour").queue_data_export(ENTITIES, form="csv", to=[DESK])
        mill.drain()
        exported = job.result(timeout=0)
        whose = hse.books.organisation("hse.harbour")["id"]
        for each in exported.files:
            table, columns = EXPORTED[each.source]
            count = select(func.count().label("rows")).where(table.c.organisation == whose)
            lines = content(hse, "hse.harbour", each.file.id).decode("utf-8-sig").splitlines()
            assert lines[0] == ",".join(columns)
            assert len(lines) - 1 == exported.rows[each.source]
            assert exported.rows[each.source] == hse.books.rows(count)[0]["rows"] > 0
        assert set(exported.rows) == set(ENTITIES)
        (letter,) = receivers.letters
        assert "stations, 6 rows" in letter.text
        with pytest.raises(errors.NotFound):
            content(hse, "hse.ranges", exported.files[0].file.id)

    def test_as_json_each_line_is_a_row(self, hse: Hse, mill: Harness) -> None:
        job = hse.service("ranges").queue_data_export(["users"], form="json")
        mill.drain()
        (file,) = job.result(timeout=0).files
        rows = [json.loads(line) for line in content(hse, "hse.ranges", file.file.id).splitlines()]
        assert len(rows) == SIZES["users"]
        assert all(row["email"].endswith("@ranges.example") for row in rows)


class TestWebhooks:
    def test_who_has_subscribed_is_told_of_incidents_signed_and_of_no_other_organisations(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        made = hse.kits.webhooks.subscriptions(hse.app, "hse.harbour").create(
            receivers.url, ["incident.created"], headers={"Authorization": "Bearer control"}
        )
        receivers.secrets.append(made.secret)
        for slug in ("harbour", "ranges"):
            report(hse, slug)
        mill.drain()
        (post,) = receivers.posts
        assert (post.event, receivers.refused) == ("incident.created", 0)
        assert post.data["reference"] == "INC-9001"
        assert post.headers["authorization"] == "Bearer control"
        assert {job.snapshot().tenant for job in mill.jobs("hse.webhook.deliver")} == {
            "hse.harbour"
        }

    def test_one_that_fails_is_posted_again_after_10_20_40_80_seconds_and_then_no_more(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        receivers.answers = [500] * 3
        receivers.secrets.append(SECRET)
        job = hse.service("harbour").queue_webhook(
            "permit.expired", {"permit": 7}, receivers.url, secret=SECRET
        )
        mill.drain()
        for wait in ("10s", "20s"):
            assert job.snapshot().state == "retrying"
            mill.advance(wait)
        mill.advance("40s")
        assert job.result(timeout=0).status == 204
        (post,) = receivers.posts
        assert (post.event, post.data) == ("permit.expired", {"permit": 7})
        assert job.snapshot().attempt == 4

    def test_a_signature_that_the_receiver_does_not_know_is_told_as_a_failure(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        job = hse.service("harbour").queue_webhook(
            "permit.expired", None, receivers.url, secret=SECRET
        )
        mill.drain()
        assert job.snapshot().state == "failed"
        assert (receivers.posts, receivers.refused) == ([], 1)

    def test_the_secret_of_a_webhook_is_nowhere_in_the_clear(
        self, hse: Hse, mill: Harness, receivers: Receivers
    ) -> None:
        receivers.secrets.append(SECRET)
        job = hse.service("harbour").queue_webhook("a.b", None, receivers.url, secret=SECRET)
        mill.drain()
        seen = job.snapshot()
        assert SECRET.encode() not in seen.args + (seen.result or b"")


class TestCleanup:
    def test_drafts_go_at_night_and_a_dry_run_counts_them(self, hse: Hse, mill: Harness) -> None:
        before = hse.today - timedelta(days=90)
        old = select(func.count().label("rows")).where(
            AUDITS.c.status == "draft", AUDITS.c.held_on < before
        )
        there = hse.books.rows(old)[0]["rows"]
        assert there > 0
        dry = hse.service().queue_cleanup("draft-audits", dry_run=True)
        mill.drain()
        assert dry.result(timeout=0).removed == hse.books.rows(old)[0]["rows"] == there
        (schedule,) = hse.app.schedules.find()
        assert (schedule.cron, schedule.zone) == ("0 3 * * *", "UTC")
        mill.advance("3h")
        assert hse.books.rows(old)[0]["rows"] == 0
        (nightly,) = [job for job in mill.jobs("hse.cleanup.clean") if job.id != dry.id]
        assert nightly.result(timeout=0).removed == there


def test_the_same_work_is_done_on_sqlite_and_postgresql(
    kept_hse: Hse, clock: ManualClock, receivers: Receivers
) -> None:
    mill = Harness(kept_hse.app, clock)
    receivers.secrets.append(SECRET)
    seed(kept_hse, Told(receivers.url, SECRET))
    for number in range(8):
        tick(kept_hse, number)
    mill.drain()
    ended = {job.snapshot().task: job.snapshot().state for job in kept_hse.app.jobs.find()}
    assert set(ended.values()) == {"completed"}
    assert {task.split(".")[1] for task in ended} == {
        "email", "report", "export", "webhook", "onboarding", "cleanup",
    }  # fmt: skip
    assert receivers.refused == 0
    assert receivers.letters
    assert receivers.posts
    tenants = {job.snapshot().tenant for job in kept_hse.app.jobs.find()}
    assert tenants == {"hse", *(kept_hse.tenant(slug) for slug, _ in ORGANISED)}
    assert kept_hse.books.organisation("hse.site-5")


def test_what_is_asked_of_another_system_in_the_store_is_left_alone(
    hse: Hse, mill: Harness
) -> None:
    @hse.app.task(name="finance.letters", queue="email")
    def letters() -> None:
        """Be somebody else's."""

    job = letters.enqueue()
    with pytest.raises(errors.JobNotFound):
        hse.service().get_job_status(job.id)
    with pytest.raises(errors.InvalidArguments, match="there is no organisation"):
        hse.books.organisation("finance")
    lost = hse.service("nowhere").queue_report("audits")
    mill.drain()
    assert lost.snapshot().reason == "not_retryable"


def report(hse: Hse, slug: str) -> str:
    """Something happens in an organisation."""
    happened = incident(random.Random(1), hse.stations(slug)[0], 9001, hse.today)
    return hse.report_incident(slug, happened)


def test_settings_are_a_value_that_can_be_kept() -> None:
    setup = Setup(mail="smtp://127.0.0.1:25?tls=off")
    assert msgspec.json.decode(msgspec.json.encode(setup), type=Setup) == setup
