"""Adopted policies: one row per version, with what a ranking needs to know of it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from domain.policies.events import PolicyAdopted
from projections.projection import Facts, Step
from projections.rules import Rules


class PolicyRow(msgspec.Struct, frozen=True, gc=False):
    policy: str
    policy_id: str
    revision: int
    digest: str
    effective_from: datetime
    effective_day: date
    title: str
    title_en: str
    timezone: str
    base: Decimal
    floor: Decimal | None
    ceiling: Decimal | None
    decimals: int
    rounding: str
    ties: str
    eligibility: str
    peers_by: str
    kinds: tuple[str, ...]
    order: str
    issued_by: str
    document: str
    source: str
    adopted_by: str
    adopted_at: datetime
    recorded_at: datetime
    position: int


def rows(step: Step, rules: Rules) -> Sequence[PolicyRow]:
    envelope = step.envelope
    if not isinstance(envelope.event, PolicyAdopted):
        return ()
    policy = rules.policy(envelope.event.digest)
    return (
        PolicyRow(
            policy=policy.ref,
            policy_id=policy.id,
            revision=policy.version,
            digest=policy.digest,
            effective_from=policy.starts_at,
            effective_day=policy.starts_at.astimezone(ZoneInfo(policy.timezone)).date(),
            title=policy.title.zh,
            title_en=policy.title.en,
            timezone=policy.timezone,
            base=policy.base,
            floor=policy.floor,
            ceiling=policy.ceiling,
            decimals=policy.rounding.decimals,
            rounding=policy.rounding.mode,
            ties=policy.ties,
            eligibility=policy.eligibility,
            peers_by=policy.peer_groups.by,
            kinds=policy.peer_groups.kinds or (),
            order=policy.order,
            issued_by=policy.issued_by,
            document=policy.document,
            source=policy.source,
            adopted_by=envelope.actor,
            adopted_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            position=envelope.position,
        ),
    )


POLICIES = Facts(table="policies", version=1, row=PolicyRow, rows=rows, kinds=("policy",))
