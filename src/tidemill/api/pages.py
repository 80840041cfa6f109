"""The dashboard, as Vite has built it: one page for every path that is not the API's."""

import mimetypes
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tidemill.api import PREFIX
from tidemill.api.gate import HEADERS, POLICY

_BUILT: Final = files("tidemill.api") / "dashboard"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_UNBUILT: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>tidemill</title>"
    "<h1>This installation has no dashboard</h1><p>It was built without one. The API is at"
    f" <code>{PREFIX}</code>; a wheel from the index has both.</p></html>"
)


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
    if scope["method"] not in ("GET", "HEAD") or path.startswith("/api/") or path == "/api":
        return None
    name = path.removeprefix("/")
    if name.startswith("assets/") or name == "mark.svg":
        return _file(name)
    # It names its own place, which nothing else that we send may do.
    policy = HEADERS[POLICY].replace("base-uri 'none'", "base-uri 'self'")
    return Response(_page(root), media_type="text/html", headers={POLICY: policy})


def _file(name: str) -> Response | None:
    held = _contents().get(name)
    if held is None:
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    # The names of these hold a digest of what is in them.
    age = {"Cache-Control": _FOR_GOOD} if name.startswith("assets/") else {}
    return Response(held, media_type=kind, headers=age)


@cache
def _contents() -> dict[str, bytes]:
    """Every file that may be asked for, by name; a name that is not among them is none."""
    held: dict[str, bytes] = {}
    for folder, before in ((_BUILT, ""), (_BUILT / "assets", "assets/")):
        if folder.is_dir():
            held |= {
                before + each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()
            }
    return held


@cache
def build() -> str:
    """Which dashboard is here, in a word that changes with it; empty: none."""
    page = _contents().get("index.html")
    return "" if page is None else sha256(page).hexdigest()[:12]


@cache
def _page(root: str) -> str:
    """The page, told where it has been mounted."""
    page = _contents().get("index.html")
    if page is None:
        return _UNBUILT
    return page.decode().replace("<head>", f'<head><base href="{escape(root)}/">', 1)
