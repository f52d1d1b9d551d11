"""Which events count at a moment: those known by then, of what had happened by then."""

from datetime import datetime

from domain.inspections.events import InspectionCorrected
from domain.messages import Envelope
from domain.moments import Then
from domain.policies.events import PolicyAdopted
from domain.readings.events import ReadingCorrected

# What puts a record right holds since the record does: the mistake never was the truth.
CORRECTIONS = (InspectionCorrected, ReadingCorrected)


def since(envelope: Envelope, first: Envelope) -> datetime:
    """Since when it holds what an event says; ``first`` is the first event of its stream."""
    event = envelope.event
    if isinstance(event, CORRECTIONS):
        return first.occurred_at
    if isinstance(event, PolicyAdopted):
        return event.effective_from
    return envelope.occurred_at


def counts(then: Then, envelope: Envelope, first: Envelope) -> bool:
    return then.knows(envelope) and (then.at is None or since(envelope, first) <= then.at)
