"""Spans by OpenTelemetry: one for sending jobs, one for each run, linked to the one that sent it.

Names and attributes follow its conventions for messaging
(https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).
"""

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, TracerProvider

from tidemill.client.tracing import carried
from tidemill.core.job import NewJob
from tidemill.worker.context import JobContext
from tidemill.worker.middleware import Handler

SYSTEM: Final = "tidemill"


class OpenTelemetry:
    """Makes spans for enqueueing and for running."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        """Make them by this provider; by default the one that the program has set."""
        self._tracer = trace.get_tracer(SYSTEM, metadata.version(SYSTEM), provider)

    def sent(self, jobs: Sequence[NewJob]) -> Mapping[str, str]:
        """Note that jobs are being enqueued; answer the headers that they carry."""
        first = jobs[0]
        attributes: dict[str, Any] = {
            "messaging.system": SYSTEM,
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": first.queue,
        }
        if len(jobs) == 1:
            attributes |= {"messaging.message.id": first.id, "tidemill.task": first.task}
        else:
            attributes["messaging.batch.message_count"] = len(jobs)
        with self._tracer.start_as_current_span(
            f"send {first.queue}", _parent(), SpanKind.PRODUCER, attributes
        ):
            headers: dict[str, str] = {}
            propagate.inject(headers)
        return headers

    async def ran(self, job: JobContext, call_next: Handler) -> Any:
        """A layer around every handler: the span of one attempt."""
        sender = trace.get_current_span(propagate.extract(job.headers)).get_span_context()
        links = [Link(sender)] if sender.is_valid else []
        attributes: dict[str, Any] = {
            "messaging.system": SYSTEM,
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": job.queue,
            "messaging.message.id": job.id,
            "tidemill.task": job.task,
            "tidemill.attempt": job.attempt,
        }
        # A trace of its own, linked: a job may run days after it was sent, and many times.
        with self._tracer.start_as_current_span(
            f"process {job.queue}",
            Context(),
            SpanKind.CONSUMER,
            attributes,
            links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            headers: dict[str, str] = {}
            propagate.inject(headers)
            carried.set(headers)
            try:
                return await call_next()
            except BaseException as error:
                # Never what it says: that may repeat what the job was given.
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR))
                raise


def _parent() -> Context | None:
    """The context that jobs are sent in: that of the program, or the one that was carried here."""
    if trace.get_current_span().get_span_context().is_valid:
        return None
    return propagate.extract(carried.get() or {})
