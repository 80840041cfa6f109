"""Settings: where they are found, which place counts, and what is refused in which words."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill import Tidemill
from tidemill.cli.work import NICE
from tidemill.core.errors import InvalidOption, JobNotFound
from tidemill.core.instants import millis
from tidemill.core.retention import Keep
from tidemill.engines import file_of
from tidemill.keeping import KEEP, MOST
from tidemill.services.breaker import Terms
from tidemill.services.browser import Equipment
from tidemill.services.database import Bounds
from tidemill.services.http_calls import Manners
from tidemill.services.outbound import Reach
from tidemill.services.post import Post
from tidemill.settings import CONFIG, PROGRAM, load, shown
from tidemill.settings.known import ALL, Setting
from tidemill.tasks.secret import new_key
from tidemill.tasks.signature import PAYLOAD_LIMIT
from tidemill.worker.options import Options

IN_WORDS = {
    "url": "sqlite:////srv/jobs.db",
    "app": "shop.jobs:app",
    "tenant": "acme",
    "payload_limit": "1024",
    "worker.queues": "mail,slow",
    "secrets.keys": new_key("k1"),
    "mail.url": "smtps://jobs:secret@mail.example.org",
    "mail.sender": "jobs@example.org",
    "alerts.internal": "true",
    "metrics.aliases": "true",
    "modules.settings": '{"billing": {"currency": "EUR"}}',
    "files.folder": "/srv/files",
    "files.url": "https://jobs.example.org/tidemill",
    "services.allow": "ledger.internal,127.0.0.1:8080",
    "services.plain": "true",
    "services.ca": __file__,
    "services.database.url": "postgresql://shop:secret@db.example.org/shop",
    "services.notifications.sms": "twilio://token@from/{to}",
    "services.notifications.push": "ntfy://token@host/{to}",
    "services.notifications.chat": "slack://token/{to}",
    "services.browser.program": __file__,
    "services.browser.sandbox": "false",
}


HIDDEN = {
    "secrets.keys": "k1:***",
    "mail.url": "smtps://jobs:***@mail.example.org",
    "modules.settings": "billing:***",
    "services.database.url": "postgresql://shop:***@db.example.org/shop",
}
"""What is shown of those that hold a secret."""


KEPT_IN = {"worker": Options(name="x"), "mail": Post()}
"""Where the defaults are that hold."""


def written_as(setting: Setting) -> str:
    """A value that the setting may have and that is not its default."""
    return IN_WORDS.get(setting.name) or ("77" if setting.default.isdecimal() else "77h")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own, so that nothing above it is found."""
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def put(folder: Path, text: str) -> Path:
    file = folder / "tidemill.toml"
    file.write_text(text)
    return file


def refused(environment: Mapping[str, str], here: Path) -> InvalidOption:
    with pytest.raises(InvalidOption) as caught:
        load(environment, here)
    return caught.value


def test_a_file_is_read_and_names_its_place(project: Path) -> None:
    file = put(project, 'tenant = "acme"\n[worker]\nqueues = ["mail", "slow"]\nlease = "1m"\n')
    found = load({}, project)
    assert found.file == file
    assert found.get("tenant", "") == "acme"
    assert found.worker() == {"queues": ("mail", "slow"), "lease": "1m"}
    assert found.origin("tenant") == str(file)
    assert found.origin("url") == ""


def test_a_file_is_found_upward_to_the_root_of_the_project(project: Path) -> None:
    deep = project / "src" / "shop"
    deep.mkdir(parents=True)
    file = put(project, 'tenant = "acme"')
    assert load({}, deep).file == file
    nearer = put(project / "src", 'tenant = "other"')
    assert load({}, deep).file == nearer


@pytest.mark.parametrize("mark", ["pyproject.toml", ".git"])
def test_nothing_above_the_root_of_the_project_is_read(tmp_path: Path, mark: str) -> None:
    put(tmp_path, "nonsense = 1")
    inner = tmp_path / "inner"
    (inner / mark).mkdir(parents=True)
    assert load({}, inner).file is None


def test_without_a_root_only_the_folder_itself_counts(tmp_path: Path) -> None:
    put(tmp_path, "nonsense = 1")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load({}, inner).file is None
    assert load({}, put(inner, "").parent).file == inner / "tidemill.toml"


