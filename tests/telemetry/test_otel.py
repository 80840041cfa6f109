"""Spans for sending and running, linked; and traces that go on without any library."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tidemill import Retry, Tidemill, current
from tidemill.client.tracing import carried, context_of
from tidemill.testing.clock import ManualClock

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def app(store_url: str) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=ManualClock()) as app:

        @app.task(name="first", queue="a")
        async def first() -> None:
            await second.aenqueue()

        @app.task(name="second", queue="b")
        def second() -> None:
            app.enqueue("broken")

        @app.task(name="broken", queue="c", retry=Retry.never())
        def broken() -> None:
            raise ValueError("s3cret")

        yield app


@pytest.fixture
def spans(app: Tidemill) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app.trace(provider)
    return exporter


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = (span for span in spans.get_finished_spans() if span.name == name)
    return found


def place(span: ReadableSpan) -> trace.SpanContext:
    """Where a span stands in its trace."""
    context = span.get_span_context()
    assert context is not None
    return context


async def test_a_run_is_linked_to_what_sent_it(app: Tidemill, spans: InMemorySpanExporter) -> None:
    job = app.enqueue("first")
    await app.worker().run_until_idle()
    for queue in "abc":
        sent, ran = named(spans, f"send {queue}"), named(spans, f"process {queue}")
        assert (sent.kind, ran.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
        (link,) = ran.links
        assert link.context.span_id == place(sent).span_id
        assert link.context.trace_id == place(sent).trace_id
        assert ran.parent is None
    sent = named(spans, "send a")
    assert sent.attributes is not None
    assert dict(sent.attributes) == {
        "messaging.system": "tidemill",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": "a",
        "messaging.message.id": job.id,
        "tidemill.task": "first",
    }


async def test_what_a_handler_sends_is_part_of_its_run(
    app: Tidemill, spans: InMemorySpanExporter
) -> None:
    app.enqueue("first")
    await app.worker().run_until_idle()
    for sent, ran in (("send b", "process a"), ("send c", "process b")):
        parent = named(spans, sent).parent
        assert parent is not None
        assert parent.span_id == place(named(spans, ran)).span_id


async def test_a_failure_is_told_without_what_it_says(
    app: Tidemill, spans: InMemorySpanExporter
) -> None:
    app.enqueue("broken")
    await app.worker().run_until_idle()
    span = named(spans, "process c")
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"
    assert "s3cret" not in span.to_json()


def test_many_that_are_sent_together_are_one_span(
    app: Tidemill, spans: InMemorySpanExporter
) -> None:
    jobs = app.enqueue_many(app.client.bound("second", {}, {}) for _ in range(3))
    span = named(spans, "send b")
    assert span.attributes is not None
    assert span.attributes["messaging.batch.message_count"] == 3
    headers = {job.snapshot().id: app.jobs.get(job.id) for job in jobs}
    assert len(headers) == 3


def test_a_span_of_the_program_is_the_parent(app: Tidemill, spans: InMemorySpanExporter) -> None:
    with trace.get_tracer("program", tracer_provider=TracerProvider()).start_as_current_span("x"):
        outer = trace.get_current_span().get_span_context()
        app.enqueue("second")
    assert named(spans, "send b").parent == outer


async def test_without_any_library_a_trace_goes_on(app: Tidemill) -> None:
    seen: list[dict[str, str]] = []

    @app.task(name="outer")
    def outer() -> None:
        seen.append(dict(current().headers))
        app.enqueue("inner")

    @app.task(name="inner")
    async def inner() -> None:
        seen.append(dict(current().headers))

    token = carried.set(context_of({"traceparent": PARENT, "tracestate": "a=b"}))
    app.enqueue("outer")
    carried.reset(token)
    app.enqueue("inner")
    await app.worker().run_until_idle()
    traced = {"traceparent": PARENT, "tracestate": "a=b"}
    assert sorted(seen, key=len) == [{}, traced, traced]
