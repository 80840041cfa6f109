"""Secrets: texts that nobody reads but those that they are for.

A parameter that is annotated `Secret` is encrypted before its job is stored, and a `Secret` in a
record before that is, with AES-256 in Galois counter mode (NIST SP 800-38D), under the first of the
keys that the settings name. What is stored is bound to its tenant, its job or record, and its place
in that: moved to another one of these it cannot be read.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Any, Final

import msgspec

from tidemill.core.errors import InvalidArguments, InvalidOption

MARK: Final = "$secret"
"""The one key of the object that stands for a secret where it is stored."""

MASK: Final = "***"
"""Stands for a secret where something is shown."""

NEW_KEY: Final = "`tidemill secrets new` makes one; set it as secrets.keys"
"""What to do where a key is missing."""

NO_KEYS: Final[Mapping[str, bytes]] = {}
KEY_BYTES: Final = 32
_NONCE: Final = 12
"""Bytes. Drawn at random, they are good for 2**32 secrets under one key (SP 800-38D, 8.3)."""


class Secret:
    """A text that shows itself to nobody who does not ask.

    Example:
        >>> password = Secret("hunter2")
        >>> print(password, repr(password))
        *** Secret('***')
        >>> password.reveal()
        'hunter2'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep the text.

        Raises:
            InvalidArguments: it is none.
        """
        if not isinstance(value, str):
            raise InvalidArguments(f"a secret is a text, not a {type(value).__name__}")
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.reveal())


class Sealed(Secret):
    """A secret as it is kept, which is opened when somebody asks for its text."""

    __slots__ = ("_open",)

    def __init__(self, opened: Callable[[], str]) -> None:
        """Open it so, each time that it is asked for."""
        self._open = opened

    def reveal(self) -> str:
        """The text itself.

        Raises:
            InvalidOption: its key is not set, or it was altered or moved.
        """
        return self._open()


class Vault:
    """Encrypts and decrypts secrets.

    Several keys are there while they are changed: the first one encrypts, all of them decrypt, and
    one can go when no job is kept any more that was stored before the change.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Hold keys of 32 bytes by their names, the one that encrypts first."""
        self._keys = keys

    def __bool__(self) -> bool:
        """Whether there is a key."""
        return bool(self._keys)

    def seal(self, secret: str, *, tenant: str, job: str, parameter: str) -> dict[str, str]:
        """What is stored in place of a secret argument.

        Raises:
            InvalidOption: no key is set, or what encrypts is not installed.
        """
        if not self:
            raise InvalidOption(
                f"parameter {parameter!r} is secret, and no key is set to encrypt it with",
                hint=NEW_KEY,
            )
        return self.encrypt(secret, tenant, job, parameter)

    def open(self, stored: object, *, tenant: str, job: str, parameter: str) -> str:
        """The secret argument that something stands for.

        Raises:
            InvalidArguments: it stands for none, or for one of another job, or its key is gone.
        """
        try:
            return self.decrypt(stored, tenant, job, parameter)
        except LookupError:
            raise InvalidArguments(
                f"argument {parameter!r} is a secret under a key that is not set",
                hint="secrets.keys has to hold it until no job needs it any more",
            ) from None
        except ValueError:
            raise InvalidArguments(
                f"argument {parameter!r} is no secret of this job",
                hint="it was altered, or belongs to another job, tenant or parameter",
            ) from None

    def encrypt(self, plain: str, *bound: str) -> dict[str, str]:
        """What is stored in place of a text, under the first key.

        Args:
            plain: the text.
            bound: where it belongs, and nowhere else: names, without a separator of units in them.

        Raises:
            InvalidOption: what encrypts is not installed.
        """
        name, key = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE)
        sealed = _cipher(key).encrypt(nonce, plain.encode(), _joined(bound))
        return {MARK: f"{name}.{urlsafe_b64encode(nonce + sealed).decode()}"}

    def decrypt(self, stored: object, *bound: str) -> str:
        """The text that something stands for.

        Raises:
            LookupError: its key is not set.
            ValueError: it stands for none, was altered, or belongs elsewhere.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - few programs need it

        written = stored.get(MARK, "") if isinstance(stored, dict) else ""
        name, _, sealed = str(written).partition(".")
        cipher = _cipher(self._keys[name])
        try:
            raw = urlsafe_b64decode(sealed)
            plain: bytes = cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _joined(bound))
        except InvalidTag:
            raise ValueError(name) from None
        return plain.decode()


NO_VAULT: Final = Vault(NO_KEYS)
"""Holds no key, so that nothing secret can be stored by it."""


def masked(stored: bytes) -> bytes:
    """Arguments as they may be shown: with a mask in place of each secret.

    Example:
        >>> masked(b'{"user":"zoe","password":{"$secret":"k1.AAAA"}}')
        b'{"user":"zoe","password":"***"}'
    """
    if MARK.encode() not in stored:
        return stored
    arguments: dict[str, msgspec.Raw] = msgspec.json.decode(stored, type=dict[str, msgspec.Raw])
    mask = msgspec.Raw(msgspec.json.encode(MASK))
    return msgspec.json.encode(
        {name: mask if _is_sealed(value) else value for name, value in arguments.items()}
    )


def read_keys(written: str) -> dict[str, bytes]:
    """The keys as they are set: names and keys in base64, `"k2:…,k1:…"`.

    Raises:
        ValueError: one has no name, or is not of 32 bytes.
    """
    keys: dict[str, bytes] = {}
    for each in written.split(","):
        name, mark, key = each.strip().partition(":")
        raw = urlsafe_b64decode(key)
        if not (mark and name.isalnum() and name.isascii()) or len(raw) != KEY_BYTES:
            raise ValueError(name)
        keys[name] = raw
    return keys


def new_key(name: str) -> str:
    """Make a key, as it is to be set."""
    return f"{name}:{urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}"


def _is_sealed(value: msgspec.Raw) -> bool:
    return bytes(value).startswith(b'{"%b":' % MARK.encode())


def _joined(bound: tuple[str, ...]) -> bytes:
    """What a secret is bound to; names hold no separator, so no two are told by the same bytes."""
    return "\x1f".join(bound).encode()


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see above
    except ImportError as error:
        raise InvalidOption(
            "what encrypts secrets is not installed", hint="pip install 'tidemill[secrets]'"
        ) from error
    return AESGCM(key)
