"""What an onboarding comes to, as people and programs read it."""

from typing import Any, ClassVar, Literal

from msgspec import Struct

from tidemill import TidemillError

Became = Literal["begun", "done", "undone", "kept"]
"""Of a step: begun and not seen to end, done, undone, or kept because there is no way back."""


class BeingUndone(TidemillError):
    """An onboarding was started again while what it did before is still being undone."""

    code: ClassVar[str] = "kit.onboarding.being_undone"


class StepOutcome(Struct, kw_only=True):
    """What became of a step.

    Attributes:
        name: its name.
        became: see above.
        outcome: what it returned, as plain JSON values; `None` where it is not known.
        seconds: how long it took; 0 where it was not seen to end.
        attempt: at which attempt of the job it was done, from 1.
    """

    name: str
    became: Became
    outcome: Any = None
    seconds: float = 0.0
    attempt: int = 1


class Onboarded(Struct, frozen=True):
    """Result of an onboarding that is done.

    Attributes:
        steps: in the order in which they were done.
    """

    steps: list[StepOutcome]


class WrappedUp(Struct, frozen=True):
    """Result of wrapping up.

    Attributes:
        onboarding: id of the job that was wrapped up.
        completed: whether it was completed, so that there was nothing to undo.
        steps: in the order in which they were undone; those without a way back are kept.
    """

    onboarding: str
    completed: bool
    steps: list[StepOutcome]
