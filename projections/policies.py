"""Adopted policies: one row per version, with what a ranking needs to know of it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from domain.messages import Envelope
from domain.policies.composite import CompositePolicy
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.kinds import KINDS
from domain.policies.model import Board, ScoringPolicy
from projections.projection import Facts, Step
from projections.rules import Rules

KIND_NAMES = {model: name for name, model in KINDS.items()}


class PolicyRow(msgspec.Struct, kw_only=True, gc=False):
    """What stands after ``timezone`` is empty where the policy does not rank."""

    policy: str
    policy_id: str
    revision: int
    kind: str
    digest: str
    effective_from: datetime
    effective_day: date
    title: str
    title_en: str
    timezone: str
    base: Decimal | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    decimals: int | None = None
    rounding: str = ""
    ties: str = ""
    eligibility: str = ""
    peers_by: str = ""
    kinds: tuple[str, ...] = ()
    order: str = ""
    standard: Decimal | None = None
    vetoed: str = ""
    periods: tuple[str, ...] = ()
    issued_by: str
    document: str
    source: str
    body: str
    adopted_by: str
    adopted_at: datetime
    recorded_at: datetime
    position: int


def rows(step: Step, rules: Rules) -> Sequence[PolicyRow]:
    envelope = step.envelope
    if not isinstance(envelope.event, PolicyAdopted):
        return ()
    policy = rules.policy(envelope.event.digest)
    row = _head(policy, envelope, envelope.event.body)
    if isinstance(policy, Board):
        _rank(row, policy)
    if isinstance(policy, ScoringPolicy):
        row.base = policy.base
    if isinstance(policy, CompositePolicy):
        row.periods = policy.periods
    return (row,)


def _head(policy: PolicyFile, envelope: Envelope, body: str) -> PolicyRow:
    return PolicyRow(
        policy=policy.ref,
        policy_id=policy.id,
        revision=policy.version,
        kind=KIND_NAMES[type(policy)],
        digest=policy.digest,
        effective_from=policy.starts_at,
        effective_day=policy.starts_at.astimezone(ZoneInfo(policy.timezone)).date(),
        title=policy.title.zh,
        title_en=policy.title.en,
        timezone=policy.timezone,
        issued_by=policy.issued_by,
        document=policy.document,
        source=policy.source,
        body=body,
        adopted_by=envelope.actor,
        adopted_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        position=envelope.position,
    )


def _rank(row: PolicyRow, board: Board) -> None:
    row.floor, row.ceiling = board.floor, board.ceiling
    row.decimals, row.rounding = board.rounding.decimals, board.rounding.mode
    row.ties, row.eligibility, row.order = board.ties, board.eligibility, board.order
    row.peers_by, row.kinds = board.peer_groups.by, board.peer_groups.kinds or ()
    row.standard = board.standard.below if board.standard else None
    row.vetoed = board.vetoed


POLICIES = Facts(table="policies", version=2, row=PolicyRow, rows=rows, kinds=("policy",))
