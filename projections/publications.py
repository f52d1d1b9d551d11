"""Published rankings and corrections, row by row, as they were frozen."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from domain.rankings.events import RankingCorrected, RankingPublished
from projections.bulletins import BulletinRow
from projections.projection import Facts, Step
from projections.rules import Rules


class PublicationRow(msgspec.Struct, frozen=True, gc=False):
    ranking_id: str
    board: str
    period: str
    peer_group: str
    unit: str
    place: int
    points: Decimal
    entries: int
    veto: str
    correction: int
    policy_id: str
    policies: tuple[str, ...]
    computed_at: int
    checksum: str
    composed_by: str
    approved_by: str
    published_by: str
    published_at: datetime
    recorded_at: datetime
    position: int


def rows(step: Step, rules: Rules) -> Sequence[PublicationRow]:
    envelope, event = step.envelope, step.envelope.event
    if not isinstance(event, RankingPublished | RankingCorrected):
        return ()
    bulletin: BulletinRow = step.after
    board = event.board or rules.policy(event.policies[0]).id
    return [
        PublicationRow(
            ranking_id=envelope.key,
            board=board,
            period=event.period,
            peer_group=event.peer_group,
            unit=row.unit,
            place=row.place,
            points=row.points,
            entries=row.entries,
            veto=row.veto,
            correction=bulletin.corrections,
            policy_id=board,
            policies=event.policies,
            computed_at=event.computed_at,
            checksum=event.checksum,
            composed_by=event.composed_by,
            approved_by=event.approved_by or envelope.actor,
            published_by=envelope.actor,
            published_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            position=envelope.position,
        )
        for row in event.rows
    ]


PUBLICATIONS = Facts(
    table="publications", version=2, row=PublicationRow, rows=rows, kinds=("ranking",)
)