def test_a_working_directory_that_is_gone_holds_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert load({}).file is None


def test_a_variable_names_the_file(project: Path) -> None:
    elsewhere = project / "other.toml"
    elsewhere.write_text('tenant = "acme"')
    put(project, 'tenant = "near"')
    assert load({CONFIG: str(elsewhere)}, project).get("tenant", "") == "acme"
    assert load({CONFIG: ""}, project).get("tenant", "") == "near"


def test_the_environment_goes_before_the_file_unless_it_is_empty(project: Path) -> None:
    put(project, 'tenant = "file"\n[keep]\nfailed = "1d"\n')
    found = load({"TIDEMILL_TENANT": "variable", "TIDEMILL_KEEP_FAILED": ""}, project)
    assert found.get("tenant", "") == "variable"
    assert found.origin("tenant") == "TIDEMILL_TENANT"
    assert found.keep() == Keep(failed=millis("1d"))


@pytest.mark.parametrize("setting", ALL, ids=lambda each: each.name)
def test_every_setting_can_be_made_by_its_variable(setting: Setting, tmp_path: Path) -> None:
    found = load({setting.variable: written_as(setting)}, tmp_path)
    told = HIDDEN.get(setting.name) or written_as(setting)
    assert shown(found.get(setting.name, "")).replace(" ", "") == told
    assert found.origin(setting.name) == setting.variable


@pytest.mark.parametrize("setting", ALL, ids=lambda each: each.name)
def test_the_default_that_is_told_is_what_holds(setting: Setting) -> None:
    table, _, name = setting.name.rpartition(".")
    told: Any = setting.default
    match table, name:
        case "", "payload_limit":
            assert int(told) == PAYLOAD_LIMIT
        case "", "url":
            assert told == Tidemill().url
        case "worker" | "mail", "lease" | "heartbeat" | "poll" | "grace" | "timeout":
            assert millis(told) == getattr(KEPT_IN[table], name)
        case "worker" | "mail", _ if name.endswith(("concurrency", "connections")):
            assert int(told) == getattr(KEPT_IN[table], name)
        case "worker", "processes" | "nice":
            assert int(told) == (NICE if name == "nice" else 1)
        case "alerts" | "metrics", _:
            assert told == "false"
        case "services.http" | "services.database" | "services.browser", name if told:
            assert is_field_of_a_service(name, told)
        case "services", "plain":
            assert told == str(Reach().plain).lower()
        case "files", "keep":
            assert told == KEEP
        case "files", "most":
            assert int(told) == MOST
        case "keep", _:
            assert millis(told) == getattr(Keep(), name)
        case _:
            assert told == ""


def is_field_of_a_service(name: str, told: str) -> bool:
    """Whether what a service is made of has this default."""
    for kind in (Terms(), Manners(), Bounds(), Equipment()):
        value = getattr(kind, name, None)
        if value is not None and told in (str(value), str(value).lower()):
            return True
        lasts = value is not None and told[:1].isdigit() and not told.isdecimal()
        if lasts and millis(told) == value:
            return True
    return False


def test_everything_that_is_kept_so_long_can_be_set() -> None:
    fields = {f"keep.{each.name}" for each in msgspec.structs.fields(Keep)}
    assert fields == {each.name for each in ALL if each.name.startswith("keep.")}


@given(st.sets(st.sampled_from(ALL)))
def test_what_is_set_nowhere_has_no_value(some: set[Setting]) -> None:
    found = load({each.variable: written_as(each) for each in some}, Path("/"))
    nothing = object()
    absent = {each.name for each in ALL if found.get(each.name, nothing) is nothing}
    assert absent == {each.name for each in ALL} - {each.name for each in some}
    assert found.worker().keys() <= {each.name.rpartition(".")[2] for each in some}


