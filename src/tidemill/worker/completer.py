"""The settle loop: tells the store what became of jobs, in batches, and never drops one."""

import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import StoreError
from tidemill.core.instants import Millis, words
from tidemill.core.job import Claim, Snapshot
from tidemill.core.note import Note
from tidemill.core.outcome import Ending, Outcome
from tidemill.core.signal import Signal
from tidemill.core.verdict import Receipt, Settlement, judge
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.patience import Patience
from tidemill.loops.service import Service
from tidemill.worker.notebook import PROGRESS_EVERY, Notebook

MOST_AT_ONCE: Final = 500
"""Settlements in one call."""

MOST_UNSETTLED: Final = 2_000
"""Outcomes that may wait for the store before no new job is started."""

LONGEST_WAIT: Final[Millis] = 5_000
"""Between two tries of the same call."""

_MOST_SHOWN: Final = 300
"""Letters of an error that the log shows; the job has all of them."""

_log = logging.getLogger("tidemill.worker")


class Completer(Service):
    """Batches form by themselves: what arrives while a call is under way is the next batch.

    What a job has noted is stored before its settlement. A call that fails is made again with the
    same settlements until the store has answered; applying one twice changes nothing. Of a job that
    its handler may have completed in a transaction of its own the store is asked first.

    Attributes:
        stale: settlements that came too late, because the job had moved on to another worker.
        settled: settlements that were applied.
    """

    def __init__(
        self, engine: Engine, clock: Clock, announce: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare; `announce` is called after each batch, so that there may be room for more."""
        super().__init__("settling jobs", clock)
        self._engine = engine
        self._clock = clock
        self._announce = announce
        self._inbox: deque[Settlement] = deque()
        self._notebooks: dict[Notebook, bool] = {}
        self._patience = Patience(self.name, cap=LONGEST_WAIT)
        self._in_hand: list[Settlement] = []
        self._completing: set[tuple[int, int]] = set()
        self._noting = False
        self.stale = 0
        self.settled = 0

    @property
    def unsettled(self) -> int:
        """Outcomes that the store has not acknowledged."""
        return len(self._inbox) + len(self._in_hand)

    @property
    def claims(self) -> Iterator[Claim]:
        """The jobs of those outcomes: this worker holds them still, for all the store knows."""
        return (settlement.claim for settlement in chain(self._inbox, self._in_hand))

    @property
    def crowded(self) -> bool:
        """Whether so many wait that no new job should be started."""
        return self.unsettled > MOST_UNSETTLED

    @property
    def idle(self) -> bool:
        """Whether the store has everything."""
        return not self.unsettled and not self._notebooks and not self._noting

    def put(
        self,
        claim: Claim,
        outcome: Outcome,
        notebook: Notebook | None = None,
        *,
        completing: bool = False,
    ) -> None:
        """Take what an attempt came to, and the last it has noted; on the event loop.

        Args:
            completing: whether its handler has completed it in a transaction of its own; if that
                was committed, what came afterwards changes nothing.
        """
        if completing:
            self._completing.add((claim.ref, claim.fence))
        dice = random.random()  # noqa: S311 - spreads retries, guards nothing
        self._inbox.append(judge(claim, outcome, self._clock.now(), dice))
        if notebook is not None:
            self._notebooks[notebook] = True
        self.bell.ring()

    def note(self, notebook: Notebook) -> None:
        """Remember that a running job has noted something; from any thread."""
        self._notebooks.setdefault(notebook, False)
        self.bell.ring()

    async def run(self) -> None:
        """Settle until it is stopped and the store has everything."""
        while not (self.stopping and self.idle):
            held = await self._round()
            if not self._inbox and not (self.stopping and self.idle):
                await self.bell.wait(PROGRESS_EVERY / 1_000 if held else None)

    async def _round(self) -> bool:
        """Store what there is; whether some progress is held back for later."""
        batch = [self._inbox.popleft() for _ in range(min(len(self._inbox), MOST_AT_ONCE))]
        self._in_hand = batch
        if self._completing:
            batch = self._in_hand = await self._not_committed(batch)
        for settlement in batch:
            # Told here and not where it came in, which may be in the job's own context.
            if settlement.error is not None:
                _tell(settlement, settlement.error)
        notes, held = self._due_notes()
        if notes:
            self._noting = True
            await self._annotate(notes)
            self._noting = False
        if batch:
            await self._settle(batch)
            self._in_hand = []
        self._announce()
        return held

    def _due_notes(self) -> tuple[list[Note], bool]:
        notes = []
        held = False
        now = self._clock.monotonic()
        for notebook in tuple(self._notebooks):
            last = self._notebooks.pop(notebook)
            note, more = notebook.take(now, last=last)
            if more:
                self._notebooks.setdefault(notebook, False)
                held = True
            if note is not None:
                notes.append(note)
        return notes, held

    async def _not_committed(self, batch: list[Settlement]) -> list[Settlement]:
        """Those of a batch whose handlers have not completed them in a transaction of their own."""
        asked = [each for each in batch if (each.claim.ref, each.claim.fence) in self._completing]
        committed: set[tuple[int, int]] = set()
        for settlement, found in zip(asked, await self._look_at(asked), strict=True):
            key = settlement.claim.ref, settlement.claim.fence
            self._completing.discard(key)
            if found is not None and found.fence == key[1] and found.state.finished:
                committed.add(key)
                self.settled += 1
                _tell_in_vain(settlement)
        if committed:
            # Not every driver says when a transaction has been committed: whoever waits for the
            # end of these jobs, or for their room, may not have heard of it.
            self._engine.signals.send(Signal("event"))
            self._engine.signals.send(Signal("work"))
        return [each for each in batch if (each.claim.ref, each.claim.fence) not in committed]

    async def _look_at(self, settlements: list[Settlement]) -> tuple[Snapshot | None, ...]:
        while True:
            try:
                found = await self._engine.reader.get([each.claim.id for each in settlements])
            except Exception as error:  # noqa: BLE001 - logged by the pause, and tried again
                await self._pause(error)
            else:
                self._patience.succeeded()
                return found

    async def _annotate(self, notes: list[Note]) -> None:
        while True:
            try:
                await self._engine.jobs.annotate(notes)
            except StoreError as error:
                await self._pause(error)
            except Exception as error:  # noqa: BLE001 - it is logged
                # A note that no store will ever take must not hold up what became of the jobs,
                # nor take the others with it: each is tried apart.
                if len(notes) > 1:
                    for note in notes:
                        await self._annotate([note])
                    return
                _log.exception("a note of job %s cannot be stored: %s", notes[0].claim.id, error)
                return
            else:
                self._patience.succeeded()
                return

    async def _settle(self, batch: list[Settlement]) -> None:
        while True:
            try:
                receipts = await self._engine.jobs.settle(batch)
            except StoreError as error:
                await self._pause(error)
            except Exception as error:  # noqa: BLE001 - it is logged, and tried again
                # Not the store's word but an accident with one of them: each is tried apart.
                await self._pause(error)
                if len(batch) > 1:
                    for settlement in batch:
                        await self._settle_alone(settlement)
                    return
            else:
                self._patience.succeeded()
                self._read(batch, receipts)
                return

    async def _settle_alone(self, settlement: Settlement) -> None:
        """Settle one of a batch that failed as a whole; the one at fault goes to the back."""
        try:
            receipts = await self._engine.jobs.settle([settlement])
        except Exception as error:  # noqa: BLE001 - logged by the pause, and tried again later
            self._inbox.append(settlement)
            await self._pause(error)
        else:
            self._read([settlement], receipts)

    def _read(self, batch: list[Settlement], receipts: tuple[Receipt, ...]) -> None:
        for settlement, receipt in zip(batch, receipts, strict=True):
            if receipt is not Receipt.FENCED:
                self.settled += 1
                continue
            self.stale += 1
            claim = settlement.claim
            _log.warning(
                "stale completion: job %s (%s) was %s here under fence %d, but has moved on",
                claim.id,
                claim.task,
                settlement.ending.value,
                claim.fence,
            )

    async def _pause(self, error: Exception) -> None:
        await self._clock.sleep(self._patience.failed(error) / 1_000)


def _tell(settlement: Settlement, error: ErrorInfo) -> None:
    """Log an attempt that failed, and what becomes of its job."""
    claim = settlement.claim
    if settlement.due_at is not None:
        fate = f"it is tried again in {words(max(settlement.due_at - settlement.at, 0))}"
    else:
        fate = settlement.reason if settlement.state.finished else "it is tried again at once"
    _log.warning(
        "job %s (%s), attempt %d, %s: %s: %s; %s",
        claim.id,
        claim.task,
        claim.attempt,
        settlement.ending.value,
        error.kind,
        _first_line(error),
        fate,
    )


def _tell_in_vain(settlement: Settlement) -> None:
    """Log an end that changes nothing, since the job had been completed before."""
    if settlement.ending is Ending.COMPLETED:
        return
    claim, error = settlement.claim, settlement.error
    _log.warning(
        "job %s (%s) stays completed, as its handler has committed; afterwards it was %s%s",
        claim.id,
        claim.task,
        settlement.ending.value,
        f": {error.kind}: {_first_line(error)}" if error else "",
    )


def _first_line(error: ErrorInfo) -> str:
    return error.message.partition("\n")[0][:_MOST_SHOWN]
