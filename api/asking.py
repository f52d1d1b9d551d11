"""From a command to its answer: done once per key, with the position a reader may wait for."""

from dataclasses import dataclass
from datetime import datetime

from api.dependencies import PATIENCE, Asking
from api.preparing import group
from api.services import Services
from domain.messages import Appended, Command, Envelope
from domain.requests import Request, digest_of


@dataclass(frozen=True, slots=True)
class Done:
    """What a command led to. ``id`` is the thing it was about, ``version`` how many events that
    has now, ``position`` where the last of them stands in the log, ``events`` their names (none:
    there was nothing to do). ``visible``: the boards show it already."""

    id: str
    stream: str
    version: int
    position: int
    events: list[str]
    replayed: bool
    visible: bool


def ask(
    services: Services,
    command: Command,
    asking: Asking,
    occurred_at: datetime | None = None,
    wait: bool = False,
) -> Done:
    """Decides and stores. Repeated with the same key it gives the first answer again. Raises
    ``Refused``; nothing was stored then."""
    request = Request(
        command, asking.actor, occurred_at, expected_version=asking.expected_version,
        traceparent=asking.traceparent,
    )  # fmt: skip
    requests = group(services, request, asking.key)
    appended = services.desk.handle(requests, asking.key, digest_of([request]))
    return answered(services, command, appended, wait)


def answered(services: Services, command: Command, appended: Appended, wait: bool) -> Done:
    """What is said of an append about the stream of ``command``."""
    version, mine = outcome(services.store.load(command.stream_id), appended)
    visible = services.live.wait_for(appended.last_position, PATIENCE if wait else 0.0)
    return Done(
        id=command.stream_key,
        stream=command.stream_id,
        version=version,
        position=appended.last_position,
        events=[envelope.event.NAME for envelope in mine],
        replayed=appended.repeated,
        visible=visible,
    )


def outcome(history: list[Envelope], appended: Appended) -> tuple[int, list[Envelope]]:
    """The stream's version as the append left it, and the events that it added."""
    then = [envelope for envelope in history if envelope.position <= appended.last_position]
    mine = [envelope for envelope in then if envelope.position >= appended.first_position]
    return (then[-1].version if then else 0), mine
