"""Records: the few documents with versions that an application or a module keeps of its own."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tidemill.client.client import Client
from tidemill.client.directory import Kept
from tidemill.client.sealing import Sealing
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, VersionConflict
from tidemill.core.identity import check_key, check_name, is_whole
from tidemill.core.record import NewEntry, Put, Record
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Call
from tidemill.tasks.codec import check_size

RECORD_LIMIT: Final = 1 << 20
"""Bytes that the JSON of a value may have."""

MOST_FOUND: Final = 1_000
"""Records that one call of `find` answers."""

_OWN: Final = "app:"
"""What the kinds of applications begin with in the store: no kind of the platform's does."""

_TRIES: Final = 20
"""Times that a change is made anew because another one came between reading and writing."""


class Records:
    """The records of one kind and one tenant; every verb has an `a` before it for async code.

    A record is a value that has a JSON form, under a key. It is for what is small and few:
    subscriptions, settings that people change, how far something has come. Whoever writes one may
    say which version they have read, so that nobody overwrites what they have not seen. What
    belongs to another tenant is not there. A `Secret` in a value is kept encrypted, under the keys
    of `secrets.keys`, and is a `Secret` again in the value that is read.

    Made by `app.records(kind)`, and by `module.records(kind)` in a running job.

    Example:
        >>> from tidemill import Tidemill
        >>> hooks = Tidemill("memory://").records("webhook.subscriptions")
        >>> hooks.put("crm", {"url": "https://crm.example.org"}, version=0).version
        1
        >>> hooks.get("crm").value["url"]
        'https://crm.example.org'
    """

    def __init__(self, client: Client, kind: str, tenant: str | None = None) -> None:
        """Look at the records of a kind.

        Args:
            client: asks the store.
            kind: a name, as that of a task.
            tenant: whose they are; by default the client's own.

        Raises:
            InvalidName: no name for a kind, or for a tenant.
            InvalidOption: a tenant that this client may not ask about.
        """
        self.kind = check_name("kind", kind)
        self.tenant = client.whose(tenant)
        self._client = client
        self._begin = f"{self.tenant}/"

    def __repr__(self) -> str:
        return f"<Records {self.kind}{self.tenant and ' of '}{self.tenant}>"

    @blocking
    def get(self, key: str) -> Steps[Kept[Any] | None]:
        """The record of a key; `None` where there is none.

        Args:
            key: 1 to 255 printable characters, as it was put.

        Raises:
            InvalidName: no key that a record can have.
            StoreError: the store does not answer.
        """
        engine = yield from self._client.store.engine()
        found = yield from ask(engine.records.get(self._stored, self._key(key)))
        return None if found is None else self._kept(found)

    aget = awaiting(get)

    @blocking
    def put(self, key: str, value: Any, version: int | None = None) -> Steps[Kept[Any]]:
        """Write a record; answer it as it is now, its version one more than before.

        Args:
            key: 1 to 255 printable characters.
            value: anything that has a JSON form, up to 1 MiB of it; a `Secret` has one here.
            version: the one that was read; 0: there must be none yet; `None`: whatever is there.

        Raises:
            VersionConflict: it is not of that version; nothing was written.
            InvalidName: no key that a record can have.
            InvalidOption: no version, or a secret where no key is set.
            Unserialisable: the value has no JSON form.
            PayloadTooLarge: it is more than 1 MiB of JSON.
            StoreError: the store did not take it.
        """
        what = f"record {key!r} of {self.kind}"
        stored = self._key(key)
        payload = check_size(self._sealing(key).written(value), RECORD_LIMIT, what)
        put = Put(self._stored, stored, b'{"value":%b}' % payload, _version(version))
        engine = yield from self._client.store.engine()
        try:
            record = yield from ask(engine.records.put(put, audit=self._audit("put", key, payload)))
        except VersionConflict as error:
            raise _conflict(what, version) from error
        return self._kept(record)

    aput = awaiting(put)

    @blocking
    def change(self, key: str, change: Callable[[Any], Any]) -> Steps[Kept[Any]]:
        """Make another value of the one that is kept, whoever else does so at the same time.

        Args:
            key: of the record.
            change: is given the value, `None` where there is none, and answers the new one; it is
                called again when another one came in between, so it should do nothing else.

        Raises:
            VersionConflict: others came in between twenty times in a row.
            TidemillError: as `put`.

        Example:
            >>> from tidemill import Tidemill
            >>> count = Tidemill("memory://").records("count")
            >>> count.change("sent", lambda seen: (seen or 0) + 1).value
            1
        """
        engine = yield from self._client.store.engine()
        what, stored, sealing = f"record {key!r} of {self.kind}", self._key(key), self._sealing(key)
        for left in reversed(range(_TRIES)):
            found = yield from ask(engine.records.get(self._stored, stored))
            seen = None if found is None else self._kept(found)
            payload = sealing.written(change(None if seen is None else seen.value))
            doc = b'{"value":%b}' % check_size(payload, RECORD_LIMIT, what)
            put = Put(self._stored, stored, doc, 0 if seen is None else seen.version)
            audit = self._audit("put", key, payload)
            try:
                return self._kept((yield from ask(engine.records.put(put, audit=audit))))
            except VersionConflict:
                if not left:
                    raise
        raise AssertionError  # the loop answers or raises

    achange = awaiting(change)

    @blocking
    def delete(self, key: str, version: int | None = None) -> Steps[bool]:
        """Keep a record no longer; whether it was there.

        Args:
            key: of the record.
            version: the one that was read; `None`: whatever is there.

        Raises:
            VersionConflict: it is not of that version.
            InvalidName: no key that a record can have.
            InvalidOption: no version.
            StoreError: the store does not answer.
        """
        self._key(key)
        expected = _version(version)
        engine = yield from self._client.store.engine()
        try:
            return (yield from ask(self._deleting(engine, key, expected)))
        except VersionConflict as error:
            raise _conflict(f"record {key!r} of {self.kind}", version) from error

    adelete = awaiting(delete)

    @blocking
    def find(self, prefix: str = "", after: str = "", limit: int = 100) -> Steps[list[Kept[Any]]]:
        """Records by their keys, in the order of these.

        Args:
            prefix: what the keys begin with.
            after: behind this key, such as the last one of the page before.
            limit: so many at most, 1 to 1,000.

        Raises:
            InvalidOption: a limit that is not possible.
            InvalidName: nothing that a key can be, or begin with.
            StoreError: the store does not answer.

        Example:
            >>> from tidemill import Tidemill
            >>> seen = Tidemill("memory://").records("seen")
            >>> for key in ("b", "a", "c"):
            ...     _ = seen.put(key, True)
            >>> [each.key for each in seen.find(after="a")]
            ['b', 'c']
        """
        if not is_whole(limit) or not 1 <= limit <= MOST_FOUND:
            raise InvalidOption(
                f"limit={limit!r} is not possible", hint=f"from 1 to {MOST_FOUND:,}"
            )
        begin = self._begin + (prefix and check_key("prefix", prefix))
        behind = after and self._begin + check_key("after", after)
        engine = yield from self._client.store.engine()
        found = yield from ask(
            engine.records.find(self._stored, prefix=begin, after=behind, limit=limit)
        )
        return [self._kept(record) for record in found]

    afind = awaiting(find)

    @property
    def seals(self) -> bool:
        """Whether a `Secret` can be kept: a key is set."""
        return bool(self._client.vault)

    def _deleting(self, engine: Engine, key: str, expected: int | None) -> Call[bool]:
        audit = self._audit("delete", key)
        return engine.records.delete(self._stored, self._key(key), expected, audit=audit)

    def _audit(self, verb: str, key: str, payload: bytes | None = None) -> tuple[NewEntry, ...]:
        """The line that goes with a change, if somebody keeps account of who asks."""
        return self._client.audit(f"records.{verb}", f"{self.kind}/{key}", after=payload)

    @property
    def _stored(self) -> str:
        return _OWN + self.kind

    def _key(self, key: str) -> str:
        return self._begin + check_key("key", key)

    def _kept(self, record: Record) -> Kept[Any]:
        key = record.key.removeprefix(self._begin)
        payload = msgspec.json.decode(record.doc, type=dict[str, msgspec.Raw])["value"]
        return Kept(key, self._sealing(key).read(bytes(payload)), record.version)

    def _sealing(self, key: str) -> Sealing:
        return Sealing(self._client.vault, self.tenant, self.kind, key)


def _version(version: int | None) -> int | None:
    if version is not None and (not is_whole(version) or version < 0):
        raise InvalidOption(
            f"version={version!r} is none", hint="give the one that was read, or 0 for a new record"
        )
    return version


def _conflict(what: str, version: int | None) -> VersionConflict:
    if version == 0:
        return VersionConflict(f"{what} is there already", hint="read it, then decide anew")
    return VersionConflict(
        f"{what} is not at version {version} any more", hint="read it again, then decide anew"
    )
