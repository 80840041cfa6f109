"""Files: made whole or not at all, seen by their tenant alone, handed out, and gone in time."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.files.lying import lying, sweep
from tidemill import File, Tidemill, errors
from tidemill.testing.clock import ManualClock


def made(app: Tidemill, data: bytes = b"one", name: str = "a.txt", **options: Any) -> File:
    """A file with something in it."""
    with app.files.create(name, **options) as out:
        out.write(data)
    return out.file


def read(app: Tidemill, file: File | str) -> bytes:
    """All that is in a file."""
    with app.files.open(file) as kept:
        return kept.read()


def test_a_file_is_made_read_linked_and_gone_on_every_engine(
    store_url: str, folder: Path, clock: ManualClock
) -> None:
    with Tidemill(store_url, clock=clock) as app:
        file = made(app, b"id,station\n", "audits.csv", expires="1h")
        assert (file.name, file.size, file.media_type) == ("audits.csv", 11, "text/csv")
        assert file.expires_at - file.created_at == 3_600_000
        assert read(app, file.id) == b"id,station\n"
        assert app.files.get(file) == file
        assert app.files.find() == [file]
        url = app.files.link(file, expires="10m")
        with app.files.linked(url.rpartition("/")[2]) as kept:
            assert kept.read() == b"id,station\n"
        clock.advance("10m")
        with pytest.raises(errors.NotFound):
            app.files.linked(url.rpartition("/")[2])
        clock.advance("50m")
        with pytest.raises(errors.NotFound):
            app.files.open(file).__enter__()
        assert lying(folder) == [file.path]
        sweep(app)
        assert lying(folder) == []
        for kind in ("file", "file_link", "file_mark"):
            assert app.open().records.find(kind).wait() == ()


async def test_async_code_makes_and_reads_a_file_piece_by_piece(app: Tidemill) -> None:
    async with app.files.create("big.bin") as out:
        for _ in range(3):
            assert await out.write(b"x" * 200_000) == 200_000
    async with app.files.open(out.file) as kept:
        assert await kept.read(10) == b"x" * 10
        pieces = [len(piece) async for piece in kept]
    assert sum(pieces) == 599_990
    assert len(pieces) > 1
    url = await app.files.alink(out.file)
    reader = await app.files.alinked(url.rpartition("/")[2])
    reader.close()
    assert await app.files.aget(out.file.id) == out.file
    assert await app.files.afind() == [out.file]
    assert await app.files.adelete(out.file) is True


def test_what_takes_a_file_of_pythons_takes_one_of_ours(app: Tidemill) -> None:
    with app.files.create("a.zip") as out, zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one.txt", "one")
    with app.files.open(out.file) as kept:
        assert zipfile.ZipFile(kept).read("one.txt") == b"one"
    with app.files.create("a.csv") as out:
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        csv.writer(text).writerow(["Zoë", 1])
        text.close()  # as libraries do with what they are given
    assert read(app, out.file) == "Zoë,1\r\n".encode()


def test_nothing_is_kept_of_a_file_whose_block_raises(app: Tidemill, folder: Path) -> None:
    begun = []

    def breaks() -> None:
        with app.files.create("a.txt") as out:
            begun.append(out)
            out.write(b"begun" * 10_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert lying(folder) == []
    assert app.files.find() == []
    assert app.open().records.find("file_mark").wait() == ()
    with pytest.raises(errors.StateError):
        _ = begun[0].file


async def test_nothing_is_kept_of_one_whose_async_block_raises(app: Tidemill, folder: Path) -> None:
    async def breaks() -> None:
        async with app.files.create("a.txt") as out:
            await out.write(b"begun")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaks()
    assert lying(folder) == []


def test_nobody_sees_a_file_before_it_is_whole(app: Tidemill) -> None:
    with app.files.create("a.txt") as out:
        out.write(b"half")
        out.flush()
        assert app.files.find() == []
        with pytest.raises(errors.StateError, match="behind the block"):
            _ = out.file
    assert len(app.files.find()) == 1


def test_what_a_process_left_half_made_goes_when_it_would_have_expired(
    app: Tidemill, folder: Path, clock: ManualClock
) -> None:
    writer = app.files.create("a.txt", expires="1h").__enter__()
    writer.write(b"then the process was killed")
    writer.give_up()
    sweep(app)
    assert len(lying(folder)) == 1
    clock.advance("1h")
    sweep(app)
    assert lying(folder) == []


def test_a_file_that_expires_while_it_is_written_is_not_kept(
    app: Tidemill, folder: Path, clock: ManualClock
) -> None:
    creation = app.files.create("slow.txt", expires="1m")
    creation.__enter__().write(b"slow")
    clock.advance("1m")
    sweep(app)
    with pytest.raises(errors.NotFound, match="expired while it was written"):
        creation.__exit__(None, None, None)
    assert (lying(folder), app.files.find()) == ([], [])


def test_tenants_do_not_see_each_others_files(app: Tidemill) -> None:
    theirs = app.files.of("acme")
    with theirs.create("a.txt") as out:
        out.write(b"secret")
    assert app.files.find() == []
    assert app.files.of("acme-2").find() == []
    for files in (app.files, app.files.of("acme-2")):
        for ask in (files.get, files.link, lambda id_, f=files: f.open(id_).__enter__()):
            with pytest.raises(errors.NotFound):
                ask(out.file.id)
        assert files.delete(out.file) is False
    assert theirs.find() == [out.file]


@pytest.mark.parametrize("id_", ["", "../../etc/passwd", "a" * 31, "A" * 32, "0" * 32, "é" * 32])
def test_an_id_that_was_guessed_leads_nowhere(app: Tidemill, id_: str) -> None:
    made(app)
    with pytest.raises(errors.NotFound):
        app.files.get(id_)
    with pytest.raises(errors.NotFound):
        app.files.open(id_).__enter__()
    assert app.files.delete(id_) is False


def test_a_file_that_is_deleted_is_gone_with_its_links(
    app: Tidemill, folder: Path, clock: ManualClock
) -> None:
    file = made(app, expires="1h")
    token = app.files.link(file).rpartition("/")[2]
    assert app.files.delete(file) is True
    assert lying(folder) == []
    with pytest.raises(errors.NotFound):
        app.files.linked(token)
    clock.advance("1h")
    sweep(app)
    assert app.open().records.find("file_link").wait() == ()


def test_a_link_is_kept_as_a_digest_and_ends_no_later_than_its_file(
    app: Tidemill, clock: ManualClock
) -> None:
    file = made(app, expires="1h")
    url = app.files.link(file, expires="30d")
    token = url.removeprefix("/files/")
    assert len(token) >= 43
    records = app.open().records
    kept = b"".join(each.doc + each.key.encode() for kind in ("file", "file_link", "file_mark")
                    for each in records.find(kind).wait())  # fmt: skip
    assert token.encode() not in kept
    clock.advance("1h")
    with pytest.raises(errors.NotFound):
        app.files.linked(token)


@pytest.mark.usefixtures("folder")
def test_links_begin_where_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_FILES_URL", "https://jobs.example.org/tidemill/")
    with Tidemill("memory://") as app:
        assert app.files.link(made(app)).startswith("https://jobs.example.org/tidemill/files/")


def test_a_file_has_no_more_bytes_than_it_may(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEMILL_FILES_MOST", "10")
    with Tidemill("memory://") as app:
        made(app, b"1234567890")
        with pytest.raises(errors.PayloadTooLarge):
            made(app, b"12345678901")
        with app.files.create("c.txt") as out:
            out.write(b"12345")
            with pytest.raises(errors.PayloadTooLarge):
                out.write(b"678901")
            out.write(b"67890")
        assert [each.size for each in app.files.find()] == [10, 10]
        assert lying(folder) == sorted(each.path for each in app.files.find())


@pytest.mark.usefixtures("folder")
def test_how_long_files_are_kept_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_FILES_KEEP", "2d")
    with Tidemill("memory://") as app:
        file = made(app)
        assert file.expires_at - file.created_at == 2 * 86_400_000


@pytest.mark.parametrize("expires", ["", "soon", -1, 0, "0s"])
def test_a_file_that_would_expire_at_once_is_refused(app: Tidemill, expires: Any) -> None:
    with pytest.raises(errors.InvalidOption):
        app.files.create("a.txt", expires=expires)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.csv", "text/csv"),
        ("a.pdf", "application/pdf"),
        ("a.json", "application/json"),
        ("a", "application/octet-stream"),
        ("a.nothing-known", "application/octet-stream"),
    ],
)
def test_what_a_file_holds_is_told_by_its_name(app: Tidemill, name: str, media_type: str) -> None:
    assert made(app, name=name).media_type == media_type


@pytest.mark.parametrize(
    "media_type",
    ["text", "text/", "text/csv\r\nX: y", "text/csv; x", "tex t/csv", "TEXT/CSV", "é/é"],
)
def test_what_is_no_media_type_is_refused(app: Tidemill, media_type: str) -> None:
    with pytest.raises(errors.InvalidOption, match="media type"):
        app.files.create("a.csv", media_type=media_type)


def test_pages_of_files_hold_each_of_them_once(app: Tidemill) -> None:
    ids = {made(app, name=f"{number}.txt").id for number in range(5)}
    first = app.files.find(limit=3)
    rest = app.files.find(after=first[-1].id, limit=3)
    assert {each.id for each in (*first, *rest)} == ids
    for limit in (0, 1_001, True):
        with pytest.raises(errors.InvalidOption):
            app.files.find(limit=limit)
