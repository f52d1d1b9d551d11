"""What is said and what is kept: commands, events, and the envelope an event is stored in."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A fact that happened. Never edited: a new shape is a new VERSION with an upcaster.

    NAME is data (it is what the log stores), so a module may move without breaking history.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Command(BaseModel):
    """A wish to change one stream. ``STREAM`` is the kind of stream, ``stream_key`` its id.
    ``FOUND`` names what the server fills in from its own records: a sender may not say it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False
    )

    NAME: ClassVar[str]
    STREAM: ClassVar[str]
    FOUND: ClassVar[tuple[str, ...]] = ()

    @property
    def stream_key(self) -> str:
        raise TypeError(f"{type(self).__name__} does not say which {self.STREAM} it is for")

    @property
    def stream_id(self) -> str:
        return f"{self.STREAM}-{self.stream_key}"


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who did it, when it happened in the city, and under which rules it is judged.

    ``occurred_at`` is business time (UTC); the store adds ``recorded_at``. ``policies`` are the
    digests of the policies in force when it happened, so a reader never has to guess them from
    the order of other streams. ``cause`` names what made the system act (``overdue:<case>:<due>``)
    or where the fact was taken from (``import:<mapping>:<record>``). ``traceparent`` names the
    request it came with (W3C Trace Context), if that was traced.
    """

    actor: str
    occurred_at: datetime
    policies: tuple[str, ...] = ()
    cause: str = ""
    traceparent: str = ""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One stored event. ``position`` is global and gap-free, ``version`` counts in the stream
    from 1; both are 0 and -1 respectively only for an event that is decided but not yet stored."""

    position: int
    stream_id: str
    version: int
    recorded_at: datetime
    metadata: Metadata
    event: Event

    @property
    def occurred_at(self) -> datetime:
        return self.metadata.occurred_at

    @property
    def actor(self) -> str:
        return self.metadata.actor

    @property
    def key(self) -> str:
        """The id inside the kind: ``case-A1`` → ``A1``."""
        return self.stream_id.partition("-")[2]


class StreamEvents(msgspec.Struct, frozen=True):
    """New events for one stream, each with its metadata; ``expected_version`` is the version the
    decision was made on (0: the stream must not exist yet)."""

    stream_id: str
    expected_version: int
    events: Sequence[tuple[Event, Metadata]]


class Append(msgspec.Struct, frozen=True):
    """One atomic append: all its streams or none. ``command_id`` makes it idempotent; ``digest``
    tells a repetition from another request that reuses the same id."""

    command_id: str
    digest: str
    streams: Sequence[StreamEvents]


class Appended(msgspec.Struct, frozen=True):
    """Where an append stands in the log; if it had no events, the first position is the one after
    the last. ``repeated``: it had been stored before."""

    command_id: str
    first_position: int
    last_position: int
    digest: str
    repeated: bool = False
