"""Which slip (督办单) an event of a case leads to, and which one follows a failure."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.cases.events import Limit
from domain.errors import Conflict
from domain.policies.header import PolicyFile, When
from domain.policies.scoring import Fact, holds, spoken
from domain.policies.supervision import Ladder, Start, SupervisionPolicy
from domain.reasons import Reason
from domain.supervision.commands import ProposeSlip


class Begun(NamedTuple):
    """A case climbs onto ``ladder`` at the step number ``grade`` (0: the mildest)."""

    ladder: Ladder
    grade: int


class Failed(NamedTuple):
    """A slip that was not met; ``event`` is where its failure stands in the log."""

    matter: str
    ordinal: int
    ladder: str
    colour: str
    unit: str
    case_id: str
    excused: bool
    event: int


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
    (``slip.two_ladders``) when two ladders claim it, also if only one of them would begin now."""
    claims = [
        (policy, ladder)
        for policy in policies
        if isinstance(policy, SupervisionPolicy)
        for ladder in policy.ladders
        if all_hold(ladder.when, fact)
    ]
    begins = [
        (policy, ladder, start)
        for policy, ladder in claims
        if (start := _gravest(ladder, fact)) is not None
    ]
    if not begins:
        return None
    if len(claims) > 1:
        named = " and ".join(f"{ladder.id} of {policy.ref}" for policy, ladder in claims)
        raise Conflict(
            "slip.two_ladders",
            f"the ladders {named} both claim case {fact.case_id}, and one matter gets one slip: "
            "say in their 'when' which cases each of them is for, adopt that, and replay",
        )
    ((policy, ladder, start),) = begins
    reason = Reason(
        zh=start.reason.zh.format_map(spoken(fact, 0)),
        en=start.reason.en.format_map(spoken(fact, 1)),
        policy=policy.ref,
        clause=ladder.id,
        events=(event,),
    )
    return _proposed(ladder, _grade(ladder, start.colour), slip_id, fact.unit, reason, fact.case_id)


def next_slip(policy: SupervisionPolicy, failed: Failed) -> ProposeSlip | None:
    """The next colour, unless a good reason is on record or the ladder ends: a slip at the top
    stays as it is."""
    ladder = next((each for each in policy.ladders if each.id == failed.ladder), None)
    if ladder is None or ladder.step(failed.colour) is None or ladder.escalate == "never":
        return None
    asked = ladder.escalate == "unless_excused"
    grade = _grade(ladder, failed.colour) + 1
    if grade >= len(ladder.steps) or (failed.excused and asked):
        return None
    before, after = ladder.steps[grade - 1].title, ladder.steps[grade].title
    reason = Reason(
        zh=f"{before.zh}逾期未办结{'且无正当理由' if asked else ''}，升级为{after.zh}",
        en=f"{before.en} was not met{' without a good reason on record' if asked else ''}: "
        f"{after.en}",
        policy=policy.ref,
        clause=ladder.id,
        events=(failed.event,),
    )
    slip_id = f"{failed.matter}.{failed.ordinal + 1}"
    return _proposed(ladder, grade, slip_id, failed.unit, reason, failed.case_id)


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
