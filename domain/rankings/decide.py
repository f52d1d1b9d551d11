"""The rules of rankings: composed after the period, approved by somebody else, then for ever."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.messages import Command, Envelope, Event
from domain.periods import Period
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board
from domain.rankings.commands import (
    COMMANDS,
    ApproveRanking,
    ComposeRanking,
    PublishRanking,
    WithdrawRanking,
)
from domain.rankings.composing import checksum
from domain.rankings.events import (
    RankingApproved,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
    RankingWithdrawn,
)
from domain.rankings.rows import check_rows
from domain.two_people import check_person


class Life(msgspec.Struct, frozen=True):
    """A ranking as its own rules see it. ``draft`` waits for approval and publication (``None``:
    nothing waits), ``published`` is what was published last, ``last_at`` when the last step was."""

    last_at: datetime
    draft: RankingComposed | None = None
    composed_by: str = ""
    approved_by: str = ""
    published: RankingPublished | RankingCorrected | None = None
    withdrawn: bool = False


def evolve(life: Life | None, envelope: Envelope) -> Life | None:
    at = envelope.occurred_at if life is None else max(envelope.occurred_at, life.last_at)
    life = Life(at) if life is None else msgspec.structs.replace(life, last_at=at)
    match envelope.event:
        case RankingComposed() as draft:
            return msgspec.structs.replace(
                life, draft=draft, composed_by=envelope.actor, approved_by=""
            )
        case RankingApproved():
            return msgspec.structs.replace(life, approved_by=envelope.actor)
        case RankingPublished() | RankingCorrected() as published:
            return Life(at, published=published)
        case RankingWithdrawn():
            return msgspec.structs.replace(life, withdrawn=True)
    return life


def decide(life: Life | None, command: Command, context: Context) -> Sequence[Event]:
    if life is not None and context.occurred_at < life.last_at:
        raise Conflict(
            "time.before_previous",
            f"the last step of this ranking happened at {life.last_at.isoformat()}; what follows "
            f"it cannot have happened at {context.occurred_at.isoformat()}",
        )
    if isinstance(command, ComposeRanking):
        return _compose(life, command, context)
    if life is None:
        raise NotFound("ranking.unknown", f"there is no ranking {command.stream_key}: compose it")
    check_person("ranking", "approve, publish or withdraw a ranking", context)
    match command:
        case ApproveRanking():
            return _approve(life, command, context)
        case PublishRanking():
            return [_publish(life, command)]
        case WithdrawRanking():
            return _withdraw(life, command)
    raise TypeError(f"no rule for {type(command).__name__}")


def _compose(life: Life | None, command: ComposeRanking, context: Context) -> Sequence[Event]:
    period = Period.parse(command.period)
    _check_over(period, context)
    _check_board(command.board, period, context)
    if not command.rows:
        raise Conflict(
            "ranking.nobody_ranked",
            f"nobody is ranked by {command.board} in {period}, peer group "
            f"{command.peer_group or 'of all units'}: look at the board for the groups there are",
        )
    check_rows(command.rows)
    draft = RankingComposed(
        **command.model_dump(exclude={"rows"}),
        rows=command.rows,
        checksum=checksum(
            command.period,
            command.peer_group,
            command.computed_at,
            command.policies,
            command.rows,
            command.board,
        ),
    )
    if life is None:
        return [draft]
    published = life.published
    if published is not None and published.rows == draft.rows and not life.withdrawn:
        raise Conflict(
            "ranking.nothing_to_correct",
            f"{command.stream_key} is published with exactly these rows: there is nothing to "
            "correct",
        )
    waiting = life.draft
    if waiting and (waiting.rows, waiting.policies) == (draft.rows, draft.policies):
        return []  # composed again, and nothing has changed: the draft stands
    return [draft]


def _check_over(period: Period, context: Context) -> None:
    zone = context.calendars.zone
    begin, end = period.bounds(zone)
    if context.occurred_at < begin:
        raise Refused(
            "ranking.period_not_begun",
            f"{period} begins at {begin.astimezone(zone).isoformat()}: there is nothing to rank in "
            "it yet",
        )
    if context.occurred_at < end:
        raise Refused(
            "ranking.period_open",
            f"{period} runs until {end.astimezone(zone).isoformat()}: compose its ranking after "
            "that; until then the board shows how it stands",
        )


def _check_board(board: str, period: Period, context: Context) -> None:
    """Which version of it judges the period is found by the reader of the book; here it must at
    least be a board of the city that ranks such periods."""
    boards = {policy.id: policy for policy in context.policies if isinstance(policy, Board)}
    policy = boards.get(board)
    if policy is None:
        known = ", ".join(boards) or "none"
        raise NotFound(
            "ranking.board_unknown", f"no board {board!r} is in force; boards in force: {known}"
        )
    if isinstance(policy, CompositePolicy) and period.kind not in policy.periods:
        raise Invalid(
            "ranking.period_kind",
            f"{board} ranks by {', '.join(policy.periods)}, not by {period.kind}: {period} is none "
            "of its periods",
        )


def _approve(life: Life, command: ApproveRanking, context: Context) -> Sequence[Event]:
    draft = _waiting(life, command.ranking_id)
    if context.actor == life.composed_by:
        raise Forbidden(
            "ranking.same_person",
            f"{context.actor} composed {command.ranking_id}: somebody else must approve it",
        )
    if command.checksum != draft.checksum:
        raise Conflict(
            "ranking.draft_changed",
            f"the draft of {command.ranking_id} now has the checksum {draft.checksum[:12]}…, not "
            f"{command.checksum[:12]}…: read it again and approve what you have read",
        )
    if life.approved_by:
        raise Conflict(
            "ranking.approved",
            f"{life.approved_by} has approved this draft of {command.ranking_id}: publish it",
        )
    return [RankingApproved(checksum=draft.checksum)]


def _publish(life: Life, command: PublishRanking) -> RankingPublished | RankingCorrected:
    draft = _waiting(life, command.ranking_id)
    if not life.approved_by:
        raise Conflict(
            "ranking.not_approved",
            f"{command.ranking_id} was composed by {life.composed_by} and nobody has approved it: "
            "somebody else must approve the draft before it is published",
        )
    frozen: dict[str, Any] = {name: getattr(draft, name) for name in draft.__struct_fields__}
    frozen |= {"composed_by": life.composed_by, "approved_by": life.approved_by}
    if life.published is None:
        return RankingPublished(**frozen)
    if not command.reason:
        raise Invalid(
            "ranking.reason_missing",
            f"{command.ranking_id} is published and never changes: say in 'reason' why this "
            "correction is published beside it",
        )
    corrects = life.published.checksum
    return RankingCorrected(**frozen, corrects=corrects, reason=command.reason)


def _withdraw(life: Life, command: WithdrawRanking) -> Sequence[Event]:
    if life.published is None:
        raise Conflict(
            "ranking.unpublished",
            f"{command.ranking_id} is not published, so there is nothing to withdraw",
        )
    if life.withdrawn:
        raise Conflict(
            "ranking.withdrawn",
            f"{command.ranking_id} is withdrawn already: compose it again to publish a correction",
        )
    return [RankingWithdrawn(reason=command.reason)]


def _waiting(life: Life, ranking_id: str) -> RankingComposed:
    if life.draft is None:
        raise Conflict(
            "ranking.no_draft",
            f"no draft of {ranking_id} waits: what is published never changes; compose it again "
            "to draft a correction",
        )
    return life.draft


RANKINGS: Decider[Life | None, Command] = Decider(
    kind="ranking", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
