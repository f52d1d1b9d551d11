"""The rules of evidence: what may be attached, put right and taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from domain.cases.state import Case
from domain.decider import Context
from domain.errors import Conflict, NotFound
from domain.evidence import commands as c
from domain.evidence import events as e
from domain.messages import Event
from domain.personal_data import check_pseudonym, check_texts
from domain.persons.decide import check_registered

# Where a citizen took the picture is where that citizen was.
BY_CITIZENS = frozenset({"hotline", "citizen_snap"})
EvidenceCommand = c.AttachEvidence | c.CorrectEvidence | c.WithdrawEvidence


def decide(case: Case, command: EvidenceCommand, context: Context) -> Sequence[Event]:
    """Evidence moves no case on: it may come in any status but void, also late."""
    match command:
        case c.AttachEvidence():
            return _attach(case, command, context)
        case c.CorrectEvidence():
            _known(case, command)
            check_texts("evidence", caption=command.caption, reason=command.reason)
            return [
                e.EvidenceCorrected(
                    digest=command.digest, caption=command.caption, reason=command.reason
                )
            ]
        case c.WithdrawEvidence():
            _known(case, command)
            check_texts("evidence", reason=command.reason)
            return [e.EvidenceWithdrawn(digest=command.digest, reason=command.reason)]
    assert_never(command)


def _attach(case: Case, command: c.AttachEvidence, context: Context) -> Sequence[Event]:
    """What is attached already stays as it is: sending a file twice is no second piece."""
    if case.status == "void":
        raise Conflict("case.void", f"case {command.case_id} is void: it takes no evidence")
    check_texts("evidence", caption=command.caption)
    if command.person:
        check_pseudonym("evidence", "person", command.person)
        check_registered(command.person, context)
    if command.digest in case.evidence:
        return []
    placed = not command.person and case.source not in BY_CITIZENS
    return [
        e.EvidenceAttached(
            digest=command.digest,
            media_type=command.media_type,
            size=command.size,
            caption=command.caption,
            copy=command.copy_digest,
            thumbnail=command.thumbnail,
            taken_at=_taken(command.taken_at, context),
            latitude=command.latitude if placed else None,
            longitude=command.longitude if placed else None,
            person=command.person,
        )
    ]


def _taken(taken_at: datetime | None, context: Context) -> datetime | None:
    """In UTC. Cameras seldom write their zone: then it is the city's."""
    if taken_at is None:
        return None
    aware = taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=context.calendars.zone)
    return aware.astimezone(UTC)


def _known(case: Case, command: c.CorrectEvidence | c.WithdrawEvidence) -> None:
    if command.digest not in case.evidence:
        raise NotFound(
            "evidence.not_attached",
            f"case {command.case_id} has no evidence {command.digest[:12]} that stands: attach it",
        )
