"""The commands as a user types them, on a store with jobs in every interesting state."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidemill import Retry, Tidemill, current
from tidemill.cli.main import program, run

Type = Callable[..., str]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tidemill:
    url = f"sqlite:///{tmp_path}/jobs.db"
    monkeypatch.setenv("TIDEMILL_URL", url)
    app = Tidemill(url)

    @app.task(name="welcome", queue="mail", tags=["greeting"])
    def welcome(name: str) -> str:
        current().log(f"hello {name}", level="info", to=name)
        return name.upper()

    @app.task(name="broken", queue="mail", retry=Retry.never())
    def broken(number: int) -> int:
        raise ValueError(f"no {number}")

    app.schedule("0 2 * * *", name="nightly", tz="Australia/Sydney", arguments={"name": "all"})(
        welcome
    )
    with app:
        for name in ("ada", "bob"):
            welcome.enqueue(name)
        broken.enqueue(7)
        asyncio.run(app.worker().run_until_idle())
        welcome.using(delay="1h").enqueue("cleo")
        welcome.enqueue("dan")
        app.events.emit("invoice.paid", {"id": 7})
    return app


@pytest.fixture
def typed(app: Tidemill) -> Type:
    """Type a command; its output, once it has ended well."""
    del app  # what it has stored is what commands see

    def type_(*words: str, answer: str = "") -> str:
        result = CliRunner().invoke(program, words, input=answer)
        assert result.exit_code == 0, result.output
        return result.output

    return type_


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
    result = CliRunner().invoke(program, ["jobs", "delete", "--queue", "mail"], input="n\n")
    assert result.exit_code == 1
    assert "Delete them?" in result.output
    assert len(list(app.jobs.find())) == 5


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
    odd = CliRunner().invoke(program, ["schedules", "next", "*/5 * * * * *"])
    assert "warning: '*/5 * * * * *' is read with seconds first" in odd.output


def test_events_workers_statistics_and_health(typed: Type) -> None:
    assert '{"id":7}' in typed("events", "list", "--pattern", "invoice.*")
    position = int(typed("events", "emit", "order.placed", '{"n": 1}'))
    (event,) = json.loads(typed("events", "list", "--pattern", "order.*", "--json"))
    assert (event["position"], event["payload"]) == (position, {"n": 1})
    assert typed("events", "list", "--pattern", "nothing.*") == "No events match.\n"
    assert typed("workers", "list") == "No worker is there.\n"
    stats = typed("stats", "--last", "1d").splitlines()
    assert [line.split("\t")[1:3] for line in stats[1:]] == [
        ["broken", "1"],
        ["welcome", "2"],
        ["", "3"],
    ]
    assert typed("stats", "--queue", "none") == "Nothing has ended in the last 1h.\n"
    assert "durability  durable" in typed("engine", "check")
    assert "has schema" in typed("engine", "migrate")
    assert "1 job waits, and no worker is there" in typed("doctor")
    assert json.loads(typed("doctor", "--json"))["health"]["durability"] == "durable"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("jobs cancel", 2, "needs jobs or a filter"),
        ("jobs list --state purple", 2, "'purple' is not a valid State"),
        ("jobs list --since soon", 2, "duration 'soon' cannot be read"),
        ("jobs list --url mysql://x", 2, "names no engine that is known"),
        ("jobs list --url sqlite:////nowhere/x.db", 1, "cannot be opened"),
        ("jobs show nothing", 1, "job nothing is not stored"),
        ("queues limit mail", 2, "no limit is given"),
        ("queues limit mail --most many", 2, "'many' is no number"),
        ("queues limit mail --rate fast", 2, "'fast' is no rate"),
        ("queues pause a/b", 2, "is not allowed"),
        ("schedules show nothing", 2, "there is no schedule 'nothing'"),
        ("schedules next 61", 2, "61"),
        ("schedules next @never", 2, "@never"),
        ("schedules next @daily --tz Mars/Base", 2, "there is no time zone 'Mars/Base'"),
        ("events emit invoice.paid {", 2, "the payload is no JSON"),
        ("events emit jobs.completed", 2, "jobs.completed"),
        ("worker --app nowhere:app", 2, "nowhere"),
    ],
)
@pytest.mark.usefixtures("app")
def test_misuse_is_told_in_a_line_and_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["tidemill", *words.split()])
    with pytest.raises(SystemExit) as ended:
        run()
    told = capsys.readouterr().err
    assert ended.value.code == code, told
    assert told.startswith("error: ")
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize("noun", ["jobs", "queues", "schedules", "events", "workers", "engine", ""])
def test_every_command_says_what_it_does(noun: str) -> None:
    result = CliRunner().invoke(program, [noun, "--help"] if noun else ["--help"])
    assert result.exit_code == 0
    listed = result.output.partition("Commands:")[2].strip().splitlines()
    assert listed
    assert all(len(line.split(maxsplit=1)) == 2 for line in listed)


def test_looking_at_a_store_that_is_not_there_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "jobs.db"
    monkeypatch.setattr("sys.argv", ["tidemill", "jobs", "list", "--url", f"sqlite:///{path}"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 1
    assert f"there is no store at {path}" in capsys.readouterr().err
    assert not path.exists()
    words = ["engine", "migrate", "--url", f"sqlite:///{path}"]
    assert CliRunner().invoke(program, words).exit_code == 0
    assert path.exists()
