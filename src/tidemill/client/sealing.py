"""Secrets in records: sealed as the record is written, opened when somebody asks for their text."""

import secrets
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tidemill.core.errors import InvalidOption, Unserialisable
from tidemill.tasks.codec import to_builtin, to_json
from tidemill.tasks.secret import MARK, NEW_KEY, Sealed, Secret, Vault

_MARK: Final = MARK.encode()

Turn = Callable[[dict[str, Any], str], Any]
"""What becomes of an object that stands for a secret, and of its place in the value."""


class Sealing:
    """The secrets of one record, each of them bound to its place in it.

    In JSON an object with the one key `$secret` stands for a secret, and for nothing else.
    """

    def __init__(self, vault: Vault, tenant: str, kind: str, key: str) -> None:
        """Seal what is of one record of a tenant."""
        self._vault = vault
        self._bound = (tenant, f"record:{kind}/{key}")
        self._what = f"record {key!r} of {kind}"

    def written(self, value: Any) -> bytes:
        """The JSON of a value, its secrets sealed under the first key.

        Raises:
            Unserialisable: a part of it has no JSON form.
            InvalidOption: it holds a secret, and no key is set.
        """
        plain: list[str] = []
        token = secrets.token_hex(8)

        def hook(part: Any) -> Any:
            if not isinstance(part, Secret):
                return to_builtin(part)
            plain.append(part.reveal())
            return {MARK: f"{token}{len(plain) - 1}"}

        payload = to_json(value, self._what, msgspec.json.Encoder(enc_hook=hook).encode)
        if _MARK not in payload:
            return payload

        def seal(found: dict[str, Any], place: str) -> Any:
            said = found[MARK]
            if not isinstance(said, str) or not said.startswith(token):
                raise Unserialisable(
                    f"{self._what}{place}: an object with the key {MARK!r} stands for a secret",
                    hint="name the key otherwise, or write Secret(...)",
                )
            if not self._vault:
                raise InvalidOption(
                    f"{self._what}{place} is secret, and no key is set to encrypt it with",
                    hint=NEW_KEY,
                )
            return self._vault.encrypt(plain[int(said.removeprefix(token))], *self._bound, place)

        return msgspec.json.encode(_turned(msgspec.json.decode(payload), "", seal))

    def read(self, payload: bytes) -> Any:
        """The value, with a `Secret` for each that is sealed in it; none is opened yet."""
        value = msgspec.json.decode(payload)
        return _turned(value, "", self._sealed) if _MARK in payload else value

    def _sealed(self, found: dict[str, Any], place: str) -> Secret:
        return Sealed(lambda: self._opened(found, place))

    def _opened(self, found: dict[str, Any], place: str) -> str:
        try:
            return self._vault.decrypt(found, *self._bound, place)
        except LookupError:
            raise InvalidOption(
                f"{self._what}{place} is secret under a key that is not set",
                hint="secrets.keys has to hold it until the record has been written under another",
            ) from None
        except ValueError:
            raise InvalidOption(
                f"{self._what}{place} is no secret of this record",
                hint="it was altered, or belongs to another record, tenant or place",
            ) from None


def _turned(value: Any, place: str, turn: Turn) -> Any:
    """The same value with something else for each object that stands for a secret."""
    if isinstance(value, list):
        return [_turned(part, f"{place}/{number}", turn) for number, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.keys() == {MARK}:
        return turn(value, place)
    # Written as a JSON pointer (RFC 6901), so that no two places are told by the same text.
    return {
        name: _turned(part, f"{place}/{name.replace('~', '~0').replace('/', '~1')}", turn)
        for name, part in value.items()
    }
