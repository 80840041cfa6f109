"""`/keys`: what programs come in with."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response

from tidemill.access.identity import ApiKey
from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import doors_of, needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import ApiKeyOut, KeyIn, KeysOut, NewKeyOut, key_out
from tidemill.api.shapes.shape import Key
from tidemill.core.errors import InvalidOption

routes: Final = APIRouter(prefix=f"{PREFIX}/keys", tags=["keys"])

Reading = Annotated[Desk, needs(Permission.KEYS_READ)]
Changing = Annotated[Desk, needs(Permission.KEYS_CHANGE)]


@routes.get("", operation_id="listKeys", response_model=KeysOut)
async def list_keys(desk: Reading) -> Response:
    """List keys; none of them is shown whole."""
    return sent({"keys": [_shown(each) for each in await desk.keys.afind()]})


@routes.post("", operation_id="createKey", status_code=201, response_model=NewKeyOut)
async def create(body: KeyIn, desk: Changing) -> Response:
    """Make a key, and show it this once."""
    if body.expires_at is not None and body.expires_in is not None:
        raise InvalidOption("expires_at and expires_in are both given", hint="give one of them")
    made = await desk.keys.acreate(
        body.title,
        role=body.role,
        scopes=body.scopes,
        tenant=body.tenant,
        expires=body.expires_at if body.expires_at is not None else body.expires_in,
        by=desk.actor,
    )
    return sent({**_shown(made.key), "secret": made.secret}, 201)


@routes.get("/{id}", operation_id="getKey", response_model=ApiKeyOut)
async def get(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Look at one key."""
    return sent(_shown(await desk.keys.aget(id)))


@routes.delete("/{id}", operation_id="revokeKey", status_code=204)
async def revoke(request: Request, id: Key, desk: Changing) -> Response:  # noqa: A002 - the word
    """Let a key open nothing any more."""
    await desk.keys.arevoke(id)
    doors_of(request).forget()
    return Response(status_code=204)


def _shown(key: ApiKey) -> dict[str, Any]:
    """A key as callers know it: what it stands on is kept for ourselves."""
    shown = key_out(key)
    del shown["of_user"]
    return shown
