"""One trace from a request at the API to the row of a table, as a collector gets it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.relays import eventually
from tests.support.replicas import Replica
from tests.support.server_city import ServerCity

pytestmark = pytest.mark.services
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Collector:
    """Receives OTLP over HTTP: of each span its name, its trace and the traces it is linked to."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str, frozenset[str]]] = []
        collector = self

        class Receiving(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiving)

    def take(self, told: ExportTraceServiceRequest) -> None:
        for resource in told.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    links = frozenset(link.trace_id.hex() for link in span.links)
                    self.spans.append((span.name, span.trace_id.hex(), links))

    def holds(self, name: str) -> bool:
        """Whether a span of that name belongs to the trace, or is linked to it."""
        return any(
            found == name and (trace == TRACE or TRACE in links)
            for found, trace, links in self.spans
        )


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        collector.server.shutdown()
        collector.server.server_close()
        thread.join()


def test_a_request_can_be_followed_to_the_row_it_led_to(
    tmp_path: Path, postgres: str, kafka: LocalKafka, topics: Topics
) -> None:
    with collecting() as collector:
        city = ServerCity(tmp_path / "server", postgres, kafka.bootstrap, topics.prefix)
        port = collector.server.server_address[1]
        city.said["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
        city.said["OTEL_BSP_SCHEDULE_DELAY"] = "200"
        try:
            city.start_clickhouse()
            city.duban("migrate")
            for part in ("relay", "sink"):
                city.run(part)
            replica = Replica(city)
            unit = {"unit_id": "c", "code": "c", "name": "市", "kind": "city"}
            done = replica.act(
                "/units", {**unit, "timezone": "Asia/Shanghai"}, "city", "?wait=true",
                traceparent=f"00-{TRACE}-00f067aa0ba902b7-01",
            )  # fmt: skip
            replica.heard("unit-c")
            for name in ("POST /api/v1/units", "relay publish", "sink take"):
                eventually(lambda name=name: collector.holds(name))  # type: ignore[misc]
            rows = city.rows(f"SELECT trace_id FROM events WHERE position = {done['position']}")
            assert rows == [(TRACE,)]
            city.stop("serve")
            replica.listening.join()
        finally:
            city.close()
