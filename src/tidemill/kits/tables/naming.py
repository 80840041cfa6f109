"""Names of sources: they become part of the names of files."""

import re
from collections.abc import Container
from typing import Final

from tidemill import errors

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.IGNORECASE)


def check_source(kind: str, name: str, known: Container[str]) -> None:
    """Make sure that a source may have this name.

    Args:
        kind: `"report"` or `"export"`.
        name: of the source.
        known: names that are taken.

    Raises:
        InvalidName: it may not.
        InvalidOption: it is taken.
    """
    if not _NAME.fullmatch(name):
        raise errors.InvalidName(
            f"the {kind} cannot be called {name!r}",
            hint="up to 64 letters, digits, '-', '_' and '.', a letter or digit first",
        )
    if name in known:
        raise errors.InvalidOption(f"there is a {kind} {name!r} already", hint="name one otherwise")
