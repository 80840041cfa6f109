"""The routes as they are declared: path, method, and the permission that each needs."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from msgspec import Struct

from tidemill.access.role import Permission
from tidemill.api.callers import ANYONE

OPEN = {
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/health"),
    ("GET", "/files/{token}"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/session/setup"),
}
"""What is open to anybody; whoever adds to it has thought about it."""


class Declared(Struct, frozen=True):
    """One route.

    Attributes:
        needs: the permission; `None`: only that somebody is known.
        open: whether nobody need be known.
    """

    method: str
    path: str
    operation: str
    needs: Permission | None
    open: bool

    @property
    def changes(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")


def declared(api: FastAPI) -> Iterator[Declared]:
    """Every route; one that declares nothing is an error."""
    for route in api.routes:
        assert isinstance(route, APIRoute), f"{route} declares no permission"
        calls = list(_calls(route.dependant))
        needs = [call.needs for call in calls if hasattr(call, "needs")]
        is_open = ANYONE.dependency in calls
        assert len(needs) + is_open == 1, f"{route.path} declares no permission, or several"
        for method in route.methods or ():
            yield Declared(
                method,
                route.path,
                route.operation_id or "",
                needs[0] if needs else None,
                is_open,
            )


def _calls(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
