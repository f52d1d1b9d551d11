"""Requests, the relay's batches and the sinks' batches as spans of OpenTelemetry."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import Any

import msgspec
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domain.messages import Envelope
from streams.dead_letters import Letter, LetterBox, Source
from streams.intake import Folded, Intake, Parcel
from streams.ports import RawEvent
from streams.projector import Projector
from streams.records import Record
from streams.relay import Place, Publishing
from streams.wire import Decoding

HEADER = "traceparent"
MOST_LINKS = 128
_W3C = TraceContextTextMapPropagator()

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class _Told(msgspec.Struct, frozen=True):
    """What of an event's metadata is asked for."""

    traceparent: str = ""


class Spans:
    """``infra.tracing.Tracing``: wraps what a process does; sends what is left when closed."""

    def __init__(self, process: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: f"duban-{process}"})
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("duban")

    def app(self, app: Any) -> Any:
        return TracedApp(app, self._tracer)

    def publishing(self, publishing: Publishing) -> Publishing:
        return TracedPublishing(publishing, self._tracer)

    def intake(
        self, projector: Projector, decoding: Decoding, box: LetterBox, source: Source
    ) -> Intake:
        return TracedIntake(self._tracer, projector, decoding, box, source)

    def close(self) -> None:
        self._provider.shutdown()


class TracedApp:
    """An ASGI application whose requests are spans; the events they lead to name them."""

    def __init__(self, app: Asgi, tracer: Tracer) -> None:
        self._app, self._tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = HEADER.encode()
        given = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        with self._tracer.start_as_current_span(
            f"{scope['method']} {scope['path']}", _W3C.extract(given), SpanKind.SERVER
        ) as span:
            carrier: dict[str, str] = {}
            _W3C.inject(carrier)
            headers = [(key, value) for key, value in scope["headers"] if key != name]
            scope["headers"] = [*headers, (name, carrier[HEADER].encode())]
            await self._app(scope, receive, _noting(span, send))


class TracedPublishing:
    """``streams.relay.Publishing`` whose batches are spans, linked to the requests they carry."""

    def __init__(self, publishing: Publishing, tracer: Tracer) -> None:
        self._publishing, self._tracer = publishing, tracer
        self.take_over = publishing.take_over
        self.close = publishing.close

    def publish(self, records: Sequence[Record], place: Place) -> None:
        parents = (dict(record.headers).get(HEADER, b"").decode() for record in records)
        told = {"duban.events": len(records), "duban.position": place.position}
        with self._tracer.start_as_current_span(
            "relay publish", kind=SpanKind.PRODUCER, links=_links(parents), attributes=told
        ):
            self._publishing.publish(records, place)


class TracedIntake(Intake):
    """Whose batches are spans, linked to the requests that their events came with."""

    def __init__(
        self, tracer: Tracer, projector: Projector, decoding: Decoding, box: LetterBox,
        source: Source,
    ) -> None:  # fmt: skip
        super().__init__(projector, decoding, box, source)
        self._tracer = tracer
        self._folding: Span | None = None

    def fold(
        self, raws: Sequence[RawEvent], parcel: Callable[[RawEvent], Parcel], span: str = "",
        unreadable: Sequence[Letter] = (),
    ) -> Folded:  # fmt: skip
        self._folding = self._started(raws, span)
        try:
            return super().fold(raws, parcel, span, unreadable)
        except BaseException:
            self._end()
            raise

    def settle(self, folded: Folded) -> None:
        super().settle(folded)
        self._end()

    def forget(self) -> None:
        super().forget()
        self._end()

    def take(
        self, raws: Sequence[RawEvent], parcel: Callable[[RawEvent], Parcel], span: str = "",
        unreadable: Sequence[Letter] = (),
    ) -> list[Envelope]:  # fmt: skip
        with trace.use_span(self._started(raws, span), end_on_exit=True):
            return super().take(raws, parcel, span, unreadable)

    def _started(self, raws: Sequence[RawEvent], span: str) -> Span:
        told: dict[str, str | int] = {"duban.events": len(raws), "duban.span": span}
        return self._tracer.start_span(
            "sink take", kind=SpanKind.CONSUMER, links=_links(_parents(raws)), attributes=told
        )

    def _end(self) -> None:
        if self._folding is not None:
            self._folding.end()
        self._folding = None


def _noting(span: Span, send: Any) -> Any:
    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", message["status"])
        await send(message)

    return noting


def _parents(raws: Sequence[RawEvent]) -> Iterator[str]:
    """Of those events that have one; most of an import have none, and are not decoded for it."""
    for raw in raws:
        if b'"traceparent"' in raw[5]:
            try:
                yield msgspec.json.decode(raw[5], type=_Told).traceparent
            except msgspec.MsgspecError:  # the intake says what is wrong with it
                continue


def _links(parents: Iterable[str]) -> list[Link]:
    links: list[Link] = []
    for parent in dict.fromkeys(filter(None, parents)):
        found = trace.get_current_span(_W3C.extract({HEADER: parent})).get_span_context()
        if found.is_valid:
            links.append(Link(found))
        if len(links) == MOST_LINKS:
            break
    return links
