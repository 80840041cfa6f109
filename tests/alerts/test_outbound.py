"""Where webhooks may go: out into the world, however the way inside is spelled."""

import pytest

from tidemill.alerts.outbound import check_url, resolve
from tidemill.core.errors import InvalidOption

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
        with pytest.raises(InvalidOption):
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
    with pytest.raises(InvalidOption):
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
        assert await resolve("https://hooks.example.org/", lookup=lookup) == answers[0]
    else:
        with pytest.raises(InvalidOption):
            await resolve("https://hooks.example.org/", lookup=lookup)


async def test_where_it_is_allowed_one_may_stay_inside() -> None:
    with pytest.raises(InvalidOption):
        await resolve("http://127.0.0.1:9/")
    assert await resolve("http://127.0.0.1:9/", internal=True) == "127.0.0.1"
