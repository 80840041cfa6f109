"""An onboarding whose steps write down what they do."""

from collections.abc import Callable
from typing import Any

from tidemill import Tidemill
from tidemill.kits.onboarding import Case, Onboarding

STEPS = ("organisation", "roles", "station", "admin", "welcome", "billing")


class Company:
    """Six steps, each of which can be made to fail, and what they have done so far.

    Attributes:
        did: what was done and undone, in order.
        before: called before a step or an undo does its work.
    """

    def __init__(self, *, without_undo: tuple[str, ...] = (), **options: Any) -> None:
        self.did: list[str] = []
        self.cases: dict[str, Case] = {}
        self.before: dict[str, Callable[[Case], Any]] = {}
        self.onboarding = Onboarding(**options)
        for name in STEPS:
            self._declare(name, can_undo=name not in without_undo)
        self.app = Tidemill("memory://")
        self.app.include(self.onboarding)

    def _declare(self, name: str, *, can_undo: bool) -> None:
        async def do(case: Case) -> str:
            await self._meet(name, case)
            return f"made {name}"

        async def undo(case: Case) -> None:
            await self._meet(f"un-{name}", case)

        step = self.onboarding.step(f"Making {name}", name=name)(do)
        if can_undo:
            step.undo(undo)

    async def _meet(self, name: str, case: Case) -> None:
        if name in self.before:
            answer = self.before[name](case)
            if answer is not None:
                await answer
        self.cases[name] = case
        self.did.append(name)


def fail(_case: Case) -> None:
    """Raise what a step may raise."""
    raise OSError("the bank is closed")
