"""Every setting there is: it can be set, its default is what holds, and a secret is not shown."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settings.writing import put, refused
from tidemill import Tidemill
from tidemill.cli.work import NICE
from tidemill.core.instants import millis
from tidemill.core.retention import Keep
from tidemill.files.files import KEEP, MOST
from tidemill.services.breaker import Terms
from tidemill.services.browser import Equipment
from tidemill.services.database import Bounds
from tidemill.services.http_calls import Manners
from tidemill.services.outbound import Reach
from tidemill.services.post import Post
from tidemill.settings import load, shown
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
    "worker.nice": "7",
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
            assert int(told) == {"processes": 1, "nice": NICE}[name]
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
