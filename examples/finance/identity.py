"""A stand-in for an identity provider: it knows people, signs tokens, publishes its key."""

import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

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
        url: where it is.
        passwords: of the people, by name.
    """

    def __init__(self, tenant: str = "", port: int = 0) -> None:
        """Sign for people of this tenant; it answers from `serving` on."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - needed here only

        self._tenant = tenant
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.passwords = {name: secrets.token_urlsafe(9) for name in PEOPLE}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["Identity"]:
        """Answer, on a thread of its own, until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        identity = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/jwks.json"
                self._say(200 if found else 404, identity.keys() if found else {})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(min(length, _MOST_BODY))
                token = _of_body(identity, body) if self.path == "/token" else None
                self._say(200 if token else 401, {"token": token} if token else {})

            def _say(self, status: int, body: object) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                return

        return Handler


def _of_body(identity: Identity, body: bytes) -> str | None:
    try:
        told = json.loads(body)
        return identity.log_in(str(told["name"]), str(told["password"]))
    except (ValueError, KeyError, TypeError):
        return None
