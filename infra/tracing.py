"""One trace from a request over Kafka to the row of a table, for a collector that is named.

``OTEL_EXPORTER_OTLP_ENDPOINT`` names it, as everywhere with OpenTelemetry; without one nothing is
traced, and a request's own traceparent is kept with its events all the same.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol

from streams.dead_letters import LetterBox, Source
from streams.intake import Intake
from streams.projector import Projector
from streams.relay import Publishing
from streams.wire import Decoding

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Tracing(Protocol):
    """What a process gives to be traced comes back, and does the same."""

    def app(self, app: Any) -> Any: ...

    def publishing(self, publishing: Publishing) -> Publishing: ...

    def intake(
        self, projector: Projector, decoding: Decoding, box: LetterBox, source: Source
    ) -> Intake: ...


class Untraced:
    def app(self, app: Any) -> Any:
        return app

    def publishing(self, publishing: Publishing) -> Publishing:
        return publishing

    def intake(
        self, projector: Projector, decoding: Decoding, box: LetterBox, source: Source
    ) -> Intake:
        return Intake(projector, decoding, box, source)


@contextmanager
def tracing(process: str) -> Iterator[Tracing]:
    """What is left to be sent is sent when the block ends."""
    if not os.environ.get(ENDPOINT):
        yield Untraced()
        return
    from infra.spans import Spans  # half a second to load, and 20 MB, for those who trace

    with closing(Spans(process)) as spans:
        yield spans
