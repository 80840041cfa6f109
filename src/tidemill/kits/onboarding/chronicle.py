"""How far an onboarding has come, kept step by step as a record."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.kits.onboarding.outcome import StepOutcome


class Story(Struct, frozen=True):
    """What is kept of an onboarding until it is wrapped up.

    Attributes:
        about: what its job was enqueued with.
        steps: those that were begun, in this order.
        unwinding: whether they are being undone.
    """

    about: dict[str, Any]
    steps: tuple[StepOutcome, ...] = ()
    unwinding: bool = False


class Chronicle:
    """The story of one job, written before anything else happens.

    Each writing says which version it has read: of two workers that both believe to have the job,
    one is refused at its next step.
    """

    def __init__(self, records: Any, job: str) -> None:
        """Write among these records, for this job."""
        self._records = records
        self._job = job
        self._version = 0
        self.story = Story({})

    async def read(self) -> bool:
        """Read what is kept; whether there is anything."""
        found = await self._records.aget(self._job)
        if found is None:
            return False
        self.story = msgspec.convert(found.value, Story)
        self._version = found.version
        return True

    async def write(self, story: Story) -> None:
        """Keep it so, durably.

        Raises:
            VersionConflict: somebody else has written meanwhile.
        """
        kept = await self._records.aput(self._job, story, version=self._version)
        self._version = kept.version
        # As it will be read, so that a step is given the same before and after a crash.
        self.story = msgspec.convert(kept.value, Story)

    async def forget(self) -> None:
        """Keep it no longer."""
        await self._records.adelete(self._job)

    @property
    def done(self) -> Mapping[str, Any]:
        """What the steps that are done have returned, by their names."""
        return {each.name: each.outcome for each in self.story.steps if each.became == "done"}

    async def note(self, *changed: StepOutcome, unwinding: bool | None = None) -> None:
        """Write down what became of steps: one that is there is replaced, a new one added."""
        steps = {each.name: each for each in self.story.steps}
        steps.update({each.name: each for each in changed})
        since = self.story.unwinding if unwinding is None else unwinding
        await self.write(replace(self.story, steps=tuple(steps.values()), unwinding=since))