class TestRefusing:
    @pytest.mark.parametrize(
        ("variable", "value", "expected"),
        [
            ("TIDEMILL_WORKER_CONCURRENCY", "many", "a whole number from 1"),
            ("TIDEMILL_WORKER_CONCURRENCY", "0", "a whole number from 1"),
            ("TIDEMILL_WORKER_CONCURRENCY", "1.5", "a whole number from 1"),
            ("TIDEMILL_PAYLOAD_LIMIT", "9999999", "from 1 to 1,048,576"),
            ("TIDEMILL_WORKER_GRACE", "30", "a time with its unit"),
            ("TIDEMILL_KEEP_FAILED", "-1d", "a time with its unit"),
            ("TIDEMILL_WORKER_QUEUES", "mail,,slow", "names of queues"),
            ("TIDEMILL_TENANT", "a/b", "letters, digits"),
            ("TIDEMILL_APP", "shop", "shop.jobs:app"),
            ("TIDEMILL_URL", "mysql://x", "sqlite://"),
            ("TIDEMILL_URL", "sqlite://", "sqlite://"),
        ],
    )
    def test_a_wrong_value_says_which_where_and_what_was_expected(
        self, tmp_path: Path, variable: str, value: str, expected: str
    ) -> None:
        error = refused({variable: value}, tmp_path)
        assert error.message.startswith(f"{variable} sets ")
        assert repr(value) in error.message
        assert expected in error.hint

    @pytest.mark.parametrize(
        ("text", "name", "said"),
        [
            ("[worker]\nconcurrency = true", "worker.concurrency", "True"),
            ('[worker]\nconcurrency = "many"', "worker.concurrency", "'many'"),
            ("[worker]\nqueues = []", "worker.queues", "[]"),
            ("[worker]\nqueues = [1]", "worker.queues", "[1]"),
            ("[worker]\ngrace = 30", "worker.grace", "30"),
            ("url = 7", "url", "7"),
        ],
    )
    def test_a_wrong_value_in_a_file_names_the_file(
        self, project: Path, text: str, name: str, said: str
    ) -> None:
        file = put(project, text)
        assert refused({}, project).message == f"{file} sets {name} to {said}"

    @pytest.mark.parametrize(
        ("text", "name", "near"),
        [
            ("[worker]\nconcurency = 5", "worker.concurency", "worker.concurrency"),
            ("[workers]\nlease = '1m'", "workers.lease", "worker.lease"),
            ("ulr = 'memory://'", "ulr", "url"),
            ("worker = 5", "worker", ""),
            ("colour = 5", "colour", ""),
        ],
    )
    def test_an_unknown_setting_is_named_with_a_near_one(
        self, project: Path, text: str, name: str, near: str
    ) -> None:
        file = put(project, text)
        error = refused({}, project)
        assert error.message == f"{file} sets {name}, which is no setting"
        assert (f"is {near} meant?" in error.hint) == bool(near)
        assert "tidemill settings" in error.hint

    def test_an_unknown_variable_is_named_with_a_near_one(self, tmp_path: Path) -> None:
        error = refused({"TIDEMILL_WORKER_LEASES": "1m"}, tmp_path)
        assert "TIDEMILL_WORKER_LEASES" in error.message
        assert "is TIDEMILL_WORKER_LEASE meant?" in error.hint

    @pytest.mark.parametrize(
        "variable",
        [
            "TIDEMILL_FAILPOINTS",
            "TIDEMILL_CREW",
            "TIDEMILL_SERVICE_HOST",
            "TIDEMILL_PORT",
            "TIDEMILL_PORT_8000_TCP_ADDR",
            "TIDEMILL_WEB_SERVICE_PORT_HTTP",
            "PATH",
        ],
    )
    def test_other_variables_are_left_alone(self, tmp_path: Path, variable: str) -> None:
        assert load({variable: "x"}, tmp_path).origin("url") == ""

    def test_a_file_that_is_not_there_or_no_toml_is_told(self, project: Path) -> None:
        assert "cannot be read: No such file" in refused({CONFIG: "/nowhere.toml"}, project).message
        file = put(project, "url = ")
        assert refused({}, project).message.startswith(f"{file} is not written in TOML")
        file.write_bytes(b"\xff\xfe")
        assert refused({}, project).message.startswith(f"{file} is not written in TOML")

    def test_a_password_is_never_shown(self, tmp_path: Path) -> None:
        error = refused({"TIDEMILL_URL": "mysql://ada:se@cret@db/x"}, tmp_path)
        assert "cret" not in str(error)
        assert "ada:***@db" in str(error)


def test_settings_of_modules_are_a_table_for_each(project: Path) -> None:
    put(
        project,
        '[modules.settings.billing]\ncurrency = "EUR"\n[modules.settings.billing.bank]\nat = 1\n'
        "[modules.settings.news]\n",
    )
    found = load({}, project).get("modules.settings", dict[str, dict[str, object]]())
    assert found == {"billing": {"currency": "EUR", "bank": {"at": 1}}, "news": {}}


