"""Tells every error from the code: `python -m tests.house.errors` writes the page."""

import inspect
from collections.abc import Iterator
from typing import Final

from tests.house.source import ROOT
from tidemill.errors import (
    AccessError,
    MisuseError,
    ServiceError,
    StateError,
    StoreError,
    TidemillError,
)

PAGE: Final = ROOT / "docs" / "reference" / "errors.md"

HEAD: Final = """# Errors

Everything that tidemill raises is a `TidemillError` and has a `message`, a `hint` that says what to
do about it, and a stable `code` for programs and for searching. Catch a branch to catch all below
it: `MisuseError` is the caller's to mend and has changed nothing, `StateError` says that things are
not as the caller thought, `AccessError` that the caller may not have it, `ServiceError` that
somebody whom a handler asked did not answer as he should, `StoreError` that the store did not do
what it was asked.

They are in `tidemill.errors`; `TidemillError` is in `tidemill` as well:

```python
from tidemill import Tidemill, errors

app = Tidemill("memory://")
try:
    app.jobs.get("nothing")
except errors.JobNotFound as error:
    print(error.code, error.hint)
```

What a handler raises never passes through here: it becomes the `error` of its job.

This page is made from the code (`python -m tests.house.errors`); a test compares the two.
"""

BRANCHES: Final[dict[type[TidemillError], str]] = {
    MisuseError: "Misuse: mend the call; trying again as it is cannot help.",
    StateError: "State: look again at what is there, then decide.",
    AccessError: "Access: ask somebody who may, or later; nothing was changed.",
    ServiceError: "Service: what was asked is somebody else's to answer; a retry may find it well.",
    StoreError: "Store: nothing was changed unless the answer was lost; the same call may be "
    "made again, and an enqueue of the same `bind(...)` is stored once.",
}


def render() -> str:
    """The page, as the code has it."""
    lines = [HEAD]
    for branch, advice in BRANCHES.items():
        lines += [
            f"## {branch.__name__}",
            "",
            advice,
            "",
            "| error | code | means |",
            "|---|---|---|",
        ]
        for error in (branch, *_below(branch)):
            meaning = (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{error.__name__}` | `{error.code}` | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def _below(branch: type[TidemillError]) -> Iterator[type[TidemillError]]:
    for error in branch.__subclasses__():
        if error.__module__ == "tidemill.errors":
            yield error
            yield from _below(error)


if __name__ == "__main__":
    PAGE.write_text(render())
