"""Onboarding: the module whose job does the steps, and the job that comes after it."""

import time
from collections.abc import Callable
from typing import Any, Final, TypedDict

import tidemill
from tidemill import Module, Priority, Retry, Snooze, State, current
from tidemill.kits.onboarding.chronicle import Chronicle, Story
from tidemill.kits.onboarding.outcome import BeingUndone, Onboarded, StepOutcome, WrappedUp
from tidemill.kits.onboarding.step import Act, Case, Step


class _Options(TypedDict):
    """What both tasks have in common."""

    queue: str
    priority: int


_HOPELESS: Final = (tidemill.errors.InvalidOption, tidemill.errors.Unserialisable)
"""What no other attempt would do better: no steps, or one that returns what cannot be kept."""

_LOOK_AGAIN: Final = "5s"
"""How long wrapping up waits for a job that a person has started once more."""


class Onboarding(Module):
    """Does steps in order, each once, and undoes what was done if it comes to nothing.

    Its job, `run`, writes down each step before it begins and when it is done, so that the next
    attempt goes on behind it, whatever became of the worker. A second job, `wrap_up`, waits until
    the first has ended in whatever way: if it failed for good or was cancelled, it undoes what was
    begun, the last step first. It has attempts of its own, so that an undo may fail and be tried
    again.

    Events, under the module's name: `step_done`, `completed`, `undone`.

    Attributes:
        run: the task; it takes a mapping that each step is given as `case.about`.
        wrap_up: what comes after it.

    Example:
        >>> onboarding = Onboarding()
        >>> @onboarding.step(weight=2)
        ... async def organisation(case: Case) -> int:
        ...     return len(case.about["company"])
        >>> @organisation.undo
        ... async def close(case: Case) -> None:
        ...     print("closed", case.outcome)
        >>> app.enqueue(onboarding.run.bind({"company": "Acme"}))  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str = "onboarding",
        *,
        queue: str = "",
        priority: int = Priority.CRITICAL,
        attempts: int = 3,
        backoff: Any = "2s",
        timeout: Any = "5m",
        give_up_on: tuple[type[Exception], ...] = (),
        **module: Any,
    ) -> None:
        """Begin an onboarding; its steps are declared on it.

        Args:
            name: the module's, and what its tasks and events are named after.
            queue: where its jobs wait; by default one of its own.
            priority: of its jobs.
            attempts: starts of a job in all; a step that is done is not done again.
            backoff: the first wait between two of them; then twice as long, and so on.
            timeout: longest run of one attempt.
            give_up_on: exceptions of a step after which no further attempt is made.
            module: what every module may have, such as `permissions` and `needs`.

        Raises:
            InvalidName: no name for a module, or for a queue.
            InvalidOption: another argument that makes no sense.
        """
        described: dict[str, Any] = {"description": "Steps that are done in order, or undone."}
        super().__init__(name, version="1", **(described | module))
        self.steps: dict[str, Step] = {}
        common = _Options(queue=queue or name, priority=priority)
        self.run = self.task(
            name=f"{name}.run",
            retry=Retry.exponential(attempts=attempts, base=backoff),
            timeout=timeout,
            give_up_on=(BeingUndone, *_HOPELESS, *give_up_on),
            **common,
        )(self._run)
        self.wrap_up = self.task(
            name=f"{name}.wrap_up",
            retry=Retry.exponential(attempts=10, cap="10m"),
            timeout=timeout,
            **common,
        )(self._wrap_up)

    def step(self, says: str = "", *, name: str = "", weight: float = 1.0) -> Callable[[Act], Step]:
        """Make a step of a function of its `Case`; steps are done in the order of their writing.

        Args:
            says: what progress shows while it runs, such as "Creating the organisation".
            name: by default the function's.
            weight: its share of the progress.

        Raises:
            InvalidOption: two steps of one name, a weight that is not above 0, no function of one
                argument, or the parentheses are missing.
        """
        if not isinstance(says, str):
            raise tidemill.errors.InvalidOption(
                f"{getattr(says, '__name__', says)!r} is not what progress shows",
                hint="write the parentheses: @onboarding.step()",
            )

        def declare(act: Act) -> Step:
            called = name or getattr(act, "__name__", "")
            if called in self.steps:
                raise tidemill.errors.InvalidOption(
                    f"module {self.name} has two steps {called!r}", hint="give one another name"
                )
            step = self.steps[called] = Step(act, name=called, says=says, weight=weight)
            return step

        return declare

    async def _run(self, about: dict[str, Any]) -> Onboarded:
        """Do what is left to do."""
        job = current()
        if not self.steps:
            raise tidemill.errors.InvalidOption(
                f"module {self.name} has no steps", hint="write them below @onboarding.step()"
            )
        chronicle = self._chronicle(job.id)
        if not await chronicle.read():
            await chronicle.write(Story(about))
        elif chronicle.story.unwinding:
            raise BeingUndone(
                f"onboarding {job.id} is being undone",
                hint=f"retry it when its job of {self.wrap_up.name} has ended",
            )
        after = self.wrap_up.using(
            after=job.id, on_parent_failure="run", key=job.id, tenant=job.tenant
        )
        await after.aenqueue(job.id)
        await self._do_all(chronicle)
        await self.aemit(f"{self.name}.completed", {"job": job.id})
        return Onboarded(list(chronicle.story.steps))

    async def _do_all(self, chronicle: Chronicle) -> None:
        job, total = current(), sum(step.weight for step in self.steps.values())
        behind = 0.0
        for number, step in enumerate(self.steps.values(), 1):
            job.raise_if_cancelled()
            share = {"step": number, "of": len(self.steps)}
            await job.progress(100 * behind / total, step.says, **share)
            if step.name not in chronicle.done:
                await self._do(step, chronicle)
                await self.aemit(f"{self.name}.step_done", {"job": job.id, "step": step.name})
            behind += step.weight
        await job.progress(100, "Done", step=len(self.steps), of=len(self.steps))

    async def _do(self, step: Step, chronicle: Chronicle) -> None:
        job = current()
        begun = StepOutcome(name=step.name, became="begun", attempt=job.attempt)
        await chronicle.note(begun)
        since = time.monotonic()
        try:
            outcome = await step.do(self._case(step, chronicle, job.id))
        except Exception as error:
            await job.log(f"step {step.name} failed: {error}", "error", step=step.name)
            raise
        seconds = round(time.monotonic() - since, 3)
        done = StepOutcome(
            name=step.name, became="done", outcome=outcome, seconds=seconds, attempt=job.attempt
        )
        await chronicle.note(done)
        await job.log(f"step {step.name} is done", step=step.name, seconds=seconds)

    async def _wrap_up(self, onboarding: str) -> WrappedUp:
        """Undo what an onboarding has begun that came to nothing; forget one that is completed."""
        chronicle = self._chronicle(onboarding)
        if not await chronicle.read():
            return WrappedUp(onboarding, completed=False, steps=[])
        if not chronicle.story.unwinding:
            state = await self._state_of(onboarding)
            if state is not None and not state.finished:
                raise Snooze(_LOOK_AGAIN)  # a person has started it once more
            if state is State.COMPLETED:
                await chronicle.forget()
                return WrappedUp(onboarding, completed=True, steps=[])
            await chronicle.note(unwinding=True)
        await self._undo_all(chronicle, onboarding)
        undone = [*reversed(chronicle.story.steps)]
        names = [each.name for each in undone if each.became == "undone"]
        await self.aemit(f"{self.name}.undone", {"job": onboarding, "steps": names})
        await chronicle.forget()
        return WrappedUp(onboarding, completed=False, steps=undone)

    async def _undo_all(self, chronicle: Chronicle, onboarding: str) -> None:
        job, steps = current(), chronicle.story.steps
        left = [each for each in reversed(steps) if each.became in {"begun", "done"}]
        for each in left:
            job.raise_if_cancelled()
            number = 1 + sum(one.became in {"undone", "kept"} for one in chronicle.story.steps)
            message = f"Undoing: {self._called(each.name).says}"
            await job.progress(100 * (number - 1) / len(steps), message, step=number, of=len(steps))
            step = self._called(each.name)
            await step.take_back(self._case(step, chronicle, onboarding, each.outcome))
            became: Any = "undone" if step.can_undo else "kept"
            await chronicle.note(StepOutcome(name=each.name, became=became, outcome=each.outcome))
            await job.log(f"step {each.name} is {became}", step=each.name)
        await job.progress(100, "Undone", step=len(steps), of=len(steps))

    def _chronicle(self, onboarding: str) -> Chronicle:
        return Chronicle(self.records("stories"), onboarding)

    def _case(self, step: Step, chronicle: Chronicle, onboarding: str, outcome: Any = None) -> Case:
        return Case(
            about=chronicle.story.about,
            key=f"{onboarding}:{step.name}",
            done=chronicle.done,
            outcome=outcome,
        )

    def _called(self, name: str) -> Step:
        if name not in self.steps:
            raise tidemill.errors.NotFound(
                f"module {self.name} has no step {name!r} any more, which is to be undone",
                hint="bring it back, and retry this job",
            )
        return self.steps[name]

    async def _state_of(self, onboarding: str) -> State | None:
        """Where the job stands; `None`: it has been deleted."""
        try:
            job = await self.jobs.aget(onboarding)
        except tidemill.errors.JobNotFound:
            return None
        return None if job.seen is None else job.seen.state
