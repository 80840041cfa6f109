"""A doorkeeper for applications whose users come with a JSON Web Token of an identity provider."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
from fastapi import Request

from tidemill.access.actor import Actor
from tidemill.access.role import Role, permissions
from tidemill.core.errors import InvalidName, InvalidOption, NotAuthenticated, StoreUnavailable
from tidemill.core.identity import check_name

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key that the provider alone has (RFC 8725, section 3.1)."""

LEEWAY: Final = 60
"""Seconds by which clocks may differ."""

_MOST_TOKEN: Final = 16_384
_MOST_NAME: Final = 200

_ODD: Final = (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)
"""What reading a token ends with whose parts are not of the kinds that they should be."""


class JwtDoorkeeper:
    """Lets in whoever comes with a token that a provider has signed.

    Its keys are fetched from its JWKS, and again when a token names one that is not known yet.

    Example:
        >>> from tidemill.api.app import create_api
        >>> door = JwtDoorkeeper(  # doctest: +SKIP
        ...     "https://id.example.org/.well-known/jwks.json",
        ...     issuer="https://id.example.org/",
        ...     audience="tidemill",
        ...     roles={"ADMIN": "admin", "OPS": "operator"},
        ... )
        >>> api = create_api(app, host=door)  # doctest: +SKIP
    """

    def __init__(
        self,
        jwks: str,
        *,
        issuer: str,
        audience: str,
        roles: Mapping[str, str],
        role_claim: str = "role",
        tenant_claim: str = "tenant",
        name_claim: str = "sub",
        algorithms: Sequence[str] = ALGORITHMS,
    ) -> None:
        """Say whose tokens count.

        Args:
            jwks: where the provider publishes its keys, by https, or http on this machine.
            issuer: has to be the token's `iss`.
            audience: has to be in the token's `aud`.
            roles: what the provider's roles are here; a role that is not in it is none.
            role_claim: where the token says the role, one or several.
            tenant_claim: where it says the tenant; a token without one is for the instance.
            name_claim: where it says who it is.
            algorithms: signatures that count; those by a shared secret never do.

        Raises:
            InvalidOption: an algorithm or a role that will not do.
        """
        if not algorithms or not set(algorithms) <= set(ALGORITHMS):
            raise InvalidOption(
                f"algorithms={list(algorithms)} will not do", hint=f"of {', '.join(ALGORITHMS)}"
            )
        self._keys = jwt.PyJWKClient(jwks, cache_keys=True, lifespan=300, timeout=10)
        self._issuer = issuer
        self._audience = audience
        self._roles = {theirs: Role(ours) for theirs, ours in roles.items()}
        self._role_claim = role_claim
        self._tenant_claim = tenant_claim
        self._name_claim = name_claim
        self._algorithms = list(algorithms)

    async def identify(self, request: Request) -> Actor | None:
        """Whoever comes with this token; `None`: the request has none.

        Raises:
            NotAuthenticated: it has one that opens nothing.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        if len(token) > _MOST_TOKEN:
            raise NotAuthenticated("the token is too long")
        claims = await asyncio.to_thread(self._verified, token.strip())
        return self._actor(claims)

    def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", self._name_claim]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise StoreUnavailable("the keys of the identity provider cannot be fetched") from error
        except (jwt.PyJWTError, *_ODD) as error:
            raise NotAuthenticated(
                "the token opens nothing", hint=f"it is not valid: {type(error).__name__}"
            ) from error
        return claims

    def _actor(self, claims: Mapping[str, Any]) -> Actor:
        named = claims.get(self._role_claim)
        theirs = [named] if isinstance(named, str) else named if isinstance(named, list) else []
        ours = [
            self._roles[each] for each in theirs if isinstance(each, str) and each in self._roles
        ]
        role = max(ours, key=list(Role).index, default=None)
        tenant = claims.get(self._tenant_claim)
        if tenant is not None:
            tenant = _tenant(tenant)
        may = permissions(role, instance=tenant is None) if role else frozenset()
        name = _name(claims[self._name_claim])
        return Actor(kind="host", name=name, tenant=tenant, role=role, may=may)


def _tenant(claimed: object) -> str:
    """A tenant that a token names.

    Raises:
        NotAuthenticated: it cannot be one.
    """
    try:
        return check_name("tenant", claimed)
    except InvalidName as error:
        raise NotAuthenticated("the token opens nothing", hint="it names no tenant") from error


def _name(claimed: object) -> str:
    """Who a token says it is.

    Raises:
        NotAuthenticated: it is nothing that the audit log could call somebody.
    """
    name = str(claimed)[:_MOST_NAME] if isinstance(claimed, str | int) else ""
    if not name or not name.isprintable():
        raise NotAuthenticated("the token opens nothing", hint="it does not say who it is")
    return name
