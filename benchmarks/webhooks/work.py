"""How fast one worker posts signed webhooks."""

from pathlib import Path
from typing import Final

from benchmarks.harness import Meter, Sample, until
from benchmarks.ours import LOOK_EVERY, working
from benchmarks.scale import Scale
from benchmarks.webhooks.receiver import HOST, receiving
from tidemill import Tidemill
from tidemill.core.query import JobFilter
from tidemill.core.state import LIVE
from tidemill.kits.webhook import Settings, Webhooks

DATA: Final = {"text": "x" * 200}
WARM: Final = 200

app = Tidemill()
webhooks = Webhooks(settings=Settings(allow=(HOST,)))
app.include(webhooks)


def post(_: Path, scale: Scale) -> Sample:
    """One worker process: a job for each webhook, signed, its answer kept."""
    with app, receiving() as url, working(f"{__name__}:app", app, 1) as (pid,):
        made = webhooks.subscriptions(app).create(url, [])
        _fill(made.id, WARM)
        until(_posted, "the worker is warm")
        app.queues.pause(webhooks.name)
        _fill(made.id, scale.posts)
        with Meter(pid) as meter:
            app.queues.resume(webhooks.name)
            until(_posted, "all is posted", every=LOOK_EVERY)
        return meter.rate(scale.posts)


def _fill(subscription: str, number: int) -> None:
    app.enqueue_many(
        webhooks.deliver.bind(subscription, "order.placed", DATA) for _ in range(number)
    )


def _posted() -> bool:
    live = JobFilter(states=tuple(LIVE), queues=(webhooks.name,))
    return not app.jobs.page(live, limit=1).jobs
