"""Signatures of webhooks, made and verified as Standard Webhooks 1.0.0 has them.

Example:
    >>> secret = new_secret()
    >>> headers = sign(secret, "msg_1", b"{}")
    >>> verify(secret, headers, b"{}")
    'msg_1'
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Final

from tidemill.core.errors import InvalidName, InvalidOption, SignatureRefused
from tidemill.core.instants import Duration, Instant, millis
from tidemill.loops.clock import SystemClock

__all__ = ["check_secret", "new_secret", "sign", "verify"]

MARK: Final = "whsec_"
_BYTES: Final = 32
_LEAST: Final = 24
_MOST: Final = 64
_ID: Final = re.compile(r"[!-\-/-~]{1,255}")
"""Letters that can be seen, but for the full stop, which stands between the parts of what is
signed."""
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES: Final = 20
_TOLERANCE: Final = "5m"


def new_secret() -> str:
    """Make a secret of 32 bytes, as receivers know it: `whsec_` and base64."""
    return MARK + b64encode(secrets.token_bytes(_BYTES)).decode()


def check_secret(secret: str) -> str:
    """Return the secret if it is one: 24 to 64 bytes in base64, with or without `whsec_`.

    Raises:
        InvalidOption: it is not; the message does not repeat it.
    """
    _key(secret)
    return secret


def sign(
    secret: str | Iterable[str], id_: str, body: bytes, *, at: Instant | None = None
) -> dict[str, str]:
    """The headers by which a receiver can tell who has sent a body, and when.

    Args:
        secret: or several, while one takes the other's place: each makes a signature.
        id_: of the message; the same however often it is sent.
        body: what is sent, byte for byte.
        at: when this try is made, in milliseconds UTC; by default now.

    Raises:
        InvalidOption: no secret, or one that is none.
        InvalidName: an id that holds a full stop, a space, or what is no letter of ASCII.

    Example:
        >>> told = sign("whsec_" + "A" * 32, "msg_1", b"{}", at=1_700_000_000_000)
        >>> told["webhook-timestamp"], told["webhook-signature"][:3]
        ('1700000000', 'v1,')
    """
    if not _ID.fullmatch(id_):
        raise InvalidName(
            f"{id_!r:.300} cannot be the id of a message",
            hint="use up to 255 letters, digits and signs of ASCII, and no full stop",
        )
    seconds = str((SystemClock().now() if at is None else at) // 1_000)
    digests = [_digest(key, id_, seconds, body) for key in _keys(secret)]
    return {
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{b64encode(each).decode()}" for each in digests),
    }


def verify(
    secret: str | Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: Duration = _TOLERANCE,
    at: Instant | None = None,
) -> str:
    """Make sure that a webhook comes from somebody who knows the secret; answer its id.

    The id is the same each time the message is sent: whoever keeps ids for as long as the
    tolerance takes each message once.

    Args:
        secret: or several, while one takes the other's place: any of them will do.
        headers: of the request; how their names are written does not matter.
        body: of the request as it came, byte for byte; not what was made of it.
        tolerance: how far its time may be from now, either way.
        at: now, in milliseconds UTC, if the machine's clock is not meant.

    Raises:
        SignatureRefused: a header is missing or makes no sense, the time is too far off, or no
            signature fits.
        InvalidOption: no secret, or one that is none.
    """
    keys = _keys(secret)
    said = {name.lower(): value for name, value in headers.items()}
    id_, seconds = said.get("webhook-id", ""), said.get("webhook-timestamp", "")
    signatures = said.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
    if not _ID.fullmatch(id_) or not _SECONDS.fullmatch(seconds):
        raise _refused("has no webhook-id and webhook-timestamp that make sense")
    now = SystemClock().now() if at is None else at
    if abs(now - int(seconds) * 1_000) > millis(tolerance):
        raise _refused("was signed at another time: it is sent again, or a clock is wrong")
    wanted = [_digest(key, id_, seconds, body) for key in keys]
    fits = False
    for signature in signatures:
        given = _read(signature)
        for digest in wanted:  # All are compared, so that time does not tell which fits.
            fits |= compare_digest(given, digest)
    if not fits:
        raise _refused("has no signature that fits")
    return id_


def _digest(key: bytes, id_: str, seconds: str, body: bytes) -> bytes:
    return hmac(key, b"%b.%b.%b" % (id_.encode(), seconds.encode(), body), sha256).digest()


def _read(signature: str) -> bytes:
    """The digest of a signature of the one kind that is known; empty: it is of another."""
    version, _, digest = signature.partition(",")
    if version != "v1":
        return b""
    try:
        return b64decode(digest, validate=True)
    except ValueError:
        return b""


def _keys(secret: str | Iterable[str]) -> list[bytes]:
    several = [secret] if isinstance(secret, str) else list(secret)
    if not several:
        raise InvalidOption("nothing is given to sign with", hint="give a secret, see new_secret")
    return [_key(each) for each in several]


def _key(secret: str) -> bytes:
    try:
        written = secret.removeprefix(MARK)
        key = b64decode(written + "=" * (-len(written) % 4), validate=True)
    except (ValueError, AttributeError):
        key = b""
    if not _LEAST <= len(key) <= _MOST:
        raise InvalidOption(
            f"a secret is not one of {_LEAST} to {_MOST} bytes in base64",
            hint="new_secret() makes one",
        )
    return key


def _refused(why: str) -> SignatureRefused:
    return SignatureRefused(
        f"the webhook {why}", hint="answer it with 401, and do nothing that it asks for"
    )
