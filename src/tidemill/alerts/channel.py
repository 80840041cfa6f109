"""Channels: the ways by which people are told, each with a name that rules refer to."""

from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_name
from tidemill.core.instants import Instant
from tidemill.services.letter import MOST_ADDRESSES, check_address
from tidemill.services.outbound import Reach, check_url

KIND: Final = "alert_channel"
"""The kind of record that channels are."""

By = Literal["mail", "webhook"]


class Channel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way by which people are told.

    Attributes:
        by: `"mail"` or `"webhook"`.
        to: addresses, for mail.
        url: where it is posted to, for a webhook.
        secret: what webhooks are signed with: `whsec_` and 32 bytes in base64. Shown once.
        tenant: whose rules alone may use it; empty: those for everybody.
    """

    name: str
    by: By
    to: tuple[str, ...] = ()
    url: str = ""
    secret: str = ""
    tenant: str = ""
    created_at: Instant = 0

    @property
    def key(self) -> str:
        """What it is kept under."""
        return key_of(self.tenant, self.name)

    @property
    def host(self) -> str:
        """Where it is posted to, without what lets anybody post there: path, query and port."""
        return urlsplit(self.url).hostname or "" if self.url else ""


def key_of(tenant: str, name: str) -> str:
    """What a rule or a channel is kept under: the names of one tenant's are nothing to another's.

    Example:
        >>> key_of("acme", "on-call"), key_of("", "on-call")
        ('acme/on-call', 'on-call')
    """
    return f"{tenant}/{name}" if tenant else name


def checked(channel: Channel, *, internal: bool) -> Channel:
    """The channel, if it makes sense.

    Args:
        internal: whether addresses inside one's own network will do, see `outbound`.

    Raises:
        InvalidName: no name for a channel.
        InvalidOption: no addresses, or ones that are none.
        AddressRefused: a URL that may not be posted to.
    """
    check_name("channel", channel.name)
    if channel.by == "mail":
        if not 1 <= len(channel.to) <= MOST_ADDRESSES or channel.url:
            raise InvalidOption(
                f"channel {channel.name} has {len(channel.to)} addresses",
                hint=f"mail goes to 1 to {MOST_ADDRESSES} addresses, and to no url",
            )
        for address in channel.to:
            check_address(address)
    elif channel.by == "webhook":
        if channel.to:
            raise InvalidOption(f"channel {channel.name} has addresses", hint="give a url alone")
        check_url(channel.url, Reach(internal=internal))
    else:
        raise InvalidOption(f"by={channel.by!r} is not known", hint="use mail or webhook")
    return channel
