"""`http`: asks third parties over HTTP, and leaves those in peace that do not answer."""

import asyncio
import random
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict, Unpack
from urllib.parse import urljoin

import httpx
from msgspec import Struct

from tidemill.client.store import Store
from tidemill.core.errors import AddressRefused, InvalidOption, ServiceError
from tidemill.core.identity import check_key
from tidemill.core.instants import Duration, Millis, millis
from tidemill.services.breakers import Breakers, Shut
from tidemill.services.outbound import Reach, check_url, only
from tidemill.services.outlet import Outlet, timeouts
from tidemill.services.resting import Resting
from tidemill.services.retry_after import retry_after
from tidemill.tasks.veil import SECRETIVE
from tidemill.worker.run import running

KEY: Final = "Idempotency-Key"

_HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REPEATABLE: Final = _SAFE | {"PUT", "DELETE"}
"""What does the same however often it is sent (RFC 9110, section 9.2.2)."""
_BUSY: Final = frozenset({429, 503})
"""The whole host has no time: nothing about the one request can be the reason."""
_FAILING: Final = _BUSY | {500, 502, 504}
_PASSING: Final = _BUSY | {502, 504}
"""Another try may find it otherwise."""
_UNREACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout)
"""Nothing has been sent, so it may be sent again, whatever it is."""
_OURS: Final = (httpx.PoolTimeout, httpx.LocalProtocolError, httpx.UnsupportedProtocol)
"""The host has nothing to do with it."""
_PORTS: Final = {"http": 80, "https": 443}
_FIRST_WAIT: Final = 0.2
_PRIVATE: Final = re.compile(rf"{SECRETIVE}|{KEY}", re.IGNORECASE)
"""Names of headers that hold what opens a door."""


class Manners(Struct, frozen=True):
    """How it is asked where a call says nothing else; lengths of time in milliseconds.

    Attributes:
        connect: to be connected.
        read: for each piece that is sent or received.
        timeout: for one try as a whole, redirects apart.
        tries: of what may be repeated.
        most: bytes that an answer may have.
    """

    connect: Millis = 5_000
    read: Millis = 15_000
    timeout: Millis = 30_000
    tries: int = 3
    most: int = 10 << 20


class CallKeywords(TypedDict, total=False):
    """What may be written behind a URL.

    Attributes:
        params: what is asked behind the `?`.
        headers: to be sent along.
        json: the body, as JSON.
        data: the body, as a form.
        content: the body, as it is.
        connect: to be connected.
        read: for each piece that is sent or received.
        timeout: for one try as a whole.
        tries: how often in all it is sent, if it may be repeated.
        most: bytes that the answer may have, as it comes and unpacked.
        first: bytes that are wanted of the answer, in place of `most`: its status is what counts,
            and whatever is wrong with its body, or behind these bytes, is no failure.
        allow: hosts that may be asked wherever they are, in place of those of the settings, for
            URLs that somebody else has given.
        repeat: whether it may be sent again though it may have arrived; by default what HTTP says
            of the method: not of POST and PATCH.
        key: for `Idempotency-Key`, in place of the one that is made of the job's id, its attempt
            and the number of the call in it; `""` sends none.
        park: whether a job is put off while the host is left in peace; by default it is.
    """

    params: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any
    data: Mapping[str, Any]
    content: bytes | str
    connect: Duration
    read: Duration
    timeout: Duration
    tries: int
    most: int
    first: int
    allow: Iterable[str]
    repeat: bool
    key: str
    park: bool


class _Wishes(Struct, frozen=True):
    """How one call is to be made."""

    connect: Millis
    read: Millis
    timeout: Millis
    tries: int
    most: int
    cut: bool
    repeat: bool
    park: bool
    reach: Reach


