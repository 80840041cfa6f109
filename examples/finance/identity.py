"""A stand-in for an identity provider: it knows people, signs tokens, publishes its key."""

import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from examples.stage.web import Desk, answering

AUDIENCE: Final = "finance"
ISSUER: Final = "urn:finance:identity"
LIFE: Final = 8 * 3_600
"""Seconds for which a token is good."""

_KEY: Final = "key-1"
_MOST_BODY: Final = 4_096

PEOPLE: Final[Mapping[str, str]] = {"ada": "ADMIN", "ben": "USER"}
"""Who there is, and what they are."""


class Identity:
    """A server of its own, so that the application sees no password and no private key.

    `POST /token` with `{"name": …, "password": …}` answers `{"token": …}`; `GET /jwks.json` is the
    public key. Key and passwords are made anew with each one of it.

    Attributes:
        url: where it is; empty: it does not answer.
        passwords: of the people, by name.
    """

    def __init__(self, tenant: str = "") -> None:
        """Sign for people of this tenant; it answers from `serving` on."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - needed here only

        self._tenant = tenant
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.passwords = {name: secrets.token_urlsafe(9) for name in PEOPLE}
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Identity"]:
        """Answer, on a thread of its own, until the block ends."""
        with answering(partial(_Counter, self)) as host:
            self.url = f"http://{host}"
            yield self

    def token(self, name: str, **claims: Any) -> str:
        """Sign that somebody is who they are."""
        import jwt  # noqa: PLC0415 - needed here only

        said = {
            "sub": name,
            "role": PEOPLE.get(name, ""),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time.time()) + LIFE,
            **({"tenant": self._tenant} if self._tenant else {}),
            **claims,
        }
        return jwt.encode(said, self._key, "ES256", headers={"kid": _KEY})

    def log_in(self, name: str, password: str) -> str | None:
        """The token of somebody who knows their password."""
        known = self.passwords.get(name, "")
        fits = hmac.compare_digest(known.encode(), password.encode())
        return self.token(name) if known and fits else None

    def keys(self) -> dict[str, Any]:
        """The public key, as a JSON Web Key Set."""
        import jwt  # noqa: PLC0415 - needed here only

        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": _KEY, "use": "sig", "alg": "ES256"}]}


class _Counter(Desk):
    def __init__(self, identity: Identity, *line: Any) -> None:
        self._identity = identity
        super().__init__(*line)

    def answer(self) -> None:
        match self.command, self.path:
            case "GET", "/jwks.json":
                self._tell(200, self._identity.keys())
            case "POST", "/token" if token := _of_body(self._identity, self.body(_MOST_BODY)):
                self._tell(200, {"token": token})
            case "POST", _:
                self._tell(401, {})
            case _:
                self._tell(404, {})

    def _tell(self, status: int, document: object) -> None:
        self.say(status, json.dumps(document).encode())


def _of_body(identity: Identity, body: bytes) -> str | None:
    try:
        told = json.loads(body)
        return identity.log_in(str(told["name"]), str(told["password"]))
    except (ValueError, KeyError, TypeError):
        return None
