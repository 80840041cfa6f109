"""A call becomes a payload and that the same call again, or the argument at fault is named."""

import dataclasses
import enum
import math
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.core.errors import (
    InvalidArguments,
    InvalidOption,
    MisuseError,
    PayloadTooLarge,
    Unserialisable,
)
from tidemill.tasks.signature import PAYLOAD_LIMIT, Signature


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Address:
    street: str
    number: int = 1
    tags: list[str] = dataclasses.field(default_factory=list)


class Person(msgspec.Struct):
    name: str
    born: date
    home: Address | None = None


class Point(NamedTuple):
    x: float
    y: float


class Extent(TypedDict):
    low: int
    high: int


def sign(function: Callable[..., Any], limit: int = PAYLOAD_LIMIT) -> Signature:
    return Signature(function.__name__, function, limit)


def round_trip(signature: Signature, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    return signature.decode(signature.encode(args, kwargs).payload)


texts = st.text(st.characters(exclude_categories=["Cs"]))
floats = st.floats(allow_nan=False, allow_infinity=False)
whole_minutes = st.integers(-23 * 60, 23 * 60).map(lambda n: timezone(timedelta(minutes=n)))
addresses = st.builds(Address, texts, st.integers(), st.lists(texts))
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(),
    float: floats,
    bool: st.booleans(),
    str: texts,
    bytes: st.binary(),
    int | None: st.none() | st.integers(),
    int | str: st.integers() | texts,
    list[int]: st.lists(st.integers()),
    tuple[int, str]: st.tuples(st.integers(), texts),
    tuple[int, ...]: st.lists(st.integers()).map(tuple),
    set[str]: st.sets(texts),
    frozenset[int]: st.frozensets(st.integers()),
    dict[str, float]: st.dictionaries(texts, floats),
    dict[int, bool]: st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.booleans()),
    datetime: st.datetimes(timezones=st.just(UTC) | whole_minutes),
    date: st.dates(),
    time: st.times(),
    timedelta: st.timedeltas(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    uuid.UUID: st.uuids(),
    Colour: st.sampled_from(Colour),
    Level: st.sampled_from(Level),
    Literal["a", "b"]: st.sampled_from(["a", "b"]),
    Address: addresses,
    list[Address]: st.lists(addresses),
    Person: st.builds(Person, texts, st.dates(), st.none() | addresses),
    Point: st.builds(Point, floats, floats),
    Extent: st.fixed_dictionaries({"low": st.integers(), "high": st.integers()}),
    Path: st.sampled_from([Path("a"), Path("/b/c.txt"), Path("../d e")]),
    Any: st.recursive(
        st.none() | st.booleans() | st.integers() | floats | texts,
        lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
        max_leaves=10,
    ),
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
def test_what_goes_in_comes_out(kind: Any) -> None:
    def function(value: Any) -> None: ...

    function.__annotations__["value"] = kind
    signature = sign(function)

    @given(VALUES[kind])
    @settings(max_examples=40, deadline=None)
    def check(value: Any) -> None:
        (out,), named = round_trip(signature, value)
        assert out == value
        assert type(out) is type(value)
        assert named == {}

    check()


def many(
    first: int, /, second: str, third: float = 0.5, *rest: int, key: bool, **more: date
) -> None: ...


@given(
    st.tuples(st.integers(), texts, floats),
    st.lists(st.integers()),
    st.fixed_dictionaries({"key": st.booleans()}),
    st.dictionaries(st.sampled_from(["first", "x", "rest", "self"]), st.dates()),
)
@settings(deadline=None)
def test_every_kind_of_parameter_keeps_its_place(
    plain: tuple[int, str, float], rest: list[int], key: dict[str, bool], more: dict[str, date]
) -> None:
    args, kwargs = round_trip(sign(many), *plain, *rest, **key, **more)
    assert args == (*plain, *rest)
    assert kwargs == key | more


def test_positional_arguments_may_be_named_and_defaults_are_the_functions_own() -> None:
    sentinel = object()

    def function(a: int, b: Any = sentinel, *, c: Any = sentinel) -> None: ...

    signature = sign(function)
    arguments = signature.encode((), {"a": 1})
    assert arguments.payload == b'{"a":1}'
    args, kwargs = signature.decode(arguments.payload)
    assert args == (1, sentinel)
    assert kwargs == {"c": sentinel}


def test_names_that_cannot_name_a_field_are_no_trouble() -> None:
    def function(self: int, cls: int, __x: int, encode: int) -> int:
        return self + cls + __x + encode

    assert round_trip(sign(function), 1, 2, 3, encode=4) == ((1, 2, 3, 4), {})


def test_big_integers_stay_exact() -> None:
    def function(number: int) -> None: ...

    for number in (2**53 + 1, -(2**64), 10**400 + 1):
        assert round_trip(sign(function), number)[0] == (number,)


def test_an_int_will_do_for_a_float() -> None:
    def function(share: float) -> None: ...

    (share,), _ = round_trip(sign(function), 1)
    assert share == 1.0
    assert type(share) is float


def welcome(user_id: int, template: str = "hello") -> None: ...
def people(value: list[Person], *, where: dict[str, Address] | None = None) -> None: ...
def free(value: Any) -> None: ...
def flag(*, value: bool) -> None: ...
def moment(at: datetime) -> None: ...
def share(value: float) -> None: ...
def colour(value: Colour, level: Level = Level.LOW) -> None: ...


SOMEONE = Person("a", date(2020, 1, 1))
SOMEWHERE_ODD = Address("x")
SOMEWHERE_ODD.tags = ["a", cast("str", 1)]
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "said"),
    [
        (welcome, ("42",), {}, "welcome(): argument 'user_id': expected int, got str"),
        (welcome, (True,), {}, "welcome(): argument 'user_id': expected int, got bool"),
        (welcome, (1.0,), {}, "welcome(): argument 'user_id': expected int, got float"),
        (welcome, (None,), {}, "welcome(): argument 'user_id': expected int, got null"),
        (welcome, (1, b"x"), {}, "welcome(): argument 'template': expected str, got bytes"),
        (welcome, (1, uuid.uuid4()), {}, "argument 'template': expected str, got uuid"),
        (welcome, (1, date(2020, 1, 1)), {}, "argument 'template': expected str, got date"),
        (welcome, (), {}, "welcome(): missing a required argument: 'user_id'"),
        (welcome, (1, "a", 3), {}, "welcome(): too many positional arguments"),
        (welcome, (1,), {"nope": 1}, "got an unexpected keyword argument 'nope'"),
        (welcome, (1,), {"user_id": 1}, "multiple values for argument 'user_id'"),
        (many, (1, "x"), {}, "missing a required argument: 'key'"),
        (many, (1, "x", 0.5, "y"), {"key": True}, "argument 'rest[0]': expected int, got str"),
        (many, (1, "x"), {"key": True, "on": "2020-01-01"}, "expected date, got str"),
        (
            people,
            ([msgspec.structs.replace(SOMEONE, born="2020")],),
            {},
            "argument 'value[0].born': ",
        ),
        (
            people,
            ([],),
            {"where": {"home": SOMEWHERE_ODD}},
            "expected str, got int",
        ),
        (people, ([Address("x")],), {}, "argument 'value[0]': expected object, got Address"),
        (flag, (), {"value": 1}, "argument 'value': expected bool, got int"),
        (moment, ("2020-01-01T00:00:00Z",), {}, "argument 'at': expected datetime, got str"),
        (moment, (date(2020, 1, 1),), {}, "argument 'at': expected datetime, got date"),
        (share, ("0.5",), {}, "argument 'value': expected float, got str"),
        (colour, ("green",), {}, "argument 'value': Invalid enum value 'green'"),
        (free, (object(),), {}, "arguments of free['value']: object has no JSON form"),
        (free, ({"a": [1, {2: {3, 1j}}]},), {}, "complex has no JSON form"),
        (free, ([{"f": math.nan}],), {}, "free['value'][0]['f']: NaN and Infinity"),
        (free, ({"null": None, "x": (math.inf,)},), {}, "['x'][0]: NaN and Infinity"),
        (share, (-math.inf,), {}, "arguments of share['value']: NaN and Infinity"),
        (free, ("\ud800",), {}, "half a surrogate pair"),
        (free, ({"\udfff": 1},), {}, "half a surrogate pair"),
        (free, (CIRCLE,), {}, "nested too deeply, or holds itself"),
        (free, ({(1, 2): 3},), {}, "a dict whose keys are no strings or numbers"),
        (free, (10**5000,), {}, "more digits than Python will write"),
        (free, (lambda: None,), {}, "function has no JSON form"),
        (free, (ValueError("x"),), {}, "ValueError has no JSON form"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], said: str
) -> None:
    with pytest.raises(MisuseError) as caught:
        sign(function).encode(args, kwargs)
    assert type(caught.value) in (InvalidArguments, Unserialisable)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "Input data was truncated"),
        (b"[]", "welcome(): expected object, got array"),
        (b"null", "welcome(): expected object, got null"),
        (b'{"user_id":1', "Input data was truncated"),
        (b'{"user_id":1} x', "malformed"),
        (b'{"user_id":"\xff"}', ""),
        (b'{"user_id":"1"}', "argument 'user_id': expected int, got str"),
        (b'{"user_id":NaN}', "malformed"),
        (b"{}", "welcome(): missing argument 'user_id'"),
        (b'{"user_id":1,"extra":2}', "welcome(): unexpected argument 'extra'"),
        (b'{"user_id":1,"template":null}', "argument 'template': expected str, got null"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(payload: bytes, said: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        sign(welcome).decode(payload)
    assert said in caught.value.message


def test_json_values_are_read_as_the_annotations_say() -> None:
    arguments = sign(moment).encode_json({"at": "2020-01-01T00:00:00Z"})
    assert arguments.given == {"at": datetime(2020, 1, 1, tzinfo=UTC)}
    with pytest.raises(InvalidArguments, match=r"unexpected argument 'when'"):
        sign(moment).encode_json({"when": "2020-01-01T00:00:00Z"})


def test_the_payload_has_a_limit_to_the_byte() -> None:
    signature = sign(free, limit=20)
    assert len(signature.encode(("x" * 8,), {}).payload) == 20
    with pytest.raises(PayloadTooLarge, match=r"21 bytes of JSON are more than the 20 allowed"):
        signature.encode(("x" * 9,), {})


def test_equal_calls_are_equal_in_canonical_form() -> None:
    def function(items: set[str], more: dict[str, int], last: int = 7) -> None: ...

    signature = sign(function)
    one = signature.encode(({"a", "b", "c"}, {"x": 1, "y": 2}), {})
    other = signature.encode(({"c", "b", "a"},), {"more": {"y": 2, "x": 1}, "last": 7})
    different = signature.encode(({"a", "b", "c"}, {"x": 1, "y": 2}, 8), {})
    assert signature.canonical(one) == signature.canonical(other)
    assert signature.canonical(one) != signature.canonical(different)


def test_a_key_is_filled_with_arguments_and_defaults() -> None:
    signature = sign(welcome)
    arguments = signature.encode((42,), {})
    assert signature.fill("{user_id}/{template}", arguments) == "42/hello"
    with pytest.raises(InvalidArguments, match=r"cannot be made"):
        signature.fill("{user_id.name}", arguments)


def test_annotations_that_cannot_be_used_are_refused_once_and_clearly() -> None:
    def unknown(value: Any) -> None: ...

    def ambiguous(value: str | datetime) -> None: ...

    unknown.__annotations__["value"] = "Nowhere"
    with pytest.raises(InvalidOption, match=r"Nowhere"):
        sign(unknown)
    with pytest.raises(InvalidOption, match=r"more than one str-like type"):
        sign(ambiguous)


def test_pydantic_models_travel_where_the_program_uses_them() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Order(pydantic.BaseModel):  # type: ignore[name-defined,misc]  # pydantic may be absent
        model_config = pydantic.ConfigDict(strict=True)
        id: int
        at: datetime
        note: str | None = None

    def function(order: Any, others: Any = ()) -> None: ...

    function.__annotations__ |= {"order": Order, "others": list[Order]}
    order = Order(id=1, at=datetime(2020, 1, 1, tzinfo=UTC))
    assert round_trip(sign(function), order, [order])[0] == (order, [order])
    with pytest.raises(InvalidArguments, match=r"argument 'order': Order\.id: "):
        sign(function).decode(b'{"order":{"id":"x","at":"2020-01-01T00:00:00Z"}}')
    with pytest.raises(InvalidArguments, match=r"'order': expected Order, got str|Order"):
        sign(function).encode(("x",), {})
