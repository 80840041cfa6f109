"""Each command asks a server as it asks the store: the same words, rows and documents."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from tests.api.conftest import api, served  # noqa: F401 - fixtures
from tests.cli.conftest import Refused
from tidemill import Module, Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import AuditLog, Scribe, Search
from tidemill.access.identity import Grant, Quota
from tidemill.access.keys import Keys
from tidemill.access.role import Role
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.alerts.incident import Incident, record_of
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels
from tidemill.cli.main import program
from tidemill.core.errors import InvalidName, InvalidOption, JobNotFound, NotAllowed, NotFound
from tidemill.core.lease import WORKER
from tidemill.schedules.store import Schedules
from tidemill.worker.shift import Info

PASSWORD = "a sound horse in may"  # noqa: S105 - of nobody


class Ask(Protocol):
    """Types a command to the server with a key; what became of it."""

    def __call__(self, words: str, *last: str, answer: str = "", key: str = "") -> Result: ...


@pytest.fixture
def inhabited(app: Tidemill) -> Iterator[Tidemill]:
    """Jobs in every interesting state, and beside them one of everything else."""
    engine, client = app.open(), app.client
    now = app.store.clock.now()
    info = Info("w", "here", 7, "1", None, 0, 0, now, now, ("welcome",), 5, {})
    lease = engine.leases.take(WORKER + "w", "tests", 3_600_000, json_of(info)).wait()
    Users(client).create("zoe", PASSWORD, [Grant(Role.ADMIN)], full_name="Zoë")
    Users(client).create("vic", "", [Grant(Role.VIEWER, "acme")], payloads=False)
    Tenants(client).create("acme", title="Acme", quota=Quota(waiting=10))
    Channels(client, app.works.delivery).create("ops", "mail", to=("ops@example.org",))
    AlertRules(client).create(AlertRule(name="deep", when="queue_depth", above=5))
    theirs = client.on_behalf("acme", Scribe(actor=Actor(kind="user", name="vic", tenant="acme")))
    AlertRules(theirs).create(AlertRule(name="own", when="failures", above=1))
    call = client.bound("welcome", {"name": "acme"}, {})
    app.included.add(Module("news", quotas={"rate": "5/1m"}, permissions={"queues": ["mail"]}))
    app.included.publish()
    Schedules(theirs).create("hourly", call, every="1h", blackouts=[])
    for number in (1, 2):
        wrong = Incident(
            id=f"i{number}",
            rule="deep",
            subject="mail",
            severity="warning",
            channels=("ops",),
            tenant="",
            stage="open",
            value=6.5,
            text="6 jobs wait in mail",
            began_at=now,
            opened_at=now,
        )
        engine.records.put(record_of(wrong, expected=0)).wait()
    yield app
    assert lease is not None
    engine.leases.give_back(lease).wait()


def json_of(info: Info) -> bytes:
    return msgspec.json.encode(info)


@pytest.fixture
def key(inhabited: Tidemill) -> str:
    return Keys(inhabited.client, "tests").create("far", role="admin").secret


@pytest.fixture
def ask(served: str, key: str) -> Ask:  # noqa: F811 - the fixture
    admin = key

    def type_(words: str, *last: str, answer: str = "", key: str = "") -> Result:
        environment = {"TIDEMILL_URL": served, "TIDEMILL_KEY": key or admin}
        return CliRunner(env=environment).invoke(program, [*words.split(), *last], input=answer)

    return type_


def aged(output: str) -> str:
    """What was written, but for how long ago that is; as JSON the moments themselves are told.

    The end of a lease in a file is computed anew with each look, a millisecond more or less.
    """
    ages = r"\b(\d+(ms|[smhdw]))+( ago)?\b|\bnow\b"
    return re.sub(rf'{ages}|(?<="until": )\d+', "AGE", output)


LOOKS = (
    "jobs list",
    "jobs list --json --state waiting --state scheduled --tag greeting",
    "jobs list --json --text ada --since 1h --limit 1",
    "jobs show {failed}",
    "jobs show {completed} --json",
    "jobs logs {completed} --json",
    "jobs logs {completed} --json --follow",
    "jobs why {scheduled} --json",
    "queues list",
    "queues list --json",
    "tasks list --json",
    "modules list",
    "modules list --json",
    "modules show news --json",
    "schedules list",
    "schedules list --json",
    "schedules show nightly --json",
    "schedules show acme/hourly",
    "schedules why nightly --json",
    "events list --json",
    "events list --json --pattern invoice.* --limit 1",
    "stats",
    "stats --json",
    "stats --json --by day --last 2d --task welcome",
    "workers list",
    "workers list --json",
    "users list",
    "users list --json",
    "keys list --json",
    "tenants list",
    "tenants list --json",
    "alerts list --json",
    "alerts list --all",
    "alerts rules list",
    "alerts rules list --json",
    "alerts channels list --json",
    "audit list --json",
    "audit list --action queues.* --count 1",
    "audit export --since 1h",
    "audit verify --json",
    "audit verify --last {digest}",
)
"""Every command that looks: as JSON, which holds all there is, and where rows hold more."""


def test_what_is_seen_is_the_same_both_ways(
    inhabited: Tidemill,
    served: str,  # noqa: F811 - the fixture
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = get_command(program)  # made once, for it takes longer than most commands
    monkeypatch.setenv("TIDEMILL_KEY", key)

    def said(words: list[str]) -> str:
        with redirect_stdout(StringIO()) as output:
            command.main(words, standalone_mode=False)
        return aged(output.getvalue())

    said(["queues", "pause", "mail", "--note", "lunch"])
    said(["queues", "keep", "mail", "--failed", "1d"])
    said(["tasks", "pause", "broken"])
    names = {each.seen.state.value: each.id for each in inhabited.jobs.find() if each.seen}
    names["digest"] = AuditLog(inhabited.client).verify().last
    for look in LOOKS:
        words = look.format(**names).split()
        assert said([*words, "--url", served]) == said(words) != "", look


CHANGES = (
    ("jobs retry {failed}", "retry: 1 job\n"),
    ("jobs run-now {scheduled}", "run now: 1 job\n"),
    ("jobs reprioritise --priority 7 --state waiting -y", "reprioritise: 3 jobs\n"),
    ("jobs move --to slow --text dan -y", "move: 1 job\n"),
    ("jobs cancel {waiting} --reason enough", "cancel: 1 job\n"),
    ("jobs delete --state cancelled -y", "delete: 1 job\n"),
    ("queues pause mail --note lunch", "mail is paused\n"),
    ("queues limit mail --most 3 --rate 100/m --fair", "mail: the limits are set\n"),
    ("queues limit mail --most none --tenant-most 2", "mail: the limits are set\n"),
    ("queues keep mail --completed 1d --failed none", "mail: it is set how long jobs are kept\n"),
    ("queues resume mail", "mail goes on\n"),
    ("queues drain mail --later -y", "cancel: 2 jobs\n"),
    ("queues clean mail --until 1d -y", "delete: 0 jobs\n"),
    ("queues clean mail -y", "delete: 4 jobs\n"),
    ("tasks pause welcome --note ink", "welcome is paused\n"),
    ("tasks resume welcome", "welcome goes on\n"),
    ("modules disable news --note ink", "news is disabled\n"),
    ("modules enable news", "news is enabled\n"),
    ("schedules pause nightly --note audit", "nightly is paused\n"),
    ("schedules resume nightly --pattern 30_3_*_*_* --tz UTC", None),
    ("schedules run acme/hourly", None),
    ("schedules delete acme/hourly -y", "acme/hourly is removed\n"),
    ("events emit order.placed 7", None),
    ("tenants create other --title Other", "other is known\n"),
    ("tenants change other --per-minute 5", "other: per_minute 5\n"),
    ("tenants disable other", "nobody of other may come in\n"),
    ("tenants enable other", "those of other may come in again\n"),
    ("tenants delete other -y", "other is forgotten\n"),
    ("users disable vic", "vic may not come in\n"),
    ("users delete vic -y", "vic is removed\n"),
    ("keys revoke {key} -y", "old opens nothing any more\n"),
    ("alerts acknowledge i1 --note mine", "acknowledged: 6 jobs wait in mail\n"),
    ("alerts resolve i2", "resolved: 6 jobs wait in mail\n"),
    ("alerts rules create late oldest_wait 60 --window 10m --tell ops", None),
    ("alerts rules disable acme/own", "acme/own is off\n"),
    ("alerts rules enable acme/own", "acme/own is on\n"),
    ("alerts rules delete acme/own -y", "acme/own is forgotten\n"),
    (
        "alerts channels create mine --mail me@example.org --tenant acme",
        "acme/mine tells by mail\n",
    ),
    ("alerts channels test acme/mine", None),
    ("alerts channels delete acme/mine -y", "acme/mine is forgotten\n"),
)
"""Commands that change something, in an order in which each can, and what they say."""


def test_what_is_changed_through_a_server_is_changed_in_the_store(
    inhabited: Tidemill, ask: Ask
) -> None:
    names = {each.seen.state.value: each.id for each in inhabited.jobs.find() if each.seen}
    names["key"] = Keys(inhabited.client, "tests").create("old", role="viewer").key.id
    for words, said in CHANGES:
        typed = [word.replace("_", " ") if "*" in word else word for word in words.split()]
        done = ask("", *[word.format(**names) for word in typed])
        assert done.exit_code == 0, (words, done.output)
        assert said in (None, done.stdout), words
    (late,) = [each.value for each in AlertRules(inhabited.client).find() if each.key == "late"]
    assert (late.window, late.channels) == (600_000, ("ops",))
    (rules,) = [each for each in inhabited.queues.find() if each.queue == "mail"]
    assert (rules.rate and rules.rate.count, rules.tenant_most, rules.fair) == (100, 2, True)
    assert rules.retention.completed == 86_400_000
    nightly = inhabited.schedules.get("nightly")
    assert (nightly.cron, nightly.zone, nightly.paused) == ("30 3 * * *", "UTC", False)
    asked = [(line.action, line.actor) for line in AuditLog(inhabited.client).find(Search())]
    assert {actor[:4] for action, actor in asked if action.startswith("jobs.")} == {"key:"}


def test_a_viewer_sees_no_more_than_the_server_shows(inhabited: Tidemill, ask: Ask) -> None:
    key = Keys(inhabited.client, "tests").create("looks", role="viewer").secret
    (done,) = [each.id for each in inhabited.jobs.find(text="ada")]
    shown = ask(f"jobs show {done}", key=key).output
    assert re.search(r'^arguments +"\*\*\*"$', shown, re.MULTILINE)
    assert "ada" not in shown.lower()
    assert {each["args"] for each in json.loads(ask("jobs list --json", key=key).output)} == {"***"}
    (event,) = json.loads(ask("events list --pattern invoice.* --json", key=key).output)
    assert event["payload"] == "***"
    refused = ask(f"jobs logs {done}", key=key)
    assert isinstance(refused.exception, NotAllowed)
    assert f"what job {done} has logged is not shown" in str(refused.exception)


def test_one_tenants_key_reaches_and_names_what_is_theirs(inhabited: Tidemill, ask: Ask) -> None:
    key = Keys(inhabited.client, "tests").create("acme", role="admin", tenant="acme").secret
    assert [each["name"] for each in json.loads(ask("schedules list --json", key=key).output)] == [
        "hourly"
    ]
    assert ask("alerts rules list", key=key).output.splitlines()[1].startswith("own\tfailures")
    assert ask("alerts rules disable own", key=key).output == "own is off\n"
    assert ask("schedules run hourly", key=key).exit_code == 0
    assert len(json.loads(ask("jobs list --json", key=key).output)) == 1


def test_a_key_that_may_do_one_thing_needs_no_other(inhabited: Tidemill, ask: Ask) -> None:
    keys = Keys(inhabited.client, "tests")
    key = keys.create("tasks", role="operator", scopes=["tasks.*"]).secret
    assert ask("tasks pause unheard", key=key).output == "unheard is paused\n"
    assert isinstance(ask("jobs list", key=key).exception, NotAllowed)


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("jobs show nothing", JobNotFound, "job nothing is not stored"),
        ("jobs retry nothing", JobNotFound, "job nothing is not stored"),
        ("jobs list --state nonsense", InvalidOption, "states"),
        ("schedules show nothing", NotFound, "there is no schedule 'nothing'"),
        ("alerts rules delete nothing -y", NotFound, "there is no alert rule 'nothing'"),
        ("events emit jobs.completed", InvalidName, "jobs.completed"),
        ("keys create mine", NotAllowed, "make keys"),
        ("users create eve --role viewer --password-file -", NotAllowed, "let users in"),
        ("users role zoe --role viewer", NotAllowed, "give users rights"),
    ],
)
def test_what_the_server_refuses_is_told_in_its_words(
    ask: Ask, words: str, kind: type[Exception], said: str
) -> None:
    refused = ask(words, answer=PASSWORD)
    assert type(refused.exception) is kind, refused.output
    assert said in str(refused.exception)


@pytest.mark.parametrize(
    "words", ["doctor", "engine check", "engine migrate", "engine migrate --sql"]
)
def test_what_needs_the_store_itself_refuses_a_server(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("TIDEMILL_URL", "https://jobs.example.org")
    code, told = refused(*words.split())
    assert code == 2
    assert told.splitlines() == [
        "error: the URL is that of a server, and this needs the store itself",
        "hint: give the URL of the store, or run it where the server runs",
    ]


def test_no_application_takes_a_server_for_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_URL", "https://jobs.example.org")
    with pytest.raises(InvalidOption, match="needs the store itself"):
        Tidemill().worker()


def test_a_server_is_asked_with_a_key_alone(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIDEMILL_KEY", raising=False)
    code, told = refused("jobs", "list", "--url", "https://jobs.example.org")
    assert (code, told.splitlines()[0]) == (
        2,
        "error: there is no key for https://jobs.example.org",
    )
    monkeypatch.setenv("TIDEMILL_KEY", "tm_x")
    code, told = refused("jobs", "list", "--url", "http://jobs.example.org")
    assert (code, told.splitlines()[0]) == (
        2,
        "error: the key would be readable on its way to jobs.example.org",
    )
    code, told = refused("jobs", "list", "--url", "http://127.0.0.1:9")
    assert (code, told.splitlines()[0]) == (
        1,
        "error: http://127.0.0.1:9 cannot be asked: [Errno 111] Connection refused",
    )


@pytest.mark.parametrize(
    ("url", "loaded"), [("sqlite:///none.db", False), ("http://127.0.0.1:9", True)]
)
def test_who_asks_a_store_loads_nothing_that_asks_servers(
    tmp_path: Path, url: str, *, loaded: bool
) -> None:
    script = f"""
import sys
from tidemill.cli.main import program
from tidemill.core.errors import StoreError
try:
    program(["queues", "list", "--url", "{url}"], standalone_mode=False)
except StoreError:
    print(*sys.modules, sep="\\n")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"TIDEMILL_KEY": "tm_x"},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    modules = set(ran.stdout.split())
    assert ("httpx" in modules) is ("tidemill.remote.wire" in modules) is loaded
    assert modules.isdisjoint({"fastapi", "pydantic", "starlette", "uvicorn"})
