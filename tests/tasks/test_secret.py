"""Secrets: encrypted where a job is stored, plain for its handler, masked for everybody else."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import GenericAlias
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
    cast,
)
from urllib.parse import quote, quote_plus

import attrs
import msgspec
import pydantic
import pytest

from tidemill import Cancel, Retry, Secret, Tidemill, current, unique
from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.tasks.secret import MARK, MASK, Vault, masked, new_key, read_keys
from tidemill.tasks.secret_types import holds_secret
from tidemill.testing.clock import ManualClock
from tidemill.worker.failure import MESSAGE_LIMIT, forms_of, hidden

CANARY = "correct-horse-7731"


@pytest.fixture
def app(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tidemill]:
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", new_key("k1"))
    with Tidemill(store_url, clock=ManualClock()) as app:
        yield app


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


memory_alone = pytest.mark.parametrize("store_url", ["memory"], indirect=True)
"""What is masked is masked before any store sees it, so that one of them will do."""

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj\n-----END KEY-----"
ODD = [
    CANARY, "back\\slash-7731", "it's-7731", 'say "7731"', """it's "7731" \\""",
    "tab\t7731\x007731",
    "zoë-ключ-7731", "a b/c?d&e+7731%", PEM, "12345678901234567890",
]  # fmt: skip

Fail = Callable[[str], Any]


def chained(secret: str) -> None:
    try:
        raise KeyError(secret)
    except KeyError as error:
        raise ValueError("it is wrong") from error


def in_context(secret: str) -> None:
    try:
        raise ValueError(secret)
    except ValueError:
        raise TypeError("something else")  # noqa: B904 - what it was is its context


def noted(secret: str) -> None:
    error = ValueError("it is wrong")
    error.add_note(f"it was\n{secret}")
    raise error


def grouped(secret: str) -> None:
    raise ExceptionGroup("several", [ValueError(secret), OSError(5, secret)])


def again(secret: str) -> None:
    try:
        raise ValueError(secret)
    except ValueError as error:
        raise Retry(after="1h") from error


