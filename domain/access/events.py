"""What was read: who opened, searched or exported what, when, why and on which way."""

from typing import Literal

from domain.messages import Event

Act = Literal["open", "list", "search", "export", "ask"]
Channel = Literal["page", "api", "feed", "cli", "sql"]


class AccessRecorded(Event, frozen=True):
    """Recorded before the answer is given; the actor is who read. ``kind`` is what was looked at
    (cases, units, persons, …) and ``key`` which one ("": a list). ``asked`` are the filters; what
    may hold a name or a number of a person stands in them as ``#`` and a keyed digest."""

    NAME = "access.recorded"
    act: Act
    channel: Channel
    kind: str
    key: str = ""
    asked: str = ""
    purpose: str = ""


EVENTS = (AccessRecorded,)
