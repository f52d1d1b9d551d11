"""What every proposal leaves in its row: why it was made, by whom and when."""

from typing import Any

from domain.messages import Envelope
from domain.reasons import Reason


def proposed(reason: Reason, envelope: Envelope) -> dict[str, Any]:
    """The columns that slips, money, list entries and actions begin with alike."""
    return {
        "reason": reason.zh,
        "reason_en": reason.en,
        "policy": reason.policy,
        "clause": reason.clause,
        "because": reason.events,
        "proposed_by": envelope.actor,
        "proposed_at": envelope.occurred_at,
        "recorded_at": envelope.recorded_at,
        "version": envelope.version,
        "position": envelope.position,
    }
