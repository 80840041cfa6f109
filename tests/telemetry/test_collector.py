"""Spans as they arrive at a collector: over real HTTP, in the protocol that collectors speak."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tidemill import Tidemill
from tidemill.testing.clock import ManualClock


class Collector:
    """Takes what exporters send, and keeps the spans by their names."""

    def __init__(self) -> None:
        self.spans: dict[str, Span] = {}
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = ExportTraceServiceRequest()
                sent.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                for resource in sent.resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans |= {span.name: span for span in scope.spans}
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


async def test_a_collector_receives_linked_spans(collector: Collector) -> None:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(collector.url)))
    with Tidemill("memory://", clock=ManualClock()) as app:

        @app.task(name="mail.send", queue="mail")
        async def send() -> None:
            return

        app.trace(provider)
        job = send.enqueue()
        await app.worker().run_until_idle()
    provider.shutdown()  # sends what it still holds
    sent, ran = collector.spans["send mail"], collector.spans["process mail"]
    (link,) = ran.links
    assert (link.trace_id, link.span_id) == (sent.trace_id, sent.span_id)
    told = {each.key: each.value.string_value for each in ran.attributes}
    assert told["messaging.message.id"] == job.id
    assert told["messaging.system"] == "tidemill"
    assert (sent.kind, ran.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
