"""`/live`: events as they happen, to whom they concern, made up for who comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import Browser, Caller, People
from tidemill import Tidemill
from tidemill.access.users import Users
from tidemill.api.live import MOST_BEHIND, MOST_MADE_UP, MOST_OF_ONE, Listener
from tidemill.core.record import Entry


class Stream:
    """What is heard, message by message."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> dict[str, Any]:
        """The next message that is no comment."""
        told: dict[str, Any] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line == "" and told:
                    return told
                if name in ("id", "event"):
                    told[name] = value
                elif name == "data":
                    told["data"] = json.loads(value)
        raise EOFError

    async def begun(self) -> None:
        """Hear that one is listened to: from here on all is heard."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith(":"):
                    return

    async def end(self) -> None:
        """Hear it to its end."""
        while True:
            await self.next()


@asynccontextmanager
async def listening(
    served: str, caller: Caller, query: str = "", **headers: str
) -> AsyncIterator[Stream]:
    """Listen, and be sure to be listened to: the first line has come."""
    sent = dict(caller.http.headers) | headers
    async with (
        httpx.AsyncClient(timeout=30, cookies=caller.http.cookies) as http,
        http.stream("GET", f"{served}/api/v1/live{query}", headers=sent) as answer,
    ):
        stream = Stream(answer)
        if answer.is_success and "Last-Event-ID" not in headers:
            await stream.begun()
        yield stream


async def test_what_happens_is_heard(served: str, app: Tidemill, people: People) -> None:
    async with listening(served, people(), "?topics=order.*,ready") as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        await app.events.aemit("invoice.paid", {"id": 1})
        position = await app.events.aemit("order.placed", {"id": 7}, source="shop")
        heard = await stream.next()
        assert (heard["event"], int(heard["id"])) == ("order.placed", position)
        assert (heard["data"]["payload"], heard["data"]["source"]) == ({"id": 7}, "shop")


async def test_who_comes_back_hears_what_they_missed(
    served: str, app: Tidemill, people: People
) -> None:
    before = app.events.emit("order.a")
    missed = [app.events.emit(f"order.{name}") for name in "bc"]
    app.events.emit("other")
    async with listening(
        served, people(), "?topics=order.*", **{"Last-Event-ID": str(before)}
    ) as stream:
        heard = [int((await stream.next())["id"]) for _ in missed]
        assert heard == missed
        await app.events.aemit("order.d")
        assert (await stream.next())["event"] == "order.d"


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_who_missed_too_much_is_told_to_look_anew(
    served: str, app: Tidemill, people: People
) -> None:
    before = app.events.emit("order.a")
    for _ in range(MOST_MADE_UP + 1):
        app.events.emit("order.b")
    async with listening(served, people(), **{"Last-Event-ID": str(before)}) as stream:
        assert (await stream.next())["event"] == "reset"


async def test_events_of_others_are_never_heard(served: str, app: Tidemill, people: People) -> None:
    before = app.events.emit("first", tenant="umbra")
    app.events.emit("theirs", tenant="umbra")
    ours = app.events.emit("ours", tenant="acme")
    async with listening(
        served, people("viewer", "acme"), **{"Last-Event-ID": str(before)}
    ) as stream:
        heard = await stream.next()
        assert (int(heard["id"]), heard["data"]["payload"], heard["data"]["masked"]) == (
            ours, "***", True,
        )  # fmt: skip
        await app.events.aemit("theirs", tenant="umbra")
        await app.events.aemit("nobodys")
        after = await app.events.aemit("ours", tenant="acme")
        assert int((await stream.next())["id"]) == after


async def test_who_may_no_more_hears_no_more(served: str, browser: Browser, users: Users) -> None:
    await browser.log_in("zoe")
    browser.http.cookies = httpx.Cookies(dict(browser.http.cookies))
    async with listening(served, browser, Host="localhost") as stream:
        assert stream.answer.status_code == 200
        await users.achange("zoe", disabled=True)
        with pytest.raises(EOFError):
            await stream.end()


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_one_has_so_many_streams_at_once(served: str, people: People) -> None:
    caller = people()
    async with httpx.AsyncClient(headers=caller.http.headers, timeout=30) as http:
        streams = [http.stream("GET", f"{served}/api/v1/live") for _ in range(MOST_OF_ONE)]
        opened = [await stream.__aenter__() for stream in streams]
        assert {answer.status_code for answer in opened} == {200}
        refused = await http.get(f"{served}/api/v1/live")
        assert (refused.status_code, refused.json()["code"]) == (429, "access.too_many")
        for stream in streams:
            await stream.__aexit__(None, None, None)


@pytest.mark.parametrize("query", ["?topics=a..b", "?topics=" + ",".join("a" * 21), "?unknown=1"])
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_question_that_makes_no_sense_is_refused(admin: Caller, query: str) -> None:
    assert (await admin("GET", f"/live{query}")).status_code == 422


@pytest.mark.parametrize("last", ["x", "-1", "9" * 20, "1.5"])
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_position_that_is_none_is_refused(admin: Caller, last: str) -> None:
    answer = await admin("GET", "/live", headers={"Last-Event-ID": last})
    assert answer.status_code == 422


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_slow_listener_loses_what_waits_and_is_told_so(api: FastAPI) -> None:
    listener = Listener("user:zoe", None, ("**",), masked=False)
    for number in range(MOST_BEHIND + 1):
        listener.hear(b"id: %d\n\n" % number)
    assert await listener.next(1) == b"event: reset\ndata: {}\n\n"
    assert listener.wants(Entry(1, 0, "a.b", "acme", "", b"null"))
    del api
