"""Records of one kind, kept as values: made, changed, looked up, removed."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask
from tidemill.client.witness import written
from tidemill.core.errors import NotFound, VersionConflict
from tidemill.core.record import Mention, Put, Record
from tidemill.engines.protocol import Engine

T = TypeVar("T", bound=Struct)

_TRIES: Final = 10
"""Times that a change is made anew because another one came between reading and writing."""


TENANT: Final = "tenant"
"""The kind of record that tenants are."""


def known(engine: Engine, tenants: Iterable[str]) -> Steps[tuple[tuple[str, str], ...]]:
    """What a document of these tenants needs: those that are known have to stay so.

    A tenant need not be made known; but one that is may be removed just now.
    """
    needs: list[tuple[str, str]] = []
    for tenant in tenants:
        found = yield from ask(engine.records.get(TENANT, tenant))
        needs += [] if found is None else [(TENANT, tenant)]
    return tuple(needs)


class Kept(Struct, Generic[T], frozen=True):
    """Something that is kept.

    Attributes:
        key: under which it is kept.
        version: how often it has been written.
    """

    key: str
    value: T
    version: int


class Directory(Generic[T]):
    """Records of one kind, as values."""

    def __init__(
        self,
        client: Client,
        kind: str,
        type_: type[T],
        noun: str,
        owners: Callable[[T], Iterable[str]] = lambda _: (),
    ) -> None:
        """Keep such values through this client.

        Args:
            kind: of their records.
            type_: what they are made into.
            noun: what the audit log and messages call them, such as `"users"`.
            owners: the tenants to which one belongs.
        """
        self._client = client
        self._kind = kind
        self._type = type_
        self._noun = noun
        self._owners = owners
        self._listing = noun.replace(".", " ") if "." in noun else f"{noun} list"

    def all(self) -> Steps[list[Kept[T]]]:
        """All of them, by key."""
        engine = yield from self._client.store.engine()
        records = yield from ask(engine.records.find(self._kind))
        return [self._kept(record) for record in records]

    def look(self, key: str) -> Steps[Kept[T] | None]:
        """The one of this key, if it is there."""
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(self._kind, key))
        return None if record is None else self._kept(record)

    def get(self, key: str, shown: str) -> Steps[Kept[T]]:
        """The one of this key.

        Raises:
            NotFound: it is not there.
        """
        found = yield from self.look(key)
        if found is None:
            raise NotFound(
                f"there is no {shown}", hint=f"`tidemill {self._listing}` names what there is"
            )
        return found

    def add(self, key: str, value: T, *, verb: str = "create", target: str = "") -> Steps[T]:
        """Keep a new one.

        Raises:
            NotFound: its tenant has just been removed.
            VersionConflict: there is one of this key.
        """
        yield from self._put(key, value, 0, verb, target or key, before=None)
        return value

    def change(
        self,
        key: str,
        altered: Callable[[T], T],
        *,
        shown: str,
        verb: str = "change",
        expected: int | None = None,
    ) -> Steps[Kept[T]]:
        """Make another one of the one that is kept.

        Args:
            altered: makes it; called again where somebody else was faster.
            expected: the version that was seen; `None`: whichever is there.

        Raises:
            NotFound: it is not there, or its tenant has just been removed.
            VersionConflict: it is not of that version any more.
        """
        for left in reversed(range(_TRIES)):
            old = yield from self.get(key, shown)
            new = altered(old.value)
            seen = old.version if expected is None else expected
            try:
                version = yield from self._put(key, new, seen, verb, key, before=old.value)
            except VersionConflict:
                if expected is not None or not left:
                    raise
            else:
                return Kept(key, new, version)
        raise AssertionError  # the loop answers or raises

    def remove(
        self,
        key: str,
        *,
        shown: str,
        expected: int | None = None,
        target: str = "",
        unless: Sequence[Mention] = (),
    ) -> Steps[None]:
        """Keep it no longer.

        Args:
            unless: where others may name it.

        Raises:
            NotFound: it is not there.
            StateError: others name it.
            VersionConflict: it is not of the version that was seen.
        """
        old = yield from self.get(key, shown)
        audit = self._client.audit(f"{self._noun}.delete", target or key, before=written(old.value))
        engine = yield from self._client.store.engine()
        yield from ask(engine.records.delete(self._kind, key, expected, unless=unless, audit=audit))

    def _put(
        self, key: str, value: T, expected: int, verb: str, target: str, *, before: T | None
    ) -> Steps[int]:
        audit = self._client.audit(
            f"{self._noun}.{verb}",
            target,
            before=None if before is None else written(before),
            after=written(value),
        )
        engine = yield from self._client.store.engine()
        needs = yield from known(engine, self._owners(value))
        put = Put(self._kind, key, msgspec.json.encode(value), expected, needs)
        record = yield from ask(engine.records.put(put, audit=audit))
        return record.version

    def _kept(self, record: Record) -> Kept[T]:
        value = msgspec.json.decode(record.doc, type=self._type)
        return Kept(record.key, value, record.version)
