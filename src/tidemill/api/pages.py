"""The dashboard, as Vite has built it: one page for every path that is not the API's."""

import gzip
import mimetypes
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tidemill.api import PREFIX
from tidemill.api.callers import cookie_of
from tidemill.api.gate import HEADERS, POLICY

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_USUAL: Final = "en"
_KINDS: Final = {
    "js": 'rel="modulepreload"',
    "css": 'rel="stylesheet"',
    "woff2": 'rel="preload" as="font" type="font/woff2"',
}
_WHO: Final = "session"
"""Every page asks first who is there."""
_UNBUILT: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>tidemill</title>"
    "<h1>This installation has no dashboard</h1><p>It was built without one. The API is at"
    f" <code>{PREFIX}</code>; a wheel from the index has both.</p></html>"
)


class _Page(Struct, frozen=True):
    """One line of the table of pages, as it is written down when they are built.

    Attributes:
        path: where it is; a part that begins with `$` stands for anything.
        first: what of the API it asks first where nothing is chosen in its address.
        files: what it needs, by language.
    """

    path: str
    first: list[str]
    files: dict[str, list[str]]

    def is_at(self, parts: Sequence[str]) -> bool:
        """Whether a path, taken apart, leads to it."""
        own = self._parts
        return len(own) == len(parts) and all(
            mine.startswith("$") or mine == part for mine, part in zip(own, parts, strict=True)
        )

    def asks(self, parts: Sequence[str]) -> list[str]:
        """What it asks first at this path, which is its own."""
        meant = {mine: quote(part, safe="") for mine, part in zip(self._parts, parts, strict=True)}
        return [
            "/".join(meant.get(part, part) if part.startswith("$") else part for part in split)
            for split in (ask.split("/") for ask in self.first)
        ]

    @property
    def _parts(self) -> list[str]:
        return self.path.strip("/").split("/")


def _link(file: str) -> str:
    """Has a browser fetch a file while it still reads the page."""
    kind = _KINDS[file.rpartition(".")[2]]
    return f'<link {kind} crossorigin href="./{file}">'


def _ask(what: str) -> str:
    """Has a browser ask the API while it still reads the page."""
    return f'<link rel="preload" as="fetch" crossorigin href=".{PREFIX}/{escape(what)}">'


class Pages:
    """What is asked where no route is: a page of the dashboard, one of its files, or nothing."""

    def __init__(self, otherwise: ASGIApp) -> None:
        """Leave to `otherwise` whatever is no page."""
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless it is not for a browser's eyes."""
        found = _found(scope) if scope["type"] == "http" else None
        await (found or self._otherwise)(scope, receive, send)


def _found(scope: Scope) -> Response | None:
    root = scope.get("root_path", "")
    path = scope["path"].removeprefix(root)
    if scope["method"] not in ("GET", "HEAD") or not path.startswith("/"):
        return None
    if path.startswith("/api/") or path == "/api":
        return None
    name = path.removeprefix("/")
    if name.startswith("assets/") or name == "mark.svg":
        return _OURS.file(name, packed="gzip" in Headers(scope=scope).get("accept-encoding", ""))
    request = Request(scope)
    language = request.headers.get("accept-language", "")[:2]
    # What is chosen in the address changes what is asked; who has not logged in is told nothing.
    ahead = not scope["query_string"] and cookie_of(request) in request.cookies
    # It names its own place, which nothing else that we send may do.
    policy = HEADERS[POLICY].replace("base-uri 'none'", "base-uri 'self'")
    return Response(
        _OURS.page(path, root, language, ahead=ahead),
        media_type="text/html",
        headers={POLICY: policy},
    )


class Built:
    """What Vite has made, read once."""

    def __init__(self, folder: Traversable) -> None:
        """Read from this folder, which need not be there."""
        self._folder = folder
        self._held: dict[str, bytes] = {}
        self._packed: dict[str, bytes] = {}

    def page(self, path: str, root: str, language: str, *, ahead: bool) -> str:
        """The page, told where it has been mounted, and what it is going to need.

        Args:
            path: what is to be shown.
            root: where it has been mounted.
            language: in which it is probably wanted, as two letters.
            ahead: whether what it asks first is to be asked ahead of it.
        """
        page = self._files.get("index.html")
        if page is None:
            return _UNBUILT
        head = f'<head><base href="{escape(root)}/">'
        parts = path.strip("/").split("/")
        shown = next((each for each in self._pages if each.is_at(parts)), None)
        wanted = [_ask(_WHO)]
        if shown is not None:
            wanted += map(_link, shown.files.get(language) or shown.files[_USUAL])
            if ahead:
                wanted += map(_ask, shown.asks(parts))
        links = "".join(wanted)
        return page.decode().replace("<head>", head, 1).replace("</head>", f"{links}</head>", 1)

    @cached_property
    def _pages(self) -> list["_Page"]:
        return msgspec.json.decode(self._files["pages.json"], type=list[_Page])

    def file(self, name: str, *, packed: bool) -> Response | None:
        """One of its files, if there is one of this name, packed where that makes it smaller."""
        held = self._files.get(name)
        if held is None:
            return None
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        # The names of these hold a digest of what is in them.
        headers = {"Cache-Control": _FOR_GOOD} if name.startswith("assets/") else {}
        if kind.startswith("text/"):
            headers["Vary"] = "Accept-Encoding"
            if packed:
                headers["Content-Encoding"] = "gzip"
                held = self._pack(name, held)
        return Response(held, media_type=kind, headers=headers)

    @property
    def _files(self) -> dict[str, bytes]:
        """Every file that may be asked for, by name; a name that is not among them is none."""
        # What is built while a server runs is found; what was found is kept.
        self._held = self._held or self._read()
        return self._held

    def _read(self) -> dict[str, bytes]:
        held: dict[str, bytes] = {}
        for folder, before in ((self._folder, ""), (self._folder / "assets", "assets/")):
            if folder.is_dir():
                found = (each for each in folder.iterdir() if each.is_file())
                held |= {before + each.name: each.read_bytes() for each in found}
        return held

    @property
    def name(self) -> str:
        """A word that changes with what is in it; empty: nothing is."""
        page = self._files.get("index.html")
        return "" if page is None else sha256(page).hexdigest()[:12]

    def _pack(self, name: str, held: bytes) -> bytes:
        if name not in self._packed:
            self._packed[name] = gzip.compress(held, mtime=0)
        return self._packed[name]


_OURS: Final = Built(files("tidemill.api") / "dashboard")


def build() -> str:
    """Which dashboard is here, in a word that changes with it; empty: none."""
    return _OURS.name
