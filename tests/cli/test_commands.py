"""The commands as a user types them, on a store with jobs in every interesting state."""

import asyncio
import io
import json
import re

import pytest
from typer.testing import CliRunner

from tests.cli.conftest import Refused, Type
from tidemill import Retry, Tidemill, current
from tidemill.cli.main import program

SKIPPED = "the clock skips its time; it comes right behind"
ONCE = "this hour comes twice; it comes once, the first time"


def ids(typed: Type, *words: str) -> list[str]:
    return [job["id"] for job in json.loads(typed("jobs", "list", "--json", *words))]


def test_jobs_are_listed_and_filtered(typed: Type) -> None:
    lines = typed("jobs", "list").splitlines()
    assert lines[0].split("\t") == ["id", "state", "task", "queue", "attempt", "enqueued", "note"]
    assert len(lines) == 6
    assert len(ids(typed, "--limit", "2")) == 2
    assert len(ids(typed, "--state", "completed", "--tag", "greeting")) == 2
    assert len(ids(typed, "--task", "broken", "--task", "welcome", "--since", "1h")) == 5
    assert len(ids(typed, "--text", "cleo", "--queue", "mail")) == 1
    assert len(ids(typed, "--until", "2000-01-01")) == 0
    assert len(ids(typed, "--since", "2000-01-01T08:00", "--until", "2100-01-01")) == 5
    assert typed("jobs", "list", "--tenant", "acme") == "No jobs match.\n"


def test_a_job_is_shown_with_its_attempts_and_its_error(typed: Type) -> None:
    (failed,) = ids(typed, "--state", "failed")
    shown = typed("jobs", "show", failed)
    assert "ValueError: no 7" in shown
    assert '{"number":7}' in shown
    assert "Traceback" in shown
    told = json.loads(typed("jobs", "show", failed, "--json"))
    assert told["args"] == {"number": 7}
    assert told["attempts"][0]["ending"] == "failed"


def test_a_log_is_shown_and_followed_to_its_end(typed: Type) -> None:
    (job,) = ids(typed, "--text", "ada")
    assert "hello ada to=ada" in typed("jobs", "logs", job, "--follow")
    assert json.loads(typed("jobs", "logs", job, "--json"))[0]["message"] == "hello ada"
    assert json.loads(typed("jobs", "logs", job, "--json", "--follow"))["message"] == "hello ada"
    (waiting,) = ids(typed, "--text", "dan")
    assert typed("jobs", "logs", waiting) == "The job has logged nothing.\n"


def test_jobs_are_changed_by_id_or_by_a_filter_that_is_confirmed(typed: Type) -> None:
    (failed,) = ids(typed, "--state", "failed")
    assert typed("jobs", "retry", failed) == "retry: 1 job\n"
    asked = typed("jobs", "cancel", "--queue", "mail", "--reason", "enough", answer="y\n")
    assert "5 jobs match" in asked
    assert asked.endswith("cancel: 3 jobs\n")
    assert len(ids(typed, "--state", "cancelled")) == 3
    assert "enough" in typed("jobs", "list", "--state", "cancelled")
    assert typed("jobs", "retry", "--state", "cancelled", "--yes") == "retry: 3 jobs\n"
    assert typed("jobs", "move", "--to", "slow", "--text", "dan", "-y") == "move: 1 job\n"
    assert len(ids(typed, "--queue", "slow")) == 1
    assert "1 job" in typed("jobs", "reprioritise", "--priority", "50", "--text", "dan", "-y")
    assert typed("jobs", "delete", "--state", "completed", "-y") == "delete: 2 jobs\n"
    assert typed("jobs", "run-now", "--state", "scheduled", "-y") == "run now: 0 jobs\n"


def test_an_answer_of_no_changes_nothing(app: Tidemill) -> None:
    for words in ("jobs delete --queue mail", "queues clean mail", "schedules delete nightly"):
        result = CliRunner().invoke(program, words.split(), input="n\n")
        assert result.exit_code == 1
        assert result.output.endswith("Nothing was changed.\n")
    assert len(list(app.jobs.find())) == 5
    assert len(app.schedules.find()) == 1


