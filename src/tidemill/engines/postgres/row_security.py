"""Rows that only those of their tenant read, seen to by the server itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tidemill.core.errors import InvalidOption
from tidemill.engines.postgres.statements import in_schema

_SCRIPT: Final = Path(__file__).parent / "row_security.sql"
_LONGEST: Final = 63


def row_security(schema: str, readers: Sequence[str], workers: Sequence[str]) -> str:
    """The script that has the server show a role the rows of one tenant alone.

    Args:
        schema: where the store lies.
        readers: roles that are to see no more than the tenant that their session names.
        workers: roles that work with the store, beside its owner.

    Raises:
        InvalidOption: there are no readers, or a role is named that can be none.
    """
    if not readers:
        raise InvalidOption("no role is named", hint="name those that are to read")
    script = in_schema(_SCRIPT.read_text(), schema)
    # Without others the owner is named, whom it changes nothing for.
    named = {
        ":schema": _quoted(schema),
        ":readers": ", ".join(map(_quoted, readers)),
        ":workers": ", ".join(map(_quoted, workers)) or "CURRENT_USER",
    }
    for mark, names in named.items():
        script = script.replace(mark, names)
    return script


def _quoted(name: str) -> str:
    if not name or "\0" in name or len(name.encode()) > _LONGEST:
        raise InvalidOption(f"{name!r} is no role", hint="name one that the server has")
    return '"' + name.replace('"', '""') + '"'
