"""Secrets: encrypted where a job is stored, plain for its handler, masked for everybody else."""

from pathlib import Path
from typing import (
    Any,
)

import msgspec
import pytest

from tests.tasks.conftest import CANARY
from tidemill import Retry, Secret, Tidemill, current, unique
from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.tasks.secret import MARK, Vault, masked, new_key, read_keys


def log_in_of(app: Tidemill, *, fails: bool = False) -> tuple[Any, list[str]]:
    """A task that takes a secret, and what it has been given."""
    given: list[str] = []

    @app.task(name="log_in", retry=Retry.never())
    def log_in(user: str, password: Secret, pin: Secret | None = None) -> int:
        given.append(password.reveal())
        current().log(f"tries {password.reveal()}", again=password.reveal(), secret=password)
        if fails:
            raise ValueError(f"{password.reveal()} is wrong for {user}")
        return len(pin.reveal()) if pin else 0

    return log_in, given


async def test_a_handler_reads_what_nobody_else_does(app: Tidemill) -> None:
    log_in, given = log_in_of(app)
    job = log_in.enqueue("zoe", Secret(CANARY), pin=Secret("12"))
    stored = job.snapshot().args
    assert CANARY.encode() not in stored
    assert masked(stored) == b'{"user":"zoe","password":"***","pin":"***"}'
    await app.worker().run_until_idle()
    assert (job.result(), given) == (2, [CANARY])
    assert CANARY not in repr(job.snapshot())


async def test_nothing_that_is_kept_holds_a_secret(app: Tidemill) -> None:
    """The canary: in the job, its attempts, its log, and every event."""
    log_in, given = log_in_of(app, fails=True)
    job = log_in.enqueue("zoe", password=Secret(CANARY))
    await app.worker().run_until_idle()
    assert given == [CANARY]
    assert job.state == "failed"
    assert CANARY not in repr(job.snapshot())
    assert CANARY not in repr(job.logs())
    assert CANARY not in repr(app.events.recent(100))
    assert "*** is wrong for zoe" in repr(job.snapshot())


def test_it_shows_itself_to_nobody(app: Tidemill) -> None:
    secret = Secret(CANARY)
    log_in, _ = log_in_of(app)
    bound = log_in.bind("zoe", secret)
    for shown in (str(secret), repr(secret), f"{secret}", repr([secret]), repr(bound),
                  repr(bound.arguments)):  # fmt: skip
        assert CANARY not in shown
    assert secret == Secret(CANARY) != Secret("other")
    with pytest.raises(InvalidArguments):
        Secret(7)  # type: ignore[arg-type]  # that is the point


def test_plain_text_will_do_where_a_secret_is_asked_for(app: Tidemill) -> None:
    log_in_of(app)
    job = app.enqueue("log_in", {"user": "zoe", "password": CANARY})
    assert CANARY.encode() not in job.snapshot().args
    for wrong in (7, None, {MARK: "k1.AAAA"}, [CANARY]):
        with pytest.raises(InvalidArguments) as caught:
            app.enqueue("log_in", {"user": "zoe", "password": wrong})
        assert CANARY not in str(caught.value)


def test_without_a_key_nothing_secret_is_stored(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIDEMILL_SECRETS_KEYS", raising=False)
    with Tidemill(store_url) as app:
        log_in, _ = log_in_of(app)
        with pytest.raises(InvalidOption, match=r"secrets\.keys"):
            log_in.enqueue("zoe", Secret(CANARY))
        assert list(app.jobs.find()) == []


async def test_keys_are_changed_while_jobs_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, first, second = f"sqlite:///{tmp_path}/jobs.db", new_key("k1"), new_key("k2")
    for keys, fine in ((first, True), (f"{second},{first}", True), (second, False)):
        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", first)
        with Tidemill(url) as app:
            log_in, _ = log_in_of(app)
            job = log_in.enqueue("zoe", Secret(CANARY))
        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", keys)
        with Tidemill(url) as app:
            log_in_of(app)
            await app.worker().run_until_idle()
            seen = app.jobs.get(job.id).seen
            assert seen is not None
            assert seen.state == ("completed" if fine else "failed")
            assert (seen.error is None) == fine


@pytest.mark.parametrize("moved", ["tenant", "job", "parameter", "text", "key"])
def test_what_is_moved_or_altered_cannot_be_read(moved: str) -> None:
    vault = Vault(read_keys(new_key("k1")))
    place = {"tenant": "acme", "job": "j1", "parameter": "password"}
    stored = vault.seal(CANARY, **place)
    assert vault.open(stored, **place) == CANARY
    if moved in place:
        place[moved] = "other"
    elif moved == "text":
        stored = {MARK: stored[MARK][:-6] + "AAAAAA"}
    else:
        stored = {MARK: "k9." + stored[MARK].partition(".")[2]}
    with pytest.raises(InvalidArguments):
        vault.open(stored, **place)


def test_the_same_secret_is_stored_otherwise_each_time() -> None:
    vault = Vault(read_keys(new_key("k1")))
    place = {"tenant": "", "job": "j1", "parameter": "password"}
    assert vault.seal(CANARY, **place) != vault.seal(CANARY, **place)


def test_a_secret_tells_no_two_calls_apart(app: Tidemill) -> None:
    """What unique keys are made of may be kept in the clear."""

    @app.task(name="once", unique=unique())
    def once(user: str, password: Secret) -> None:
        del user, password

    assert once.enqueue("zoe", Secret("a")).id == once.enqueue("zoe", Secret("b")).id


def test_where_arguments_would_become_anothers_a_secret_is_refused(app: Tidemill) -> None:
    @app.task(name="last", unique=unique(on_duplicate="replace"))
    def last(password: Secret) -> None:
        del password

    with pytest.raises(InvalidOption, match="earlier one"):
        last.enqueue(Secret(CANARY))
    with pytest.raises(InvalidOption, match="bound to one job"):
        app.schedules.create("nightly", last.bind(Secret(CANARY)), every="1h")


def test_a_secret_inside_something_else_is_refused(app: Tidemill) -> None:
    @app.task(name="deep")
    def deep(passwords: list[Secret]) -> None:
        del passwords

    with pytest.raises(InvalidOption, match="secret inside"):
        deep.bind([Secret(CANARY)])


def test_a_result_or_an_event_holds_no_secret(app: Tidemill) -> None:
    with pytest.raises(Exception, match="Secret has no JSON form"):
        app.events.emit("user.made", {"password": Secret(CANARY)})


def test_the_schema_of_a_task_says_what_is_secret(app: Tidemill) -> None:
    log_in, _ = log_in_of(app)
    schema = log_in.declaration.signature.schema()
    assert schema["required"] == ["user", "password"]
    assert schema["properties"]["password"] == {
        "type": "string", "format": "password", "writeOnly": True,
    }  # fmt: skip
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("keys", ["k1", "k1:", "k1:AAAA", "k 1:" + "A" * 43 + "=", "k1:é"])
def test_what_is_no_key_is_refused_and_not_repeated(
    keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", keys)
    with pytest.raises(InvalidOption) as caught:
        Tidemill("memory://")
    secret = keys.partition(":")[2] or "nothing was given"
    assert secret not in str(caught.value)


def test_masking_leaves_everything_else_as_it_was() -> None:
    plain = msgspec.json.encode({"a": 2**70, "b": {"$secrets": 1}, "c": "$secret"})
    assert masked(plain) == plain
