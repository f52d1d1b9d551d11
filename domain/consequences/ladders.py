"""Which slip (督办单) follows from what happened to a case, and which from a slip not met."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.cases.events import Limit
from domain.errors import Conflict
from domain.policies.header import PolicyFile, When
from domain.policies.scoring import Fact, holds
from domain.policies.supervision import Ladder, Start, SupervisionPolicy
from domain.reasons import Reason
from domain.supervision.commands import ProposeSlip


class Begun(NamedTuple):
    """A case climbs onto ``ladder`` at the step number ``grade`` (0: the mildest)."""

    ladder: Ladder
    grade: int


def begun(policy: SupervisionPolicy, fact: Fact) -> Begun | None:
    """The ladder the case belongs to, and the gravest step that this event starts."""
    ladder = next((each for each in policy.ladders if all_hold(each.when, fact)), None)
    start = None if ladder is None else _gravest(ladder, fact)
    return None if ladder is None or start is None else Begun(ladder, _grade(ladder, start.colour))


def all_hold(when: When, fact: Fact) -> bool:
    return all(holds(condition, getattr(fact, word)) for word, condition in when.items())


def first_slip(
    policies: Sequence[PolicyFile], fact: Fact, slip_id: str, event: int
) -> ProposeSlip | None:
    """What the event at position ``event`` proposes for its case. Raises ``Conflict``
    (``slip.two_ladders``) when two ladders claim it."""
    found: list[tuple[SupervisionPolicy, Ladder, Start]] = []
    for policy in policies:
        if isinstance(policy, SupervisionPolicy):
            for ladder in policy.ladders:
                if all_hold(ladder.when, fact) and (start := _gravest(ladder, fact)):
                    found.append((policy, ladder, start))
    if len(found) > 1:
        claims = " and ".join(f"{ladder.id} of {policy.ref}" for policy, ladder, _ in found)
        raise Conflict(
            "slip.two_ladders", f"the ladders {claims} both claim case {fact.case_id}: part them"
        )
    if not found:
        return None
    policy, ladder, start = found[0]
    reason = Reason(
        zh=start.reason.zh, en=start.reason.en, policy=policy.ref, clause=ladder.id, events=(event,)
    )
    return _proposed(ladder, _grade(ladder, start.colour), slip_id, fact.unit, reason, fact.case_id)


def next_slip(
    policy: SupervisionPolicy,
    ladder_id: str,
    colour: str,
    excused: bool,
    slip_id: str,
    unit: str,
    case_id: str,
    event: int,
) -> ProposeSlip | None:
    """What follows a slip of that colour that was not met (at position ``event``): the next colour,
    unless a good reason is on record or the ladder ends."""
    ladder = next((each for each in policy.ladders if each.id == ladder_id), None)
    if ladder is None or ladder.step(colour) is None or ladder.escalate == "never":
        return None
    grade = _grade(ladder, colour) + 1
    if grade >= len(ladder.steps) or (excused and ladder.escalate == "unless_excused"):
        return None
    before, after = ladder.steps[grade - 1].title, ladder.steps[grade].title
    reason = Reason(
        zh=f"{before.zh}逾期未办结且无正当理由，升级为{after.zh}",
        en=f"{before.en} was not met without a good reason on record: {after.en}",
        policy=policy.ref,
        clause=ladder.id,
        events=(event,),
    )
    return _proposed(ladder, grade, slip_id, unit, reason, case_id)


def _proposed(
    ladder: Ladder, grade: int, slip_id: str, unit: str, reason: Reason, case_id: str
) -> ProposeSlip:
    step = ladder.steps[grade]
    return ProposeSlip(
        slip_id=slip_id,
        unit=unit,
        ladder=ladder.id,
        colour=step.colour,
        limit=Limit(step.limit.amount, step.limit.clock),
        authority=step.authority,
        reason=reason,
        case_id=case_id,
    )


def _gravest(ladder: Ladder, fact: Fact) -> Start | None:
    fitting = [
        start
        for start in ladder.starts
        if fact.event in start.on and ladder.step(start.colour) and all_hold(start.when, fact)
    ]
    return max(fitting, key=lambda start: _grade(ladder, start.colour), default=None)


def _grade(ladder: Ladder, colour: str) -> int:
    return [step.colour for step in ladder.steps].index(colour)
