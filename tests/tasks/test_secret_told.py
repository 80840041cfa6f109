"""A secret is told by nothing that a job tells of itself, however it is written."""

import json
import logging
import sys
from collections.abc import Callable
from typing import (
    Any,
)
from urllib.parse import quote, quote_plus

import pytest

from tests.tasks.conftest import CANARY, memory_alone
from tidemill import Cancel, Retry, Secret, Tidemill, current
from tidemill.tasks.secret import MASK
from tidemill.worker.failure import MESSAGE_LIMIT, forms_of, hidden

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj\n-----END KEY-----"
ODD = [
    CANARY, "back\\slash-77zy", "it's-77zy", 'say "77zy"', """it's "77zy" \\""",
    "tab\t77zy\x0077zy",
    "zoë-ключ-77zy", "a b/c?d&e+77zy%", PEM, "12345678901234567890",
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
    return [secret, *lines, *parts, "77zy"][: None if "77zy" in secret else -1]


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
