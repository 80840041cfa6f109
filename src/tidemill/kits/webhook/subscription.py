"""A subscription: who wants to be told of what, where, and how it is known that it was us."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

import tidemill
from tidemill import Event, Secret

MASK: Final = "***"

MOST_PATTERNS: Final = 100
MOST_HEADERS: Final = 20
LONGEST_VALUE: Final = 4_000
LONGEST_DESCRIPTION: Final = 1_000

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS: Final = re.compile(
    r"webhook-.*|content-.*|transfer-encoding|host|connection|te|trailer|upgrade|keep-alive"
    r"|proxy-.*|accept-encoding|expect|user-agent",
    re.IGNORECASE,
)
"""Headers that say how a request is framed, and what we say of it ourselves."""
_ANY: Final = Event(0, 0, "any", "", "", None)


class Subscription(Struct, frozen=True, kw_only=True):
    """Somebody's wish to be told of events by webhook.

    Attributes:
        id: `sub_` and letters; it is a tag of each of its deliveries, too.
        url: where events are posted to.
        events: patterns of those that are; none: only what is sent to it by name.
        description: whatever people want to say of it.
        headers: names of the headers that are sent along; their values are not shown.
        enabled: whether it is posted to.
        reason: why it is not, if it is not.
        created_at: milliseconds UTC.
        disabled_at: milliseconds UTC; 0: it is not.
        secret: what its webhooks are signed with; shown by what has made it, and not again.
        former_until: so long what was its secret before signs as well, milliseconds UTC; 0: there
            is none.
        version: grows with each change.
    """

    id: str
    url: str
    events: tuple[str, ...]
    description: str = ""
    headers: Mapping[str, str] = {}
    enabled: bool = True
    reason: str = ""
    created_at: int = 0
    disabled_at: int = 0
    secret: str = ""
    former_until: int = 0
    version: int = 0


class Former(Struct, frozen=True):
    """A secret that another one has taken the place of.

    Attributes:
        until: it signs until then, milliseconds UTC.
    """

    secret: Secret
    until: int


class Stored(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription as it is kept: its secrets, and what its headers say, are nobody else's."""

    url: str
    events: tuple[str, ...]
    secret: Secret
    created_at: int
    description: str = ""
    headers: dict[str, Secret] = {}
    former: Former | None = None
    disabled_at: int = 0
    reason: str = ""

    def secrets(self, now: int) -> list[str]:
        """What signs at a moment: one secret, or two while one takes the other's place."""
        former = self.former
        signing = [self.secret, *([former.secret] if former and former.until > now else ())]
        return [each.reveal() for each in signing]

    def revealed_headers(self) -> dict[str, str]:
        """The headers as they are sent along."""
        return {name: value.reveal() for name, value in self.headers.items()}

    def wants(self, event: Event) -> bool:
        """Whether an event is to be posted to it."""
        return not self.disabled_at and any(event.matches(pattern) for pattern in self.events)

    def disabled(self, reason: str, now: int) -> "Stored":
        """The same, not posted to any more; the first reason stays."""
        return self if self.disabled_at else replace(self, disabled_at=now, reason=reason)

    def shown(self, id_: str, version: int, *, with_secret: bool = False) -> Subscription:
        """What people may see of it."""
        return Subscription(
            id=id_,
            url=self.url,
            events=self.events,
            description=self.description,
            headers=dict.fromkeys(self.headers, MASK),
            enabled=not self.disabled_at,
            reason=self.reason,
            created_at=self.created_at,
            disabled_at=self.disabled_at,
            secret=self.secret.reveal() if with_secret else "",
            former_until=self.former.until if self.former else 0,
            version=version,
        )


def stored(value: Any) -> Stored:
    """A subscription as it comes out of its record, sealed or not."""
    return msgspec.convert(value, Stored, dec_hook=_secret)


def plain(subscription: Stored, *, seals: bool) -> Any:
    """A subscription as it goes into its record.

    Args:
        subscription: what is to be kept.
        seals: whether secrets can be sealed; otherwise they are kept as they are, for they have to
            be sent.
    """
    return subscription if seals else msgspec.to_builtins(subscription, enc_hook=Secret.reveal)


def _secret(_: type, value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def check_events(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns, each once, if they are some.

    Raises:
        InvalidName: one is no pattern.
        InvalidOption: a lone text, or too many.
    """
    if isinstance(patterns, str):
        raise _wrong("events are one text", f"write events=[{patterns!r}]")
    several = tuple(dict.fromkeys(patterns))
    if len(several) > MOST_PATTERNS:
        raise _wrong(f"there are {len(several)} patterns", f"at most {MOST_PATTERNS}")
    for pattern in several:
        _ANY.matches(pattern)
    return several


def check_description(description: str) -> str:
    """Return the description if it can be kept.

    Raises:
        InvalidOption: it is too long, or no text that can be shown.
    """
    given: object = description
    if isinstance(given, str):
        on_one_line = " ".join(given.split())
        if len(on_one_line) <= LONGEST_DESCRIPTION and on_one_line.isprintable():
            return on_one_line
    raise _wrong("the description cannot be kept", f"up to {LONGEST_DESCRIPTION:,} letters of text")


def check_headers(headers: Mapping[str, str]) -> dict[str, Secret]:
    """Return the headers if they may be sent along.

    Raises:
        InvalidOption: too many, one that is ours to set, or one that no request can have.
    """
    if len(headers) > MOST_HEADERS:
        raise _wrong(f"there are {len(headers)} headers", f"at most {MOST_HEADERS}")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or _OURS.fullmatch(name):
            raise _wrong(f"header {name!r:.120} cannot be set", "name another one")
        if not _is_value(value):
            raise _wrong(f"the value of header {name} cannot be sent", "use letters of ASCII")
    return {name: Secret(value) for name, value in headers.items()}


def _is_value(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= LONGEST_VALUE
        and value.isascii()
        and value.isprintable()
        and value == value.strip()
    )


def _wrong(what: str, hint: str) -> tidemill.errors.InvalidOption:
    return tidemill.errors.InvalidOption(what, hint=hint)
