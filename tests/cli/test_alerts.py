"""`tidemill alerts`, `tidemill secrets`: rules, channels, incidents, keys."""

import json

import pytest

from tests.cli.conftest import Refused, Type
from tidemill import Tidemill
from tidemill.alerts.watch import Watch
from tidemill.loops.clock import SystemClock
from tidemill.settings import load
from tidemill.tasks.secret import NO_KEYS


def test_rules_and_channels_are_made_and_forgotten(typed: Type) -> None:
    assert typed("alerts", "rules", "list").startswith("There are no alert rules")
    assert typed("alerts", "channels", "list").startswith("There are no channels")
    told = typed("alerts", "channels", "create", "hook", "--webhook", "https://example.org/x")
    assert told.splitlines()[0] == "hook tells by webhook"
    assert told.splitlines()[1].startswith("whsec_")
    typed("alerts", "channels", "create", "ops", "--mail", "a@example.org", "--mail", "b@b.org")
    assert "ops\tmail\ta@example.org, b@b.org" in typed("alerts", "channels", "list")
    assert (
        typed(
            "alerts", "rules", "create", "deep", "queue_depth", "100", "--tell", "ops",
            "--severity", "critical", "--queue", "mail", "--window", "10m",
        )
        == "deep: queue_depth above 100 is critical\n"
    )  # fmt: skip
    assert "deep\tqueue_depth\t100\t10m\tmail\tcritical\tops\ton" in typed(
        "alerts", "rules", "list"
    )
    assert typed("alerts", "rules", "disable", "deep") == "deep is off\n"
    assert typed("alerts", "rules", "enable", "deep") == "deep is on\n"
    (rule,) = json.loads(typed("alerts", "rules", "list", "--json"))
    assert (rule["name"], rule["above"]) == ("deep", 100)
    assert typed("alerts", "channels", "test", "ops").startswith("a worker tells it by the job ")
    typed("alerts", "rules", "delete", "deep", "-y")
    typed("alerts", "channels", "delete", "ops", "-y")
    typed("alerts", "channels", "delete", "hook", "-y")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("alerts rules create x full_moon 1", "when='full_moon' is not known"),
        ("alerts rules create x failures 1 --severity fatal", "severity='fatal' is not known"),
        ("alerts rules create x failures 1 --tell nobody", "there is no channel 'nobody'"),
        ("alerts rules create x failures 1 --window 1s", "a window of 1s is not possible"),
        ("alerts channels create x", "channel x has 0 addresses"),
        ("alerts channels create x --webhook http://example.org", "it is not https"),
        ("alerts channels create x --mail zoe", "'zoe' is no mail address"),
        ("alerts rules delete x -y", "there is no alert rule 'x'"),
        ("alerts channels test x", "there is no channel 'x'"),
        ("alerts acknowledge x", "there is no incident 'x'"),
        ("alerts resolve x", "there is no incident 'x'"),
    ],
)
def test_what_makes_no_sense_is_refused(refused: Refused, words: str, says: str) -> None:
    code, said = refused(*words.split())
    assert code in (1, 2)
    assert says in said


async def test_incidents_are_listed_seen_and_ended(app: Tidemill, typed: Type) -> None:
    assert typed("alerts", "list") == "Nothing is wrong.\n"
    typed("alerts", "rules", "create", "deep", "queue_depth", "0", "--queue", "mail")
    await Watch(await app.aopen(), SystemClock(), app.works.delivery).run_once()
    (incident,) = json.loads(typed("alerts", "list", "--json"))
    assert incident["subject"] == "mail"
    told = typed("alerts", "acknowledge", incident["id"], "--note", "on it")
    assert told == f"acknowledged: {incident['text']}\n"
    assert "seen by shell:" in typed("alerts", "list")
    assert typed("alerts", "resolve", incident["id"]) == f"resolved: {incident['text']}\n"
    assert typed("alerts", "list") == "Nothing is wrong.\n"
    assert incident["text"] in typed("alerts", "list", "--all")


def test_keys_are_made_and_named(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed("secrets", "list").startswith("No key is set")
    keys = [typed("secrets", "new", name).strip() for name in ("k2", "k1")]
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", ",".join(keys))
    assert list(load().get("secrets.keys", NO_KEYS)) == ["k2", "k1"]
    assert typed("secrets", "list") == "k2\tencrypts\nk1\tdecrypts\n"
    assert keys[0].partition(":")[2] not in typed("settings")
