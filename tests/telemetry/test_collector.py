"""Spans as they arrive at a collector: over real HTTP, in the protocol that collectors speak."""

from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tests.receiver import Receiver
from tidemill import Tidemill
from tidemill.testing.clock import ManualClock


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with Receiver().serving() as receiver:
        yield receiver


def spans_of(collector: Receiver) -> dict[str, Span]:
    """What exporters have sent, by the names of the spans."""
    spans: dict[str, Span] = {}
    for _, body in collector.got:
        sent = ExportTraceServiceRequest()
        sent.ParseFromString(body)
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                spans |= {span.name: span for span in scope.spans}
    return spans


async def test_a_collector_receives_linked_spans(collector: Receiver) -> None:
    provider = TracerProvider()
    collector.answers = [(200, {})] * 9
    exporter = OTLPSpanExporter(f"{collector.url}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    with Tidemill("memory://", clock=ManualClock()) as app:

        @app.task(name="mail.send", queue="mail")
        async def send() -> None:
            return

        app.trace(provider)
        job = send.enqueue()
        await app.worker().run_until_idle()
    provider.shutdown()  # sends what it still holds
    spans = spans_of(collector)
    sent, ran = spans["send mail"], spans["process mail"]
    (link,) = ran.links
    assert (link.trace_id, link.span_id) == (sent.trace_id, sent.span_id)
    told = {each.key: each.value.string_value for each in ran.attributes}
    assert told["messaging.message.id"] == job.id
    assert told["messaging.system"] == "tidemill"
    assert (sent.kind, ran.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
