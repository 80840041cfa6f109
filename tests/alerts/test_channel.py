"""What of a channel may be told to whom."""

import pytest

from tidemill.alerts.channel import Channel


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example.org/services/T0/B0/xyz?token=1#a", "hooks.example.org"),
        ("https://hooks.example.org:8443/x", "hooks.example.org"),
        ("https://[2606:2800::1]/x", "2606:2800::1"),
        ("", ""),
    ],
)
def test_the_host_of_a_webhook_lets_nobody_post_there(url: str, host: str) -> None:
    assert Channel(name="ops", by="webhook", url=url).host == host
