"""Which passwords will do, and that few are hashed at a time."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from tidemill import errors
from tidemill.access import passwords
from tidemill.loops.call import Call


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "qwerty123456",
        "LeaveMeAlone",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "x" * 1_025,
        "é" * 600,
        "zoe@example.org",
        "ZOE@EXAMPLE.ORG",
        None,
        123_456_789_012,
    ],
)
def test_what_will_not_do_is_refused(password: str) -> None:
    with pytest.raises(errors.InvalidOption):
        passwords.check_password(password, "zoe@example.org")


@pytest.mark.parametrize("password", ["a sound horse in may", "zwölf Boxkämpfer", "x1y2z3" * 170])
def test_what_will_do_is_kept(password: str) -> None:
    kept = passwords.hashed(passwords.check_password(password, "zoe")).wait()
    assert passwords.is_right(password, kept).wait()
    assert not passwords.is_right(password + " ", kept).wait()
    assert not passwords.is_outdated(kept)


@pytest.mark.parametrize("kept", ["", "nothing", "$argon2id$v=19$m=19456,t=2,p=1$x$y"])
def test_what_was_not_kept_is_never_right(kept: str) -> None:
    assert not passwords.is_right("", kept).wait()
    assert not passwords.is_right("nobody's", kept).wait()


def test_what_was_hashed_with_less_is_outdated() -> None:
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8_192).hash("x"))


def test_few_are_hashed_at_a_time_and_the_loop_goes_on() -> None:
    """A flood is turned away, and whoever else asks is answered meanwhile."""

    async def one(call: Call[str]) -> str:
        try:
            return await call
        except errors.TooManyRequests:
            return "turned away"

    async def flood() -> list[str]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.wait({asyncio.ensure_future(asyncio.Event().wait())}, timeout=0.001)

        ticking = asyncio.ensure_future(tick())
        answers = await asyncio.gather(*(one(passwords.hashed("x" * 12)) for _ in range(200)))
        ticking.cancel()
        assert ticks > 20
        return answers

    before = threading.active_count()
    answers = asyncio.run(flood())
    assert 52 <= answers.count("turned away") <= 148
    assert threading.active_count() - before <= 2
