"""Appeals as they stand, and the score entries that an upheld one takes back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from domain.appeals.events import AppealDismissed, AppealFiled, AppealUpheld, ContestedEntry
from domain.messages import Envelope, Event
from projections.projection import Snapshot, Step
from projections.score_rows import ScoreRow


class AppealRow(msgspec.Struct, kw_only=True, gc=False):
    """``entries`` is the JSON of the contested score entries, so that they can be taken back."""

    appeal_id: str
    against: str
    subject: str
    stream: str
    unit: str
    status: str = "filed"
    grounds: str
    authority: str
    policy: str
    known_at: datetime
    filed_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    late: bool = False
    reason: str = ""
    filed_by: str
    decided_by: str = ""
    points: Decimal
    contested: tuple[int, ...]
    entries: str
    recorded_at: datetime
    version: int
    position: int


def begin(event: AppealFiled, envelope: Envelope) -> AppealRow:
    return AppealRow(
        appeal_id=envelope.key,
        against=event.against,
        subject=event.subject,
        stream=event.stream,
        unit=event.unit,
        grounds=event.grounds,
        authority=event.authority,
        policy=event.policy,
        known_at=event.known_at,
        filed_at=envelope.occurred_at,
        due_at=event.due_at,
        filed_by=envelope.actor,
        points=sum((entry.points for entry in event.entries), Decimal(0)),
        contested=tuple(entry.position for entry in event.entries),
        entries=_JSON.encode(event.entries).decode(),
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: AppealRow, event: Event, envelope: Envelope) -> None:
    match event:
        case AppealUpheld():
            row.status, row.reason = "upheld", event.reason
        case AppealDismissed():
            row.status, row.reason = "dismissed", event.reason
        case _:
            return
    row.decided_at, row.decided_by = envelope.occurred_at, envelope.actor
    row.late = envelope.occurred_at > row.due_at


def rows_of_appeal(step: Step) -> Sequence[ScoreRow]:
    """Score entries against those that fall with an upheld appeal: they count on the same day for
    the same clause and unit, and are on record since the decision."""
    event = step.envelope.event
    row: AppealRow | None = step.before
    if not isinstance(event, AppealUpheld) or row is None:
        return ()
    return [
        ScoreRow(
            position=step.envelope.position,
            entry=number,
            unit=contested.unit,
            points=-contested.points,
            clause=contested.clause,
            policy=contested.policy,
            policy_id=contested.policy_id,
            reason=f"申诉成立：{event.reason}",
            reason_en=f"appeal upheld: {event.reason}",
            case_id=contested.case_id,
            inspection_id=contested.inspection_id,
            penalty_id=contested.penalty_id,
            event=event.NAME,
            day=contested.day,
            occurred_at=contested.occurred_at,
            recorded_at=step.envelope.recorded_at,
            district=contested.district,
            grid=contested.grid,
            veto=-contested.veto,
            slip_id=contested.slip_id,
            accountability_id=contested.accountability_id,
            reading_id=contested.reading_id,
        )
        for number, contested in enumerate(_ENTRIES.decode(row.entries))
    ]


_JSON = msgspec.json.Encoder(decimal_format="string")
_ENTRIES = msgspec.json.Decoder(tuple[ContestedEntry, ...])

APPEALS = Snapshot(
    table="appeals", version=1, kind="appeal", row=AppealRow, begin=begin, evolve=evolve
)
