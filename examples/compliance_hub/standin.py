"""A stand-in for the accounting and the training system: it pages, throttles, and fails at times.

Both speak real HTTP on one port of this machine. `/xero` is shaped after an accounting API: tokens,
numbered pages, `If-Modified-Since`. `/accelerate` is shaped after a training system: an API key,
and pages that name where the next one begins.
"""

import base64
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from examples.compliance_hub.sample import Elsewhere, Row
from examples.stage.web import Desk, answering

CLIENT: Final = "harbour-hub"
LIFE: Final = 1_800
"""Seconds that a token is good for."""


class Secrets(NamedTuple):
    """What whoever asks has to show."""

    client_secret: str
    api_key: str

    @classmethod
    def new(cls) -> "Secrets":
        """Some that nobody knows yet."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))


class Answer(NamedTuple):
    """What is said to one request."""

    status: int
    document: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class Throttle:
    """So many requests in so many seconds; more are told how long to wait."""

    def __init__(self, most: int, per: float, now: Callable[[], float] = time.monotonic) -> None:
        """Count from now on, by this clock."""
        self._most = most
        self._per = per
        self._now = now
        self._times: deque[float] = deque()

    def wait(self) -> float:
        """Count one request; seconds until there is room for it, 0 if there is."""
        now = self._now()
        while self._times and self._times[0] <= now - self._per:
            self._times.popleft()
        if len(self._times) >= self._most:
            return self._times[0] + self._per - now
        self._times.append(now)
        return 0.0


class StandIn:
    """One server for both systems.

    Attributes:
        data: what it knows; may be added to while it serves.
        known: what whoever asks has to show.
        host: its host and port, as `services.allow` takes them; empty: it does not serve.
        asked: path and status of all that it was asked.
    """

    def __init__(
        self,
        data: Elsewhere,
        known: Secrets,
        *,
        page: int = 50,
        throttle: Throttle | None = None,
        fails_every: int = 0,
    ) -> None:
        """Serve from `serving` on.

        Args:
            data: what it knows.
            known: what whoever asks has to show.
            page: rows on a page, at most.
            throttle: how often it may be asked; by default 40 times in 10 s.
            fails_every: each so-manieth request fails, with 500, 502 and a cut line by turns; 0:
                none does.
        """
        self.data = data
        self.asked: list[tuple[str, int]] = []
        self._is_down = False
        self.known = known
        self._page = page
        self._throttle = throttle or Throttle(40, 10.0)
        self._fails_every = fails_every
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()
        self.host = ""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.host}"

    @contextmanager
    def serving(self) -> Iterator["StandIn"]:
        """Serve, on threads of its own."""
        with answering(partial(_Counter, self)) as self.host:
            yield self

    def go_down(self) -> None:
        """Answer everything with 503 from now on."""
        self._is_down = True

    def come_back(self) -> None:
        """Answer as ever."""
        self._is_down = False

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """What is said to one request; `None`: nothing, the line is cut."""
        with self._lock:
            said = self._trouble() or self._said(path, headers, body)
            self.asked.append((path, said.status))
            return None if said.status == 0 else said

    def _trouble(self) -> Answer | None:
        if self._is_down:
            return Answer(503)
        number = len(self.asked) + 1
        if self._fails_every and number % self._fails_every == 0:
            return Answer((500, 502, 0)[number // self._fails_every % 3])
        if wait := self._throttle.wait():
            return Answer(429, {"error": "too many"}, (("Retry-After", f"{int(wait) + 1}"),))
        return None

    def _said(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.strip("/").split("/"):
            case ["xero", "connect", "token"]:
                return self._token(headers, parse_qs(body.decode()))
            case ["xero", "api.xro", "2.0", ("Contacts" | "Invoices") as entity]:
                if not self._lets_in(headers):
                    return Answer(401, {"Title": "Unauthorized"})
                since = headers.get("if-modified-since", "")
                return self._numbered(entity, since, int(asked.get("page", "1")))
            case ["accelerate", "v1", ("students" | "enrolments" | "feedback") as entity]:
                if headers.get("x-api-key") != self.known.api_key:
                    return Answer(401, {"error": "unknown key"})
                return self._following(
                    entity, asked.get("updatedSince", ""), asked.get("after", "")
                )
            case _:
                return Answer(404, {"error": "not found"})

    def _token(self, headers: dict[str, str], form: dict[str, list[str]]) -> Answer:
        whole = f"{CLIENT}:{self.known.client_secret}".encode()
        expected = f"Basic {base64.b64encode(whole).decode()}"
        if headers.get("authorization") != expected:
            return Answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != ["client_credentials"]:
            return Answer(400, {"error": "unsupported_grant_type"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + LIFE
        return Answer(200, {"access_token": token, "expires_in": LIFE, "token_type": "Bearer"})

    def _lets_in(self, headers: dict[str, str]) -> bool:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        return self._tokens.get(token, 0.0) > time.monotonic()

    def _numbered(self, entity: str, since: str, page: int) -> Answer:
        rows = _since(getattr(self.data, entity.lower()), since, "UpdatedDateUTC")
        first = (page - 1) * self._page
        return Answer(200, {entity: rows[first : first + self._page]})

    def _following(self, entity: str, since: str, after: str) -> Answer:
        rows = _since(getattr(self.data, entity), since, "updatedAt")
        rest = [row for row in rows if _place(row) > after]
        part = rest[: self._page]
        following = _place(part[-1]) if len(rest) > len(part) else None
        return Answer(200, {"data": part, "next": following})


def _place(row: Row) -> str:
    """Where a row stands: a cursor stays good though the row it was made of is changed."""
    return f"{row['updatedAt']}|{row['id']}"


def _since(rows: Sequence[Row], since: str, name: str) -> list[Row]:
    return [row for row in rows if row[name] >= since]


class _Counter(Desk):
    def __init__(self, stand_in: StandIn, *line: Any) -> None:
        self._stand_in = stand_in
        super().__init__(*line)

    def answer(self) -> None:
        said = self._stand_in.answer(self.path, self.told(), self.body())
        if said is None:
            self.close_connection = True
            return
        document = b"" if said.document is None else json.dumps(said.document).encode()
        self.say(said.status, document, **dict(said.headers))
