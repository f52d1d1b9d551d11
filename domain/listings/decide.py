"""The rules of the red and black lists: reviewed for personal data, approved by another, fair."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.grounds import check_authority, check_ranked, check_reason, check_stands, check_unit
from domain.listings import commands as c
from domain.listings import events as e
from domain.messages import Envelope, Event
from domain.personal_data import check_pseudonym, check_texts
from domain.persons.decide import check_registered
from domain.steps import check_due, check_order, is_late, not_legal
from domain.two_people import check_other_hand, check_person

Status = Literal[
    "proposed", "reviewed", "approved", "declined", "published", "objected", "withdrawn", "expired"
]

LEGAL: Mapping[type[c.ListingCommand], tuple[Status, ...]] = {
    c.ReviewListing: ("proposed",),
    c.ApproveListing: ("reviewed",),
    c.DeclineListing: ("proposed", "reviewed"),
    c.PublishListing: ("approved",),
    c.ObjectToListing: ("published",),
    c.UpholdObjection: ("objected",),
    c.DismissObjection: ("objected",),
    c.WithdrawListing: ("approved", "published"),
}

# What people write into an entry is kept for ever, published or not.
FREE_TEXTS = ("text", "note", "reason", "grounds", "channel")


class Listing(msgspec.Struct, frozen=True):
    """``until`` is when a published entry expires."""

    status: Status
    unit: str
    ranking: str
    proposed_by: str
    last_at: datetime
    valid_days: int
    reviewed_by: str = ""
    approved_by: str = ""
    published_by: str = ""
    objected_by: str = ""
    until: datetime | None = None


STATUS_AFTER: Mapping[type[Event], Status] = {
    e.ListingApproved: "approved",
    e.ListingDeclined: "declined",
    e.ListingObjectionDismissed: "published",
    e.ListingObjectionUpheld: "withdrawn",
    e.ListingWithdrawn: "withdrawn",
    e.ListingExpired: "expired",
}


def evolve(listing: Listing | None, envelope: Envelope) -> Listing | None:
    event, at = envelope.event, envelope.occurred_at
    if isinstance(event, e.ListingProposed):
        return Listing("proposed", event.unit, event.ranking, envelope.actor, at, event.valid_days)
    if listing is None:
        return None
    change = msgspec.structs.replace
    # An end is recorded at its due time, which may lie before the last step.
    last_at, status = max(at, listing.last_at), STATUS_AFTER.get(type(event), listing.status)
    listing = change(listing, last_at=last_at, status=status)
    match event:
        case e.ListingReviewed():
            return change(listing, status="reviewed", reviewed_by=envelope.actor)
        case e.ListingPublished(until=until):
            return change(listing, status="published", until=until, published_by=envelope.actor)
        case e.ListingApproved():
            return change(listing, approved_by=envelope.actor)
        case e.ListingObjected():
            return change(listing, status="objected", objected_by=envelope.actor)
    return listing


def decide(listing: Listing | None, command: c.ListingCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, c.ProposeListing):
        return _propose(listing, command, context)
    if listing is None:
        raise NotFound("listing.unknown", f"there is no list entry {command.listing_id}")
    if isinstance(command, c.ExpireListing):
        return _expire(listing, command, context)
    what = f"list entry {command.listing_id}"
    if listing.status not in LEGAL[type(command)]:
        raise not_legal(what, listing.status, LEGAL, command)
    check_person("listing", "review, approve, publish or end a list entry", context)
    check_order(what, listing.last_at, context)
    check_texts("listing", **{name: getattr(command, name, "") for name in FREE_TEXTS})
    return RULES[type(command)](listing, command, context)


def _propose(
    listing: Listing | None, command: c.ProposeListing, context: Context
) -> Sequence[Event]:
    if listing is not None:
        raise Conflict("listing.exists", f"list entry {command.listing_id} has been proposed")
    _check_subject(command, context)
    check_reason("listing", command.reason, context)
    check_texts("listing", zh=command.reason.zh, en=command.reason.en, rule=command.rule)
    if command.ranking:
        check_ranked("listing", command.ranking, command.unit, command.period, context)
    words = type(command).model_fields.keys() - {"listing_id"}
    return [e.ListingProposed(**{name: getattr(command, name) for name in words})]


def _check_subject(command: c.ProposeListing, context: Context) -> None:
    """A unit, or a company in the register, stands under its id; anybody else under a pseudonym."""
    needed = {"unit": bool(command.unit), "person": bool(command.subject)}
    if bool(command.unit) == bool(command.subject) or not needed.get(command.subject_kind, True):
        raise Invalid(
            "listing.subject",
            "an entry is about a registered unit ('unit' alone), a person ('subject' alone, a "
            "pseudonym) or a company (either of them)",
        )
    if command.unit:
        check_unit(command.unit, context)
    else:
        check_pseudonym("listing", "subject", command.subject)
        check_registered(command.subject, context)


def _review(listing: Listing, command: c.ReviewListing, context: Context) -> Sequence[Event]:
    return [
        e.ListingReviewed(personal_data=command.personal_data, text=command.text, note=command.note)
    ]


def _approve(listing: Listing, command: c.ApproveListing, context: Context) -> Sequence[Event]:
    taken = {"proposed": listing.proposed_by, "reviewed": listing.reviewed_by}
    check_other_hand("listing", f"list entry {command.listing_id}", taken, context)
    check_authority("listing", command.authority, listing.unit, context)
    check_stands("listing", listing.ranking, context)
    return [e.ListingApproved(authority=command.authority, note=command.note)]


def _publish(listing: Listing, command: c.PublishListing, context: Context) -> Sequence[Event]:
    check_stands("listing", listing.ranking, context)
    until = context.occurred_at + timedelta(days=listing.valid_days)
    return [e.ListingPublished(until=until, channel=command.channel)]


def _object(listing: Listing, command: c.ObjectToListing, context: Context) -> Sequence[Event]:
    if listing.until is not None and context.occurred_at >= listing.until:
        raise Conflict("listing.expired", "its time is over: there is nothing to object to")
    return [e.ListingObjected(grounds=command.grounds)]


def _answer_objection(
    listing: Listing, command: c.UpholdObjection | c.DismissObjection, context: Context
) -> Sequence[Event]:
    """Who objected, or had a hand in the entry, does not decide on the objection."""
    taken = {
        "objected to": listing.objected_by,
        "proposed": listing.proposed_by,
        "reviewed": listing.reviewed_by,
        "approved": listing.approved_by,
        "published": listing.published_by,
    }
    check_other_hand("listing", f"list entry {command.listing_id}", taken, context)
    if isinstance(command, c.UpholdObjection):
        return [e.ListingObjectionUpheld(reason=command.reason)]
    return [e.ListingObjectionDismissed(reason=command.reason)]


def _expire(listing: Listing, command: c.ExpireListing, context: Context) -> Sequence[Event]:
    """Says nothing unless it is published until then: an objection is decided first."""
    if listing.status != "published" or listing.until != command.until:
        return []
    check_due(f"listing {command.listing_id}", command.until, context)
    return [e.ListingExpired(detected_late=is_late(command.until, context))]


RULES: Mapping[type[c.ListingCommand], Callable[[Listing, Any, Context], Sequence[Event]]] = {
    c.ReviewListing: _review,
    c.ApproveListing: _approve,
    c.DeclineListing: lambda listing, x, context: [e.ListingDeclined(reason=x.reason)],
    c.PublishListing: _publish,
    c.ObjectToListing: _object,
    c.UpholdObjection: _answer_objection,
    c.DismissObjection: _answer_objection,
    c.WithdrawListing: lambda listing, x, context: [e.ListingWithdrawn(reason=x.reason)],
}

LISTINGS: Decider[Listing | None, c.ListingCommand] = Decider(
    kind="listing", commands=c.COMMANDS, initial=None, evolve=evolve, decide=decide
)
