"""A shop on the web, which stands in for third parties: pages, an API with moods, a chat.

Its pages are empty until their script has asked for the goods, so that only a browser sees them.
Its API answers page by page, is throttled, and is out of order now and then.
"""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from examples.stage.web import Desk, answering

API_KEY: Final = "stock-of-the-harbour"
PAGE: Final = 5
"""Goods on a page."""

_NOUNS: Final = (
    "anchor", "bilge pump", "boat hook", "bowline", "buoy", "chart", "cleat", "compass", "fender",
    "flare", "lantern", "life jacket", "mooring line", "oar", "porthole", "pulley", "rudder",
    "sail bag", "shackle", "winch",
)  # fmt: skip

_PAGE_HTML: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Harbour Supplies, page {page}</title></head>
<body><h1>Harbour Supplies</h1><ul id="goods"></ul><nav id="more"></nav>
<script src="/shop.js"></script></body></html>
"""
_SCRIPT: Final = """
const page = Number(new URLSearchParams(location.search).get("page") ?? "1");
fetch("/goods.json?page=" + page).then((answer) => answer.json()).then((found) => {
  for (const each of found.goods) {
    const row = document.createElement("li");
    row.className = "good";
    row.dataset.sku = each.sku;
    row.dataset.cents = each.cents;
    row.textContent = each.name;
    document.getElementById("goods").append(row);
  }
  if (found.next) {
    const link = document.createElement("a");
    link.id = "next";
    link.href = "/?page=" + found.next;
    link.textContent = "more";
    document.getElementById("more").append(link);
  }
  document.body.dataset.ready = "yes";
});
"""


class Message(NamedTuple):
    """What somebody was told in the chat, or by a webhook."""

    path: str
    headers: dict[str, str]
    raw: str
    body: Any


class Shop:
    """The shop; it has a mood, which is the same for the same seed.

    Attributes:
        told: what was posted to its chat and its hooks.
        asked: how often its API was asked.
        throttles: every so many calls of the API are answered by 429; 0: none.
        breaks: every so many by 500; 0: none.
    """

    def __init__(self, seed: int = 7, *, throttles: int = 0, breaks: int = 0) -> None:
        """Open with fresh goods."""
        self._dice = random.Random(seed)  # noqa: S311 - makes prices, guards nothing
        self._lock = threading.Lock()
        self._calls = count(1)
        self.throttles = throttles
        self.breaks = breaks
        self.asked = 0
        self.told: list[Message] = []
        self.goods = [
            {
                "sku": f"HS-{number:03}",
                "name": noun,
                "cents": self._dice.randrange(200, 20_000),
                "left": self._dice.randrange(0, 60),
            }
            for number, noun in enumerate(_NOUNS, 1)
        ]

    def turn(self, *, goods: int = 3) -> list[str]:
        """Let a day pass: some goods cost something else, and some are sold; answers which."""
        with self._lock:
            chosen = self._dice.sample(self.goods, goods)
            for each in chosen:
                cents, left = int(str(each["cents"])), int(str(each["left"]))
                each["cents"] = max(100, cents + self._dice.choice((-1, 1)) * (cents // 10 + 1))
                each["left"] = max(0, left + self._dice.choice((-5, -1, 20)))
            return [str(each["sku"]) for each in chosen]

    def page(self, number: int) -> dict[str, Any]:
        """Goods, page by page."""
        with self._lock:
            part = [dict(each) for each in self.goods[(number - 1) * PAGE : number * PAGE]]
            return {"goods": part, "next": number + 1 if number * PAGE < len(self.goods) else None}

    def mood(self) -> int:
        """The status of a call of the API."""
        with self._lock:
            self.asked += 1
            call = next(self._calls)
        if self.breaks and call % self.breaks == 0:
            return 500
        return 429 if self.throttles and call % self.throttles == 0 else 200

    def hear(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Keep what was posted."""
        with self._lock:
            self.told.append(Message(path, headers, body.decode(), json.loads(body or b"null")))

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Be there for a while; answers where."""
        with answering(partial(_Counter, self), port) as host:
            yield f"http://{host}"


class _Counter(Desk):
    def __init__(self, shop: Shop, *line: Any) -> None:
        self._shop = shop
        super().__init__(*line)

    def answer(self) -> None:
        if self.command == "POST":
            self._shop.hear(self.path, dict(self.headers.items()), self.body())
            self.say(204)
            return
        shop, asked = self._shop, urlsplit(self.path)
        number = int(parse_qs(asked.query).get("page", ["1"])[0])
        match asked.path:
            case "/":
                self.say(200, _PAGE_HTML.format(page=number).encode(), "text/html")
            case "/shop.js":
                self.say(200, _SCRIPT.encode(), "text/javascript")
            case "/goods.json":
                self._tell(200, shop.page(number))
            case "/api/stock" if self.headers.get("X-Api-Key") != API_KEY:
                self._tell(401, {"error": "no such key"})
            case "/api/stock":
                status = shop.mood()
                self._tell(status, shop.page(number) if status == 200 else {"error": "not now"})
            case "/chat":
                self._tell(200, [each._asdict() for each in shop.told])
            case _:
                self._tell(404, {"error": "nothing here"})

    def _tell(self, status: int, value: Any) -> None:
        later = {"Retry-After": "1"} if status == 429 else {}
        self.say(status, json.dumps(value).encode(), "application/json", **later)