def test_where_nobody_can_answer_nothing_is_changed(
    app: Tidemill, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, said = refused("jobs", "delete", "--queue", "mail")
    assert code == 2
    assert said == "error: nobody answered\nhint: --yes goes on without a question\n"
    assert len(list(app.jobs.find())) == 5


def test_nothing_that_matches_is_nothing_to_ask_about(typed: Type) -> None:
    assert typed("jobs", "cancel", "--queue", "none") == "No jobs match.\n"
    assert typed("queues", "drain", "none") == "No jobs match.\n"


def test_a_job_whose_state_does_not_allow_it_is_told(typed: Type, refused: Refused) -> None:
    (failed,) = ids(typed, "--state", "failed")
    (waiting,) = ids(typed, "--state", "waiting")
    code, said = refused("jobs", "retry", failed, waiting)
    assert code == 1
    assert said.startswith("error: 1 job left alone, for the state does not allow it\n")
    assert ids(typed, "--state", "failed") == []


def test_of_ids_all_are_known_or_none_is_changed(typed: Type, refused: Refused) -> None:
    (failed,) = ids(typed, "--state", "failed")
    code, said = refused("jobs", "retry", failed, "nothing")
    assert (code, said.splitlines()[0]) == (1, "error: job nothing is not stored")
    assert ids(typed, "--state", "failed") == [failed]


def test_a_queue_is_drained_and_cleaned(typed: Type) -> None:
    assert typed("queues", "drain", "mail", answer="y\n").endswith("cancel: 1 job\n")
    assert typed("queues", "drain", "mail", "--later", "-y") == "cancel: 1 job\n"
    assert len(ids(typed, "--state", "cancelled")) == 2
    assert typed("queues", "clean", "mail", "--until", "1d", "-y") == "delete: 0 jobs\n"
    assert typed("queues", "clean", "mail", "-y") == "delete: 4 jobs\n"
    assert typed("queues", "clean", "mail", "--state", "failed", "-y") == "delete: 1 job\n"
    assert ids(typed) == []


def test_queues_are_listed_paused_and_limited(typed: Type) -> None:
    assert typed("queues", "pause", "mail", "--note", "lunch") == "mail is paused\n"
    typed("queues", "limit", "mail", "--most", "3", "--rate", "100/m", "--fair")
    assert "paused: lunch, 3 at once, 100 per 1m, fair" in typed("queues", "list")
    typed("queues", "limit", "mail", "--most", "none", "--rate", "none", "--unfair")
    assert typed("queues", "resume", "mail") == "mail goes on\n"
    told = json.loads(typed("queues", "list", "--json"))
    assert told["rules"] == [{"queue": "mail", "version": 4}]


def test_schedules_are_seen_and_steered(typed: Type) -> None:
    assert "0 2 * * *\tAustralia/Sydney\tactive" in typed("schedules", "list")
    assert typed("schedules", "show", "nightly").count("02:00:00 AE") == 5
    typed("schedules", "pause", "nightly", "--note", "audit")
    assert "paused: audit" in typed("schedules", "show", "nightly")
    typed("schedules", "resume", "nightly", "--pattern", "30 3 * * *", "--tz", "UTC")
    assert "30 3 * * *\tUTC\tactive" in typed("schedules", "list")
    job = typed("schedules", "run", "nightly").strip()
    assert job in typed("jobs", "show", job)
    assert "Remove" in typed("schedules", "delete", "nightly", answer="y\n")
    assert typed("schedules", "list") == "There are no schedules.\n"


def test_a_pattern_is_previewed_without_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_URL", "sqlite:////nowhere/at/all.db")
    words = ["schedules", "next", "0 12 * * *", "--tz", "Europe/Berlin", "-n", "250"]
    result = CliRunner().invoke(program, words)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 250
    # Whatever the day is, 250 days hold one or two changes of the clock.
    assert 1 <= result.output.count("the clock has changed") <= 2
    told = json.loads(CliRunner().invoke(program, [*words, "--json"]).output)
    assert len(told["next"]) == 250
    odd = CliRunner().invoke(program, ["schedules", "next", "*/5 * * * * *"])
    assert "warning: '*/5 * * * * *' is read with seconds first" in odd.output


@pytest.mark.parametrize(
    ("pattern", "start", "lines"),
    [
        (
            "30 2 * * *",
            "2026-03-29",
            [
                f"Sun 2026-03-29 03:00:00 CEST (+0200)  {SKIPPED}",
                "Mon 2026-03-30 02:30:00 CEST (+0200)",
            ],
        ),
        (
            "30 2 * * *",
            "2026-10-25",
            [
                f"Sun 2026-10-25 02:30:00 CEST (+0200)  {ONCE}",
                "Mon 2026-10-26 02:30:00 CET (+0100)  the clock has changed",
            ],
        ),
        (
            "30 * * * *",
            "2026-10-25T02:00",
            [
                "Sun 2026-10-25 02:30:00 CEST (+0200)  this hour comes twice; first time",
                "Sun 2026-10-25 02:30:00 CET (+0100)  this hour comes twice; second time",
            ],
        ),
    ],
)
def test_a_change_of_the_clock_is_explained(pattern: str, start: str, lines: list[str]) -> None:
    words = ["schedules", "next", pattern, "--tz", "Europe/Berlin", "--from", start, "-n", "2"]
    assert CliRunner().invoke(program, words).output.splitlines() == lines


def test_events_are_listed_and_emitted(typed: Type) -> None:
    assert '{"id":7}' in typed("events", "list", "--pattern", "invoice.*")
    position = int(typed("events", "emit", "order.placed", '{"n": 1}'))
    (event,) = json.loads(typed("events", "list", "--pattern", "order.*", "--json"))
    assert (event["position"], event["payload"]) == (position, {"n": 1})
    assert typed("events", "list", "--pattern", "nothing.*") == "No events match.\n"


def test_statistics_are_told_by_task_and_by_time(typed: Type) -> None:
    lines = typed("stats", "--last", "1d").splitlines()
    assert [line.split("\t")[1:3] for line in lines[1:]] == [
        ["broken", "1"],
        ["welcome", "2"],
        ["", "3"],
    ]
    (hour,) = typed("stats", "--by", "day", "--last", "2d", "--task", "welcome").splitlines()[1:]
    assert hour.split("\t")[1] == "2"
    assert typed("stats", "--queue", "none") == "Nothing has ended in the last 1h.\n"
    assert json.loads(typed("stats", "--json"))["endings"] == {"completed": 2, "failed": 1}


def test_workers_and_the_engine_are_told(typed: Type) -> None:
    assert typed("workers", "list") == "No worker is there.\n"
    assert json.loads(typed("workers", "list", "--json")) == []
    assert "durability  durable" in typed("engine", "check")
    assert json.loads(typed("engine", "check", "--json"))["health"]["schema"] >= 1
    assert "has schema" in typed("engine", "migrate")


def test_settings_are_shown_with_their_origin(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_WORKER_QUEUES", "mail,slow")
    lines = typed("settings").splitlines()
    assert "worker.queues\tTIDEMILL_WORKER_QUEUES\tmail, slow" in lines
    assert "worker.lease\tdefault\t30s" in lines
    told = {each["name"]: each for each in json.loads(typed("settings", "--json"))["settings"]}
    assert told["url"]["origin"] == "TIDEMILL_URL"
    assert told["worker.queues"]["value"] == ["mail", "slow"]
    assert told["keep.failed"]["value"] is None


def test_settings_that_are_secret_are_shown_to_nobody(
    typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "c2VjcmV0" * 5 + "c2U="
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", f"k1:{key}")
    monkeypatch.setenv("TIDEMILL_SERVICES_NOTIFICATIONS_SMS", "twilio://token@from/{to}")
    monkeypatch.setenv("TIDEMILL_SERVICES_DATABASE_URL", "postgresql://shop:pass@host/shop")
    for words in (["settings"], ["settings", "--json"]):
        shown = typed(*words)
        assert "k1:***" in shown
        for secret in (key, "secretsecret", "token", ":pass"):
            assert secret not in shown


def test_the_version_is_told(typed: Type) -> None:
    assert typed("--version").strip()


def test_how_long_a_queue_keeps_its_jobs_is_set_and_told(typed: Type) -> None:
    typed("queues", "keep", "mail", "--completed", "1d", "--failed", "30d")
    typed("queues", "keep", "mail", "--failed", "none")
    (line,) = [each for each in typed("queues", "list").splitlines() if each.startswith("mail")]
    assert line.endswith("completed kept 1d")


def test_tasks_are_listed_paused_and_go_on(typed: Type) -> None:
    assert typed("tasks", "pause", "welcome", "--note", "broken mail") == "welcome is paused\n"
    header, *lines = [each.split("\t") for each in typed("tasks", "list").splitlines()]
    (mine,) = [dict(zip(header, each, strict=True)) for each in lines if each[0] == "welcome"]
    assert mine["rules"] == "paused: broken mail"
    assert int(mine["waiting"]) > 0
    told = json.loads(typed("tasks", "list", "--json"))
    assert [(each["task"], each["paused"]) for each in told["rules"]] == [("welcome", True)]
    assert typed("tasks", "resume", "welcome") == "welcome goes on\n"
    assert "paused" not in typed("tasks", "list")


def test_what_a_job_shows_is_named_by_what_it_is(app: Tidemill, typed: Type) -> None:
    @app.task(name="far", retry=Retry.never())
    def far(*, fail: bool = False) -> None:
        current().progress(50, "Writing")
        if fail:
            raise ValueError("no ink")

    done, failed = far.enqueue(), far.enqueue(fail=True)
    asyncio.run(app.worker().run_until_idle())
    shown = typed("jobs", "show", done.id)

    def facts(name: str) -> list[str]:
        return re.findall(rf"^{name} +(.*)$", shown, re.MULTILINE)

    assert facts("progress") == ["50 % Writing"]
    assert facts("why") == []
    shown = typed("jobs", "show", failed.id)
    assert facts("why") == ["attempts_spent"]
    assert facts("error") == ["ValueError: no ink"]
    # In a list, how far a job was counts until it has finished.
    assert "50 %" not in typed("jobs", "list", "--task", "far")


def test_doctor_names_the_command_that_lets_a_task_go_on(app: Tidemill, typed: Type) -> None:
    app.queues.pause_task("welcome")
    assert "tidemill tasks resume welcome" in typed("doctor")


@pytest.mark.parametrize(
    ("words", "doubted"),
    [
        ("queues pause mial", "no job has been in the queue mial yet"),
        ("queues limit mial --most 3", "no job has been in the queue mial yet"),
        ("queues keep mial --failed 3d", "no job has been in the queue mial yet"),
        ("tasks pause welcom", "welcom has no job, and no worker knows it"),
        ("queues pause mail", ""),
        ("tasks pause broken", ""),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_name_that_nothing_has_is_doubted_on_the_side(words: str, doubted: str) -> None:
    ran = CliRunner().invoke(program, words.split())
    assert ran.exit_code == 0
    assert doubted in ran.stderr
    assert bool(ran.stderr) == bool(doubted)


def test_why_a_job_does_not_run_is_said(typed: Type) -> None:
    (waiting,) = ids(typed, "--state", "waiting")
    typed("queues", "pause", "mail", "--note", "lunch")
    said = typed("jobs", "why", waiting)
    assert said.startswith("the queue mail is paused by shell:")
    assert said.splitlines()[-1].startswith("no worker is there")
    told = json.loads(typed("jobs", "why", waiting, "--json"))
    assert [cause["kind"] for cause in told] == ["queue_paused", "no_worker"]
    (failed,) = ids(typed, "--state", "failed")
    assert typed("jobs", "why", failed).startswith("it has failed for good")
