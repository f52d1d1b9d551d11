"""What can be asked of rankings."""

import hashlib
import unicodedata
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from domain.messages import Command
from domain.periods import Period
from domain.rankings.events import RankedUnit

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PublishRanking(Command):
    """Approve and publish a composed ranking. ``rows`` are frozen as they are; ``computed_at`` is
    the position of the last event counted, ``policies`` the digests of those that judged, and
    ``composed_by`` who composed it: somebody else than the sender."""

    NAME: ClassVar[str] = "ranking.publish"
    STREAM: ClassVar[str] = "ranking"

    period: str = Field(min_length=1, max_length=20, description="2012-W15, 2012-04, …")
    peer_group: str = Field(default="", max_length=200, description="empty: all in one group")
    rows: tuple[RankedUnit, ...] = Field(min_length=1, max_length=1_000_000)
    computed_at: int = Field(ge=1)
    policies: tuple[Digest, ...] = Field(min_length=1)
    composed_by: str = Field(min_length=1, max_length=200)

    @field_validator("period")
    @classmethod
    def _written_one_way(cls, period: str) -> str:
        """Raises ``Invalid`` (``period.unreadable``)."""
        return str(Period.parse(period))

    @property
    def stream_key(self) -> str:
        return ranking_key(self.period, self.peer_group)


def ranking_key(period: str, peer_group: str) -> str:
    """The id of the one published ranking of a period and peer group: ``2012-W15/restaurant``."""
    return f"{period}/{slug(peer_group)}"


def slug(peer_group: str) -> str:
    """A name that can stand in an address. Where letters had to change, a digest keeps two
    groups apart that would look alike; all units in one group is ``all``."""
    if not peer_group:
        return "all"
    name = unicodedata.normalize("NFC", peer_group)
    plain = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    short = "-".join(part for part in plain.split("-") if part)[:60]
    if short == name and short != "all":
        return short
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{short}-{digest}" if short else digest


COMMANDS = (PublishRanking,)
