"""One question to a server, and its answer: a value, or one of our errors."""

import re
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from tidemill.core.errors import (
    InvalidOption,
    NotAuthenticated,
    StoreError,
    StoreUnavailable,
    TidemillError,
    TooManyRequests,
)
from tidemill.core.host import is_loopback
from tidemill.core.instants import Instant, Millis, from_datetime
from tidemill.loops.clock import SystemClock

T = TypeVar("T")

PREFIX: Final = "/api/v1"

PATIENCE: Final = 30.0
"""Seconds that one answer may take."""

_STALE: Final[Millis] = 2_000
"""How old the time in an answer may be: it is cut to a whole second, and told for another one."""

_MILLISECOND: Final = timedelta(milliseconds=1)

_SECONDS: Final = re.compile(r"[0-9]{1,9}")

REASON: Final = "X-Reason"
"""The header that says why something is asked for, percent-encoded."""

TENANT: Final = "X-Tenant"
"""The header that narrows what is asked to one tenant."""

Query = dict[str, Any]
"""What stands behind the path: `None` is left out, a list is said item by item."""


class Wire:
    """Asks one server, with one key.

    Attributes:
        url: where it is, and nothing secret.

    Example:
        >>> Wire("http://a.example", "tm_secret")
        Traceback (most recent call last):
        tidemill.errors.InvalidOption: the key would be readable on its way to a.example (write ...)
    """

    def __init__(self, url: str, key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        """Ask nothing yet.

        Args:
            url: where the server is, such as `https://jobs.example.org`.
            key: made by `tidemill keys create`.
            transport: carries the questions; `None`: the network.

        Raises:
            InvalidOption: it is no such URL, the key is missing, or would be readable on its way.
        """
        self.url = _checked(url)
        # What goes unencrypted goes to this machine: past every proxy that is set, and without the
        # list of whom to trust, which takes long to read.
        secure = self.url.startswith("https:")
        self._clock = SystemClock()
        self._ahead: Millis | None = None
        self._http = httpx.Client(
            base_url=f"{self.url}{PREFIX}",
            headers={"Authorization": f"Bearer {_key(key, self.url)}"},
            timeout=PATIENCE,
            transport=transport,
            verify=True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=secure,
        )

    def close(self) -> None:
        """Let go of the connections; nothing can be asked after."""
        self._http.close()

    def get(
        self, read: Callable[[Any], T], path: str, query: Query | None = None, *, tenant: str = ""
    ) -> T:
        """What is there, as `read` makes a value of it; see `ask`."""
        return self.ask(read, "GET", path, query=query, tenant=tenant)

    def ask(
        self,
        read: Callable[[Any], T],
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Query | None = None,
        tenant: str = "",
        reason: str = "",
        version: int | None = None,
        patience: float = PATIENCE,
    ) -> T:
        """Ask, and answer what was answered.

        Args:
            read: makes a value of the document that is sent; it is given `None` where there is
                nothing to say.
            path: below `/api/v1`, its names already quoted.
            body: sent as JSON, unless it is `None`.
            tenant: whose things alone are meant; empty: whatever the key reaches.
            reason: why it is asked for; the audit log keeps it.
            version: that of the thing one has seen, where it is not to have been changed since.
            patience: seconds that the answer may take.

        Raises:
            TidemillError: what the server says is wrong; its code, its message and its hint.
            StoreUnavailable: the server cannot be reached, or is none of ours.
        """
        headers = {TENANT: tenant, REASON: quote(reason)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        try:
            answer = self._http.request(
                method,
                path,
                params={name: value for name, value in (query or {}).items() if value is not None},
                content=None if body is None else msgspec.json.encode(body),
                headers={name: value for name, value in headers.items() if value},
                timeout=patience,
            )
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise StoreUnavailable(
                f"{self.url} cannot be asked: {str(error) or type(error).__name__}",
                hint="is the server up, and is that its URL?",
            ) from error
        self._compare_clocks(answer)
        return self._read(read, answer)

    def now(self) -> Instant:
        """The time at the server, as its last answer has told it; it is asked if there is none.

        Raises:
            StoreUnavailable: the server cannot be reached.
        """
        if self._ahead is None:
            self.ask(lambda _: None, "GET", f"{self.url}/livez")
        return self._clock.now() + (self._ahead or 0)

    def pages(
        self, read: Callable[[Any], T], path: str, noun: str, query: Query, *, limit: int
    ) -> Iterator[T]:
        """Everything on all pages of a list, asked for as it is needed.

        Args:
            read: makes a value of each thing.
            noun: under which the list stands in each page.
            limit: things on one page.
        """

        def page(sent: Any) -> tuple[list[T], Any]:
            return [read(each) for each in sent[noun]], sent["cursor"]

        cursor = None
        while True:
            found, cursor = self.get(page, path, {**query, "limit": limit, "cursor": cursor})
            yield from found
            if cursor is None:
                return

    def _compare_clocks(self, answer: httpx.Response) -> None:
        """Learn how far the server's clock is ahead of ours, unless the two may be at one."""
        self._ahead = self._ahead or 0
        try:
            told = from_datetime(parsedate_to_datetime(answer.headers["date"]))
        except (LookupError, ValueError, OverflowError, InvalidOption):
            return
        least = told - self._clock.now()
        most = least + _STALE + answer.elapsed // _MILLISECOND
        self._ahead = 0 if least <= 0 <= most else (least + most) // 2

    def _read(self, read: Callable[[Any], T], answer: httpx.Response) -> T:
        if not answer.is_success:
            raise self._error(answer)
        try:
            return read(msgspec.json.decode(answer.content) if answer.content else None)
        except (LookupError, TypeError, ValueError, AttributeError, InvalidOption) as error:
            raise self._stranger(answer) from error

    def _error(self, answer: httpx.Response) -> TidemillError:
        """What a problem says, as the error that it was there."""
        if answer.is_redirect:
            return self._elsewhere(answer)
        try:
            problem = msgspec.json.decode(answer.content)
            said, code = str(problem["detail"]), str(problem["code"])
            parts = [f"{each['pointer']}: {each['message']}" for each in problem.get("errors", ())]
        except (LookupError, TypeError, ValueError, AttributeError):
            return self._stranger(answer)
        hint = "; ".join([*parts, *filter(None, [problem.get("hint")])])
        kind = _KINDS.get(code, _kind_of(answer.status_code))
        if issubclass(kind, StoreError):
            # It names neither its store nor itself.
            said = f"{self.url} answers: {said}"
        if kind is NotAuthenticated:
            hint = "set TIDEMILL_KEY to a key that this server has made, and that has not expired"
        if code == TooManyRequests.code:
            found = _SECONDS.fullmatch(answer.headers.get("retry-after", ""))
            wait = int(found[0]) if found else 1
            return TooManyRequests(said, hint=hint or f"try again in {wait} s", wait=wait)
        return kind(said, hint=hint)

    def _elsewhere(self, answer: httpx.Response) -> StoreUnavailable:
        """Of one who sends callers on, to where the key was never meant to go."""
        where = urlsplit(answer.headers.get("location", ""))
        named = f" to {where.scheme}://{where.hostname}" if where.hostname else ""
        return StoreUnavailable(
            f"{self.url} sends callers on{named}, and the key was not sent there",
            hint="name the URL of the server itself",
        )

    def _stranger(self, answer: httpx.Response) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self.url} answers {answer.status_code}, and not as a server of this release does",
            hint=f"name the URL below which {PREFIX} is; is the server of another release?",
        )


