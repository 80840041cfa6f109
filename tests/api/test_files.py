"""`/files/{token}`: whoever has a link has its file, and nobody else learns anything."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import HERE
from tidemill import File, Tidemill
from tidemill.testing.clock import ManualClock

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIDEMILL_FILES_FOLDER", str(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
def stranger(api: FastAPI) -> httpx.AsyncClient:
    """Somebody whom nobody knows."""
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=HERE)


def made(app: Tidemill, data: bytes = b"<script>", name: str = "a.html", tenant: str = "") -> File:
    with app.files.of(tenant).create(name, expires="1h") as out:
        out.write(data)
    return out.file


async def test_a_file_is_handed_out_as_something_to_be_saved(
    app: Tidemill, stranger: httpx.AsyncClient
) -> None:
    file = made(app, name='Zoë\'s 100% "x", März.html'.replace('"', ""))
    answer = await stranger.get(app.files.link(file))
    assert answer.status_code == 200
    assert answer.content == b"<script>"
    headers = answer.headers
    assert headers["content-type"].startswith("text/html")
    assert headers["content-length"] == "8"
    assert headers["content-disposition"] == (
        'attachment; filename="Zo_\'s 100_ x, M_rz.html"; '
        "filename*=UTF-8''Zo%C3%AB%27s%20100%25%20x%2C%20M%C3%A4rz.html"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


async def test_a_large_file_comes_whole(app: Tidemill, stranger: httpx.AsyncClient) -> None:
    data = bytes(range(256)) * 4_000
    answer = await stranger.get(app.files.link(made(app, data, "big.bin")))
    assert answer.content == data


async def test_a_file_of_a_tenant_is_handed_out_to_whoever_has_the_link(
    app: Tidemill, stranger: httpx.AsyncClient
) -> None:
    file = made(app, tenant="acme")
    answer = await stranger.get(app.files.of("acme").link(file))
    assert answer.status_code == 200


async def test_whatever_is_no_link_is_answered_alike(
    app: Tidemill, stranger: httpx.AsyncClient, clock: ManualClock
) -> None:
    expired = app.files.link(made(app), expires="10m")
    deleted = made(app)
    to_deleted = app.files.link(deleted)
    app.files.delete(deleted)
    lost = made(app)
    to_lost = app.files.link(lost)
    app.files.where(lost).unlink()
    clock.advance("10m")
    good = app.files.link(made(app))
    bodies = set()
    for path in (
        expired,
        to_deleted,
        f"{good}x",
        good[:-1],
        f"/files/{good.rpartition('/')[2].swapcase()}",
        f"/files/{lost.id}",
        f"/files/{lost.path.rpartition('/')[2]}",
        "/files/%2e%2e",
        "/files/%00",
        "/files/" + "x" * 300,
    ):
        answer = await stranger.get(path)
        assert answer.status_code == 404, path
        bodies.add((answer.json()["code"], answer.json()["detail"]))
    assert len({code for code, _ in bodies}) == 1
    answer = await stranger.get(to_lost)
    assert answer.status_code == 404
    assert str(app.files.where(lost).parent.parent) not in answer.text


@pytest.mark.parametrize(
    "path", ["/files/..%2fetc%2fpasswd", "/files/a%2fb", "/files/a%5cb", "/files//a"]
)
async def test_a_path_in_the_place_of_a_token_leads_nowhere(
    stranger: httpx.AsyncClient, path: str
) -> None:
    assert (await stranger.get(path)).status_code in (400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_link_only_hands_out(
    app: Tidemill, stranger: httpx.AsyncClient, method: str
) -> None:
    file = made(app)
    answer = await stranger.request(method, app.files.link(file))
    assert answer.status_code == 405
    assert app.files.get(file) == file
