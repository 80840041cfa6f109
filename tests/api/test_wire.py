"""What arrives at the server itself, byte by byte: requests that no client would send."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.conftest import PASSWORD, application, serving
from tidemill import Tidemill
from tidemill.access.audit import Search, find
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.api.gate import MOST_HEADERS
from tidemill.api.serving import Punctual, configured
from tidemill.client.steps import Walk
from tidemill.testing.clock import ManualClock

HEAD = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
PLAIN = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def app() -> Iterator[Tidemill]:
    """None of these come as far as a store."""
    with application("memory://", ManualClock()) as app:
        Users(app.client).create("root", PASSWORD, [Grant(Role.ADMIN)])
        yield app


@pytest.fixture(scope="module")
def url(app: Tidemill) -> Iterator[str]:
    """A server as `tidemill serve` runs it."""
    with serving(configured(create_api(app), "127.0.0.1", 0)) as url:
        yield url


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    place = urlsplit(url)
    assert place.hostname is not None
    with closing(socket.create_connection((place.hostname, place.port or 80), 15)) as wire:
        yield wire


def answered(url: str, sent: bytes) -> bytes:
    """All that the server says to this until it closes the connection."""
    said = b""
    with connected(url) as wire:
        wire.sendall(sent)
        while some := wire.recv(65_536):
            said += some
    return said


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n2\r\n{}\r\n0\r\n",
        b"Content-Length: 2\r\nContent-Length: 5\r\n",
        b"Content-Length: 2, 5\r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: -2\r\n",
        b"Content-Length: 0x2\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n",
        b"Host: evil.example\r\nContent-Length: 2\r\n",
    ],
)
def test_a_body_of_two_lengths_hides_no_second_request(url: str, lengths: bytes) -> None:
    said = answered(url, HEAD + lengths + b"\r\n{}0\r\n\r\n" + SMUGGLED)
    assert said.count(b"HTTP/1.1 ") == 1, said
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), said


@pytest.mark.parametrize(
    "head",
    [
        PLAIN + b"X: " + b"x" * (64 << 10) + b"\r\n\r\n",
        PLAIN + b"".join(b"X-%d: x\r\n" % number for number in range(10_000)) + b"\r\n",
        PLAIN + b"X: y\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"x" * (64 << 10) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /livez?" + b"x=y&" * (16 << 10) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_headers_have_bounds(url: str, head: bytes) -> None:
    assert len(head) > MOST_HEADERS
    said = b""
    with connected(url) as wire:
        try:
            wire.sendall(head)
            said = wire.recv(65_536)
        except ConnectionError:
            return  # closed while it was still being told
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 414 ", b"HTTP/1.1 431 ")), said


@pytest.mark.parametrize(
    "head",
    [
        PLAIN + b"X: a\x00b\r\n\r\n",
        PLAIN + b"X\x00: a\r\n\r\n",
        PLAIN + b"X: a\rb\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n\r\n",
        b"GET /li vez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET @evil.example/livez HTTP/1.1\r\nHost: a@b\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(url: str, head: bytes) -> None:
    assert answered(url, head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")).startswith(
        b"HTTP/1.1 400 "
    )


@pytest.mark.parametrize("target", [b"http://evil.example/livez", b"@evil", b"//evil/livez", b"*"])
def test_the_target_is_a_path_of_ours(url: str, target: bytes) -> None:
    said = answered(
        url, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 ")), said
    assert b"location:" not in said.lower()


@pytest.mark.parametrize(
    "extra",
    [
        b"Range: bytes=" + b"0-0," * 5_000 + b"0-0\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"Upgrade: h2c\r\nHTTP2-Settings: AA\r\n",
    ],
)
def test_what_we_do_not_do_is_left_undone(url: str, extra: bytes) -> None:
    said = answered(url, PLAIN + extra + b"Connection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nserver:" not in said.lower()


class Hurried(Punctual):
    """Lets go sooner."""


Hurried.slowest_head = 0.2


@pytest.mark.parametrize("begun", [b"", b"GET /livez HTTP/1.1\r\nX: "])
def test_who_does_not_come_to_the_point_is_let_go(app: Tidemill, begun: bytes) -> None:
    config = configured(create_api(app), "127.0.0.1", 0)
    config.http = Hurried
    assert Hurried.slowest_head < Punctual.slowest_head
    with serving(config) as url, connected(url) as wire:
        wire.sendall(begun)
        wire.settimeout(0.02)
        for _ in range(500):  # a letter now and then does not count as news
            try:
                said = wire.recv(1)
            except TimeoutError:
                wire.sendall(b"x" * bool(begun))
            except ConnectionError:
                break
            else:
                assert said == b""
                break
        else:
            raise AssertionError("it is still waited for")


def test_a_caller_does_not_say_where_they_are(app: Tidemill, url: str) -> None:
    """Not without a proxy that is trusted: neither the address nor that there is TLS."""
    headers = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9;proto=https",
    }
    with httpx.Client(base_url=url, headers=headers) as client:
        body = {"name": "root", "password": PASSWORD}
        answer = client.post("/api/v1/session", json=body)
    assert answer.status_code == 201
    assert answer.headers["set-cookie"].startswith("tidemill=")
    (line,) = Walk(find(app.open(), Search(), cursor=None, limit=1)).wait().lines
    assert line.account.address == "127.0.0.1"
