"""`users`, `keys`, `tenants` and `audit`: who may come in, and who did what."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Refused, Type
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.access.sessions import Sessions

PASSWORD = "a sound horse in may"  # noqa: S105 - of nobody


@pytest.fixture
def password(tmp_path: Path) -> str:
    """A file that holds one."""
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return str(file)


def test_a_user_is_let_in_and_out(app: Tidemill, typed: Type, password: str) -> None:
    assert typed("users", "list").startswith("There are no users; `tidemill users create`")
    made = typed("users", "create", "Zoe", "--role", "admin", "--password-file", password)
    assert made == "zoe may come in as admin\n"
    assert Sessions(app.client).begin("zoe", PASSWORD, address="::1").user.name == "zoe"
    typed("users", "create", "bo", "--role", "viewer@acme", "--role", "operator@umbra",
          "--password-file", password, "--full-name", "Bo B.", "--no-payloads")  # fmt: skip
    assert "bo\tBo B.\tviewer@acme, operator@umbra\tactive" in typed("users", "list")
    typed("users", "role", "bo", "--role", "admin")
    typed("users", "disable", "bo")
    assert "bo\tBo B.\tadmin\tdisabled" in typed("users", "list")
    typed("users", "enable", "bo")
    told = json.loads(typed("users", "list", "--json"))
    assert [(user["name"], user["sees_payloads"]) for user in told] == [
        ("bo", False),
        ("zoe", True),
    ]
    assert "argon2" not in typed("users", "list", "--json")
    assert "Remove the user bo?" in typed("users", "delete", "bo", answer="y\n")
    assert "bo" not in typed("users", "list")


def test_a_password_comes_through_a_pipe(app: Tidemill, typed: Type) -> None:
    typed(
        "users", "create", "zoe", "--role", "admin", "--password-file", "-", answer=PASSWORD + "\n"
    )
    other = "quite another password"
    typed("users", "password", "zoe", "--password-file", "-", answer=f"{other}\n")
    assert Sessions(app.client).begin("zoe", other, address="::1").user.name == "zoe"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "zoe", "--role", "god"], "'god' is no role"),
        (["create", "zoe"], "no role is given"),
        (["create", "zoe", "--role", "admin@a b"], "tenant name 'a b' is not allowed"),
        (["create", "a b", "--role", "admin"], "user name 'a b' is not allowed"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(
    app: Tidemill, refused: Refused, password: str, words: list[str], said: str
) -> None:
    del app
    code, told = refused("users", *words, "--password-file", password)
    assert (code, said in told) == (2, True)


def test_a_password_that_will_not_do_is_refused(
    app: Tidemill, refused: Refused, tmp_path: Path
) -> None:
    del app
    (tmp_path / "short").write_text("short")
    words = ["users", "create", "zoe", "--role", "admin", "--password-file"]
    assert "shorter than 12 letters" in refused(*words, str(tmp_path / "short"))[1]
    assert "No such file" in refused(*words, str(tmp_path / "missing"))[1]
    code, said = refused("users", "create", "zoe", "--role", "admin")
    assert (code, "nobody can be asked for a password" in said) == (2, True)


def test_nobody_is_not_there(app: Tidemill, refused: Refused, password: str) -> None:
    del app
    for words in (["delete", "zoe", "-y"], ["disable", "zoe"],
                  ["password", "zoe", "--password-file", password]):  # fmt: skip
        code, said = refused("users", *words)
        assert (code, "there is no user 'zoe'" in said) == (1, True)


def test_a_key_is_made_and_made_void(app: Tidemill, typed: Type) -> None:
    assert typed("keys", "list") == "There are no keys.\n"
    secret = typed("keys", "create", "CI", "--scope", "jobs.*", "--tenant", "acme",
                   "--expires", "90d").splitlines()[0]  # fmt: skip
    key = Keys(app.client, "").recognise(secret)
    assert key
    listed = typed("keys", "list")
    assert secret not in listed
    assert f"{key.id}\tCI\t{secret[:11]}...\toperator\tjobs.*\tacme\tin 12w5d\t" in listed
    assert "Let the key 'CI'" in typed("keys", "revoke", key.id, answer="y\n")
    assert Keys(app.client, "").recognise(secret) is None
    made = json.loads(typed("keys", "create", "CD", "--json"))
    assert Keys(app.client, "").recognise(made["secret"])


def test_a_tenant_is_made_known(typed: Type) -> None:
    typed("tenants", "create", "acme", "--title", "Acme", "--waiting", "1000")
    assert (
        typed("tenants", "change", "acme", "--per-minute", "5")
        == "acme: waiting 1,000, per_minute 5\n"
    )
    typed("tenants", "change", "acme", "--waiting", "-1", "--title", "ACME")
    typed("tenants", "disable", "acme")
    assert "acme\tACME\tdisabled\tper_minute 5" in typed("tenants", "list")
    typed("tenants", "enable", "acme")
    assert json.loads(typed("tenants", "list", "--json"))[0]["quota"] == {"per_minute": 5}
    typed("tenants", "delete", "acme", "-y")
    assert typed("tenants", "list") == "No tenant was made known.\n"


def test_who_did_what_is_listed_and_shown_to_be_whole(typed: Type, tmp_path: Path) -> None:
    assert typed("audit", "verify") == "0 lines, all whole\n"
    assert typed("audit", "list") == "Nobody has done anything like that.\n"
    typed("tenants", "create", "acme")
    typed("tenants", "disable", "acme")
    typed("keys", "create", "CI")
    assert [row.split("\t")[2] for row in typed("audit", "list").splitlines()[1:]] == [
        "keys.create", "tenants.change", "tenants.create",
    ]  # fmt: skip
    assert typed("audit", "list", "--action", "tenants.*", "-n", "1").count("\n") == 2
    assert typed("audit", "list", "--refused") == "Nobody has done anything like that.\n"
    assert typed("audit", "list", "--until", "1h") == "Nobody has done anything like that.\n"
    exported = [json.loads(line) for line in typed("audit", "export").splitlines()]
    assert len(exported) == 3
    assert exported[0]["actor"].startswith("shell:")
    told = typed("audit", "verify")
    assert told == f"3 lines, all whole; the last digest is\n{exported[0]['digest']}\n"
    assert json.loads(typed("audit", "verify", "--last", exported[1]["digest"], "--json"))["noted"]
    with sqlite3.connect(tmp_path / "jobs.db") as connection:
        connection.execute("DELETE FROM entry WHERE log = 'audit' AND topic = 'keys.create'")
    assert typed("audit", "verify").startswith("2 lines, all whole")
    with pytest.raises(AssertionError, match="2 lines, all whole, but the noted digest is missing"):
        typed("audit", "verify", "--last", exported[0]["digest"])
    with sqlite3.connect(tmp_path / "jobs.db") as connection:
        connection.execute("UPDATE entry SET source = 'user:eve' WHERE topic = 'tenants.change'")
    with pytest.raises(AssertionError, match="those before it: 1 line, all whole"):
        typed("audit", "verify")


def test_every_change_by_a_command_is_told(app: Tidemill, typed: Type) -> None:
    (failed,) = (job.id for job in app.jobs.find(states=["failed"]))
    typed("jobs", "retry", failed)
    typed("jobs", "cancel", "--queue", "mail", "--reason", "enough", "-y")
    typed("queues", "pause", "mail", "--note", "lunch")
    typed("tasks", "pause", "welcome")
    typed("schedules", "pause", "nightly")
    typed("schedules", "run", "nightly")
    typed("events", "emit", "invoice.paid", "{}")
    told = [json.loads(line) for line in typed("audit", "export").splitlines()]
    assert [line["action"] for line in reversed(told)] == [
        "jobs.retry", "jobs.cancel", "queues.pause", "tasks.pause", "schedules.pause",
        "schedules.run", "events.emit",
    ]  # fmt: skip
    assert len({line["actor"] for line in told}) == 1
    (rules,) = json.loads(typed("queues", "list", "--json"))["rules"]
    assert rules["paused_by"] == told[0]["actor"]
