"""Connections: kept while they are of use, closed when they are not, and nobody else's."""

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.services import evil
from tests.services.conftest import MakeHttp
from tests.services.third_party import Answer, ThirdParty, certificate_for
from tidemill.core.errors import AddressRefused
from tidemill.services import kept_lines
from tidemill.services.outbound import Reach
from tidemill.services.outlet import Outlet, timeouts

HERE = Reach(allowed=("127.0.0.1",))


def get(url: str, seconds: float = 5) -> httpx.Request:
    return httpx.Request("GET", url, extensions=timeouts(seconds, seconds))


def connections(third: ThirdParty) -> int:
    """How many have been made to it."""
    return len(third.lines)


class TestKeeping:
    async def test_requests_one_after_another_share_a_connection(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        http = make_http()
        for _ in range(5):
            assert (await http.get(third.url)).status_code == 200
        assert connections(third) == 1

    async def test_requests_at_once_have_one_each_and_all_of_these_are_kept(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        http, together = make_http(), threading.Barrier(50)

        def behave(_: object) -> Answer:
            together.wait(10)
            return Answer()

        third.behave = behave
        for _ in range(2):
            answers = await asyncio.gather(*(http.get(third.url) for _ in range(50)))
            assert {answer.status_code for answer in answers} == {200}
        assert connections(third) == 50

    async def test_so_many_rest_and_no_more(self, third: ThirdParty) -> None:
        outlet, together = Outlet(HERE), threading.Barrier(120)

        def behave(_: object) -> Answer:
            together.wait(10)
            return Answer()

        third.behave = behave
        await asyncio.gather(*(outlet.send(get(third.url), 10) for _ in range(120)))
        third.behave = lambda _: Answer()
        open_ones = [line for line in third.lines if is_open(line)]
        assert len(open_ones) == 100
        await outlet.aclose()

    async def test_one_that_the_server_has_closed_is_not_used_again(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        http = make_http()
        assert (await http.get(third.url)).status_code == 200
        third.lines[0].shutdown(socket.SHUT_RDWR)  # and no turn of the event loop after it
        assert (await http.post(third.url, tries=1)).status_code == 200
        assert connections(third) == 2

    async def test_what_nobody_has_asked_for_is_nobodys_answer(self, make_http: MakeHttp) -> None:
        """A server that says more than its length says it for nobody else to read."""
        said = evil.OK + b"Content-Length: 2\r\n\r\nok"
        slipped_in = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
        with evil.receiver(evil.saying_to_each(said, behind=slipped_in)) as port:
            http, url = make_http(), f"http://127.0.0.1:{port}/"
            for _ in range(3):
                assert (await http.post(url, content=b"x", tries=1)).status_code == 200

    async def test_a_connection_of_one_who_may_serves_nobody_who_may_not(
        self, make_http: MakeHttp, third: ThirdParty
    ) -> None:
        async def lookup(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        name = "hooks.example.org"
        reach = Reach(plain=True, ports=frozenset({third.port}), allowed=(name,))
        http, url = make_http(reach, lookup=lookup), f"http://{name}:{third.port}/"
        assert (await http.get(url)).status_code == 200
        with pytest.raises(AddressRefused):
            await http.get(url, allow=())
        assert (await http.get(url, allow=[name, "127.0.0.1"])).status_code == 200
        assert connections(third) == 2
        assert (await http.get(url, allow=[name])).status_code == 200
        assert connections(third) == 2

    async def test_there_is_room_for_so_many_at_once(self, third: ThirdParty) -> None:
        outlet, go = Outlet(HERE), threading.Event()

        def behave(_: object) -> Answer:
            go.wait(10)
            return Answer()

        third.behave = behave
        urls = [third.url] * kept_lines.MOST
        waiting = [asyncio.create_task(outlet.send(get(url), 10)) for url in urls]
        await until(lambda: len(third.asked) == kept_lines.MOST)
        with pytest.raises(httpx.PoolTimeout):
            await outlet.send(get(third.url, 0.05), 10)
        go.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
        assert (await outlet.send(get(third.url), 10)).status_code == 200
        await outlet.aclose()


class TestLetting:
    async def test_a_handshake_that_is_given_up_leaves_no_socket_behind(self) -> None:
        gone = threading.Event()

        def until_it_ends(line: socket.socket) -> None:
            while line.recv(65_536):
                pass
            gone.set()

        with evil.receiver(until_it_ends) as port:
            outlet = Outlet(HERE)
            with pytest.raises(httpx.ReadTimeout):
                await outlet.send(get(f"https://127.0.0.1:{port}/"), 10, patience=50)
            assert await asyncio.to_thread(gone.wait, 5)
            await outlet.aclose()

    async def test_one_whose_caller_is_cancelled_is_closed(self) -> None:
        asked, gone = threading.Event(), threading.Event()

        def until_it_ends(line: socket.socket) -> None:
            while line.recv(65_536):
                asked.set()
            gone.set()

        with evil.receiver(until_it_ends) as port:
            outlet = Outlet(HERE)
            sending = asyncio.create_task(outlet.send(get(f"http://127.0.0.1:{port}/"), 10))
            assert await asyncio.to_thread(asked.wait, 5)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert await asyncio.to_thread(gone.wait, 5)
            await outlet.aclose()


class TestSending:
    async def test_a_large_body_arrives_whole(self, make_http: MakeHttp, third: ThirdParty) -> None:
        body = bytes(range(256)) * 20_000
        assert (await make_http().post(third.url, content=body)).status_code == 200
        assert third.asked[0].body == body

    async def test_a_large_answer_arrives_whole_by_tls(
        self, make_http: MakeHttp, tmp_path: Path
    ) -> None:
        body, third = bytes(range(256)) * 20_000, ThirdParty()
        third.behave = lambda _: Answer(body=body)
        certificate = certificate_for("127.0.0.1", tmp_path)
        with third.serving(certificate):
            http = make_http(ca=str(certificate))
            for _ in range(2):
                answer = await http.get(f"https://127.0.0.1:{third.port}/")
                assert answer.content == body

    async def test_one_who_takes_nothing_of_a_large_body_is_left(self) -> None:
        over = threading.Event()

        def stuffed(line: socket.socket) -> None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            over.wait(30)

        with evil.receiver(stuffed) as port:
            outlet = Outlet(HERE)
            request = httpx.Request(
                "POST", f"http://127.0.0.1:{port}/", content=bytes(64 << 20),
                extensions=timeouts(5, 0.1),
            )  # fmt: skip
            with pytest.raises(httpx.WriteTimeout):
                await outlet.send(request, 10)
            over.set()
            await outlet.aclose()


def is_open(line: socket.socket) -> bool:
    """Whether the other side of a connection of a server is still there."""
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


async def until(holds: Callable[[], bool]) -> None:
    """Give way until something holds; the test's own time bounds it."""
    while not holds():
        await asyncio.to_thread(threading.Event().wait, 0.005)
