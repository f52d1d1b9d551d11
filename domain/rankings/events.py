"""What happens to rankings: a published ranking is frozen, with all that it was made from."""

from dataclasses import dataclass
from decimal import Decimal

from domain.messages import Event


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """One line of a ranking. ``place`` is shared by ties; ``entries`` counts the score entries."""

    unit: str
    place: int
    points: Decimal
    entries: int


class RankingPublished(Event, frozen=True):
    """``computed_at`` is the position of the last event counted; ``checksum`` is the SHA-256 of
    the canonical JSON of period, peer group, position, policies and rows."""

    NAME = "ranking.published"
    period: str
    peer_group: str
    rows: tuple[RankedUnit, ...]
    computed_at: int
    policies: tuple[str, ...]
    checksum: str
    composed_by: str


EVENTS = (RankingPublished,)
