"""The tasks of one application: name -> declaration."""

import difflib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, Final

from tidemill.core.errors import DuplicateTask, InvalidName, UnknownTask
from tidemill.tasks.declaration import Declaration

OWN: Final = "tidemill-"
"""What the names of the platform's own tasks begin with; no function's name has a hyphen."""


class Registry:
    """Knows every task by its name; a name means one function.

    Attributes:
        more: called once, when a task is asked for that is not there; it may add some.
    """

    def __init__(self) -> None:
        """Begin with no tasks."""
        self._by_name: dict[str, Declaration[Any]] = {}
        self.more: Callable[[], object] | None = None

    def __iter__(self) -> Iterator[Declaration[Any]]:
        """Every declaration, in the order in which they were made."""
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def add(self, declaration: Declaration[Any], *, own: bool = False) -> None:
        """Take a declaration; one of the same function, imported anew, takes the old one's place.

        Args:
            own: whether it is one of the platform's own.

        Raises:
            InvalidName: it is called as only they are.
            DuplicateTask: another function has the name; both places are named.
        """
        if not own and declaration.name.startswith(OWN):
            raise InvalidName(
                f"the task {declaration.name!r} is called as the platform's own are",
                hint=f"give it a name that does not begin with {OWN}",
            )
        known = self._by_name.get(declaration.name)
        if known and not _is_same(known.function, declaration.function):
            raise DuplicateTask(
                f"two functions ask for the task name {declaration.name!r}: "
                f"{_place(known.function)} and {_place(declaration.function)}",
                hint='give one of them a name of its own: task(name="...")',
            )
        self._by_name[declaration.name] = declaration

    def get(self, name: str) -> Declaration[Any]:
        """The declaration of this name.

        Raises:
            UnknownTask: there is none; the hint names those that look alike.
        """
        if found := self._by_name.get(name):
            return found
        if self.more is not None:
            more, self.more = self.more, None
            more()
            return self.get(name)
        named = [each for each in self._by_name if not each.startswith(OWN)]
        near = difflib.get_close_matches(name, named, n=3)
        raise UnknownTask(
            f"no task is called {name!r}",
            hint=f"did you mean {' or '.join(near)}?"
            if near
            else "is the module that declares it imported by the application?",
        )

    def check(self) -> None:
        """Look at every task's annotations now rather than at its first job.

        Raises:
            InvalidOption: one cannot be resolved, or JSON cannot carry it.
        """
        for declaration in self:
            _ = declaration.signature


def _is_same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether both come from the same lines; of what is typed by hand, the later one counts."""
    if one is other:
        return True
    names = [(function.__module__, function.__qualname__) for function in (one, other)]
    return names[0] == names[1] and (_place(one) == _place(other) or _place(other)[0] == "<")


def _place(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return repr(function)
    return f"{code.co_filename}:{code.co_firstlineno}"
