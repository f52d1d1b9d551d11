"""What can be asked of entries of the red and black lists."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.listings.events import ListName, SubjectKind
from domain.messages import Command
from domain.reasons import Reason

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class ListingCommand(Command):
    STREAM: ClassVar[str] = "listing"

    listing_id: str = Field(min_length=1, max_length=100, description="id of the entry")

    @property
    def stream_key(self) -> str:
        return self.listing_id


class ProposeListing(ListingCommand):
    """Propose an entry of the red or black list, by a policy or by hand."""

    NAME: ClassVar[str] = "listing.propose"

    list: ListName
    rule: Name
    authority: Name
    reason: Reason
    unit: str = Field(default="", max_length=200)
    subject_kind: SubjectKind = "unit"
    subject: str = Field(default="", max_length=200, description="pseudonym, never a name")
    period: str = Field(default="", max_length=20)
    ranking: str = Field(default="", max_length=200)
    valid_days: int = Field(default=365, ge=1, le=3660)


class ReviewListing(ListingCommand):
    """Say that ``text``, which would be published, holds no personal data (any more)."""

    NAME: ClassVar[str] = "listing.review"

    personal_data: Literal["none", "removed"]
    text: Text
    note: str = Field(default="", max_length=4000)


class ApproveListing(ListingCommand):
    """Approve it in the name of a unit of the register (``authority``)."""

    NAME: ClassVar[str] = "listing.approve"

    authority: Name
    note: str = Field(default="", max_length=4000)


class DeclineListing(ListingCommand):
    NAME: ClassVar[str] = "listing.decline"

    reason: Text


class PublishListing(ListingCommand):
    NAME: ClassVar[str] = "listing.publish"

    channel: str = Field(default="", max_length=200, description="where it is published")


class ObjectToListing(ListingCommand):
    """Object to a published entry: until it is decided the entry is left out of feeds."""

    NAME: ClassVar[str] = "listing.object"

    grounds: Text


class UpholdObjection(ListingCommand):
    NAME: ClassVar[str] = "listing.uphold_objection"

    reason: Text


class DismissObjection(ListingCommand):
    NAME: ClassVar[str] = "listing.dismiss_objection"

    reason: Text


class WithdrawListing(ListingCommand):
    NAME: ClassVar[str] = "listing.withdraw"

    reason: Text


class ExpireListing(ListingCommand):
    """Record that the time of publication ``until`` is over."""

    NAME: ClassVar[str] = "listing.expire"

    until: datetime


COMMANDS = (
    ProposeListing, ReviewListing, ApproveListing, DeclineListing, PublishListing, ObjectToListing,
    UpholdObjection, DismissObjection, WithdrawListing, ExpireListing,
)  # fmt: skip
