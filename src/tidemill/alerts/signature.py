"""Signatures of webhooks, as Standard Webhooks 1.0.0 has them (standardwebhooks.com)."""

import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import new as hmac
from typing import Final

MARK: Final = "whsec_"
_BYTES: Final = 32


def new_secret() -> str:
    """Make a secret, as receivers know it."""
    return MARK + b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(secret: str, id_: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver can tell who has sent a body, and when.

    Args:
        id_: of the message; the same however often it is sent.
        seconds: when this try is made, by the Unix clock.

    Example:
        >>> told = headers("whsec_" + "A" * 32, "msg_1", 1_700_000_000, b"{}")
        >>> sorted(told)
        ['webhook-id', 'webhook-signature', 'webhook-timestamp']
    """
    key = b64decode(secret.removeprefix(MARK))
    digest = hmac(key, b"%b.%d.%b" % (id_.encode(), seconds, body), sha256).digest()
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
