"""A step of an onboarding: what it does, and how that is undone."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

import tidemill


class Case(Struct, frozen=True, kw_only=True):
    """What a step is given: whom it is for, and what has been done for them.

    Attributes:
        about: what the job was enqueued with.
        key: the same at each attempt at this step of this job, and no other's: hand it to whom the
            step asks, as an idempotency key.
        done: what the steps before it have returned, by their names, as plain JSON values.
        outcome: in an undo, what the step itself has returned; `None` where that is not known,
            since it was not seen to end.
    """

    about: Mapping[str, Any]
    key: str
    done: Mapping[str, Any]
    outcome: Any = None


Act = Callable[[Case], Any]
"""Does or undoes something, `def` or `async def`; what a step returns must have a JSON form."""


class Step:
    """A step, as `@onboarding.step` makes it of a function; still a function of its case.

    Attributes:
        name: its name among the steps.
        says: what progress shows while it runs.
        weight: its share of the progress, beside those of the others.
    """

    def __init__(self, act: Act, *, name: str, says: str, weight: float) -> None:
        """Make a step of a function; it cannot be undone before `undo` says how.

        Raises:
            InvalidOption: a weight that is not above 0, or no function of one argument.
        """
        _check_act(f"step {name}", act)
        if weight <= 0:
            raise tidemill.errors.InvalidOption(
                f"step {name} has a weight of {weight!r}", hint="give a number above 0"
            )
        self.name = name
        self.says = says or name.replace("_", " ").capitalize()
        self.weight = weight
        self._act = act
        self._undo: Act | None = None

    def __repr__(self) -> str:
        return f"<Step {self.name}>"

    def __call__(self, case: Case) -> Any:
        """Do it here and now, as if it were no step."""
        return self._act(case)

    def undo(self, act: Act) -> Act:
        """Say, as a decorator, how the step is undone.

        It is called for a step that was begun, even where nobody saw it end: after a crash, or
        when it raised. So it undoes what there is, and is content where there is nothing.

        Raises:
            InvalidOption: that has been said already, or by no function of one argument.
        """
        _check_act(f"the undo of step {self.name}", act)
        if self._undo is not None:
            raise tidemill.errors.InvalidOption(
                f"step {self.name} is undone in two ways", hint="write one @step.undo"
            )
        self._undo = act
        return act

    @property
    def can_undo(self) -> bool:
        """Whether there is a way back."""
        return self._undo is not None

    async def do(self, case: Case) -> Any:
        """Do it; blocking code gets a thread."""
        return await _call(self._act, case)

    async def take_back(self, case: Case) -> None:
        """Undo it; nothing happens where there is no way back."""
        if self._undo is not None:
            await _call(self._undo, case)


def _check_act(what: str, act: Act) -> None:
    """See to it that something can be called with a case."""
    try:
        inspect.signature(act).bind(None)
    except (TypeError, ValueError) as error:
        raise tidemill.errors.InvalidOption(
            f"{what} is no function of a case: {error}", hint="write: def step(case: Case)"
        ) from None


async def _call(act: Act, case: Case) -> Any:
    if inspect.iscoroutinefunction(act):
        return await act(case)
    # A thread cannot be ended. Whoever cancels waits for it, or it would go on beside its undo.
    running = asyncio.ensure_future(asyncio.to_thread(act, case))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
