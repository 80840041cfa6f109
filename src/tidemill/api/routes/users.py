"""`/users`: who may come in, and as what."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response

from tidemill.access.identity import User
from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import doors_of, needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import (
    PasswordIn,
    UserChangeIn,
    UserIn,
    UserOut,
    UsersOut,
    grants_of,
    user_out,
)
from tidemill.api.shapes.shape import Key
from tidemill.client.directory import Kept

routes: Final = APIRouter(prefix=f"{PREFIX}/users", tags=["users"])

Reading = Annotated[Desk, needs(Permission.USERS_READ)]
Changing = Annotated[Desk, needs(Permission.USERS_CHANGE)]


@routes.get("", operation_id="listUsers", response_model=UsersOut)
async def list_users(desk: Reading) -> Response:
    """List users, by name."""
    found = await desk.users.afind()
    return sent({"users": [user_out(each.value, each.version) for each in found]})


@routes.post("", operation_id="createUser", status_code=201, response_model=UserOut)
async def create(body: UserIn, desk: Changing) -> Response:
    """Let somebody in."""
    user = await desk.users.acreate(
        body.name,
        body.password,
        grants_of(body.grants),
        full_name=body.full_name,
        payloads=body.payloads,
        by=desk.actor,
    )
    return sent(user_out(user, 1), 201, etag=tag(1))


@routes.get("/{name}", operation_id="getUser", response_model=UserOut)
async def get(name: Key, desk: Reading) -> Response:
    """Look at one user."""
    return _shown(await desk.users.aget(name))


@routes.patch("/{name}", operation_id="changeUser", response_model=UserOut)
async def change(
    request: Request, name: Key, body: UserChangeIn, desk: Changing, seen: IfMatch = None
) -> Response:
    """Change what is known of a user; other roles, or being disabled, end all their sessions."""
    given: dict[str, Any] = {
        name: value for name in body.model_fields_set if (value := getattr(body, name)) is not None
    }
    if body.grants is not None:
        given["grants"] = grants_of(body.grants)
    kept = await desk.users.achange(name, expected=version_of(seen), by=desk.actor, **given)
    doors_of(request).forget()
    return _shown(kept)


@routes.put("/{name}/password", operation_id="setPassword", status_code=204)
async def set_password(name: Key, body: PasswordIn, desk: Changing) -> Response:
    """Give a user another password, which ends all their sessions."""
    await desk.users.aset_password(name, body.password, by=desk.actor)
    return Response(status_code=204)


@routes.delete("/{name}", operation_id="deleteUser", status_code=204)
async def delete(request: Request, name: Key, desk: Changing, seen: IfMatch = None) -> Response:
    """Let somebody in no more."""
    await desk.users.adelete(name, expected=version_of(seen))
    doors_of(request).forget()
    return Response(status_code=204)


def _shown(kept: Kept[User]) -> Response:
    return sent(user_out(kept.value, kept.version), etag=tag(kept.version))