class Http:
    """Asks third parties.

    Example:
        >>> http = current().services["http"]  # doctest: +SKIP
        >>> answer = await http.get("https://api.example.org/rates")  # doctest: +SKIP
        >>> answer.raise_for_status().json()  # doctest: +SKIP
    """

    def __init__(
        self, store: Store, breakers: Breakers, outlet: Outlet, reach: Reach, manners: Manners
    ) -> None:
        """Ask through this outlet."""
        self._clock = store.clock
        self._breakers = breakers
        self._resting = Resting(breakers, store.clock)
        self._outlets = {reach: outlet}
        self._reach = reach
        self._manners = manners

    async def request(
        self, method: str, url: str, **wishes: Unpack[CallKeywords]
    ) -> httpx.Response:
        """Make one call, with as many tries as it may have; the answer, whatever its status.

        Args:
            method: such as `"GET"`.
            url: `https://`, and `http://` where a setting allows it.
            wishes: see `CallKeywords` for each.

        Raises:
            AddressRefused: the URL, or one that it is redirected to, may not be asked.
            AnswerTooLarge: the answer is longer than it may be.
            HostResting: the host is left in peace, and so the job is put off; let it pass.
            HostUnavailable: the same, outside of a job or with `park=False`.
            ServiceError: what comes cannot be read, or goes round in redirects.
            InvalidOption: a number or a length of time that makes no sense.
            httpx.TransportError: it could not be sent, or was not answered in time.
        """
        method = method.upper()
        read = _read(self._manners, self._reach, method, wishes)
        check_url(url, read.reach)
        request = httpx.Request(
            method,
            url,
            params=wishes.get("params"),
            json=wishes.get("json"),
            data=wishes.get("data"),
            content=wishes.get("content"),
            headers=_headers(method, wishes.get("headers"), wishes.get("key")),
            extensions=timeouts(read.connect / 1_000, read.read / 1_000),
        )
        for _ in range(_HOPS + 1):
            answer = await self._tried(request, read)
            following = _following(request, answer, read.reach)
            if following is None:
                return answer
            request = following
        raise ServiceError(f"{request.url.host} redirects more than {_HOPS} times")

    async def get(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Get something; see `request`."""
        return await self.request("GET", url, **wishes)

    async def head(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Get what is said of something; see `request`."""
        return await self.request("HEAD", url, **wishes)

    async def post(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Post something; see `request`."""
        return await self.request("POST", url, **wishes)

    async def put(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Put something there; see `request`."""
        return await self.request("PUT", url, **wishes)

    async def patch(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Alter something; see `request`."""
        return await self.request("PATCH", url, **wishes)

    async def delete(self, url: str, **wishes: Unpack[CallKeywords]) -> httpx.Response:
        """Delete something; see `request`."""
        return await self.request("DELETE", url, **wishes)

    async def aclose(self) -> None:
        """Let go of every connection."""
        for outlet in self._outlets.values():
            await outlet.aclose()

    async def _tried(self, request: httpx.Request, wishes: _Wishes) -> httpx.Response:
        """One call to one host, sent as often as it may be."""
        number = 1
        while True:
            try:
                answer = await self._once(request, wishes)
            except httpx.TransportError as error:
                may = wishes.repeat or isinstance(error, _UNREACHED)
                if isinstance(error, _OURS) or not may or number >= wishes.tries:
                    raise
            else:
                may = wishes.repeat and answer.status_code in _PASSING
                if not may or number >= wishes.tries:
                    return answer
            spread = 0.5 + random.random()  # noqa: S311 - spreads load, guards nothing
            # By the clock on the wall, as hosts go by it: nobody winds a lent one inside of a job.
            await asyncio.sleep(_FIRST_WAIT * 2 ** (number - 1) * spread)
            number += 1

    async def _once(self, request: httpx.Request, wishes: _Wishes) -> httpx.Response:
        """One try, if the host may be asked, which is told how it did."""
        host = f"{request.url.host}:{request.url.port or _PORTS[request.url.scheme]}"
        try:
            trial = await self._breakers.enter(host, wishes.timeout + 1_000)
        except Shut as shut:
            if wishes.park:
                self._resting.put_off(host, shut.health, shut.again_at)
            raise self._resting.unavailable(host, shut.again_at) from None
        try:
            answer = await self._outlet(wishes.reach).send(
                request, wishes.most, patience=wishes.timeout, cut=wishes.cut
            )
        except httpx.TransportError as error:
            if not isinstance(error, _OURS):
                health = await self._breakers.failed(host, trial=trial)
                if wishes.park and (not trial or isinstance(error, _UNREACHED)):
                    self._resting.put_off(host, health, health.until)
            raise
        except AddressRefused:
            raise
        except ServiceError:
            await self._breakers.succeeded(host, trial=trial)
            raise
        status = answer.status_code
        if status not in _FAILING:
            await self._breakers.succeeded(host, trial=trial)
            return answer
        asked = retry_after(answer.headers, self._clock.now()) if status in _BUSY else None
        health = await self._breakers.failed(host, trial=trial, asked=asked or None)
        # What only a trial has met may be its own request's doing: that spends an attempt.
        if wishes.park and (not trial or status in _BUSY):
            self._resting.put_off(host, health, health.until)
        return answer

    def _outlet(self, reach: Reach) -> Outlet:
        """The outlet that goes so far; whoever may go elsewhere shares no connection with it."""
        if reach not in self._outlets:
            self._outlets[reach] = self._outlets[self._reach].within(reach)
        return self._outlets[reach]


def _following(
    request: httpx.Request, answer: httpx.Response, reach: Reach
) -> httpx.Request | None:
    """What a redirect leads to, if one may follow it: to read, and to where one may ask."""
    target = answer.headers.get("Location")
    if answer.status_code not in _REDIRECTS or not target or request.method not in _SAFE:
        return None
    url = urljoin(str(request.url), target)
    parts = check_url(url, reach)
    if request.url.scheme == "https" and parts.scheme != "https":
        raise AddressRefused(f"{request.url.host} redirects to a place without TLS")
    headers = request.headers.copy()
    del headers["Host"]
    new = httpx.URL(url)
    if (new.scheme, new.host, new.port) != (
        request.url.scheme, request.url.host, request.url.port,
    ):  # fmt: skip
        for name in filter(_PRIVATE.search, [*headers]):
            del headers[name]  # They are the first host's to know.
    return httpx.Request(request.method, url, headers=headers, extensions=request.extensions)


def _read(manners: Manners, reach: Reach, method: str, wishes: CallKeywords) -> _Wishes:
    """How a call is to be made, of what it says itself and of what holds otherwise."""
    cut = "first" in wishes
    most = wishes["first"] if "first" in wishes else wishes.get("most", manners.most)
    return _Wishes(
        connect=millis(wishes["connect"]) if "connect" in wishes else manners.connect,
        read=millis(wishes["read"]) if "read" in wishes else manners.read,
        timeout=millis(wishes["timeout"]) if "timeout" in wishes else manners.timeout,
        tries=_positive("tries", wishes.get("tries", manners.tries)),
        most=_positive("first" if cut else "most", most),
        cut=cut,
        repeat=wishes.get("repeat", method in _REPEATABLE),
        park=wishes.get("park", True),
        reach=only(reach, wishes["allow"]) if "allow" in wishes else reach,
    )


def _headers(method: str, given: Mapping[str, str] | None, key: str | None) -> httpx.Headers:
    headers = httpx.Headers({"Accept": "*/*", "User-Agent": "tidemill"})
    headers.update(given or {})
    headers["Accept-Encoding"] = "gzip"  # What else there is cannot be unpacked piece by piece.
    run = running.get(None)
    if key is None and run is not None and method not in _SAFE and KEY not in headers:
        key = f"{run.claim.id}-{run.claim.attempt}-{run.number()}"
    if key:
        headers[KEY] = check_key("key", key)
    return headers


def _positive(option: str, number: int) -> int:
    if number < 1:
        raise InvalidOption(f"{option}={number!r} is not possible", hint="a whole number from 1")
    return number
