"""What can be asked of rankings."""

import hashlib
import unicodedata
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from domain.messages import Command
from domain.periods import Period
from domain.rankings.events import RankedUnit

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RankingCommand(Command):
    STREAM: ClassVar[str] = "ranking"

    ranking_id: str = Field(
        min_length=5, max_length=200, description="id of the ranking: board:period:peer-group"
    )

    @property
    def stream_key(self) -> str:
        return self.ranking_id


class ComposeRanking(Command):
    """Compose the ranking of a period that is over, and freeze it as a draft; of a published one
    this drafts a correction. What the server computes is not for the sender to say."""

    NAME: ClassVar[str] = "ranking.compose"
    STREAM: ClassVar[str] = "ranking"
    FOUND: ClassVar[tuple[str, ...]] = ("rows", "computed_at", "policies")

    board: str = Field(min_length=1, max_length=64, description="id of the policy that ranks")
    period: str = Field(min_length=1, max_length=20, description="2012-W15, 2012-04, …")
    peer_group: str = Field(default="", max_length=200, description="empty: all in one group")
    rows: tuple[RankedUnit, ...] = Field(default=(), max_length=1_000_000)
    computed_at: int = Field(default=0, ge=0)
    policies: tuple[Digest, ...] = ()

    @field_validator("period")
    @classmethod
    def _written_one_way(cls, period: str) -> str:
        """Raises ``Invalid`` (``period.unreadable``)."""
        return str(Period.parse(period))

    @property
    def stream_key(self) -> str:
        return ranking_key(self.board, self.period, self.peer_group)


class ApproveRanking(RankingCommand):
    """Approve the draft with this ``checksum``: somebody else than who composed it."""

    NAME: ClassVar[str] = "ranking.approve"

    checksum: Digest


class PublishRanking(RankingCommand):
    """Publish the approved draft: from then on it never changes. Of a ranking that is published
    already this publishes a correction beside it, and needs its ``reason``."""

    NAME: ClassVar[str] = "ranking.publish"

    reason: str = Field(default="", max_length=2000, description="why a correction is published")


class WithdrawRanking(RankingCommand):
    """Withdraw a published ranking; what was published stays on record."""

    NAME: ClassVar[str] = "ranking.withdraw"

    reason: str = Field(min_length=1, max_length=2000)


def ranking_key(board: str, period: str, peer_group: str) -> str:
    """The id of the one ranking of a board, period and peer group: ``city:2012-W15:restaurant``."""
    return f"{board}:{period}:{slug(peer_group)}"


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


COMMANDS = (ComposeRanking, ApproveRanking, PublishRanking, WithdrawRanking)