def cut(secret: str) -> None:
    raise ValueError("x" * (MESSAGE_LIMIT - 3 - len(secret) // 2) + secret)


def leave(secret: str) -> None:
    sys.exit(f"no {secret}")


def leave_late(secret: str) -> None:
    sys.exit(secret + "x" * (MESSAGE_LIMIT - 4 - len(secret) // 2) + secret)


def give_up(secret: str) -> None:
    raise Cancel(f"no {secret}"[:1_000])


def of_bytes(secret: str) -> None:
    raise ValueError(secret.encode())


def nested(secret: str) -> None:
    raise ValueError(("a", [repr(secret), json.dumps({"b": secret})]), ascii(secret))


def in_a_url(secret: str) -> None:
    raise OSError(f"https://zoe:{quote(secret, safe='')}@example.org/?a={quote_plus(secret)}")


def unwritable(secret: str) -> Any:
    return {secret: object()}


WAYS = [
    chained, in_context, noted, grouped, again, cut, leave, leave_late, give_up, of_bytes, nested,
    in_a_url, unwritable,
]  # fmt: skip


def traces(secret: str) -> list[str]:
    """What none of it may be found in what is told of a job."""
    lines = [line for line in secret.splitlines() if len(line) >= 8]
    parts = [secret[:8], secret[-8:]] if len(lines) < 2 else []
    return [secret, *lines, *parts, "7731"][: None if "7731" in secret else -1]


@memory_alone
@pytest.mark.parametrize("secret", ODD)
@pytest.mark.parametrize("fail", WAYS)
async def test_no_failure_tells_a_secret(app: Tidemill, fail: Fail, secret: str) -> None:
    @app.task(name="fail", retry=Retry.never())
    def task(password: Secret) -> Any:
        return fail(password.reveal())

    job = task.enqueue(Secret(secret))
    await app.worker().run_until_idle()
    seen = job.snapshot()
    assert seen.state in ("failed", "cancelled", "retrying")
    errors = [seen.error, *(attempt.error for attempt in seen.attempts)]
    told = [seen.reason]
    told += [text for each in errors if each for text in (each.kind, each.message, each.traceback)]
    told += [repr(app.events.recent(100))]
    assert any(MASK in text for text in told)
    for text in told:
        for trace in traces(secret):
            assert trace not in text
            assert repr(trace)[1:-1] not in text


@memory_alone
@pytest.mark.parametrize("secret", ODD)
async def test_neither_progress_nor_the_log_tells_a_secret(app: Tidemill, secret: str) -> None:
    @app.task(name="talk")
    def talk(password: Secret) -> None:
        plain, job = password.reveal(), current()
        job.log(f"tries {plain}", again=plain, deep=[{plain: (plain, {"a": plain})}])
        job.log(f"shows {plain!r} {json.dumps(plain)} {password}", object=ValueError([plain]))
        job.log(f"half \ud800 {plain}", again=plain, keys={1.5: plain, ("a",): plain})
        loop: list[Any] = [plain]
        loop.append(loop)
        job.log("a loop", loop=loop)
        if plain.isdigit():
            job.log("a number", number=int(plain))
        logging.getLogger("shop").warning("logs %s", plain, extra={"again": plain})
        try:
            raise ValueError(plain)
        except ValueError:
            logging.getLogger("shop").exception("fails")
        job.progress(5, plain)
        job.progress(50, "x" * (1_000 - len(plain) // 2) + plain)

    job = talk.enqueue(Secret(secret))
    await app.worker().run_until_idle()
    assert job.snapshot().state == "completed"
    lines = job.logs()
    assert len(lines) >= 6
    assert lines[0].message == f"tries {MASK}"
    assert lines[0].fields == {"again": MASK, "deep": [{MASK: [MASK, {"a": MASK}]}]}
    progress = job.snapshot().progress
    assert progress is not None
    assert progress.message.startswith("x" * 900)
    for text in (repr(lines), json.dumps([line.fields for line in lines]), progress.message):
        for trace in traces(secret):
            assert trace not in text
            assert repr(trace)[1:-1] not in text
            assert json.dumps(trace)[1:-1] not in text


@memory_alone
@pytest.mark.parametrize("secret", ["1", "12", '"', ",", "message", "a", "{", ":", "***", "*", "0"])
async def test_a_log_can_be_read_whatever_is_secret(app: Tidemill, secret: str) -> None:
    """A mask in the middle of a number, or of what JSON is made of, would be the end of a line."""

    @app.task(name="talk")
    def talk(password: Secret) -> None:
        current().log("message", number=1234, flag=True, nothing=None, part=0.12, message_="a,b:c")
        current().log(f"is {password.reveal()}")

    job = talk.enqueue(Secret(secret))
    await app.worker().run_until_idle()
    first, second = job.logs()
    assert first.fields.keys()
    assert first.message in ("message", MASK, f"mess{MASK}ge")
    assert MASK in second.message


def test_a_secret_is_known_in_every_spelling() -> None:
    for secret in ODD:
        forms = forms_of([secret, ""])
        spelled = [
            secret, repr(secret), ascii(secret), repr([secret, "'", '"']), repr(f"'{secret}\""),
            json.dumps(secret), json.dumps([secret], ensure_ascii=False), repr(secret.encode()),
            quote(secret), quote(secret, safe=""), quote_plus(secret), repr(repr(secret)),
            json.dumps(repr(secret)), repr(json.dumps(secret)), json.dumps(json.dumps(secret)),
            json.dumps(ascii(secret)),
        ]  # fmt: skip
        for text in spelled:
            found = hidden(f"<{text}>", forms)
            assert MASK in found, (secret, text)
            assert not [trace for trace in traces(secret) if trace in found], (secret, text)
    assert hidden("nothing of it", forms_of(ODD)) == "nothing of it"
    assert hidden("nothing of it", forms_of([])) == "nothing of it"


T = TypeVar("T")
S = TypeVar("S", bound=Secret)


class Sub(Secret):
    """A secret of one's own."""


class Login(msgspec.Struct):
    user: str
    password: Secret


class Of(msgspec.Struct, Generic[T]):
    thing: T
    password: Secret


class Box(msgspec.Struct, Generic[T]):
    thing: T


@dataclass
class Account:
    name: str
    inside: "list[Account | Login]"


class Typed(TypedDict, total=False):
    user: Required[str]
    password: NotRequired[Secret]


class Named(NamedTuple):
    user: str
    password: Secret | None


@attrs.define
class Attrs:
    user: str
    password: Secret


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    user: str
    password: Secret | None


Password = NewType("Password", Secret)

DEEP: list[Any] = [
    list[Secret], tuple[Secret, ...], dict[str, Secret], set[Secret], Secret | int,
    Optional[list[Secret]], Union[int, list[Secret]], Annotated[Secret, "mine"],  # noqa: UP007, UP045 - one finds it so
    Annotated[list[Secret], "mine"], list[dict[str, tuple[int, Secret]]], Login, Of[str],
    Box[Secret], Box[list[Login]], Account, list[Account], Typed, Named, Attrs, Model, Password,
    list[Password], Password | None, S, Sub, Sub | None, list[Typed | None], dict[str, Named],
]  # fmt: skip


@pytest.mark.parametrize("kind", DEEP)
def test_a_secret_is_found_however_deep(kind: Any) -> None:
    assert holds_secret(kind)


@pytest.mark.parametrize(
    "kind", [str, list[str], Any, None, "Secret", Box[str], dict[str, int], int | None, T, object]
)
def test_where_there_is_no_secret_none_is_found(kind: Any) -> None:
    assert not holds_secret(kind)


def test_a_secret_is_found_among_types_that_come_and_go() -> None:
    """Types are known again by their ids, which those that are gone leave to others."""
    for _ in range(50):
        one = made_of(**{f"f{n}": "dict[str, tuple[int, list[dict[str, int]]]]" for n in range(20)})
        two = made_of(z="dict[str, list[Secret]]")
        assert holds_secret(GenericAlias(tuple, (one, two)))


def made_of(**hints: str) -> Any:
    """A dataclass with these fields, whose annotations are text."""
    space: dict[str, Any] = {"__annotations__": hints, "__module__": __name__}
    made: Any = type("Made", (), space)
    return dataclass(made)


@memory_alone
@pytest.mark.parametrize("kind", DEEP)
def test_no_parameter_takes_a_secret_inside_something_else(app: Tidemill, kind: Any) -> None:
    def deep(thing: Any) -> None:
        del thing

    deep.__annotations__["thing"] = kind
    with pytest.raises(InvalidOption):
        app.task(name="deep")(deep).bind(None)


@memory_alone
def test_no_list_of_parameters_is_secret(app: Tidemill) -> None:
    def star(*passwords: Secret) -> None:
        del passwords

    def stars(**passwords: Secret) -> None:
        del passwords

    def maybe(*passwords: Secret | None) -> None:
        del passwords

    for number, function in enumerate((star, stars, maybe)):
        name = f"task{number}"
        app.task(name=name)(cast("Callable[..., None]", function))
        for given in ([CANARY], {"a": CANARY}):
            with pytest.raises(InvalidOption, match="secret inside"):
                app.enqueue(name, {"passwords": given})
    assert list(app.jobs.find()) == []


@memory_alone
def test_a_secret_that_nobody_expects_is_not_written(app: Tidemill) -> None:
    @app.task(name="loose")
    def loose(thing: Any, *things: Any, **more: Any) -> None:
        del thing, things, more

    secret = Secret(CANARY)
    for args, more in (
        ((secret,), {}), (([{"a": secret}],), {}), ((1, secret), {}), ((1,), {"a": secret}),
        ((Login("zoe", secret),), {}),
    ):  # fmt: skip
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever says so
            loose.enqueue(*args, **more)
        assert CANARY not in str(caught.value)
    assert list(app.jobs.find()) == []
