"""Secrets are found among the types of parameters, wherever they hide."""

from collections.abc import Callable
from dataclasses import dataclass
from types import GenericAlias
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
    cast,
)

import attrs
import msgspec
import pydantic
import pytest

from tests.tasks.conftest import CANARY, memory_alone
from tidemill import Secret, Tidemill
from tidemill.core.errors import InvalidOption
from tidemill.tasks.secret_types import holds_secret

T = TypeVar("T")
S = TypeVar("S", bound=Secret)


class Sub(Secret):
    """A secret of one's own."""


class Login(msgspec.Struct):
    user: str
    password: Secret


class Of(msgspec.Struct, Generic[T]):
    thing: T
    password: Secret


class Box(msgspec.Struct, Generic[T]):
    thing: T


@dataclass
class Account:
    name: str
    inside: "list[Account | Login]"


class Typed(TypedDict, total=False):
    user: Required[str]
    password: NotRequired[Secret]


class Named(NamedTuple):
    user: str
    password: Secret | None


@attrs.define
class Attrs:
    user: str
    password: Secret


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    user: str
    password: Secret | None


Password = NewType("Password", Secret)

DEEP: list[Any] = [
    list[Secret], tuple[Secret, ...], dict[str, Secret], set[Secret], Secret | int,
    Optional[list[Secret]], Union[int, list[Secret]], Annotated[Secret, "mine"],  # noqa: UP007, UP045 - one finds it so
    Annotated[list[Secret], "mine"], list[dict[str, tuple[int, Secret]]], Login, Of[str],
    Box[Secret], Box[list[Login]], Account, list[Account], Typed, Named, Attrs, Model, Password,
    list[Password], Password | None, S, Sub, Sub | None, list[Typed | None], dict[str, Named],
]  # fmt: skip


@pytest.mark.parametrize("kind", DEEP)
def test_a_secret_is_found_however_deep(kind: Any) -> None:
    assert holds_secret(kind)


@pytest.mark.parametrize(
    "kind", [str, list[str], Any, None, "Secret", Box[str], dict[str, int], int | None, T, object]
)
def test_where_there_is_no_secret_none_is_found(kind: Any) -> None:
    assert not holds_secret(kind)


def test_a_secret_is_found_among_types_that_come_and_go() -> None:
    """Types are known again by their ids, which those that are gone leave to others."""
    for _ in range(50):
        one = made_of(**{f"f{n}": "dict[str, tuple[int, list[dict[str, int]]]]" for n in range(20)})
        two = made_of(z="dict[str, list[Secret]]")
        assert holds_secret(GenericAlias(tuple, (one, two)))


def made_of(**hints: str) -> Any:
    """A dataclass with these fields, whose annotations are text."""
    space: dict[str, Any] = {"__annotations__": hints, "__module__": __name__}
    made: Any = type("Made", (), space)
    return dataclass(made)


@memory_alone
@pytest.mark.parametrize("kind", DEEP)
def test_no_parameter_takes_a_secret_inside_something_else(app: Tidemill, kind: Any) -> None:
    def deep(thing: Any) -> None:
        del thing

    deep.__annotations__["thing"] = kind
    with pytest.raises(InvalidOption):
        app.task(name="deep")(deep).bind(None)


@memory_alone
def test_no_list_of_parameters_is_secret(app: Tidemill) -> None:
    def star(*passwords: Secret) -> None:
        del passwords

    def stars(**passwords: Secret) -> None:
        del passwords

    def maybe(*passwords: Secret | None) -> None:
        del passwords

    for number, function in enumerate((star, stars, maybe)):
        name = f"task{number}"
        app.task(name=name)(cast("Callable[..., None]", function))
        for given in ([CANARY], {"a": CANARY}):
            with pytest.raises(InvalidOption, match="secret inside"):
                app.enqueue(name, {"passwords": given})
    assert list(app.jobs.find()) == []


@memory_alone
def test_a_secret_that_nobody_expects_is_not_written(app: Tidemill) -> None:
    @app.task(name="loose")
    def loose(thing: Any, *things: Any, **more: Any) -> None:
        del thing, things, more

    secret = Secret(CANARY)
    for args, more in (
        ((secret,), {}), (([{"a": secret}],), {}), ((1, secret), {}), ((1,), {"a": secret}),
        ((Login("zoe", secret),), {}),
    ):  # fmt: skip
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever says so
            loose.enqueue(*args, **more)
        assert CANARY not in str(caught.value)
    assert list(app.jobs.find()) == []
