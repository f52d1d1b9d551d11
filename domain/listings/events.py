"""What happens to entries of the red and black lists (红榜/黑榜)."""

from datetime import datetime
from typing import Literal

from domain.messages import Event
from domain.reasons import Reason

ListName = Literal["red", "black"]
SubjectKind = Literal["unit", "company", "person"]


class ListingProposed(Event, frozen=True):
    """``unit`` is the registered unit it is about; for a person or a company outside the register
    ``subject`` is a pseudonym, never a name. ``rule`` is the list rule of the policy (or the name
    a person gave the list), ``ranking`` the published ranking it follows from, if any."""

    NAME = "listing.proposed"
    list: ListName
    rule: str
    authority: str
    reason: Reason
    unit: str = ""
    subject_kind: SubjectKind = "unit"
    subject: str = ""
    period: str = ""
    ranking: str = ""
    valid_days: int = 365


class ListingReviewed(Event, frozen=True):
    """A person has looked for personal data in what would be published."""

    NAME = "listing.reviewed"
    personal_data: Literal["none", "removed"]
    text: str
    note: str = ""


class ListingApproved(Event, frozen=True):
    NAME = "listing.approved"
    authority: str
    note: str = ""


class ListingDeclined(Event, frozen=True):
    NAME = "listing.declined"
    reason: str


class ListingPublished(Event, frozen=True):
    """``until`` is when it expires (UTC)."""

    NAME = "listing.published"
    until: datetime
    channel: str = ""


class ListingObjected(Event, frozen=True):
    """Somebody concerned objects; meanwhile the entry is marked so and left out of feeds."""

    NAME = "listing.objected"
    grounds: str


class ListingObjectionDismissed(Event, frozen=True):
    NAME = "listing.objection_dismissed"
    reason: str


class ListingObjectionUpheld(Event, frozen=True):
    """The entry ends: it is withdrawn because it should not stand."""

    NAME = "listing.objection_upheld"
    reason: str


class ListingWithdrawn(Event, frozen=True):
    NAME = "listing.withdrawn"
    reason: str


class ListingExpired(Event, frozen=True):
    NAME = "listing.expired"
    detected_late: bool = False


EVENTS = (
    ListingProposed, ListingReviewed, ListingApproved, ListingDeclined, ListingPublished,
    ListingObjected, ListingObjectionDismissed, ListingObjectionUpheld, ListingWithdrawn,
    ListingExpired,
)  # fmt: skip
