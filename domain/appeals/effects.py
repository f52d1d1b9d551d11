"""What an upheld appeal undoes: requests that are stored with the decision or not at all."""

from typing import Any, assert_never

from domain.appeals.commands import UpholdAppeal, timeout_of
from domain.appeals.decide import Appeal
from domain.cases.commands import ExemptCase
from domain.listings.commands import UpholdObjection, WithdrawListing
from domain.messages import Command
from domain.money.commands import RevokeMoney


def effects(appeal: Appeal, command: UpholdAppeal, subject: Any) -> list[Command]:
    """``subject`` is the state of the stream the appeal is against. A score entry has no state:
    what it took or gave is undone by an entry of its own. What has ended meanwhile stays ended."""
    key = appeal.stream.partition("-")[2]
    match appeal.against:
        case "score_entry":
            return []
        case "timeout":
            if subject.status == "void":
                return []
            case_id, due_at = timeout_of(appeal.subject)
            return [ExemptCase(case_id=case_id, due_at=due_at, appeal=command.appeal_id)]
        case "list_entry":
            if subject.status == "objected":
                return [UpholdObjection(listing_id=key, reason=command.reason)]
            if subject.status == "published":
                return [WithdrawListing(listing_id=key, reason=command.reason)]
            return []
        case "money":
            if subject.status in ("approved", "issued", "settled"):
                return [RevokeMoney(money_id=key, reason=command.reason)]
            return []
        case _:
            assert_never(appeal.against)
