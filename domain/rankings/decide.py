"""The rules of rankings: published once, after the period, by somebody who did not compose it."""

from collections.abc import Sequence
from itertools import pairwise

from domain.decider import Context, Decider
from domain.errors import Conflict, Forbidden, Invalid, Refused
from domain.messages import Envelope, Event
from domain.periods import Period
from domain.rankings.commands import COMMANDS, PublishRanking
from domain.rankings.composing import checksum
from domain.rankings.events import RankedUnit, RankingPublished


def evolve(published: RankingPublished | None, envelope: Envelope) -> RankingPublished | None:
    match envelope.event:
        case RankingPublished() as event:
            return event
    return published


def decide(
    published: RankingPublished | None, command: PublishRanking, context: Context
) -> Sequence[Event]:
    _check_may_publish(published, command, context)
    _check_rows(command.rows)
    return [
        RankingPublished(
            period=command.period,
            peer_group=command.peer_group,
            rows=command.rows,
            computed_at=command.computed_at,
            policies=command.policies,
            checksum=checksum(
                command.period,
                command.peer_group,
                command.computed_at,
                command.policies,
                command.rows,
            ),
            composed_by=command.composed_by,
        )
    ]


def _check_may_publish(
    published: RankingPublished | None, command: PublishRanking, context: Context
) -> None:
    name = f"the ranking {command.period} of {command.peer_group or 'all units'}"
    if published is not None:
        raise Conflict(
            "ranking.published_already",
            f"{name} is published and never changes: what came later is published as a correction",
        )
    if context.actor == command.composed_by:
        raise Forbidden(
            "ranking.same_person",
            f"{context.actor} composed {name}: somebody else must approve and publish it",
        )
    _, end = Period.parse(command.period).bounds(context.calendars.zone)
    if context.occurred_at < end:
        raise Refused(
            "ranking.period_open",
            f"{command.period} runs until {end.astimezone(context.calendars.zone).isoformat()}: "
            "publish its ranking after that; until then the board shows how it stands",
        )


def _check_rows(rows: Sequence[RankedUnit]) -> None:
    """Rows that contradict themselves were not composed: they must not be frozen."""
    seen: set[str] = set()
    for row in rows:
        if row.unit in seen:
            raise Invalid("ranking.rows_invalid", f"{row.unit} stands in the ranking twice")
        seen.add(row.unit)
    if rows[0].place != 1:
        raise Invalid("ranking.rows_invalid", f"the first place is 1, not {rows[0].place}")
    falling = rows[0].points >= rows[-1].points
    for upper, lower in pairwise(rows):
        fits = upper.points >= lower.points if falling else upper.points <= lower.points
        tied = upper.points == lower.points
        if not fits or tied != (upper.place == lower.place) or upper.place > lower.place:
            raise Invalid(
                "ranking.rows_invalid",
                f"{upper.unit} ({upper.points}) at place {upper.place} and {lower.unit} "
                f"({lower.points}) at place {lower.place} contradict each other: compose again",
            )


RANKINGS: Decider[RankingPublished | None, PublishRanking] = Decider(
    kind="ranking", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
