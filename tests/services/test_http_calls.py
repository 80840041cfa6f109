"""Calls of third parties: where they may go, how long they take, how much they may answer."""

import asyncio
import gzip
import json
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.services.conftest import MakeHttp
from tests.services.third_party import Answer, Asked, ThirdParty, certificate_for
from tidemill import Retry, Tidemill, current
from tidemill.core.errors import AddressRefused, AnswerTooLarge, InvalidOption, ServiceError
from tidemill.services.http_calls import KEY, Manners
from tidemill.services.outbound import Reach
from tidemill.testing import in_memory


def after(*answers: Answer, then: Answer = Answer()) -> Callable[[Asked], Answer]:  # noqa: B008 - a value
    """Behave so in turn, and from then on otherwise."""
    left = list(answers)
    return lambda _: left.pop(0) if left else then


class TestWhatIsSent:
    async def test_a_call_arrives_as_it_was_asked_for(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(201, b'{"id": 7}', (("Content-Type", "application/json"),))
        answer = await make_http().post(
            f"{third.url}/a", params={"b": "c d"}, json={"e": 1}, headers={"X-Own": "f"}
        )
        assert (answer.status_code, answer.json()) == (201, {"id": 7})
        (asked,) = third.asked
        assert (asked.method, asked.path, json.loads(asked.body)) == ("POST", "/a?b=c+d", {"e": 1})
        assert asked.headers["X-Own"] == "f"
        assert asked.headers["Host"] == f"127.0.0.1:{third.port}"

    async def test_what_is_said_of_something_says_how_long_it_is(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        packed = gzip.compress(b"x" * 1_000)
        third.behave = lambda _: Answer(body=packed, headers=(("Content-Encoding", "gzip"),))
        answer = await make_http().head(third.url)
        assert answer.headers["Content-Length"] == str(len(packed))
        assert answer.content == b""
        assert (await make_http().get(third.url)).headers["Content-Length"] == "1000"

    async def test_no_cookie_of_one_call_is_sent_with_another(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(headers=(("Set-Cookie", "tenant=acme; Path=/"),))
        http = make_http()
        for _ in range(2):
            await http.get(third.url)
        assert [asked.headers.get("Cookie") for asked in third.asked] == [None, None]

    async def test_outside_of_a_job_no_key_is_made_up(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        await make_http().post(third.url)
        await make_http().post(third.url, key="mine")
        assert [asked.headers.get(KEY) for asked in third.asked] == [None, "mine"]

    @pytest.mark.parametrize("key", ["a\r\nX: y", "a\0", "x" * 256])
    async def test_a_key_that_would_break_the_header_is_refused(
        self, make_http: MakeHttp, third: ThirdParty, key: str
    ) -> None:
        with pytest.raises(Exception, match="not allowed"):
            await make_http().post(third.url, key=key)
        assert third.asked == []

    async def test_line_ends_in_a_header_send_nothing(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await make_http().get(third.url, headers={"X-Own": "a\r\nX-Evil: b"})
        assert third.asked == []


class TestTries:
    async def test_what_may_be_repeated_is(self, make_http: MakeHttp, third: ThirdParty) -> None:
        third.behave = after(Answer(502), Answer(504))
        assert (await make_http().get(third.url)).status_code == 200
        assert len(third.asked) == 3

    def test_they_wait_for_no_clock_that_somebody_has_to_wind(
        self, own_app: Tidemill, third: ThirdParty
    ) -> None:
        third.behave = after(Answer(503), Answer(502))

        @own_app.task
        async def ask() -> int:
            answer: httpx.Response = await current().services["http"].get(third.url)
            return answer.status_code

        with in_memory(own_app) as mill:
            job = ask.enqueue()
            mill.drain()
            assert job.result(timeout=0) == 200

    async def test_a_post_is_sent_once_unless_it_may_be_repeated(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        third.behave = after(Answer(502), then=Answer(502))
        assert (await make_http().post(third.url)).status_code == 502
        assert len(third.asked) == 1
        assert (await make_http().post(third.url, repeat=True)).status_code == 502
        assert len(third.asked) == 4

    async def test_a_post_that_never_left_is_sent_again(self, make_http: MakeHttp) -> None:
        tried: list[str] = []

        async def lookup(host: str, _port: int) -> list[str]:
            tried.append(host)
            raise socket.gaierror(-2, "no such name")

        http = make_http(Reach(allowed=("a.example",)), lookup=lookup)
        with pytest.raises(httpx.ConnectError, match="could not be looked up"):
            await http.post("http://a.example/")
        assert len(tried) == 3

    async def test_all_tries_of_a_call_have_one_key_and_each_call_its_own(
        self, own_app: Tidemill, third: ThirdParty
    ) -> None:
        @own_app.task
        async def pay() -> None:
            http = current().services["http"]
            await http.post(f"{third.url}/first", repeat=True)
            await asyncio.gather(*(http.post(f"{third.url}/other") for _ in range(2)))
            if current().attempt == 1:
                raise Retry(after=0)

        third.behave = after(Answer(502))
        job = pay.enqueue()
        await own_app.worker().run_until_idle()
        assert job.state == "completed"
        first = [asked.headers[KEY] for asked in third.asked[:2]]
        assert first == [f"{job.id}-1-1"] * 2
        keys = sorted(asked.headers[KEY] for asked in third.asked[1:])
        assert keys == [
            f"{job.id}-{attempt}-{number}" for attempt in (1, 2) for number in (1, 2, 3)
        ]


class TestTime:
    async def test_one_that_does_not_answer_is_left_after_its_time(
        self, make_http: MakeHttp
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            http, port = make_http(), silent.getsockname()[1]
            with pytest.raises(httpx.ReadTimeout):
                await http.get(f"http://127.0.0.1:{port}/", read="100ms", tries=1)

    async def test_one_that_drips_is_left_after_the_time_of_the_whole(
        self, make_http: MakeHttp
    ) -> None:
        over, dripping = asyncio.Event(), asyncio.Event()

        async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            dripping.set()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x")
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), 0.01)
            writer.close()
            over.set()

        async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(httpx.ReadTimeout, match="within 300ms"):
                await make_http().get(
                    f"http://127.0.0.1:{port}/", read="5s", timeout="300ms", tries=1
                )
            assert dripping.is_set()
            await over.wait()

    @pytest.mark.parametrize("wish", [{"tries": 0}, {"most": 0}, {"timeout": "-1s"}])
    async def test_a_wish_that_makes_no_sense_is_refused(
        self, make_http: MakeHttp, third: ThirdParty, wish: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidOption):
            await make_http().get(third.url, **wish)


class TestSize:
    async def test_an_answer_is_as_long_as_it_may_be(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(body=b"x" * 1_000)
        assert len((await make_http().get(third.url, most=1_000)).content) == 1_000
        with pytest.raises(AnswerTooLarge):
            await make_http().get(third.url, most=999)

    async def test_a_packed_answer_is_unpacked_whole(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        text = bytes(range(256)) * 500
        third.behave = lambda _: Answer(
            body=gzip.compress(text), headers=(("Content-Encoding", "gzip"),)
        )
        answer = await make_http().get(third.url)
        assert answer.content == text
        assert third.asked[0].headers["Accept-Encoding"] == "gzip"

    async def test_a_bomb_is_left_as_soon_as_it_is_too_large(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        bomb = zlib.compressobj(9, wbits=31)
        packed = bomb.compress(bytes(200 << 20)) + bomb.flush()
        assert len(packed) < 250_000
        third.behave = lambda _: Answer(body=packed, headers=(("Content-Encoding", "gzip"),))
        tracemalloc.start()
        with pytest.raises(AnswerTooLarge):
            await make_http().get(third.url, most=1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 << 20

    @pytest.mark.parametrize(
        ("body", "packed_as"),
        [(b"not packed", "gzip"), (gzip.compress(b"x" * 99)[:20], "gzip"), (b"x", "br, gzip")],
        ids=["not packed", "cut off", "packed otherwise"],
    )
    async def test_what_cannot_be_unpacked_is_told_so(
        self, make_http: MakeHttp, third: ThirdParty, body: bytes, packed_as: str
    ) -> None:
        third.behave = lambda _: Answer(body=body, headers=(("Content-Encoding", packed_as),))
        with pytest.raises(ServiceError):
            await make_http().get(third.url)


class TestWhere:
    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://localhost:{port}/",
         "http://2130706433:{port}/", "https://169.254.169.254/latest/meta-data/",
         "http://[::ffff:127.0.0.1]:{port}/", "https://zoe@example.org/", "file:///etc/passwd",
         "https://example.org:25/", "gopher://example.org/"],
    )  # fmt: skip
    async def test_an_inner_address_is_not_asked(
        self, make_http: MakeHttp, third: ThirdParty, url: str
    ) -> None:
        with pytest.raises(AddressRefused):
            await make_http(Reach(plain=True)).get(url.format(port=third.port))
        assert third.asked == []

    async def test_a_name_that_turns_inside_between_two_looks_is_refused(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        answers = [["93.184.215.14"], ["127.0.0.1"]]

        async def lookup(_host: str, _port: int) -> list[str]:
            return answers.pop(0)

        reach = Reach(plain=True, ports=frozenset({third.port}))
        http = make_http(reach, lookup=lookup)
        url = f"http://rebinds.example:{third.port}/"
        with pytest.raises(httpx.TransportError):  # out there, nobody listens at such a port
            await http.get(url, tries=1, connect="50ms")
        with pytest.raises(AddressRefused):
            await http.get(url, tries=1)
        assert third.asked == []

    async def test_the_address_that_was_looked_at_is_asked_under_the_name(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        looked: list[str] = []

        async def lookup(host: str, _port: int) -> list[str]:
            looked.append(host)
            return ["127.0.0.1"]

        http = make_http(Reach(allowed=("ledger.example",)), lookup=lookup)
        await http.get(f"http://ledger.example:{third.port}/")
        assert looked == ["ledger.example"]
        assert third.asked[0].headers["Host"] == f"ledger.example:{third.port}"

    async def test_a_connection_of_one_name_does_not_serve_another(
        self, make_http: MakeHttp, tmp_path: Path
    ) -> None:
        """Both names stand for one address, whose certificate is that of the first alone."""

        async def lookup(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        certificate = certificate_for("good.example", tmp_path)
        with ThirdParty().serving(certificate) as third:
            reach = Reach(allowed=("good.example", "evil.example"))
            http = make_http(reach, ca=str(certificate), lookup=lookup)
            assert (await http.get(f"https://good.example:{third.port}/")).status_code == 200
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(f"https://evil.example:{third.port}/", tries=1)
            assert len(third.asked) == 1

    async def test_a_certificate_that_nobody_vouches_for_is_refused(
        self, make_http: MakeHttp, tmp_path: Path
    ) -> None:
        with ThirdParty().serving(certificate_for("127.0.0.1", tmp_path)) as third:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await make_http().get(f"https://127.0.0.1:{third.port}/", tries=1)
            assert third.asked == []


class TestRedirects:
    async def test_one_that_leads_on_is_followed(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        third.behave = after(Answer(302, headers=(("Location", "/b"),)), then=Answer(body=b"there"))
        answer = await make_http().get(f"{third.url}/a")
        assert (answer.content, [asked.path for asked in third.asked]) == (b"there", ["/a", "/b"])

    async def test_they_do_not_go_on_for_ever(self, make_http: MakeHttp, third: ThirdParty) -> None:
        third.behave = lambda _: Answer(302, headers=(("Location", "/"),))
        with pytest.raises(ServiceError, match="more than 5 times"):
            await make_http().get(third.url)
        assert len(third.asked) == 6

    @pytest.mark.parametrize(
        "target",
        ["http://127.0.0.2:{port}/", "http://localhost:{port}/", "file:///etc/passwd",
         "gopher://127.0.0.1:{port}/", "//127.1:{port}/", "http://u@127.0.0.1:{port}/",
         "https://example.invalid:25/", "http://example.invalid/"],
    )  # fmt: skip
    async def test_one_that_leads_where_one_may_not_ask_is_not_followed(
        self, make_http: MakeHttp, third: ThirdParty, target: str
    ) -> None:
        location = target.format(port=third.port)
        third.behave = lambda _: Answer(302, headers=(("Location", location),))
        with pytest.raises(AddressRefused):
            await make_http().get(third.url)
        assert len(third.asked) == 1

    async def test_a_post_follows_none(self, make_http: MakeHttp, third: ThirdParty) -> None:
        third.behave = lambda _: Answer(307, headers=(("Location", "/b"),))
        assert (await make_http().post(third.url)).status_code == 307
        assert len(third.asked) == 1

    async def test_what_is_secret_stays_with_the_first_host(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        with ThirdParty().serving() as other:
            third.behave = lambda _: Answer(302, headers=(("Location", other.url),))
            secret = {
                "Authorization": "x",
                "Cookie": "x",
                "X-Api-Key": "x",
                "X-Auth-Token": "x",
                KEY: "x",
            }
            await make_http().get(third.url, headers={**secret, "X-Own": "y"})
            assert third.asked[0].headers.keys() > secret.keys()
            assert not other.asked[0].headers.keys() & secret.keys()
            assert other.asked[0].headers["X-Own"] == "y"


async def test_manners_are_those_that_are_set(make_http: MakeHttp, third: ThirdParty) -> None:
    third.behave = lambda _: Answer(502, b"x" * 11)
    http = make_http(manners=Manners(tries=2, most=10))
    with pytest.raises(AnswerTooLarge):
        await http.get(third.url)
    third.behave = lambda _: Answer(502)
    third.asked.clear()
    await http.get(third.url)
    assert len(third.asked) == 2
