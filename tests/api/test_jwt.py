"""Tokens of an identity provider: real keys, a real JWKS over HTTP, and every way to forge one."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from fastapi import FastAPI

from tests.api.conftest import Caller
from tests.receiver import Receiver
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.api.app import create_api
from tidemill.api.jwt import JwtDoorkeeper
from tidemill.core.errors import InvalidOption

ISSUER = "https://id.example.org/"
ROLES = {"ADMIN": "admin", "OPS": "operator", "USER": "viewer"}


@pytest.fixture
def store_url() -> str:
    return "memory://"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2_048)


@pytest.fixture(scope="module")
def jwks(key: RSAPrivateKey) -> Iterator[str]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    receiver = Receiver()
    receiver.document = json.dumps(
        {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}
    )
    with receiver.serving():
        yield f"{receiver.url}/jwks.json"


@pytest.fixture
def hosted(app: Tidemill, jwks: str) -> FastAPI:
    door = JwtDoorkeeper(jwks, issuer=ISSUER, audience="tidemill", roles=ROLES)
    return create_api(app, host=door)


def claims(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "sub": "zoe",
        "iss": ISSUER,
        "aud": "tidemill",
        "exp": time.time() + 300,
        "role": "OPS",
    }
    return {name: value for name, value in {**given, **more}.items() if value is not None}


def token(key: RSAPrivateKey, kid: str = "k1", **more: Any) -> str:
    return jwt.encode(claims(**more), key, "RS256", headers={"kid": kid})


async def test_a_token_is_who_it_says(hosted: FastAPI, key: RSAPrivateKey, app: Tidemill) -> None:
    caller = Caller(hosted, token(key, tenant="acme"))
    made = await caller.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 1}})
    assert (await caller("GET", "/users")).status_code == 403
    assert app.jobs.get(made["id"]).snapshot().tenant == "acme"
    other = Caller(hosted, token(key, tenant="umbra", role=["ADMIN", "else"]))
    assert (await other("GET", f"/jobs/{made['id']}")).status_code == 404
    assert (await other("GET", "/users")).status_code == 200
    everybody = Caller(hosted, token(key, role="ADMIN"))
    lines = (await everybody.ok("GET", "/audit?action=jobs.enqueue"))["lines"]
    assert [(line["actor"], line["tenant"]) for line in lines] == [("host:zoe", "acme")]


@pytest.mark.parametrize(
    "more",
    [
        {"exp": -600},
        {"exp": None},
        {"aud": "other"},
        {"aud": None},
        {"iss": "https://evil.example/"},
        {"iss": None},
        {"sub": None},
        {"nbf": 600},
    ],
)
async def test_a_token_that_does_not_count(
    hosted: FastAPI, key: RSAPrivateKey, more: dict[str, Any]
) -> None:
    # Counted from now, for the whole run may take longer than these last.
    given: dict[str, Any] = {
        name: time.time() + value if isinstance(value, int) else value
        for name, value in more.items()
    }
    answer = await Caller(hosted, token(key, **given))("GET", "/jobs")
    assert (answer.status_code, answer.json()["code"]) == (401, "access.unauthenticated")


async def test_a_token_that_is_forged(hosted: FastAPI, key: RSAPrivateKey) -> None:
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    stranger = generate_private_key(65537, 2_048)
    good = token(key)
    forged = [
        unsigned({"alg": "none", "kid": "k1"}),
        unsigned({"alg": "HS256", "kid": "k1"}, public),
        token(stranger),
        token(key, kid="k2"),
        token(key, kid="../../etc/passwd"),
        good[:-4] + "AAAA",
        good.rpartition(".")[0] + ".",
        "a.b.c",
        "x" * 20_000,
    ]
    for each in forged:
        answer = await Caller(hosted, each)("GET", "/jobs")
        assert answer.status_code == 401, each[:60]


def unsigned(header: dict[str, str], secret: bytes = b"") -> str:
    """A token that is signed by nobody, or with a public key taken for a secret."""
    parts = b".".join(
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in (header, claims(role="ADMIN"))
    )
    digest = hmac.new(secret, parts, "sha256").digest() if secret else b""
    return (parts + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    "more",
    [
        {"exp": [1]},
        {"exp": {"at": 1}},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"nbf": [1]},
        {"iat": {"at": 1}},
        {"aud": 7},
        {"aud": [{"x": 1}]},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": "\ud800"},
        {"tenant": ""},
        {"tenant": 7},
        {"tenant": ["acme"]},
        {"tenant": "../umbra"},
    ],
)
async def test_claims_that_are_odd_open_nothing(
    hosted: FastAPI, key: RSAPrivateKey, more: dict[str, Any]
) -> None:
    answer = await Caller(hosted, token(key, **more))("GET", "/jobs")
    assert (answer.status_code, answer.json()["code"]) == (401, "access.unauthenticated")


async def test_a_header_without_an_end_opens_nothing(hosted: FastAPI) -> None:
    header = base64.urlsafe_b64encode(b'{"a":' + b"[" * 9_000).rstrip(b"=").decode()
    assert (await Caller(hosted, f"{header}.e30.AAAA")("GET", "/jobs")).status_code == 401


async def test_among_odd_roles_those_that_are_some_count(
    hosted: FastAPI, key: RSAPrivateKey
) -> None:
    odd = [{"role": "ADMIN"}, ["ADMIN"], 7, None, "USER"]
    caller = Caller(hosted, token(key, role=odd))
    assert (await caller("GET", "/jobs")).status_code == 200
    assert (await caller("GET", "/users")).status_code == 403


@pytest.mark.parametrize("role", [None, "STRANGER", 7, {"role": "ADMIN"}, [], [["ADMIN"]], [{}]])
async def test_a_role_that_is_none_here_may_nothing(
    hosted: FastAPI, key: RSAPrivateKey, role: Any
) -> None:
    assert (await Caller(hosted, token(key, role=role))("GET", "/jobs")).status_code == 403


async def test_keys_of_our_own_go_before(hosted: FastAPI, app: Tidemill) -> None:
    made = Keys(app.client, "tests").create("k", role="viewer")
    assert (await Caller(hosted, made.secret)("GET", "/jobs")).status_code == 200
    assert (await Caller(hosted)("GET", "/jobs")).status_code == 401


@pytest.mark.parametrize("algorithms", [[], ["none"], ["HS256"], ["RS256", "HS512"]])
def test_what_a_shared_secret_signs_never_counts(jwks: str, algorithms: list[str]) -> None:
    with pytest.raises(InvalidOption):
        JwtDoorkeeper(jwks, issuer="x", audience="x", roles=ROLES, algorithms=algorithms)
