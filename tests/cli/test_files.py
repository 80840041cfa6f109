"""`tidemill files`: what jobs have made, links to it, and deleting it before its time."""

import json

import pytest

from tests.cli.conftest import Refused, Type
from tidemill import File, Tidemill

NOBODYS = "0" * 32


def made(app: Tidemill, name: str, content: bytes, tenant: str = "") -> File:
    """A file that an application has made."""
    files = app.files.of(tenant)
    with files.create(name, expires="7d") as out:
        out.write(content)
    return out.file


@pytest.fixture
def prices(app: Tidemill) -> File:
    return made(app, "prices.csv", b"article,cents\n")


def test_files_are_listed_and_shown(app: Tidemill, prices: File, typed: Type) -> None:
    lines = typed("files", "list").splitlines()
    assert lines[0].split("\t") == ["id", "name", "size", "made", "expires"]
    assert lines[1].split("\t")[:3] == [prices.id, "prices.csv", "14 bytes"]
    assert [each["id"] for each in json.loads(typed("files", "list", "--json"))] == [prices.id]
    assert typed("files", "list", "--after", prices.id) == "There are no files.\n"
    shown = typed("files", "show", prices.id)
    assert "text/csv" in shown
    assert str(app.files.where(prices)) in shown
    assert json.loads(typed("files", "show", prices.id, "--json"))["name"] == "prices.csv"


def test_a_link_is_made_and_told_in_the_audit_log_without_its_token(
    app: Tidemill, prices: File, typed: Type
) -> None:
    link = typed("files", "link", prices.id, "--expires", "1h").strip()
    with app.files.linked(link.removeprefix("/files/")) as kept:
        assert kept.read() == b"article,cents\n"
    audit = typed("audit", "list", "--json")
    assert "files.link" in audit
    assert prices.id in audit
    assert link.removeprefix("/files/") not in audit


def test_a_file_is_deleted_when_a_person_agrees(app: Tidemill, prices: File, typed: Type) -> None:
    other = made(app, "stock.csv", b"")
    asked = typed("files", "delete", prices.id, prices.id, answer="y\n")
    assert "Delete 1 file, prices.csv?" in asked
    assert asked.endswith("delete: 1 file\n")
    assert not app.files.where(prices).exists()
    assert typed("files", "delete", other.id, "--yes") == "delete: 1 file\n"
    assert "files.delete" in typed("audit", "list")


def test_a_tenants_files_are_seen_when_it_is_named(app: Tidemill, typed: Type) -> None:
    theirs = made(app, "theirs.csv", b"x", "acme")
    assert typed("files", "list") == "There are no files.\n"
    assert theirs.id in typed("files", "list", "--tenant", "acme")
    assert "theirs.csv" in typed("files", "show", theirs.id, "--tenant", "acme")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["show", NOBODYS], 1, "there is no such file"),
        (["show", "../etc/passwd"], 1, "there is no such file"),
        (["delete", NOBODYS, "--yes"], 1, "there is no such file"),
        (["list", "--tenant", "no tenant"], 2, "tenant name 'no tenant'"),
        (["list", "--after", "x"], 1, "there is no such file"),
        (["list", "--url", "https://jobs.example.org"], 2, "that of a server"),
    ],
)
def test_what_makes_no_sense_is_told(
    app: Tidemill, refused: Refused, words: list[str], code: int, says: str
) -> None:
    del app
    found, said = refused("files", *words)
    assert says in said
    assert found == code


def test_a_length_of_time_that_is_none_is_told(prices: File, refused: Refused) -> None:
    code, said = refused("files", "link", prices.id, "--expires", "soon")
    assert code == 2
    assert "soon" in said
