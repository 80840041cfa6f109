"""One question to a server, and its answer: a document, or one of our errors."""

import ssl
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from tidemill.core.errors import (
    InvalidOption,
    NotAuthenticated,
    StoreUnavailable,
    TidemillError,
    TooManyRequests,
)
from tidemill.core.host import is_loopback

PATIENCE: Final = 30.0
"""Seconds that one answer may take."""

REASON: Final = "X-Reason"
"""The header that says why something is asked for, percent-encoded."""


class Wire:
    """Asks one server, with one key.

    Example:
        >>> Wire("http://jobs.example.org", "tm_secret")
        Traceback (most recent call last):
        tidemill.core.errors.InvalidOption: ... would be readable on its way ...
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
        if not key:
            raise InvalidOption(
                f"there is no key for {self.url}",
                hint="set TIDEMILL_KEY to one that `tidemill keys create` has shown",
            )
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=PATIENCE,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def ask(
        self, method: str, path: str, body: Any = None, *, reason: str = "", **query: Any
    ) -> Any:
        """Ask, and answer what was answered; `None` where there is nothing to say.

        Args:
            path: below `/api/v1`, its names already quoted.
            body: sent as JSON, unless it is `None`.
            reason: why it is asked for; the audit log keeps it.
            query: what is `None` is left out; a list is said item by item.

        Raises:
            TidemillError: what the server says is wrong; its code, its message and its hint.
            StoreUnavailable: the server cannot be reached, or is none of ours.
        """
        given = {name: value for name, value in query.items() if value is not None}
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        if reason:
            headers[REASON] = quote(reason)
        try:
            answer = self._http.request(
                method, path, params=given, content=content, headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise StoreUnavailable(
                f"{self.url} cannot be asked: {str(error) or type(error).__name__}",
                hint="is the server up, and is that its URL?",
            ) from error
        if answer.is_success:
            return self._document(answer)
        raise self._error(answer)

    def pages(self, path: str, noun: str, **query: Any) -> Iterator[Any]:
        """Everything on all pages of a list, asked for as it is needed.

        Args:
            noun: under which the list stands in each page.
        """
        cursor: Any = None
        while True:
            page = self.ask("GET", path, cursor=cursor, **query)
            yield from page[noun]
            cursor = page["cursor"]
            if cursor is None:
                return

    def _document(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return msgspec.json.decode(answer.content)
        except msgspec.DecodeError as error:
            raise self._stranger(answer) from error

    def _error(self, answer: httpx.Response) -> TidemillError:
        """What a problem says, as the error that it was there."""
        try:
            problem = msgspec.json.decode(answer.content)
            said, code = str(problem["detail"]), str(problem["code"])
        except (msgspec.DecodeError, TypeError, KeyError):
            return self._stranger(answer)
        parts = [f"{each['pointer']}: {each['message']}" for each in problem.get("errors", ())]
        hint = "; ".join([*parts, *([problem["hint"]] if problem.get("hint") else [])])
        if code == TooManyRequests.code:
            wait = answer.headers.get("retry-after", "1")
            return TooManyRequests(said, hint=hint, wait=int(wait) if wait.isdigit() else 1)
        if code == NotAuthenticated.code:
            hint = hint or "set TIDEMILL_KEY to a key of this server"
        return _KINDS.get(code, _kind_of(answer.status_code))(said, hint=hint)

    def _stranger(self, answer: httpx.Response) -> TidemillError:
        return StoreUnavailable(
            f"{self.url} answers {answer.status_code}, and not as a server of tidemill does",
            hint="name the server's own URL, without a path",
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


def _checked(url: str) -> str:
    """A server's URL, without a slash behind.

    Raises:
        InvalidOption: it is none, or a key sent there would be readable on its way.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise InvalidOption(f"{url} is no URL of a server", hint="write https://jobs.example.org")
    if parts.username or parts.password:
        raise InvalidOption(
            "the URL of a server holds a name or a password", hint="set TIDEMILL_KEY instead"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidOption(
            f"the key would be readable on its way to {host}", hint=f"write https://{host}"
        )
    return url.rstrip("/")
