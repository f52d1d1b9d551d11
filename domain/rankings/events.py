"""What happens to rankings: composed, approved, published for ever, corrected beside, withdrawn."""

from dataclasses import dataclass
from decimal import Decimal

from domain.messages import Event


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """One line of a ranking. ``place`` is shared by ties; ``entries`` counts the score entries;
    ``veto`` names the clause that put the unit last whatever its points ("": none)."""

    unit: str
    place: int
    points: Decimal
    entries: int
    veto: str = ""


class RankingComposed(Event, frozen=True):
    """A draft, frozen as it was computed: up to the position ``computed_at`` of the log, by the
    ``policies`` with these digests. ``checksum`` is the SHA-256 of the canonical JSON of board,
    period, peer group, position, policies and rows. After publication it drafts a correction."""

    NAME = "ranking.composed"
    board: str
    period: str
    peer_group: str
    rows: tuple[RankedUnit, ...]
    computed_at: int
    policies: tuple[str, ...]
    checksum: str


class RankingApproved(Event, frozen=True):
    """Somebody else than its composer approves the draft with this checksum."""

    NAME = "ranking.approved"
    checksum: str


class RankingPublished(Event, frozen=True):
    """The frozen draft, whole, so that this event alone is the published ranking. ``board`` is the
    id of the policy that ranks ("" in the first version, which knew one board only)."""

    NAME = "ranking.published"
    VERSION = 2
    period: str
    peer_group: str
    rows: tuple[RankedUnit, ...]
    computed_at: int
    policies: tuple[str, ...]
    checksum: str
    composed_by: str
    board: str = ""
    approved_by: str = ""


class RankingCorrected(Event, frozen=True):
    """A correction published beside the ranking, which itself never changes; ``corrects`` is the
    checksum of what was published before it."""

    NAME = "ranking.corrected"
    board: str
    period: str
    peer_group: str
    rows: tuple[RankedUnit, ...]
    computed_at: int
    policies: tuple[str, ...]
    checksum: str
    composed_by: str
    approved_by: str
    corrects: str
    reason: str


class RankingWithdrawn(Event, frozen=True):
    """It no longer counts; what was published stays on record."""

    NAME = "ranking.withdrawn"
    reason: str


EVENTS = (RankingComposed, RankingApproved, RankingPublished, RankingCorrected, RankingWithdrawn)