def _kinds(root: type[TidemillError]) -> Iterator[tuple[str, type[TidemillError]]]:
    """Errors that are made of a message and a hint, by their codes."""
    if root.__init__ is TidemillError.__init__:
        yield root.code, root
    for each in root.__subclasses__():
        yield from _kinds(each)


_KINDS: Final = dict(_kinds(TidemillError))


def _kind_of(status: int) -> type[TidemillError]:
    """The kind of error that a status stands for, where its code is not ours to know."""
    return InvalidOption if status < 500 else StoreUnavailable


def _key(written: str, url: str) -> str:
    """A key as it is sent.

    Raises:
        InvalidOption: there is none, or it holds what no key does. It is not repeated.
    """
    key = written.strip()
    if not key:
        raise InvalidOption(
            f"there is no key for {url}",
            hint="set TIDEMILL_KEY to one that `tidemill keys create` has shown",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidOption(
            "TIDEMILL_KEY holds letters that no key has",
            hint="set it to what `tidemill keys create` has shown, and nothing more",
        )
    return key


def _checked(url: str) -> str:
    """A server's URL, without a slash behind.

    Raises:
        InvalidOption: it is none, or a key sent there would be readable on its way.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidOption(
            "the URL of the server cannot be read", hint="write https://jobs.example.org"
        ) from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidOption(
            "the URL of a server holds more than where it is",
            hint="write https://jobs.example.org, and set TIDEMILL_KEY to the key",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidOption(f"{url} is no URL of a server", hint="write https://jobs.example.org")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidOption(
            f"the key would be readable on its way to {host}", hint=f"write https://{host}"
        )
    return url.rstrip("/").removesuffix(PREFIX)
