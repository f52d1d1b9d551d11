"""What a proposal rests on: a complete reason, units of the register, a published ranking."""

from typing import Any

from domain.decider import Context
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.reasons import Reason
from domain.two_people import is_system


def check_reason(kind: str, reason: Reason, context: Context) -> None:
    """A person says it in one language at least; the system in both, with the policy, the clause
    and the events. Raises ``Invalid`` (``<kind>.reason_incomplete``)."""
    spoken = {"zh": bool(reason.zh.strip()), "en": bool(reason.en.strip())}
    missing = [] if any(spoken.values()) else ["a sentence (zh or en)"]
    if is_system(context.actor):
        missing = [language for language, said in spoken.items() if not said]
        missing += [name for name in ("policy", "clause", "events") if not getattr(reason, name)]
    if missing:
        raise Invalid(
            f"{kind}.reason_incomplete",
            f"the reason of this proposal lacks {', '.join(missing)}: a proposal is read and "
            "decided by its reason",
        )
    if any(position < 1 for position in reason.events):
        raise Invalid(
            f"{kind}.reason_incomplete", "the events of a reason are positions in the log, from 1"
        )


def check_unit(unit_id: str, context: Context) -> None:
    """Raises ``NotFound`` (``unit.unknown``). A retired unit still answers for what it did."""
    if context.unit(unit_id) is None:
        raise NotFound("unit.unknown", f"there is no unit {unit_id}: register it first")


def check_authority(kind: str, authority: str, concerned: str, context: Context) -> None:
    """In whose name it is decided: a unit of the register, in service, and not the one concerned.
    Raises ``NotFound`` (``unit.unknown``), ``Conflict`` (``<kind>.authority_retired``) or
    ``Forbidden`` (``<kind>.own_authority``)."""
    unit: Any = context.unit(authority)
    if unit is None:
        raise NotFound(
            "unit.unknown",
            f"there is no unit {authority} in whose name this could be decided: register it first",
        )
    if unit.retired:
        raise Conflict(
            f"{kind}.authority_retired",
            f"{unit.name} is retired and decides nothing any more: name the authority that has "
            "taken its place",
        )
    if authority == concerned:
        raise Forbidden(
            f"{kind}.own_authority",
            f"{unit.name} is the unit concerned: another authority has to decide",
        )


def check_ranked(kind: str, ranking_id: str, unit: str, period: str, context: Context) -> None:
    """What follows from a published ranking (or its newest correction) follows for a unit in it
    and for its period. Raises ``NotFound`` (``ranking.unknown``), ``Conflict``
    (``<kind>.ranking_unpublished``, ``<kind>.ranking_withdrawn``) or ``Invalid``
    (``<kind>.not_ranked``, ``<kind>.other_period``)."""
    ranking = _published(kind, ranking_id, context)
    if period != ranking.period:
        raise Invalid(
            f"{kind}.other_period",
            f"ranking {ranking_id} is about {ranking.period}, not about {period or 'no period'}",
        )
    if all(row.unit != unit for row in ranking.rows):
        raise Invalid(
            f"{kind}.not_ranked",
            f"{unit or 'the subject'} is not in ranking {ranking_id}, so nothing follows from it "
            "there: name a unit that is ranked",
        )


def _published(kind: str, ranking_id: str, context: Context) -> Any:
    life: Any = context.state(f"ranking-{ranking_id}")
    if life is None:
        raise NotFound("ranking.unknown", f"there is no ranking {ranking_id}: publish it first")
    if life.published is None:
        raise Conflict(
            f"{kind}.ranking_unpublished",
            f"ranking {ranking_id} is not published: nothing follows from a draft",
        )
    check_stands(kind, ranking_id, context)
    return life.published


def check_stands(kind: str, ranking_id: str, context: Context) -> None:
    """Raises ``Conflict`` (``<kind>.ranking_withdrawn``) if the ranking was withdrawn since."""
    life: Any = context.state(f"ranking-{ranking_id}") if ranking_id else None
    if life is not None and life.withdrawn:
        raise Conflict(
            f"{kind}.ranking_withdrawn",
            f"ranking {ranking_id} is withdrawn: nothing follows from it any more",
        )
