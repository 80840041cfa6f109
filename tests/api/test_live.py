"""`/live`: events as they happen, to whom they concern, made up for who comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import Browser, Caller, People
from tidemill import Tidemill
from tidemill.access.users import Users
from tidemill.api.live import MOST_BEHIND, MOST_MADE_UP, MOST_OF_ONE, Listener, Live
from tidemill.core.record import EVENTS, Entry, NewEntry


class Stream:
    """What is heard, message by message."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> dict[str, Any]:
        """The next message but for beats; one without a type is told by its name."""
        told: dict[str, Any] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line == "" and told.get("event") == "beat":
                    told = {}
                elif line == "" and told:
                    return {"event": told["data"].get("name")} | told
                if name in ("id", "event"):
                    told[name] = value
                elif name == "data":
                    told["data"] = json.loads(value)
        raise EOFError

    async def begun(self) -> None:
        """Hear that one is listened to: from here on all is heard."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line == "":
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
@pytest.mark.parametrize("what", ["another tenant", "no payloads"])
async def test_who_may_hear_something_else_hears_no_more_of_this(
    served: str, api: FastAPI, browser: Browser, users: Users, what: str
) -> None:
    await browser.log_in("root")
    key = await browser.ok("POST", "/keys", {"title": "hears", "role": "admin"})
    browser.http.cookies = httpx.Cookies(dict(browser.http.cookies))
    hears = browser if what == "another tenant" else Caller(api, key["secret"])
    async with listening(served, hears, Host="localhost") as stream:
        assert stream.answer.status_code == 200
        if what == "another tenant":
            await browser.ok("PATCH", "/session", {"tenant": "acme"})
        else:
            await users.achange("root", payloads=False)
        with pytest.raises(EOFError):
            await stream.end()


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_what_others_did_is_nothing_that_one_has_missed(
    served: str, app: Tidemill, people: People
) -> None:
    before = app.events.emit("ours", tenant="acme")
    for _ in range(MOST_MADE_UP + 1):
        app.events.emit("theirs", tenant="umbra")
    ours = app.events.emit("ours", tenant="acme")
    last = {"Last-Event-ID": str(before)}
    async with listening(served, people("viewer", "acme"), **last) as stream:
        heard = await stream.next()
        assert (heard["event"], int(heard["id"])) == ("ours", ours)


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


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_who_heard_what_never_was_is_told_to_look_anew(
    served: str, app: Tidemill, people: People
) -> None:
    position = app.events.emit("order.a")
    async with listening(served, people(), **{"Last-Event-ID": "9" * 18}) as stream:
        told = await stream.next()
        assert (told["event"], int(told["id"])) == ("reset", position)
        after = await app.events.aemit("order.b")
        assert int((await stream.next())["id"]) == after


@pytest.mark.parametrize("query", ["?topics=a..b", "?topics=" + ",".join("a" * 21), "?unknown=1"])
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_question_that_makes_no_sense_is_refused(admin: Caller, query: str) -> None:
    assert (await admin("GET", f"/live{query}")).status_code == 422


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_slow_listener_loses_what_waits_and_is_told_so(api: FastAPI) -> None:
    listener = Listener("user:zoe", None, ("**",), masked=False)
    for number in range(MOST_BEHIND + 1):
        listener.hear(b"id: %d\n\n" % number)
    assert await listener.next(1) == b"event: reset\ndata: {}\n\n"
    assert listener.wants(Entry(1, 0, "a.b", "acme", "", b"null"))
    del api


class Meddled:
    """An application whose log is read only when a test has had its say."""

    def __init__(self, app: Tidemill, before: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._app = app
        self._before = before

    async def aopen(self) -> SimpleNamespace:
        """Its engine."""
        engine = await self._app.aopen()

        async def read(log: str, **how: Any) -> tuple[Entry, ...]:
            await self._before(how)
            return await engine.records.read(log, **how)

        return SimpleNamespace(records=SimpleNamespace(read=read), signals=engine.signals)

    def live(self) -> Live:
        """What lets one listen to it."""
        return Live(cast("Tidemill", self))


async def still() -> bool:
    return True


class Ear:
    """Somebody who listens to `Live` itself."""

    def __init__(self, live: Live, after: int | None = None) -> None:
        self.stream = live.stream(Listener("user:zoe", None, ("**",), masked=False), after, still)
        self.heard: list[int] = []

    async def begin(self) -> None:
        """Hear the first word, and what is made up for."""
        async with asyncio.timeout(10):
            self._keep(await anext(self.stream))

    async def hear(self, last: int) -> list[int]:
        """Listen until this one; answer where all stand that were heard."""
        async with asyncio.timeout(10):
            while last not in self.heard:
                self._keep(await anext(self.stream))
        return self.heard

    def _keep(self, told: bytes) -> None:
        ids = [line for line in told.splitlines() if line.startswith(b"id: ")]
        self.heard += [int(line.removeprefix(b"id: ")) for line in ids]


async def test_what_cannot_be_shown_is_left_out(app: Tidemill) -> None:
    live, engine = Live(app), await app.aopen()
    begun = await app.events.aemit("well")
    now, again = Ear(live), Ear(live, after=begun)
    async with aclosing(now.stream), aclosing(again.stream):
        await now.begin()
        await engine.records.append(EVENTS, [NewEntry("deep", b"[" * 5_000 + b"]" * 5_000)])
        last = await app.events.aemit("well")
        assert await now.hear(last) == [last]
        assert await again.hear(last) == [last]


async def test_where_nothing_can_be_read_streams_end_and_the_next_one_goes_on(
    app: Tidemill,
) -> None:
    broken = False

    async def before(how: dict[str, Any]) -> None:
        del how
        if broken:
            raise RuntimeError("the disk is gone")

    live = Meddled(app, before).live()
    begun = await app.events.aemit("first")
    ear, next_ = Ear(live), Ear(live, after=begun)
    async with aclosing(ear.stream), aclosing(next_.stream):
        await ear.begin()
        broken = True
        missed = await app.events.aemit("missed")
        with pytest.raises(StopAsyncIteration):
            await ear.hear(missed)
        broken = False
        await next_.begin()
        last = await app.events.aemit("last")
        assert await next_.hear(last) == [missed, last]


async def test_those_who_come_at_once_hear_all_once(app: Tidemill) -> None:
    async def before(how: dict[str, Any]) -> None:
        del how
        await asyncio.to_thread(int)  # others have their turn, as with a store that takes long

    live = Meddled(app, before).live()
    ears = [Ear(live) for _ in range(3)]
    async with aclosing(ears[0].stream), aclosing(ears[1].stream), aclosing(ears[2].stream):
        await asyncio.gather(*(ear.begin() for ear in ears))
        emitted = [await app.events.aemit("order.a") for _ in range(3)]
        for ear in ears:
            assert await ear.hear(emitted[-1]) == emitted


async def test_what_happens_while_one_comes_back_is_heard_once(app: Tidemill) -> None:
    meanwhile: list[int] = []

    async def before(how: dict[str, Any]) -> None:
        if how["limit"] > MOST_MADE_UP and not meanwhile:
            meanwhile.append(await app.events.aemit("meanwhile"))
            await there.hear(meanwhile[0])

    live = Meddled(app, before).live()
    begun, missed = [await app.events.aemit("before") for _ in range(2)]
    there, back = Ear(live), Ear(live, after=begun)
    async with aclosing(there.stream), aclosing(back.stream):
        await there.begin()
        await back.begin()
        last = await app.events.aemit("last")
        assert await back.hear(last) == [missed, *meanwhile, last]


async def test_what_one_has_heard_elsewhere_is_not_heard_again(app: Tidemill) -> None:
    free = asyncio.Event()
    free.set()

    async def before(how: dict[str, Any]) -> None:
        if "newest" not in how and how["limit"] <= MOST_MADE_UP:
            await free.wait()

    live = Meddled(app, before).live()
    there = Ear(live)
    async with aclosing(there.stream):
        await there.begin()
        free.clear()  # this process reads behind another
        heard = await app.events.aemit("heard")
        back = Ear(live, after=heard)
        async with aclosing(back.stream):
            await back.begin()
            free.set()
            last = await app.events.aemit("last")
            assert await back.hear(last) == [last]
            assert await there.hear(last) == [heard, last]


async def test_a_browser_hears_all_that_matches(app: Tidemill) -> None:
    """It hands on what has no type, and else only types that are waited for by their very names."""
    ear = Ear(Live(app))
    async with aclosing(ear.stream):
        assert await anext(ear.stream) == b"event: beat\ndata: {}\n\n"
        await app.events.aemit("invoice.paid", {"id": 1})
        async with asyncio.timeout(10):
            told = (await anext(ear.stream)).decode().splitlines()
    assert [line.partition(":")[0] for line in told if line] == ["id", "data"]
    assert json.loads(told[1].removeprefix("data: "))["name"] == "invoice.paid"