@pytest.mark.parametrize("value", ["{", "[]", '{"a": 1}', '{"a b": {}}', "7"])
def test_settings_of_modules_that_are_no_tables_are_refused(tmp_path: Path, value: str) -> None:
    error = refused({"TIDEMILL_MODULES_SETTINGS": value}, tmp_path)
    assert error.message == "TIDEMILL_MODULES_SETTINGS sets modules.settings to '***'"
    assert "a table for each module" in error.hint


def test_a_path_in_a_file_counts_from_the_folder_of_the_file(project: Path) -> None:
    put(project, 'url = "sqlite:///some jobs.db?patience=3s"')
    deep = project / "deep"
    deep.mkdir()
    url = load({}, deep).get("url", "")
    assert file_of(url) == project / "some jobs.db"
    assert url.endswith("?patience=3s")
    assert load({"TIDEMILL_URL": "sqlite:///x.db"}, deep).get("url", "") == "sqlite:///x.db"


class TestAnApplication:
    @pytest.fixture(autouse=True)
    def set_in_a_file(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in [name for name in os.environ if name.startswith("TIDEMILL_")]:
            monkeypatch.delenv(variable)
        monkeypatch.chdir(project)
        put(
            project,
            'url = "memory://"\ntenant = "acme"\npayload_limit = 10\n'
            '[worker]\nconcurrency = 3\nlease = "60s"\nprocesses = 4\nnice = 3\n',
        )

    def test_is_as_the_settings_say_where_its_program_says_nothing(self) -> None:
        app = Tidemill()
        assert app.url == "memory://"
        assert app.settings.get("tenant", "") == "acme"

        @app.task(name="long")
        def long(text: str) -> None: ...

        with app, pytest.raises(Exception, match="10"):
            long.enqueue("more than ten bytes")

    def test_is_as_its_program_says_else(self) -> None:
        app = Tidemill("sqlite:///other.db", tenant="", payload_limit=1_000)
        assert app.url == "sqlite:///other.db"
        assert app.jobs.filter({}).tenant is None
        assert Tidemill().jobs.filter({}).tenant == "acme"

    def test_is_given_settings_that_go_before_the_file(self) -> None:
        given = {"tenant": "umbra", "worker.concurrency": 8, "services.allow": ["127.0.0.1:80"]}
        app = Tidemill(settings=given)
        assert app.settings.get("tenant", "") == "umbra"
        assert app.settings.origin("tenant") == PROGRAM
        assert app.settings.worker() == {"concurrency": 8, "lease": "60s"}
        assert app.settings.table("services") == {"allow": ("127.0.0.1:80",)}
        assert Tidemill().settings.get("tenant", "") == "acme"

    def test_refuses_settings_that_are_none_or_make_no_sense(self) -> None:
        with pytest.raises(InvalidOption, match=r"the program sets worker\.conc, which"):
            Tidemill(settings={"worker.conc": 8})
        with pytest.raises(InvalidOption, match=r"the program sets worker\.concurrency to 0"):
            Tidemill(settings={"worker.concurrency": 0})

    def test_gives_its_workers_what_is_set_and_no_more(self) -> None:
        with Tidemill() as app:
            plain = app.worker()._options
            other = app.worker(concurrency=9, lease=None)._options
        assert (plain.concurrency, plain.lease, plain.grace) == (3, 60_000, 15_000)
        assert (other.concurrency, other.lease, other.grace) == (9, 60_000, 15_000)

    def test_keeps_what_has_finished_as_long_as_is_set(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TIDEMILL_KEEP_COMPLETED", "0s")

        async def nothing() -> None: ...

        with Tidemill(f"sqlite:///{project}/jobs.db") as app:
            job = app.task(name="nothing")(nothing).enqueue()
            asyncio.run(app.worker().run_until_idle())
            asyncio.run(_prune(app))
            assert list(app.jobs.find()) == []
            with pytest.raises(JobNotFound):
                job.snapshot()


async def _prune(app: Tidemill) -> None:
    """Let every duty of the application have its turn once."""
    for turn in app.works.roster(app.open())._turns:
        await turn.run_once()
