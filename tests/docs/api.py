"""Tells the public names from the code: `python -m tests.docs.api` writes the page."""

import enum
import inspect
from collections.abc import Iterator
from typing import Any, Final

import tidemill
import tidemill.testing
from tests.docs.pages import DOCS
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.modules.store import Modules
from tidemill.schedules.store import Schedules
from tidemill.worker.worker import Worker

PAGE: Final = DOCS / "reference" / "api.md"

HEAD: Final = """# The public names

What is here is promised; what is not may change with any release. This page is made from the code
(`python -m tests.docs.api`), and a test compares the two. The docstrings say more: what is raised,
and examples.

A verb with "also `a…`" comes twice: as it is for threads, with an `a` before it for async code.
What is written behind `**` is in [options](options.md).
"""

REACHED: Final[dict[str, type]] = {
    "app.jobs": Jobs,
    "app.queues": Queues,
    "app.events": Events,
    "app.schedules": Schedules,
    "app.modules": Modules,
    "app.worker()": Worker,
}
"""What is not imported, but had from an application."""


def render() -> str:
    """The page, as the code has it."""
    lines = [HEAD, "## tidemill", ""]
    for name in sorted(tidemill.__all__, key=str.lower):
        lines += _about(name, getattr(tidemill, name))
    lines += ["## Had from an application", ""]
    for name, kind in REACHED.items():
        lines += _about(name, kind, constructed=False)
    lines += ["## tidemill.signatures", ""]
    for name in tidemill.signatures.__all__:
        lines += _about(name, getattr(tidemill.signatures, name))
    lines += ["## tidemill.testing", ""]
    for name in sorted(tidemill.testing.__all__, key=str.lower):
        lines += _about(name, getattr(tidemill.testing, name))
    return "\n".join(lines).rstrip() + "\n"


def _about(name: str, thing: Any, *, constructed: bool = True) -> list[str]:
    """A heading, the first sentence, and a line for each verb."""
    if inspect.ismodule(thing):
        return [f"### {name}", "", _first_sentence(thing), ""]
    if not callable(thing):
        return [f"### {name}", "", f"`{name} = {thing!r}`", ""]
    lines = [f"### {name}", "", _first_sentence(thing), ""]
    if not inspect.isclass(thing):
        return [*lines, f"`{name}{_parameters(thing)}`", ""]
    if issubclass(thing, enum.Enum):
        return [*lines, ", ".join(f"`{member.name}`" for member in thing), ""]
    if constructed and _is_constructed(thing):
        lines += [f"`{name}{_parameters(thing)}`", ""]
    verbs = list(_verbs(thing))
    return [*lines, *verbs, ""] if verbs else lines


def _is_constructed(kind: type) -> bool:
    """Whether users make such things themselves."""
    return not issubclass(kind, tidemill.Task | tidemill.Job | tidemill.JobContext)


def _verbs(kind: type) -> Iterator[str]:
    """The public methods and properties of a class and of those of ours that it is made of."""
    names = [name for name, _ in inspect.getmembers_static(kind) if not name.startswith("_")]
    for name in names:
        thing = inspect.getattr_static(kind, name)
        if isinstance(thing, property):
            yield f"- `{name}`: {_first_sentence(thing)}"
        elif isinstance(thing, staticmethod) or inspect.isfunction(thing):
            if _is_twin(kind, name):
                continue
            awaited = "await " if inspect.iscoroutinefunction(thing) else ""
            twin = f", also `a{name}`" if _is_twin(kind, f"a{name}") else ""
            call = f"`{awaited}{name}{_parameters(getattr(kind, name))}`"
            yield f"- {call}{twin}: {_first_sentence(thing)}"


def _is_twin(kind: type, name: str) -> bool:
    """Whether it is the verb of another name, for async code."""
    return (
        name[0] == "a"
        and hasattr(kind, name[1:])
        and inspect.iscoroutinefunction(getattr(kind, name, None))
    )


def _parameters(thing: Any) -> str:
    """The parameters by name, with their defaults, without their types."""
    parts: list[str] = []
    starred = False
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        starred = starred or parameter.kind is parameter.VAR_POSITIONAL
        name = str(parameter.replace(annotation=parameter.empty, default=parameter.empty))
        default = "" if parameter.default is parameter.empty else f"={_say(parameter.default)}"
        parts.append(f"{name}{default}")
    return f"({', '.join(parts)})"


def _say(default: object) -> str:
    said = repr(default)
    return "…" if said.startswith(("<", "datetime.")) or said == "UNSET" else said


def _first_sentence(thing: Any) -> str:
    words = inspect.getdoc(thing) or ""
    return words.partition("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(render())
