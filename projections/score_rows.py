"""One score entry as it is stored."""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class ScoreRow(msgspec.Struct, frozen=True, gc=False):
    position: int
    entry: int
    unit: str
    points: Decimal
    clause: str
    policy: str
    policy_id: str
    reason: str
    reason_en: str
    case_id: str
    inspection_id: str
    penalty_id: str
    event: str
    day: date
    occurred_at: datetime
    recorded_at: datetime
    district: str
    grid: str
    veto: int = 0
    multipliers: tuple[str, ...] = ()
    slip_id: str = ""
    accountability_id: str = ""
    reading_id: str = ""
