"""Where requests may go: out into the world, however the way inside is spelled."""

import pytest

from tidemill.core.errors import AddressRefused
from tidemill.services.outbound import Reach, check_url, resolve

INSIDE = [
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "0x7f000001", "0.0.0.0", "0",  # noqa: S104 - nothing listens there
    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "[::1]", "[::]", "[fe80::1]", "[fc00::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "[::127.0.0.1]", "[2001:0:1::1]", "[ff02::1]", "localhost", "LOCALHOST", "localhost.",
    "a.localhost", "printer.local", "db.internal",
    "192.88.99.1", "192.88.99.255", "[fec0::1]", "[feff:ffff::1]", "[fec0:1::1]",
    "[2002:0a00:0001::1]", "[2002:c0a8:0101::1]", "[2002:5db8:d70e::1]",
    "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:93.184.215.14]",
    "[64:ff9b::10.0.0.1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::10.0.0.1]",
    "[64:ff9b:1:ffff::a00:1]", "[::ffff:0:127.0.0.1]", "[::ffff:0:a00:1]", "[::10.0.0.1]",
    "[2606:2800:21f:cb07:0:5efe:10.0.0.1]", "[2606:2800:21f:cb07:200:5efe:a00:1]",
    "[100::1]", "[5f00::1]", "[2001:db8::1]", "[4000::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_the_way_inside_is_shut(host: str) -> None:
    for url in (f"https://{host}/x", f"https://{host}:8443/"):
        with pytest.raises(AddressRefused):
            check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org",
        "javascript:alert(1)", "//example.org", "example.org", "", "https://", "https:///x",
        "https://zoe@example.org/", "https://zoe:x@example.org/", "https://example.org@127.0.0.1/",
        "https://example.org:22/", "https://example.org:25/", "https://example.org:6379/",
        "https://example.org:5432/", "https://example.org:0/", "https://example.org:99999/",
        "https://example.org/\r\nX: y", "https://exa mple.org/", "https://example.org\\@evil/",
        "https://exämple.org/", "https://example.org/" + "x" * 2_000, "https://[::1",
    ],
)  # fmt: skip
def test_what_is_no_url_for_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize("url", ["https://example.org", "https://93.184.215.14:8443/a?b=c#d"])
def test_the_world_is_open(url: str) -> None:
    assert check_url(url).scheme == "https"


@pytest.mark.parametrize(
    ("answers", "may"),
    [
        (["93.184.215.14"], True),
        (["93.184.215.14", "127.0.0.1"], False),
        (["::1"], False),
        (["10.0.0.1"], False),
        (["2606:2800:21f:cb07:6820:80da:af6b:8b2c"], True),
        (["fec0::1"], False),
        (["192.88.99.1"], False),
        (["::ffff:10.0.0.1"], False),
        (["64:ff9b::a00:1"], False),
        (["2002:a00:1::1"], False),
    ],
)
async def test_a_name_that_stands_for_an_inner_address_is_refused(
    answers: list[str],
    may: bool,  # noqa: FBT001 - of a parameter
) -> None:
    async def lookup(_host: str, _port: int) -> list[str]:
        return answers

    if may:
        assert await resolve("hooks.example.org", 443, lookup=lookup) == tuple(answers)
    else:
        with pytest.raises(AddressRefused):
            await resolve("hooks.example.org", 443, lookup=lookup)


@pytest.mark.parametrize("host", INSIDE)
async def test_an_inner_host_is_not_connected_to_whatever_has_been_checked_before(
    host: str,
) -> None:
    with pytest.raises((AddressRefused, OSError)):
        await resolve(host.strip("[]").lower(), 443)


async def test_where_it_is_allowed_one_may_stay_inside() -> None:
    with pytest.raises(AddressRefused):
        check_url("http://127.0.0.1:9/")
    assert check_url("http://127.0.0.1:9/", Reach(internal=True)).port == 9
    assert await resolve("127.0.0.1", 9, Reach(internal=True)) == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("allowed", "url", "may"),
    [
        ("127.0.0.1:9", "http://127.0.0.1:9/", True),
        ("127.0.0.1:9", "http://127.0.0.1:10/", False),
        ("127.0.0.1", "http://127.0.0.1:10/", True),
        ("127.0.0.1", "http://127.1:10/", False),
        ("ledger.internal", "https://LEDGER.internal./", True),
        ("ledger.internal", "https://x.ledger.internal/", False),
        ("[::1]:9", "http://[::1]:9/", True),
    ],
)
def test_only_what_is_named_may_be_asked_inside(
    allowed: str,
    url: str,
    may: bool,  # noqa: FBT001 - of a parameter
) -> None:
    reach = Reach(allowed=(allowed,))
    if may:
        check_url(url, reach)
    else:
        with pytest.raises(AddressRefused):
            check_url(url, reach)


async def test_a_name_that_is_allowed_is_looked_up_all_the_same() -> None:
    async def lookup(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1"]

    reach = Reach(allowed=("ledger.internal",))
    assert await resolve("ledger.internal", 443, reach, lookup) == ("10.0.0.1",)
